#include "build/node.h"
#include "build/requirements.h"

#include <signal.h>

#include "building.h"

/* An npm or yarn that tells how it was called and fails at "fail". */
static const char told[] =
	"#!/bin/sh\necho \"${0##*/} $*\"\ncase \"$*\" in *fail*) exit 4;; esac\n";

static void package(struct fixture *f, const char *text)
{
	tree_file(f->tree, "packages/p/f/package.json", text);
}

/* The lines of the log that begin with `mark`, each with "|" behind. */
static char *lines_of(const struct fixture *f, const char *mark)
{
	struct strbuf out = STRBUF_INIT;
	struct str rest = strbuf_str(&f->log), line;

	while (str_next(&rest, '|', &line))
		if (str_starts(line, mark))
			strbuf_addf(&out, "%.*s|", STR_ARG(str_from(line, strlen(mark))));
	return strbuf_detach(&out, NULL);
}

static void assert_lines(const struct fixture *f, const char *mark, const char *want)
{
	char *lines = lines_of(f, mark);

	assert_string_equal(lines, want);
	free(lines);
}

static void npm_is_run_for_what_there_is_to_do(void **state)
{
	static const struct {
		const char *text;
		bool yarn;
		const char *ran;
	} cases[] = {
		{"{}", false, ""},
		{"\xef\xbb\xbf{\"main\": \"x.js\"}", false, ""},
		{"[]", false, ""},
		{"{\"dependencies\": {}, \"devDependencies\": {\"a\": \"1\"}}", false, ""},
		{"{\"scripts\": {\"test\": \"x\"}}", false, ""},
		{"{\"dependencies\": {\"a\": \"1\"}}", false,
		 "npm install --omit=dev --no-audit --no-fund|"},
		{"{\"optionalDependencies\": {\"a\": \"1\"}}", false,
		 "npm install --omit=dev --no-audit --no-fund|"},
		{"{\"scripts\": {\"postinstall\": \"x\"}}", false,
		 "npm install --omit=dev --no-audit --no-fund|"},
		{"{\"scripts\": {\"build\": \"x\"}}", false,
		 "npm install --no-audit --no-fund|npm run build|"},
		{"{\"dependencies\": {\"a\": \"1\"}}", true, "yarn install --production|"},
		{"{\"scripts\": {\"build\": \"x\"}}", true, "yarn install|yarn run build|"},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	add_program(f, "npm", told);
	add_program(f, "yarn", told);
	for (i = 0; i < countof(cases); i++) {
		package(f, cases[i].text);
		f->build.options.yarn = cases[i].yarn;
		assert_built(f);
		assert_lines(f, "out:", cases[i].ran);
	}
}

static void a_failing_npm_ends_the_build(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "npm", "#!/bin/sh\necho \"$1\"\nexit 4\n");
	package(f, "{\"scripts\": {\"build\": \"x\"}}");
	assert_fails(f, ERR_BUILD,
		     "'npm install --no-audit --no-fund' in 'packages/p/f' exited with code 4");
	assert_int_equal(f->e.status, 4);
	assert_lines(f, "out:", "install|");
}

static void what_is_missing_is_named(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	package(f, "{\"dependencies\": {\"a\": \"1\"}}");
	assert_fails(f, ERR_BUILD,
		     "'packages/p/f/package.json' needs 'npm', which is not installed: apt-get "
		     "install npm");
	f->build.options.yarn = true;
	assert_fails(f, ERR_BUILD,
		     "'packages/p/f/package.json' needs 'yarn', which is not installed: npm "
		     "install --global yarn");
}

