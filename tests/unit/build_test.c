#include "build/build.h"

#include <signal.h>

#include "base/clock.h"
#include "build/environment.h"
#include "build/script.h"
#include "building.h"
#include "json/json.h"

static void script(struct fixture *f, const char *text)
{
	tree_file(f->tree, "packages/p/f/build.sh", text);
}

static void what_the_folder_asks_for_is_chosen(void **state)
{
	static const struct {
		const char *runtime, *name, *text; /* a further file */
		enum build_kind kind;
	} cases[] = {
		{NULL, "__main__.py", "", BUILD_NONE},
		{NULL, "pyproject.toml", "[project]\nname = 'x'\n", BUILD_NONE},
		{NULL, "pyproject.toml", "[project]\ndependencies = []\n", BUILD_NONE},
		{NULL, "pyproject.toml", "[project]\ndependencies = ['a']\n", BUILD_PYTHON},
		{NULL, "requirements.txt", "# nothing\n\n--no-index\n", BUILD_NONE},
		{NULL, "requirements.txt", "cowsay==5.0\n", BUILD_PYTHON},
		{"python:3.9", "requirements.txt", "cowsay==5.0\n", BUILD_PYTHON},
		{"nodejs:18", "requirements.txt", "cowsay==5.0\n", BUILD_NONE},
		{NULL, "package.json", "{}", BUILD_PYTHON},
		{NULL, "package.json", "{\"dependencies\": {\"x\": \"1\"}}", BUILD_NODE},
		{NULL, "build.sh", "", BUILD_SCRIPT},
		{NULL, "build.cmd", "", BUILD_SCRIPT},
	};
	struct fixture *f = *state;
	enum build_kind kind;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *path = xasprintf("packages/p/f/%s", cases[i].name);

		tree_file(f->tree, path, cases[i].text);
		free(path);
		assert_int_equal(build_choose(f->tree->fd, "packages/p/f", cases[i].runtime,
					      &kind, &f->e),
				 0);
		if (kind != cases[i].kind)
			fail_msg("case %zu: %d", i, (int)kind);
	}
}

static void requirements_of_no_python_function_are_not_installed(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "packages/p/f/requirements.txt", "cowsay==5.0\n");
	assert_built(f);
	assert_int_equal(f->log.len, 0);
}

static void a_script_for_windows_alone_is_refused(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "packages/p/f/build.cmd", "");
	assert_fails(f, ERR_PROJECT,
		     "'packages/p/f/build.cmd' runs on Windows only; add a 'build.sh' that "
		     "does the same");
}

static void a_folder_named_like_the_script_is_none(void **state)
{
	struct fixture *f = *state;

	tree_dirs(f->tree, "packages/p/f/build.sh");
	assert_built(f);
	assert_int_equal(f->log.len, 0);
}

static void a_single_file_is_never_built(void **state)
{
	struct fixture *f = *state;

	f->function.source_kind = SOURCE_FILE;
	f->function.source = "packages/p/f.py";
	assert_built(f);
	assert_int_equal(f->log.len, 0);
}

static void the_script_runs_in_the_folder_of_the_function(void **state)
{
	struct fixture *f = *state;
	char *here = xasprintf("|out:%s/packages/p/f ./build.sh 0|", f->tree->path);

	script(f, "#!/bin/bash\necho \"$(pwd) $0 $#\"\necho problem >&2\necho made > made\n");
	assert_int_equal(fchmodat(f->tree->fd, "packages/p/f/build.sh", 0755, 0), 0);
	assert_built(f);
	assert_true(str_starts(strbuf_str(&f->log), "started:bash ./build.sh|"));
	assert_logged(f, here);
	assert_logged(f, "|err:problem|");
	assert_true(str_ends(strbuf_str(&f->log), "ended:|"));
	assert_int_equal(faccessat(f->tree->fd, "packages/p/f/made", F_OK, 0), 0);
	free(here);
}

static void no_execute_bit_is_needed(void **state)
{
	struct fixture *f = *state;

	script(f, "echo ran\n");
	assert_built(f);
	assert_logged(f,
		      "note:'packages/p/f/build.sh' is not executable; it runs all the same|");
	assert_logged(f, "|out:ran|");
}

