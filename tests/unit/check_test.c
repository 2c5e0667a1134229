#include "check/check.h"

#include "scan/scan.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* The findings of the project as "level path: text\n", the first 50 characters of each text. */
static char *findings(const struct tree *t)
{
	static const char *const levels[] = {"note", "warning", "error"};
	struct strbuf out = STRBUF_INIT;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct project p;
	size_t i;

	project_init(&p);
	if (scan_project(t->path, &(struct scan_options){0}, &p, &d, &e) < 0)
		fail_msg("%s", e.msg);
	check_functions(&p, &d);
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&out, "%s %s: %.50s\n", levels[d.list.v[i].level], d.list.v[i].path,
			    d.list.v[i].text);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

static void expect(const struct tree *t, const char *want)
{
	char *got = findings(t);

	assert_string_equal(got, want);
	free(got);
}

static void functions_without_a_mistake_have_no_findings(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "def main(): pass\n");
	tree_file(t, "packages/p/b/__main__.py", "from c import main\n");
	tree_file(t, "packages/p/b/c.py", "import json\n");
	tree_file(t, "packages/default/d/index.php", "<?php function main() {}");
	expect(t, "");
}

static void nothing_is_said_twice(void **state)
{
	const struct tree *t = *state;

	tree_dirs(t, "packages/p/empty/deep");
	tree_file(t, "packages/p/f/__main__.py", "");
	tree_file(t, "packages/p/f/a\nb.pem", "-----BEGIN PRIVATE KEY-----\nMIIE\n");
	expect(t, "error packages/p/empty: the folder of the function 'empty' has no files; a\n"
		  "error packages/p/f/a\nb.pem: cannot go into the artifact: a private key; a "
		  "line\n");
}

static void one_mistake_does_not_hide_another(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "\xff");
	tree_file(t, "packages/p/b/x.py", "");
	tree_file(t, "packages/p/b/y.py", "");
	tree_file(t, "packages/p/c/x.txt", "");
	tree_file(t, "packages/p/d/index.js", "");
	tree_file(t, "packages/p/d/.include", "gone\n");
	tree_file(t, "packages/p/e/build.cmd", "");
	expect(t, "error packages/p/a.py: 'packages/p/a.py' is not UTF-8 in line 1; save it \n"
		  "error packages/p/b: has several files but no '__main__.py', with which\n"
		  "error packages/p/c: 'packages/p/c': its files do not tell the runtime;\n"
		  "error packages/p/d: 'packages/p/d/.include' line 1: 'gone' does not ex\n"
		  "error packages/p/e: 'packages/p/e/build.cmd' runs on Windows only; add\n");
}

static void everything_in_the_way_is_named(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a/__main__.py", "");
	tree_file(t, "packages/p/a/sub/x.py", "");
	assert_int_equal(symlinkat("/", t->fd, "packages/p/a/sub/out"), 0);
	assert_int_equal(symlinkat("gone", t->fd, "packages/p/a/link"), 0);
	assert_int_equal(mkfifoat(t->fd, "packages/p/a/pipe", 0600), 0);
	expect(t,
	       "error packages/p/a/link: cannot go into the artifact: the link 'packages/p/\n"
	       "error packages/p/a/pipe: cannot go into the artifact: a FIFO, socket or dev\n"
	       "error packages/p/a/sub/out: cannot go into the artifact: the link "
	       "'packages/p/\n");
}

static void every_bad_line_of_include_is_named(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a/x.py", "");
	tree_file(t, "packages/p/a/.include", "gone\n/etc\nx.py\n../b\n");
	expect(t, "error packages/p/a: 'packages/p/a/.include' line 1: 'gone' does not ex\n"
		  "error packages/p/a: 'packages/p/a/.include' line 2: '/etc' is an absol\n"
		  "error packages/p/a: 'packages/p/a/.include' line 4: '../b' is neither \n");
}

static void what_a_build_may_mend_is_a_warning(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a/build.sh", "");
	tree_file(t, "packages/p/b/build.sh", "");
	tree_file(t, "packages/p/b/x.py", "");
	tree_file(t, "packages/p/b/requirements.txt", "");
	tree_file(t, "packages/p/c/build.sh", "");
	tree_file(t, "packages/p/c/.include", "made\n");
	expect(t, "warning packages/p/a: before it is built: 'packages/p/a' has no files to\n"
		  "warning packages/p/c: before it is built: 'packages/p/c/.include' line 1\n");
}

static void functions_without_files_are_the_scanners_business(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "def main(): pass\n");
	tree_file(t, "project.yml",
		  "packages: [{name: p, functions: [{name: s, sequence: [p/a]}]}]\n");
	expect(t, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(functions_without_a_mistake_have_no_findings),
		CASE(nothing_is_said_twice),
		CASE(one_mistake_does_not_hide_another),
		CASE(everything_in_the_way_is_named),
		CASE(every_bad_line_of_include_is_named),
		CASE(what_a_build_may_mend_is_a_warning),
		CASE(functions_without_files_are_the_scanners_business),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
