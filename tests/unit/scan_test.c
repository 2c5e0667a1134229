#include "scanned.h"

static void expect_failure(const char *dir, const char *part)
{
	struct scanned s;

	scan_at(dir, &s);
	assert_int_equal(s.r, -1);
	assert_int_equal(s.e.code, ERR_PROJECT);
	if (!strstr(s.e.msg, part))
		fail_msg("%s", s.e.msg);
	release(&s);
}

static void files_and_folders_become_functions(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/default/hi.js", "");
	tree_file(t, "packages/p/a.b.py", "");
	tree_file(t, "packages/p/f/d/x.py", "");
	tree_file(t, "packages/p/z.python-3.11.zip", "");
	tree_file(t, "packages/p/y.x.zip", "");
	tree_file(t, "packages/p/j.jar", "");
	expect(t,
	       "default/hi=packages/default/hi.js p/a.b=packages/p/a.b.py p/f=packages/p/f/ "
	       "p/j=packages/p/j.jar! p/y=packages/p/y.x.zip! "
	       "p/z=packages/p/z.python-3.11.zip! ",
	       "");
}

static void a_zip_names_its_runtime(void **state)
{
	const struct tree *t = *state;
	struct scanned s;

	tree_file(t, "packages/p/a.python-3.11.zip", "");
	tree_file(t, "packages/p/b.go.zip", "");
	tree_file(t, "packages/p/c.cobol.zip", "");
	tree_file(t, "lib/x", "");
	scan_at(t->path, &s);
	assert_int_equal(s.r, 0);
	assert_true(s.p.has_lib);
	assert_true(s.p.real[0] == '/');
	assert_string_equal(s.p.packages.v[0]->functions.v[0]->runtime, "python:3.11");
	assert_string_equal(s.p.packages.v[0]->functions.v[1]->runtime, "go:default");
	assert_null(s.p.packages.v[0]->functions.v[2]->runtime);
	release(&s);
}

static void what_is_no_function_is_left_out_with_a_note(void **state)
{
	const struct tree *t = *state;
	struct scanned s;

	tree_file(t, "packages/README.md", "");
	tree_file(t, "packages/.idea/x", "");
	tree_file(t, "packages/p/README.md", "");
	tree_file(t, "packages/p/.env", "");
	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "packages/p/f.py~", "");
	tree_file(t, "packages/p/__pycache__/f.pyc", "");
	tree_file(t, "notes.txt", "");
	tree_file(t, ".env", "");
	assert_int_equal(mkfifoat(t->fd, "packages/p/pipe.py", 0600), 0);
	expect(t, "p/f=packages/p/f.py ",
	       "note packages/.idea:0: left out: not a package\n"
	       "note packages/README.md:0: left out: a package is a folder\n"
	       "note packages/p/.env:0: left out: values come from the '.env' beside "
	       "project.yml, or from the file of --env\n"
	       "note packages/p/README.md:0: left out: not a function; its extension names no "
	       "runtime\n"
	       "note packages/p/__pycache__:0: left out: not a function\n"
	       "note packages/p/f.py~:0: left out: not a function; its extension names no "
	       "runtime\n"
	       "note packages/p/pipe.py:0: left out: a FIFO, socket or device\n");
	scan_at(t->path, &s);
	assert_int_equal(s.p.strays.n, 8);
	assert_string_equal(s.p.strays.v[0], "notes.txt");
	release(&s);
}

static void env_files_that_are_not_read_are_pointed_out(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, ".env.example", "");
	tree_file(t, ".env.local", "A=1");
	tree_file(t, "lib/.env", "A=1");
	expect(t, "p/f=packages/p/f.py ",
	       "note lib/.env:0: not read; values come from the '.env' beside project.yml, or "
	       "from the file of --env\n");
	tree_file(t, "project.yml", "parameters: {}\n");
	expect(t, "p/f=packages/p/f.py ",
	       "note .env.local:0: not read; values come from the '.env' beside project.yml, "
	       "or from the file of --env\n"
	       "note lib/.env:0: not read; values come from the '.env' beside project.yml, or "
	       "from the file of --env\n");
}

static void files_come_first_and_project_yml_wins(void **state)
{
	const struct tree *t = *state;
	struct scanned s;

	tree_file(t, "project.yml",
		  "packages:\n"
		  "  - name: q\n"
		  "    functions:\n"
		  "      - name: g\n"
		  "        runtime: nodejs:18\n"
		  "  - name: empty\n"
		  "  - name: p\n");
	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "packages/q/a.js", "");
	tree_file(t, "packages/q/g.mjs", "");
	scan_at(t->path, &s);
	assert_string_equal(s.findings.buf, "");
	assert_string_equal(s.functions.buf,
			    "p/f=packages/p/f.py q/a=packages/q/a.js q/g=packages/q/g.mjs ");
	assert_string_equal(s.p.packages.v[1]->functions.v[1]->runtime, "nodejs:18");
	assert_string_equal(s.p.packages.v[2]->name, "empty");
	assert_false(s.p.packages.v[2]->on_disk);
	release(&s);
}