static void the_first_line_chooses_the_interpreter(void **state)
{
	static const struct {
		const char *text, *logged;
	} cases[] = {
		{"#!/bin/sh\necho \"${BASH_VERSION:-none} $0\"\n", "out:none ./build.sh|"},
		{"#!/usr/bin/env sh\necho ${BASH_VERSION:-none}\n", "out:none|"},
		{"#!/usr/bin/env -S bash -e\nfalse\necho no\n", NULL},
		{"#!/bin/bash -e\nfalse\necho no\n", NULL},
		{"#!/nowhere/bin/bash\necho ${BASH_VERSION:+bash}\n", "out:bash|"},
		{"#!/nowhere/bin/bash\r\necho ${BASH_VERSION:+bash}\r\n", "out:bash|"},
		{"#!\necho ${BASH_VERSION:+bash}\n", "out:bash|"},
		{"echo ${BASH_VERSION:+bash}\n", "out:bash|"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		script(f, cases[i].text);
		if (cases[i].logged) {
			assert_built(f);
			assert_logged(f, cases[i].logged);
		} else {
			assert_fails(f, ERR_BUILD,
				     "'packages/p/f/build.sh' exited with code 1");
		}
	}
}

static void another_language_gets_its_file_as_it_is(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "python3", "#!/bin/sh\nread -r line < \"$1\"; echo \"$1 $line\"\n");
	script(f, "#!/usr/bin/env python3\r\nprint(1)\r\n");
	assert_built(f);
	assert_logged(f, "started:python3 ./build.sh|out:./build.sh #!/usr/bin/env python3|");
}

static void windows_line_ends_are_no_obstacle(void **state)
{
	static const char text[] = "#!/bin/bash\r\nset -e\r\ncd \"$(dirname \"$0\")\"\r\n"
				   "if true; then\r\n  echo \"in ${PWD##*/}\"\r\nfi\r\n"
				   "cat <<EOF > made\r\ntext\r\nEOF\r\n";
	struct fixture *f = *state;
	struct strbuf kept = STRBUF_INIT;

	script(f, text);
	assert_built(f);
	assert_logged(f,
		      "note:'packages/p/f/build.sh' has Windows line ends; it runs as if they "
		      "were not there|");
	assert_logged(f, "|out:in f|");
	assert_int_equal(fs_read(f->tree->fd, "packages/p/f/build.sh", 1000, &kept, &f->e), 0);
	assert_string_equal(kept.buf, text);
	strbuf_reset(&kept);
	assert_int_equal(fs_read(f->tree->fd, "packages/p/f/made", 1000, &kept, &f->e), 0);
	assert_string_equal(kept.buf, "text\n");
	strbuf_release(&kept);
}

static void a_long_script_with_windows_line_ends_names_the_way_out(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = STRBUF_INIT;

	while (text.len < 140000)
		strbuf_adds(&text, "# a line of a long script\r\n");
	script(f, text.buf);
	strbuf_release(&text);
	assert_fails(
		f, ERR_BUILD,
		"'packages/p/f/build.sh' has Windows line ends and is too long to correct on "
		"the way: run dos2unix on it");
}

static void failures_say_how_the_script_ended(void **state)
{
	struct fixture *f = *state;

	script(f, "exit 3\n");
	assert_fails(f, ERR_BUILD, "'packages/p/f/build.sh' exited with code 3");
	assert_int_equal(f->e.status, 3);
	assert_null(strstr(f->log.buf, "ended:"));
	script(f, "kill -9 $$\n");
	assert_fails(f, ERR_BUILD, "'packages/p/f/build.sh' was ended by signal 9 (Killed)");
}

static void a_script_that_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;
	int fd;

	tree_link(f->tree, "packages/p/f/build.sh", "/bin/sh");
	assert_int_equal(build(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_int_equal(unlinkat(f->tree->fd, "packages/p/f/build.sh", 0), 0);
	script(f, "");
	fd = openat(f->tree->fd, "packages/p/f/build.sh", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, "\177ELF\0", 5), 5);
	(void)close(fd);
	assert_fails(f, ERR_PROJECT,
		     "'packages/p/f/build.sh': it is no script: it holds NUL bytes");
}