static void a_broken_package_json_is_the_projects_mistake(void **state)
{
	struct fixture *f = *state;

	package(f, "{\"dependencies\": }");
	assert_int_equal(build(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_non_null(strstr(f->e.msg, "'packages/p/f/package.json' is not JSON: line 1"));
}

static void lib_is_built_with_npm_but_not_with_pip(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	add_program(f, "npm", told);
	tree_file(f->tree, "lib/requirements.txt", "greet\n");
	tree_file(f->tree, "lib/__main__.py", "");
	assert_int_equal(build_all(&f->build, NULL, 0, &f->e), 0);
	assert_int_equal(f->log.len, 0);
	tree_file(f->tree, "lib/package.json", "{\"dependencies\": {\"a\": \"1\"}}");
	assert_int_equal(build_all(&f->build, NULL, 0, &f->e), 0);
	assert_lines(f, "out:", "npm install --omit=dev --no-audit --no-fund|");
}

static struct requirements requirements(struct fixture *f, const char *text)
{
	struct requirements r;

	tree_file(f->tree, "packages/p/f/requirements.txt", text);
	assert_int_equal(requirements_read(&r, f->tree->fd, "packages/p/f", &f->e), 0);
	return r;
}

static void what_requirements_ask_for_is_seen(void **state)
{
	static const struct {
		const char *text;
		bool any, local;
	} cases[] = {
		{"", false, false},
		{"# greet\n  # greet\n\n", false, false},
		{"--index-url https://x/\n-f dir\n", false, false},
		{"greet", true, false},
		{"greet==1.0 \\\n    --hash=sha256:00 # why\r\n", true, false},
		{"greet @ https://x/y#sha256=0\n", true, false},
		{"-r more.txt\n", true, false},
		{"-rmore.txt\n", true, false},
		{"--requirement=more.txt", true, false},
		{"-r ./more.txt", true, false},
		{"-c more.txt\n", true, false}, /* installs nothing, but nobody has it alone */
		{"-r missing.txt\n", false, true},
		{"-r ../../../../outside.txt\n", false, true},
		{"-e .\n", true, true},
		{"--editable ../x\n", true, true},
		{"./x.whl\n", true, true},
		{"x.tar.gz\n", true, true},
		{"greet @ file:///x\n", true, true},
		{"-r requirements.txt\n", false, true}, /* of itself: an end is found */
	};
	struct fixture *f = *state;
	size_t i;

	tree_file(f->tree, "packages/p/f/more.txt", "greet\n");
	for (i = 0; i < countof(cases); i++) {
		struct requirements r = requirements(f, cases[i].text);

		if ((r.file != NULL) != cases[i].any || r.has_local != cases[i].local)
			fail_msg("'%s': %d %d", cases[i].text, r.file != NULL, r.has_local);
	}
}

static void every_file_that_is_named_counts(void **state)
{
	struct fixture *f = *state;
	struct requirements first, second;

	tree_file(f->tree, "packages/p/f/more.txt", "-c limits.txt\n");
	tree_file(f->tree, "packages/p/f/limits.txt", "a<1\n");
	first = requirements(f, "-r more.txt\n");
	second = requirements(f, "-r more.txt\n");
	assert_memory_equal(first.digest, second.digest, SHA256_SIZE);
	tree_file(f->tree, "packages/p/f/limits.txt", "a<2\n");
	second = requirements(f, "-r more.txt\n");
	assert_memory_not_equal(first.digest, second.digest, SHA256_SIZE);
}

/* A Python that says it is `answer`, and as pip tells how it was called and makes a module. */
static void add_python(struct fixture *f, const char *name, const char *answer)
{
	char *text = xasprintf("#!/bin/sh\n[ $# = 2 ] && { echo '%s'; exit; }\nshift 2\n"
			       "echo \"%s $1 $2 $3 $4 ${5##*/virtualenv/}\"\n/bin/sh -c ': > "
			       "\"$0/x.py\"' \"$5\"\n",
			       answer, name);

	add_program(f, name, text);
	free(text);
}

static void python_function(struct fixture *f, const char *runtime)
{
	f->function.runtime = runtime;
	tree_file(f->tree, "packages/p/f/__main__.py", "");
	tree_file(f->tree, "packages/p/f/requirements.txt", "greet\n");
}

static bool is_there(struct fixture *f, const char *path)
{
	return faccessat(f->tree->fd, path, F_OK, 0) == 0;
}

static void the_runtime_decides_what_is_installed(void **state)
{
	static const struct {
		const char *runtime, *told;
	} cases[] = {
		{"python:3.9",
		 "python3 foreign 3.9 28 requirements.txt lib/python3.9/site-packages|"},
		{"python:3.11",
		 "python3 native 3.11 31 requirements.txt lib/python3.11/site-packages|"},
		{"python:3.13",
		 "python3 foreign 3.13 31 requirements.txt lib/python3.13/site-packages|"},
		{"python:default",
		 "python3 native 3.11 31 requirements.txt lib/python3.11/site-packages|"},
		{NULL, "python3 native 3.11 31 requirements.txt lib/python3.11/site-packages|"},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	add_python(f, "python3", "3.11 linux-x86_64 glibc pip");
	for (i = 0; i < countof(cases); i++) {
		python_function(f, cases[i].runtime);
		assert_int_equal(fs_remove_tree(f->tree->fd, "packages/p/f/virtualenv", &f->e),
				 0);
		assert_built(f);
		assert_lines(f, "out:", cases[i].told);
		assert_true(is_there(f, "packages/p/f/virtualenv/bin/activate_this.py"));
	}
	python_function(f, "python:three");
	assert_int_equal(build(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_non_null(strstr(f->e.msg, "cannot tell for which Python the runtime "
					 "'python:three' wants its packages"));
}

static void the_best_python_of_the_machine_is_taken(void **state)
{
	static const struct {
		const char *own, *python3, *python; /* answers; NULL: not there */
		const char *told;
	} cases[] = {
		{"3.9 linux-x86_64 glibc pip", "3.11 linux-x86_64 glibc pip", NULL,
		 "python3.9 native"},
		{NULL, "3.9 linux-x86_64 glibc pip", NULL, "python3 native"},
		{"3.9 linux-x86_64 glibc -", "3.11 linux-x86_64 glibc pip", NULL,
		 "python3 foreign"},
		{"3.9 macosx-11.0-arm64 - pip", NULL, NULL, "python3.9 foreign"},
		{"3.9 linux-x86_64 - pip", NULL, NULL, "python3.9 foreign"},
		{"3.9 linux-aarch64 glibc pip", NULL, NULL, "python3.9 foreign"},
		{"", "3.13 linux-x86_64 glibc pip", NULL, "python3 foreign"},
		{NULL, NULL, "3.13 linux-x86_64 glibc pip", "python foreign"},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	python_function(f, "python:3.9");
	for (i = 0; i < countof(cases); i++) {
		if (cases[i].own)
			add_python(f, "python3.9", cases[i].own);
		if (cases[i].python3)
			add_python(f, "python3", cases[i].python3);
		if (cases[i].python)
			add_python(f, "python", cases[i].python);
		assert_built(f);
		assert_logged(f, cases[i].told);
		assert_int_equal(fs_remove_tree(f->tree->fd, "packages/p/f/virtualenv", &f->e),
				 0);
		assert_int_equal(fs_remove_tree(f->tree->fd, "bin/python3.9", &f->e), 0);
		assert_int_equal(fs_remove_tree(f->tree->fd, "bin/python3", &f->e), 0);
		assert_int_equal(fs_remove_tree(f->tree->fd, "bin/python", &f->e), 0);
	}
}

static void uv_serves_where_there_is_no_pip(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	python_function(f, "python:3.9");
	assert_fails(f, ERR_BUILD,
		     "'packages/p/f' has Python packages to install and needs 'pip', which is "
		     "not installed: apt-get install python3-pip, or install uv");
	add_program(f, "uv", "#!/bin/sh\necho \"$*\"\n");
	assert_built(f);
	assert_logged(f, "started:uv pip install -r requirements.txt, for Python 3.9 on Linux "
			 "x86-64|");
	assert_logged(f, "out:pip install --link-mode=copy --no-progress --python-version 3.9 "
			 "--python-platform x86_64-manylinux_2_28 --only-binary=:all: --target "
			 "virtualenv.new-");
	assert_logged(f, "/virtualenv/lib/python3.9/site-packages -r requirements.txt|");
}

/* A uv that leaves what the real one leaves (0.13). */
static const char leaving_uv[] =
	"#!/bin/bash\nwhile [ \"$1\" != --target ]; do shift; done\n"
	"cd \"$2\"; : > .lock; printf '#!/opt/mine/python3.9 -E\\nrun()\\n' > tool\n"
	"/bin/mkdir bin greet-1.dist-info; /bin/mv tool bin/; printf '\\x7fELF python' > "
	"bin/other\n"
	"cd greet-1.dist-info; echo {} > uv_cache.json; echo {} > uv_build.json\n"
	"printf '%s\\r\\n' greet.py,sha256=00,1 ../../bin/tool,sha256=00,2 bin/x,, \\\n"
	"  greet-1.dist-info/uv_cache.json,sha256=00,3 greet-1.dist-info/RECORD,, > RECORD\n";

static void uv_leaves_no_trace_of_the_machine(void **state)
{
	static const char site[] = "packages/p/f/virtualenv/lib/python3.9/site-packages";
	static const struct {
		const char *file, *text; /* NULL: gone */
	} want[] = {
		{".lock", NULL},
		{"greet-1.dist-info/uv_cache.json", NULL},
		{"greet-1.dist-info/uv_build.json", NULL},
		{"bin/tool", "#!/usr/bin/env python3\nrun()\n"},
		{"bin/other", "\x7f"
			      "ELF python"},
		{"greet-1.dist-info/RECORD", "greet.py,sha256=00,1\r\n../../bin/tool,,\r\n"
					     "bin/x,,\r\ngreet-1.dist-info/RECORD,,\r\n"},
	};
	struct fixture *f = *state;
	size_t i;

	own_path(f);
	python_function(f, "python:3.9");
	add_program(f, "uv", leaving_uv);
	assert_built(f);
	for (i = 0; i < countof(want); i++) {
		struct strbuf text = STRBUF_INIT;
		char *path = xasprintf("%s/%s", site, want[i].file);

		if (!want[i].text) {
			assert_false(is_there(f, path));
		} else {
			assert_int_equal(fs_read(f->tree->fd, path, 1000, &text, &f->e), 0);
			assert_string_equal(text.buf, want[i].text);
		}
		strbuf_release(&text);
		free(path);
	}
}

static void a_failure_on_another_system_names_the_ways_out(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	python_function(f, "python:3.9");
	add_program(f, "python3",
		    "#!/bin/sh\n[ $# = 2 ] && { echo '3.9 macosx-14.0-arm64 - pip'; exit; }\n"
		    "exit 1\n");
	assert_fails(f, ERR_BUILD,
		     "'pip install' of 'packages/p/f/requirements.txt' exited with code 1; the "
		     "runtime has Python 3.9 on Linux x86-64, and here is Python 3.9 on "
		     "macosx-14.0-arm64. If a package has no wheel for that, take a version "
		     "that has "
		     "one, build on a Linux x86-64 machine with that Python, or set a "
		     "'runtime:' for "
		     "which there is one");
	assert_false(is_there(f, "packages/p/f/virtualenv"));
}

static void an_unchanged_virtualenv_is_kept(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	python_function(f, "python:3.9");
	add_python(f, "python3", "3.9 linux-x86_64 glibc pip");
	f->build.options.no_cache = false;
	assert_built(f);
	assert_built(f);
	assert_string_equal(f->log.buf, "reused:folder|");
	tree_file(f->tree, "packages/p/f/requirements.txt", "greet>1\n");
	assert_built(f);
	assert_logged(f, "started:");
	f->function.runtime = "python:3.11";
	assert_built(f);
	assert_logged(f, "started:");
	tree_file(f->tree, "packages/p/f/requirements.txt", "./own\n");
	assert_built(f);
	assert_built(f);
	assert_logged(f, "started:");
}

static void an_interrupted_install_leaves_the_old_one(void **state)
{
	struct fixture *f = *state;

	own_path(f);
	python_function(f, "python:3.9");
	add_python(f, "python3", "3.9 linux-x86_64 glibc pip");
	assert_built(f);
	tree_file(f->tree, "packages/p/f/requirements.txt", "greet>1\n");
	add_program(f, "python3",
		    "#!/bin/sh\n[ $# = 2 ] && { echo '3.9 linux-x86_64 glibc pip'; exit; }\n"
		    "echo started; exec /bin/sleep 60\n");
	f->interrupt = SIGINT;
	assert_fails(f, ERR_CANCELLED,
		     "'pip install' of 'packages/p/f/requirements.txt' was interrupted");
	assert_true(is_there(f, "packages/p/f/virtualenv/lib/python3.9/site-packages/x.py"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(npm_is_run_for_what_there_is_to_do),
		TEST(a_failing_npm_ends_the_build),
		TEST(what_is_missing_is_named),
		TEST(a_broken_package_json_is_the_projects_mistake),
		TEST(lib_is_built_with_npm_but_not_with_pip),
		TEST(what_requirements_ask_for_is_seen),
		TEST(every_file_that_is_named_counts),
		TEST(the_runtime_decides_what_is_installed),
		TEST(the_best_python_of_the_machine_is_taken),
		TEST(uv_serves_where_there_is_no_pip),
		TEST(uv_leaves_no_trace_of_the_machine),
		TEST(a_failure_on_another_system_names_the_ways_out),
		TEST(an_unchanged_virtualenv_is_kept),
		TEST(an_interrupted_install_leaves_the_old_one),
	};

	return cmocka_run_group_tests_name("build_packages", tests, NULL, NULL);
}