static void functions_without_files_are_found(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "project.yml",
		  "packages:\n"
		  "  - name: p\n"
		  "    functions:\n"
		  "      - name: helo\n"
		  "      - name: other\n"
		  "        runtime: nodejs:18\n"
		  "  - name: pp\n"
		  "    functions:\n"
		  "      - name: x\n");
	tree_file(t, "packages/p/hello.py", "");
	tree_dirs(t, "packages/p/void/inner");
	expect(t,
	       "p/hello=packages/p/hello.py p/void=packages/p/void/ p/helo=- p/other=- pp/x=- ",
	       "error packages/p/void:0: the folder of the function 'void' has no files; add "
	       "its "
	       "code or remove it\n"
	       "error project.yml:4: the function 'helo' has no files: there is neither "
	       "packages/p/helo/ nor packages/p/helo.py; did you mean 'hello'?\n"
	       "error project.yml:5: the function 'other' has no files: there is neither "
	       "packages/p/other/ nor packages/p/other.js\n"
	       "error project.yml:7: the package 'pp' has functions but no folder "
	       "packages/pp/; "
	       "did you mean 'p'?\n");
}

static void two_sources_of_one_function(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f/__main__.py", "");
	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "packages/p/-x.py", "");
	tree_file(t, "packages/a!/f.py", "");
	expect(t, "p/f=packages/p/f/ ",
	       "error packages/a!:0: 'a!' cannot be the name of a package: letters, digits and "
	       "'_', inside also '-', '.', '@', '&' and spaces; rename it\n"
	       "error packages/p/-x.py:0: '-x' cannot be the name of a function: letters, "
	       "digits "
	       "and '_', inside also '-', '.', '@', '&' and spaces; rename it\n"
	       "error packages/p/f.py:0: 'packages/p/f/' and 'packages/p/f.py' are both the "
	       "function 'f'; rename one of them\n");
}

static void links_stay_in_the_project(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "shared/f/x.py", "");
	tree_dirs(t, "packages/p");
	tree_link(t, "packages/q", "../shared");
	tree_link(t, "packages/p/g", "../../shared/f");
	tree_link(t, "packages/p/loop", "..");
	tree_link(t, "packages/p/out", "/etc");
	tree_link(t, "lib", "/etc");
	expect(t, "p/g=packages/p/g/ q/f=packages/q/f/ ",
	       "error lib:0: the link 'lib' -> '/etc' leads outside; put a copy in its place\n"
	       "error packages/p/loop:0: the link 'packages/p/loop' -> '..' leads back to a "
	       "folder that it is in; remove it\n"
	       "error packages/p/out:0: the link 'packages/p/out' -> '/etc' leads outside; put "
	       "a "
	       "copy in its place\n");
}

static void configurations_that_cannot_be_read(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_dirs(t, "project.yml");
	expect(t, "p/f=packages/p/f.py ",
	       "error project.yml:0: 'project.yml' is a folder, not a file\n");
	assert_int_equal(unlinkat(t->fd, "project.yml", AT_REMOVEDIR), 0);
	assert_int_equal(mkfifoat(t->fd, "project.yml", 0600), 0);
	expect(t, "p/f=packages/p/f.py ",
	       "error project.yml:0: 'project.yml' is a FIFO, not a file\n");
	assert_int_equal(unlinkat(t->fd, "project.yml", 0), 0);
	tree_file(t, "other.yaml", "");
	expect(t, "p/f=packages/p/f.py ",
	       "note other.yaml:0: not read; the configuration is 'project.yml'\n");
	tree_file(t, "projectConfig.yml", "packages: []\n");
	expect(t, "p/f=packages/p/f.py ",
	       "warning projectConfig.yml:0: the name is deprecated; rename it to "
	       "'project.yml'\n");
}

static void nothing_to_read_is_an_error(void **state)
{
	const struct tree *t = *state;
	char *inner = xasprintf("%s/packages/p", t->path), *file = xasprintf("%s/f", t->path);

	tree_file(t, "f", "");
	expect_failure("/nowhere/at/all", "there is no folder '/nowhere/at/all'");
	expect_failure(file, "is not a folder; name the project's folder");
	expect_failure(t->path, "there is no packages/ folder");
	tree_dirs(t, "packages/p");
	expect(t, "", "warning packages:0: no functions are in it\n");
	tree_file(t, "project.yml", "packages: []\n");
	expect_failure(inner, "/packages/p/../..' looks like the project's folder");
	assert_int_equal(fs_remove_tree(t->fd, "packages", &(struct err){0}), 0);
	tree_file(t, "packages", "");
	expect(t, "", "error packages:0: 'packages' is a file, not a folder\n");
	free(inner);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_and_folders_become_functions),
		CASE(a_zip_names_its_runtime),
		CASE(what_is_no_function_is_left_out_with_a_note),
		CASE(env_files_that_are_not_read_are_pointed_out),
		CASE(files_come_first_and_project_yml_wins),
		CASE(functions_without_files_are_found),
		CASE(two_sources_of_one_function),
		CASE(links_stay_in_the_project),
		CASE(configurations_that_cannot_be_read),
		CASE(nothing_to_read_is_an_error),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