static void missing_tools_are_named_with_their_package(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"#!/bin/bash\nset -e\nvirtualenv --without-pip virtualenv\n",
		 "'packages/p/f/build.sh' needs 'virtualenv', which is not installed: apt-get "
		 "install virtualenv"},
		{"pip install -r requirements.txt --target virtualenv/lib\n",
		 "'packages/p/f/build.sh' needs 'pip', which is not installed: apt-get install "
		 "python3-pip"},
		{"#!/usr/bin/env ruby\n", "'packages/p/f/build.sh' needs 'ruby', which is not "
					  "installed: apt-get install "
					  "ruby"},
		{"#!/opt/strange\n",
		 "'packages/p/f/build.sh' needs 'strange', which is not installed"},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	for (i = 0; i < countof(cases); i++) {
		script(f, cases[i].text);
		assert_fails(f, ERR_BUILD, cases[i].message);
	}
	assert_int_equal(unlinkat(f->tree->fd, "bin/bash", 0), 0);
	script(f, "true\n");
	assert_fails(f, ERR_BUILD,
		     "'packages/p/f/build.sh' needs 'bash', which is not installed: apt-get "
		     "install bash");
}

static void pip3_serves_a_script_that_says_pip(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "pip3", "#!/bin/sh\n");
	script(f, "if false; then pip install x; fi\n");
	assert_built(f);
}

static void a_virtualenv_needs_the_python_of_the_runtime(void **state)
{
	static const struct {
		const char *runtime, *python, *other;
		bool fails;
	} cases[] = {
		{"python:3.11", "#!/bin/sh\necho 3.11\n", NULL, false},
		{"python:3.11", "#!/bin/sh\necho 3.13\n", "python3.11", false},
		{"python:3.11", "#!/bin/sh\necho 3.13\n", NULL, true},
		{"python:3.9", "#!/bin/sh\necho 3.13\n", NULL, true},
		{"python:default", "#!/bin/sh\necho 3.13\n", NULL, false},
		{"nodejs:18", "#!/bin/sh\necho 3.13\n", NULL, false},
		{NULL, "#!/bin/sh\necho 3.13\n", NULL, false},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	add_program(f, "virtualenv", "#!/bin/sh\n");
	script(f, "virtualenv virtualenv\n");
	for (i = 0; i < countof(cases); i++) {
		f->function.runtime = cases[i].runtime;
		add_program(f, "python3", cases[i].python);
		if (cases[i].other)
			add_program(f, cases[i].other, "#!/bin/sh\necho 3.11\n");
		assert_int_equal(build(f), cases[i].fails ? -1 : 0);
		if (cases[i].other)
			assert_int_equal(unlinkat(f->tree->fd, "bin/python3.11", 0), 0);
	}
	f->function.runtime = "python:3.11";
	add_program(f, "python3", "#!/bin/sh\necho 3.13\n");
	assert_fails(
		f, ERR_BUILD,
		"'packages/p/f/build.sh' makes a virtualenv for 'python:3.11', but this "
		"machine has no 'python3.11' (python3 is 3.13): apt-get install python3.11, "
		"set a 'runtime:' that it has, or deploy with --remote-build");
	add_program(f, "python3", "#!/bin/sh\nexit 1\n");
	assert_int_equal(build(f), -1);
	assert_non_null(strstr(f->e.msg, "(python3 is missing)"));
}

static void a_python_other_than_the_runtime_is_warned_of(void **state)
{
	struct fixture *f = *state;

	script(f, "echo --target virtualenv/lib/python3.9/site-packages python3.11\n");
	f->function.runtime = "python:3.11";
	assert_built(f);
	assert_logged(f, "warning:'packages/p/f/build.sh' names python3.9 but the function's "
			 "runtime is 'python:3.11': what it installs there will not be found|");
	assert_null(strstr(f->log.buf, "names python3.11"));
}

static void words_count_only_where_a_command_stands(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool virtualenv, pip;
	} cases[] = {
		{"virtualenv x", true, false},
		{"  virtualenv x # pip", true, false},
		{"# virtualenv x", false, false},
		{"true && virtualenv x", true, false},
		{"if true; then virtualenv x; fi", true, false},
		{"x=$(virtualenv --version)", true, false},
		{"PIP_QUIET=1 pip install x", false, true},
		{"sudo pip3 install x", false, true},
		{"echo virtualenv pip", false, false},
		{"cd virtualenv", false, false},
		{"command -v virtualenv", false, false},
		{"python3 -m virtualenv x", false, false},
		{"virtualenv/bin/pip install x", false, false},
		{"pip install virtualenv==20\nvirtualenv x", false, true},
		{"virtualenv x\nsource x/bin/activate\npip install y", true, false},
		{"", false, false},
		{"\n\n;;&&\n", false, false},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct script s;
		struct err e = ERR_INIT;

		assert_int_equal(script_parse(&s, &a, str_of(cases[i].text), &e), 0);
		if (s.calls_virtualenv != cases[i].virtualenv || s.calls_pip != cases[i].pip)
			fail_msg("'%s'", cases[i].text);
		script_release(&s);
		arena_release(&a);
	}
}

static void calls_of_pip_install_are_counted(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t targets, others;
	} cases[] = {
		{"pip install --target lib x", 1, 0},
		{"pip install -r requirements.txt -t lib", 1, 0},
		{"pip install --target=lib x && pip3 install y", 1, 1},
		{"pip3.11 install -tlib x; virtualenv/bin/pip install y", 1, 1},
		{"python3 -m pip install -r a --target lib", 1, 0},
		{"\"$VIRTUAL_ENV/bin/pip\" install x", 0, 1},
		{"'/opt/my tools/pip' install x", 0, 0}, /* blanks in names are not followed */
		{"pip install \\\n  -r requirements.txt \\\n  --target lib\n", 1, 0},
		{"pip install x # --target lib", 0, 1},
		{"# pip install x", 0, 0},
		{"pip --quiet install -t lib x | tee log", 1, 0},
		{"pip download x --target lib\npip --version", 0, 0},
		{"echo pip install x", 0, 0},
		{"npm install --target lib pip", 0, 0},
		{"if ! pip install x; then pip install -t lib x; fi", 1, 1},
		{"PIP_QUIET=1 pip install --target lib x", 1, 0},
		{"python3 -m venv virtualenv install", 0, 0},
		{"(cd a && pip install -t ../lib x)", 1, 0},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct script s;
		struct err e = ERR_INIT;

		assert_int_equal(script_parse(&s, &a, str_of(cases[i].text), &e), 0);
		if (s.pip_targets != cases[i].targets || s.pip_others != cases[i].others)
			fail_msg("'%s': %zu %zu", cases[i].text, s.pip_targets, s.pip_others);
		script_release(&s);
		arena_release(&a);
	}
}

static void pythons_that_are_called_are_listed(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{"python3.9 -m pip install x", 1},
		{"/usr/bin/python3.9 x.py && python3.11 y.py", 2},
		{"echo python3.9", 0},
		{"pip install -t virtualenv/lib/python3.9/site-packages x", 0},
		{"virtualenv/lib/python3.9/x", 0},
		{"virtualenv -p python3.9 virtualenv", 0},
		{"python3 x.py", 0},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		struct script s;
		struct err e = ERR_INIT;

		assert_int_equal(script_parse(&s, &a, str_of(cases[i].text), &e), 0);
		if (s.runs.n != cases[i].n || (s.runs.n && strcmp(s.runs.v[0], "3.9") != 0))
			fail_msg("'%s': %zu", cases[i].text, s.runs.n);
		script_release(&s);
		arena_release(&a);
	}
}

/* A script that installs with --target and tells what pip would be told. */
static const char telling[] =
	"if false; then pip install --target virtualenv/lib/python3.9/site-packages x; fi\n"
	"echo \"<${PIP_PYTHON_VERSION-none} ${PIP_ABI-none} ${PIP_ONLY_BINARY-none}>\"\n"
	"case \"${PIP_PLATFORM-none}\" in none) ;; 'manylinux_2_28_x86_64 '*) echo old;; "
	"esac\n";

static void pip_is_told_of_the_runtime_where_it_differs(void **state)
{
	static const struct {
		const char *runtime, *here, *own; /* what `python3` and `python3.9` say */
		const char *before;               /* the script begins with it */
		bool told;
	} cases[] = {
		{"python:3.9", "3.13 linux-x86_64 glibc pip", NULL, "", true},
		{"python:3.9", "3.9 macosx-14.0-arm64 - pip", NULL, "", true},
		{"python:3.9", "3.9 linux-aarch64 glibc pip", NULL, "", true},
		{"python:3.9", "3.9 linux-x86_64 glibc pip", NULL, "", false},
		{"python:default", "3.13 linux-x86_64 glibc pip", NULL, "", false},
		{"nodejs:18", "3.13 linux-x86_64 glibc pip", NULL, "", false},
		{NULL, "3.13 linux-x86_64 glibc pip", NULL, "", false},
		{"python:3.9", "3.13 linux-x86_64 glibc pip", NULL,
		 "if false; then pip install y; fi\n", false},
		/* The version is there, but the script says just "pip". */
		{"python:3.9", "3.13 linux-x86_64 glibc pip", "3.9 linux-x86_64 glibc pip", "",
		 true},
		{"python:3.9", "3.13 linux-x86_64 glibc pip", "3.9 linux-x86_64 glibc pip",
		 "if false; then python3.9 -m pip install -t x y; fi\n", false},
		/* A stand-in that does not run is no Python. */
		{"python:3.9", "3.13 linux-x86_64 glibc pip", "",
		 "if false; then python3.9 -m pip install -t x y; fi\n", true},
		{"python:3.9", "", NULL, "", false},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	add_program(f, "pip", "#!/bin/sh\n");
	for (i = 0; i < countof(cases); i++) {
		char *here = xasprintf("#!/bin/sh\necho '%s'\n", cases[i].here);
		char *own =
			xasprintf("#!/bin/sh\necho '%s'\n", cases[i].own ? cases[i].own : "");
		char *text = xasprintf("%s%s", cases[i].before, telling);

		f->function.runtime = cases[i].runtime;
		add_program(f, "python3", here);
		assert_int_equal(fs_remove_tree(f->tree->fd, "bin/python3.9", &f->e), 0);
		if (cases[i].own)
			add_program(f, "python3.9", own);
		script(f, text);
		assert_built(f);
		if (!strstr(f->log.buf, cases[i].told ? "out:<3.9 cp39 :all:>|out:old|"
						      : "out:<none none none>|"))
			fail_msg("case %zu: %s", i, f->log.buf);
		free(text);
		free(own);
		free(here);
	}
}

static void settings_of_the_user_for_pip_count(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "pip", "#!/bin/sh\n");
	add_program(f, "python3", "#!/bin/sh\necho '3.13 linux-x86_64 glibc pip'\n");
	f->function.runtime = "python:3.9";
	f->project.build_environment = json_new_object();
	json_set(f->project.build_environment, "PIP_ABI", json_new_cstr("mine"));
	script(f, telling);
	assert_built(f);
	assert_logged(f, "out:<none mine none>|");
}

static void a_build_that_was_steered_explains_its_failure(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "pip", "#!/bin/sh\nexit 1\n");
	add_program(f, "python3", "#!/bin/sh\necho '3.13 linux-x86_64 glibc pip'\n");
	f->function.runtime = "python:3.9";
	script(f, "pip install --target virtualenv/lib/python3.9/site-packages x\n");
	assert_fails(
		f, ERR_BUILD,
		"'packages/p/f/build.sh' exited with code 1; its 'pip install --target' looked "
		"for wheels for Python 3.9 on Linux x86-64. If a package has none, take a "
		"version that has one, install python3.9 here, or deploy with --remote-build");
	assert_logged(f, "note:here is Python 3.13 on linux-x86_64: 'pip install --target' in "
			 "'packages/p/f/build.sh' is told to take packages for Python 3.9 on "
			 "Linux x86-64|");
}

static void what_cannot_be_steered_says_why(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "virtualenv", "#!/bin/sh\n");
	add_program(f, "python3", "#!/bin/sh\necho '3.13 linux-x86_64 glibc pip'\n");
	f->function.runtime = "python:3.9";
	script(f, "virtualenv virtualenv\nvirtualenv/bin/pip install x\n");
	assert_fails(
		f, ERR_BUILD,
		"'packages/p/f/build.sh' makes a virtualenv for 'python:3.9', but this "
		"machine has no 'python3.9' (python3 is 3.13), and 'pip install' without "
		"--target installs for the Python that runs it: apt-get install python3.9, "
		"set a 'runtime:' that it has, or deploy with --remote-build");
}

static void credentials_are_withheld(void **state UNUSED)
{
	char *const all[] = {
		(char[]){"PATH=/bin"},
		(char[]){"DO_API_KEY=x"},
		(char[]){"DO_API_TOKEN=x"},
		(char[]){"DIGITALOCEAN_ACCESS_TOKEN=x"},
		(char[]){"DOFN_AUTH=x"},
		(char[]){"DOFN_APIHOST=x"},
		(char[]){"AWS_PROFILE=x"},
		(char[]){"AZURE_CLIENT_SECRET=x"},
		(char[]){"GH_TOKEN=x"},
		(char[]){"GITHUB_TOKEN=x"},
		(char[]){"NPM_TOKEN=x"},
		(char[]){"TWINE_PASSWORD=x"},
		(char[]){"__OW_API_KEY=x"},
		(char[]){"BASH_ENV=x"},
		(char[]){"STRIPE_API_KEY=x"},
		(char[]){"MY_TOKEN=x"},
		(char[]){"DB_PASSWORD=x"},
		(char[]){"AWS=kept"},
		(char[]){"AWS_CA_BUNDLE=kept"},
		(char[]){"AWS_REGION=kept"},
		(char[]){"GITHUB_TOKENS=kept"},
		(char[]){"PIP_INDEX_URL=a=b"},
		(char[]){"odd"},
		NULL,
	};
	static const char *const kept[] = {"PATH=/bin",
					   "AWS=kept",
					   "AWS_CA_BUNDLE=kept",
					   "AWS_REGION=kept",
					   "GITHUB_TOKENS=kept",
					   "PIP_INDEX_URL=a=b",
					   "odd",
					   "PIP_NO_COMPILE=0"};
	struct arena a = ARENA_INIT;
	const char *const *env = build_environment(&a, all, NULL, NULL);
	size_t i;

	for (i = 0; i < countof(kept); i++)
		assert_string_equal(env[i], kept[i]);
	assert_null(env[i]);
	assert_string_equal(environment_value(env, "PIP_INDEX_URL"), "a=b");
	assert_null(environment_value(env, "PIP_INDEX"));
	arena_release(&a);
}

static void a_user_may_want_bytecode(void **state UNUSED)
{
	char *const all[] = {(char[]){"PIP_NO_COMPILE=1"}, NULL};
	struct arena a = ARENA_INIT;
	const char *const *env = build_environment(&a, all, NULL, NULL);

	assert_string_equal(env[0], "PIP_NO_COMPILE=1");
	assert_null(env[1]);
	arena_release(&a);
}

static void variables_for_builds_are_given_in_any_case(void **state UNUSED)
{
	char *const all[] = {(char[]){"PATH=/bin"}, (char[]){"A=1"}, (char[]){"AWS_X=1"}, NULL};
	static const char *const want[] = {"AWS_X=2", "A=", "PATH=/bin", "PIP_NO_COMPILE=0"};
	struct json *more = json_new_object();
	struct arena a = ARENA_INIT;
	const char *const *env;
	size_t i;

	json_set(more, "AWS_X", json_new_cstr("2"));
	json_set(more, "A", json_new_cstr(""));
	env = build_environment(&a, all, more, NULL);
	for (i = 0; i < countof(want); i++)
		assert_string_equal(env[i], want[i]);
	assert_null(env[i]);
	arena_release(&a);
	json_free(more);
}

static void the_script_sees_the_projects_variables(void **state)
{
	struct fixture *f = *state;

	f->project.build_environment = json_new_object();
	json_set(f->project.build_environment, "BUILD_TEST", json_new_cstr("of the project"));
	setenv("BUILD_TEST", "of the user", 1);
	script(f, "echo \"$BUILD_TEST\"\n");
	assert_built(f);
	unsetenv("BUILD_TEST");
	assert_logged(f, "out:of the project|");
}

static void the_script_sees_no_credentials(void **state)
{
	struct fixture *f = *state;

	setenv("DOFN_AUTH", "secret", 1);
	setenv("BUILD_TEST", "kept", 1);
	script(f, "echo \"<${DOFN_AUTH-none}> <$BUILD_TEST>\"\n");
	assert_built(f);
	unsetenv("DOFN_AUTH");
	unsetenv("BUILD_TEST");
	assert_logged(f, "out:<none> <kept>|");
}

static void too_much_output_is_dropped_with_a_warning(void **state)
{
	struct fixture *f = *state;

	f->log.max = 64 << 20;
	script(f,
	       "printf '%1000s\\n' x > line\nfor i in {1..11000}; do echo \"$(<line)\"; done "
	       "2>/dev/null\necho the end\n");
	assert_built(f);
	assert_logged(f, "|out:the end|");
	assert_in_range(f->log.len, 10 << 20, 11 << 20);
	assert_logged(f,
		      "|warning:'packages/p/f/build.sh' wrote more than 10 MiB of output; of "
		      "the rest only the end is kept|");
}

static void an_interrupt_ends_the_whole_group(void **state)
{
	struct fixture *f = *state;
	uint64_t start = clock_monotonic_ms();

	f->interrupt = SIGINT;
	script(f, "sleep 60 &\necho started\nsleep 60\n");
	assert_fails(f, ERR_CANCELLED, "'packages/p/f/build.sh' was interrupted");
	assert_in_range(clock_monotonic_ms() - start, 0, 10000);
	f->interrupt = 0;
	assert_fails(f, ERR_CANCELLED, "'packages/p/f/build.sh' was interrupted");
	assert_null(strstr(f->log.buf, "started:"));
}

static void lib_is_built_when_it_has_a_script(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(build_all(&f->build, NULL, 0, &f->e), 0);
	assert_int_equal(f->log.len, 0);
	tree_file(f->tree, "lib/build.sh", "echo \"in ${PWD##*/}\"\nexit 4\n");
	assert_int_equal(build_all(&f->build, NULL, 0, &f->e), -1);
	assert_string_equal(f->e.msg, "'lib/build.sh' exited with code 4");
	assert_logged(f, "|out:in lib|");
	err_clear(&f->e);
	f->project.has_lib = false;
	assert_int_equal(build_all(&f->build, NULL, 0, &f->e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_the_folder_asks_for_is_chosen),
		TEST(requirements_of_no_python_function_are_not_installed),
		TEST(a_script_for_windows_alone_is_refused),
		TEST(a_folder_named_like_the_script_is_none),
		TEST(a_single_file_is_never_built),
		TEST(the_script_runs_in_the_folder_of_the_function),
		TEST(no_execute_bit_is_needed),
		TEST(the_first_line_chooses_the_interpreter),
		TEST(another_language_gets_its_file_as_it_is),
		TEST(windows_line_ends_are_no_obstacle),
		TEST(a_long_script_with_windows_line_ends_names_the_way_out),
		TEST(failures_say_how_the_script_ended),
		TEST(a_script_that_cannot_be_read_is_an_error),
		TEST(missing_tools_are_named_with_their_package),
		TEST(pip3_serves_a_script_that_says_pip),
		TEST(a_virtualenv_needs_the_python_of_the_runtime),
		TEST(a_python_other_than_the_runtime_is_warned_of),
		cmocka_unit_test(words_count_only_where_a_command_stands),
		cmocka_unit_test(calls_of_pip_install_are_counted),
		cmocka_unit_test(pythons_that_are_called_are_listed),
		TEST(pip_is_told_of_the_runtime_where_it_differs),
		TEST(settings_of_the_user_for_pip_count),
		TEST(a_build_that_was_steered_explains_its_failure),
		TEST(what_cannot_be_steered_says_why),
		cmocka_unit_test(credentials_are_withheld),
		cmocka_unit_test(a_user_may_want_bytecode),
		cmocka_unit_test(variables_for_builds_are_given_in_any_case),
		TEST(the_script_sees_the_projects_variables),
		TEST(the_script_sees_no_credentials),
		TEST(too_much_output_is_dropped_with_a_warning),
		TEST(an_interrupt_ends_the_whole_group),
		TEST(lib_is_built_when_it_has_a_script),
	};

	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
