#include "filter/filter.h"

#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* The names collected for packages/p/f, each with a space; '*' marks executables. */
struct collected {
	struct arena arena;
	struct filter_list list;
	struct strbuf names, notes;
	struct err e;
};

static int collect(const struct tree *t, struct collected *c)
{
	size_t i;

	*c = (struct collected){.names = STRBUF_INIT, .notes = STRBUF_INIT};
	if (filter_collect(&c->arena, t->fd, "packages/p/f", &c->list, &c->e) < 0)
		return -1;
	for (i = 0; i < c->list.files.n; i++)
		strbuf_addf(&c->names, "%s%s ", c->list.files.v[i].name.p,
			    c->list.files.v[i].executable ? "*" : "");
	for (i = 0; i < c->list.notes.n; i++)
		strbuf_addf(&c->notes, "%s\n", c->list.notes.v[i]);
	return 0;
}

static void release(struct collected *c)
{
	filter_list_release(&c->list);
	strbuf_release(&c->names);
	strbuf_release(&c->notes);
	arena_release(&c->arena);
	err_clear(&c->e);
}

static void expect_names(const struct tree *t, const char *names, const char *notes)
{
	struct collected c;

	if (collect(t, &c) < 0)
		fail_msg("%s", c.e.msg);
	assert_string_equal(c.names.buf, names);
	assert_string_equal(c.notes.buf, notes);
	release(&c);
}

static void expect_error(const struct tree *t, const char *want)
{
	struct collected c;

	assert_int_equal(collect(t, &c), -1);
	assert_int_equal(c.e.code, ERR_PROJECT);
	assert_string_equal(c.e.msg, want);
	release(&c);
}

static void in_folder(const struct tree *t, const char *name, const char *text)
{
	char *path = xasprintf("packages/p/f/%s", name);

	tree_file(t, path, text);
	free(path);
}

static void in_folder_all(const struct tree *t, const char *const *names)
{
	for (; *names; names++)
		in_folder(t, *names, "x");
}

static void parse_reads_lines_as_git_does(void **state UNUSED)
{
	static const struct {
		struct str text;
		const char *pattern; /* NULL: no rule */
		bool negated, directory_only, anchored;
	} cases[] = {
		{STR("a"), "a", false, false, false},
		{STR("a/"), "a", false, true, false},
		{STR("/a"), "a", false, false, true},
		{STR("a/b"), "a/b", false, false, true},
		{STR("!a"), "a", true, false, false},
		{STR("!!a"), "!a", true, false, false},
		{STR("\\!a"), "\\!a", false, false, false},
		{STR("\\#a"), "\\#a", false, false, false},
		{STR("#a"), NULL, false, false, false},
		{STR(" #a"), " #a", false, false, false},
		{STR("a  "), "a", false, false, false},
		{STR("a\t"), "a\t", false, false, false},
		{STR("a\\ "), "a\\ ", false, false, false},
		{STR("a\\  "), "a\\ ", false, false, false},
		{STR("a\\\\ "), "a\\\\", false, false, false},
		{STR("a \\"), "a \\", false, false, false},
		{STR("a\r"), "a", false, false, false},
		{STR("a \r"), "a", false, false, false},
		{STR("   "), NULL, false, false, false},
		{STR("\r"), NULL, false, false, false},
		{STR("a\0b"), "a", false, false, false},
		{STR("\xef\xbb\xbf"
		     "a"),
		 "a", false, false, false},
		{STR("/a/b/"), "a/b", false, true, true},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct ignore ig;

		ignore_init(&ig);
		ignore_parse(&ig, cases[i].text);
		assert_int_equal(ig.rules.n, cases[i].pattern ? 1 : 0);
		if (cases[i].pattern) {
			assert_true(str_is(ig.rules.v[0].pattern, cases[i].pattern));
			assert_int_equal(ig.rules.v[0].negated, cases[i].negated);
			assert_int_equal(ig.rules.v[0].directory_only, cases[i].directory_only);
			assert_int_equal(ig.rules.v[0].anchored, cases[i].anchored);
			assert_int_equal(ig.rules.v[0].line, 1);
		}
		ignore_release(&ig);
	}
}

/* As git has it, apart from what lies in a folder that matches. */
static void stars_behind_a_literal_part_are_a_pattern_of_their_own(void **state UNUSED)
{
	static const struct {
		const char *rule, *path;
		bool matches;
	} cases[] = {
		{"/foo**/bar", "foobar", true},
		{"/foo**/bar", "foox/bar", true},
		{"/foo**/bar", "foox/y/bar", true},
		{"/foo**/bar", "fo/bar", false},
		{"/foo**/bar", "x/foo/bar", false},
		{"/foo**", "foo", true},
		{"/foo**", "foox/y/z", true},
		{"/foo**", "x/foo", false},
		{"foo**", "foox", true},
		{"foo**", "x/foox", true},
		{"foo**", "foox/y", false},
		{"/b***/**/**", "b.c", true},
		{"/b**/**/c", "bc", true},
		{"/b**/**/c", "b/x/y/c", true},
		{"/b**\\/c", "bc", false},
		{"/b**\\/c", "bx/c", true},
		{"/b**\\/**/c", "bc", false},
		{"/b**\\/**", "b", false},
		{"/b**\\/**", "b/x", true},
		{"a/b**/c*", "a/bc", true},
		{"a/**/c", "a/c", true},
		{"a/**/c", "ac", false},
	};
	struct ignore ig;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		ignore_init(&ig);
		ignore_parse(&ig, str_of(cases[i].rule));
		if ((ignore_match(&ig, str_of(cases[i].path), false) != NULL) !=
		    cases[i].matches)
			fail_msg("'%s' and '%s': not %d", cases[i].rule, cases[i].path,
				 cases[i].matches);
		ignore_release(&ig);
	}
}

static void later_rule_overrides_earlier(void **state UNUSED)
{
	struct ignore ig;
	const struct filter_rule *r;

	ignore_init(&ig);
	ignore_parse(&ig, STR("*.log\n\n!keep.log\nbuild/\n/top\n"));
	r = ignore_match(&ig, STR("d/x.log"), false);
	assert_int_equal(r->line, 1);
	r = ignore_match(&ig, STR("d/keep.log"), false);
	assert_int_equal(r->line, 3);
	assert_true(r->negated);
	assert_null(ignore_match(&ig, STR("build"), false));
	assert_int_equal(ignore_match(&ig, STR("x/build"), true)->line, 4);
	assert_int_equal(ignore_match(&ig, STR("top"), false)->line, 5);
	assert_null(ignore_match(&ig, STR("d/top"), false));
	assert_null(ignore_match(&ig, STR("d/X.LOG"), false));
	ignore_release(&ig);
}

static void everything_goes_in_without_rules(void **state)
{
	static const char *const names[] = {
		"__main__.py", "a/b.py", "a.py", "__pycache__/x.pyc", "node_modules/m/index.js",
		NULL};
	const struct tree *t = *state;

	in_folder_all(t, names);
	tree_dirs(t, "packages/p/f/empty/folder");
	assert_int_equal(fchmodat(t->fd, "packages/p/f/a.py", 0710, 0), 0);
	expect_names(t, "__main__.py __pycache__/x.pyc a.py* a/b.py node_modules/m/index.js ",
		     "");
}

static void names_that_never_go_in(void **state)
{
	static const char *const names[] = {"ok",
					    ".git/config",
					    "d/.git/x",
					    "e/.git",
					    ".gitignore",
					    "d/.gitignore",
					    "a~",
					    "d/.x.swp",
					    ".x.swx",
					    ".#lock",
					    ".DS_Store",
					    ".deployed/versions.json",
					    ".nimbella/x",
					    "build.sh",
					    "build.cmd",
					    "__deployer__.zip",
					    ".built",
					    "d/build.sh",
					    "d/.built",
					    "d/x_tmp_y",
					    "d/a~b",
					    "d/a.#b",
					    "d/.deployedx/y",
					    NULL};
	const struct tree *t = *state;

	in_folder_all(t, names);
	in_folder(t, ".ignore", "!build.sh\n!.gitignore\n");
	in_folder(t, "d/.ignore", "*\n");
	expect_names(t,
		     "d/.built d/.deployedx/y d/.ignore d/a.#b d/a~b d/build.sh d/x_tmp_y ok ",
		     "");
	assert_string_equal(filter_never(STR("x/y~"), false), "an editor's backup");
	assert_null(filter_never(STR("y~"), true));
}

static void ignored_folders_cannot_be_opened_again(void **state)
{
	static const char *const names[] = {"a.py",         "test/keep", "src/x.log",
					    "src/keep.log", "src/test",  NULL};
	const struct tree *t = *state;

	in_folder_all(t, names);
	in_folder(t, ".ignore", "test/\n*.log\n!keep*\n");
	expect_names(t, "a.py src/keep.log src/test ", "");
}

static void patterns_that_doctl_read_differently_are_named(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "a", "");
	in_folder(t, "b", "");
	in_folder(t, ".ignore", "/a\nx\n**/y\nsrc/x\n");
	expect_names(t, "b ",
		     "'packages/p/f/.ignore' lines 1, 4: a pattern with a '/' counts from the "
		     "function's folder; doctl counted from the project's folder\n");
	in_folder(t, ".ignore", "/a\n/1\n/2\n/3\n/4\n/5\n/6\n/7\n/8\n/9\n/10\n/11\n");
	expect_names(
		t, "b ",
		"'packages/p/f/.ignore' lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more: a "
		"pattern with a '/' counts from the function's folder; doctl counted from the "
		"project's folder\n");
}

static void env_goes_in_with_a_note(void **state)
{
	const struct tree *t = *state;

	in_folder(t, ".env", "");
	in_folder(t, "d/.env", "");
	in_folder(t, ".ignore", "d\n");
	expect_names(
		t, ".env ",
		"'packages/p/f/.env' goes into the artifact; a line '.env' in .ignore leaves "
		"it out\n");
	in_folder(t, ".ignore", ".env\n");
	expect_error(t, "'packages/p/f/.ignore' leaves out every file");
	assert_int_equal(unlinkat(t->fd, "packages/p/f/.ignore", 0), 0);
	in_folder(t, ".include", ".env\nd\n");
	expect_names(
		t, ".env d/.env ",
		"'packages/p/f/d/.env' goes into the artifact with its folder; list files in "
		".include to leave it out\n");
}

static void links_are_stored_as_what_they_lead_to(void **state)
{
	const struct tree *t = *state;
	struct collected c;

	in_folder(t, "a", "four");
	tree_file(t, "lib/l", "longer");
	tree_link(t, "packages/p/f/b", "../../../lib/l");
	tree_link(t, "packages/p/f/d", "../../../lib");
	assert_int_equal(collect(t, &c), 0);
	assert_string_equal(c.names.buf, "a b d/l ");
	assert_int_equal(c.list.files.v[1].size, 6);
	assert_string_equal(c.list.files.v[1].path.p, "packages/p/f/b");
	release(&c);
	tree_link(t, "packages/p/f/out", "/etc/hostname");
	expect_error(t,
		     "the link 'packages/p/f/out' -> '/etc/hostname' leads outside; put a copy "
		     "in its place");
	in_folder(t, ".ignore", "out\n");
	expect_names(t, "a b d/l ", "");
}

static void what_only_the_machine_of_a_virtualenv_can_use_stays_out(void **state)
{
	static const char *const names[] = {"__main__.py",
					    "virtualenv/pyvenv.cfg",
					    "virtualenv/bin/activate",
					    "virtualenv/bin/activate.fish",
					    "virtualenv/bin/activate_this.py",
					    "virtualenv/bin/cowsay",
					    "virtualenv/lib/python3.11/site-packages/c.py",
					    "other/bin/activate",
					    "other/bin/python.txt",
					    "other/pyvenv.cfg",
					    "other/.dofn",
					    "virtualenv/.dofn",
					    "virtualenv.new-0123/virtualenv/lib/x.py",
					    NULL};
	const struct tree *t = *state;

	in_folder_all(t, names);
	tree_link(t, "packages/p/f/virtualenv/bin/python", "/usr/bin/python3");
	tree_link(t, "packages/p/f/virtualenv/bin/python3.11", "python");
	expect_names(t,
		     "__main__.py other/.dofn other/pyvenv.cfg virtualenv/bin/activate_this.py "
		     "virtualenv/bin/cowsay virtualenv/lib/python3.11/site-packages/c.py ",
		     "");
}

static void special_files_are_refused_unless_ignored(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "a", "");
	assert_int_equal(mkfifoat(t->fd, "packages/p/f/pipe", 0600), 0);
	expect_error(t,
		     "'packages/p/f/pipe' is a FIFO, socket or device and cannot go into the "
		     "artifact; remove it or leave it out with a line in .ignore");
	in_folder(t, ".ignore", "pipe");
	expect_names(t, "a ", "");
}

static void include_lists_all_that_goes_in(void **state)
{
	const struct tree *t = *state;

	in_folder_all(t, (const char *const[]){"a.py", "b.py", "d/x", "d/e/y", "d/x~", "a..b",
					       "# c", "build.sh", NULL});
	tree_file(t, "lib/util.py", "");
	tree_file(t, "lib/common/z", "");
	in_folder(t, ".include",
		  "  ./a.py\r\n\r\nd/\n./d//x\na..b\n# c\n../../../lib/util.py\n"
		  "../../../lib/common\nbuild.sh");
	expect_names(t, "# c a..b a.py build.sh common/z d/e/y d/x util.py ", "");
	in_folder(t, ".include", "../../../lib\n../f/b.py\n");
	expect_names(t, "b.py lib/common/z lib/util.py ", "");
	in_folder(t, ".include", ".\n");
	expect_names(t, "# c a..b a.py b.py d/e/y d/x ", "");
}

static void include_items_that_are_refused(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"a\nnone\n", "'packages/p/f/.include' line 2: 'none' does not exist"},
		{"/etc/hostname",
		 "'packages/p/f/.include' line 1: '/etc/hostname' is an absolute "
		 "path; items are relative to the folder"},
		{"../../../lib/../../etc",
		 "'packages/p/f/.include' line 1: '../../../lib/../../etc' "
		 "is neither in the function's folder nor in the "
		 "project's lib/"},
		{"../../../library/x",
		 "'packages/p/f/.include' line 1: '../../../library/x' is "
		 "neither in the function's folder nor in the project's "
		 "lib/"},
		{"../g", "'packages/p/f/.include' line 1: '../g' is neither in the function's "
			 "folder nor in the project's lib/"},
		{"out",
		 "'packages/p/f/.include' line 1: 'out' is reached through a link that leads "
		 "out of the function's folder and lib/; put a copy in its place"},
		{"other/x",
		 "'packages/p/f/.include' line 1: 'other/x' is reached through a link "
		 "that leads out of the function's folder and lib/; put a copy in its "
		 "place"},
		{"pipe", "'packages/p/f/.include' line 1: 'pipe' is a FIFO, socket or device"},
		{"\x1b[31m", "'packages/p/f/.include' line 1: '\\x1b[31m' does not exist"},
		{"\n \n",
		 "'packages/p/f/.include' is empty; list the files to deploy, one a line"},
		{"empty", "the folders in 'packages/p/f/.include' have no files"},
		{"a\n../../../lib/a",
		 "'lib/a' and 'packages/p/f/a' would have the same name 'a' in the artifact of "
		 "'packages/p/f'; rename one of them"},
		{"d\n../../../lib/d", "'lib/d' and 'packages/p/f/d/e/x' would have the same "
				      "name 'd' in the artifact of "
				      "'packages/p/f'; rename one of them"},
	};
	const struct tree *t = *state;
	size_t i;

	in_folder_all(t, (const char *const[]){"a", "d/e/x", "d.x", NULL});
	tree_dirs(t, "packages/p/f/empty");
	tree_file(t, "lib/a", "");
	tree_file(t, "lib/d", "");
	tree_file(t, "library/x", "");
	tree_file(t, "packages/p/g", "");
	tree_link(t, "packages/p/f/out", "/etc/hostname");
	tree_link(t, "packages/p/f/other", "../../../library");
	assert_int_equal(mkfifoat(t->fd, "packages/p/f/pipe", 0600), 0);
	for (i = 0; i < countof(cases); i++) {
		in_folder(t, ".include", cases[i].text);
		expect_error(t, cases[i].want);
	}
}

static void include_follows_links_into_lib(void **state)
{
	const struct tree *t = *state;

	in_folder(t, ".include", "l\nself/a\n");
	in_folder(t, "a", "");
	tree_file(t, "lib/x", "");
	tree_link(t, "packages/p/f/l", "../../../lib");
	tree_link(t, "packages/p/f/self", "../f");
	expect_names(t, "l/x self/a ", "");
}

static void lists_that_cannot_be_used(void **state)
{
	const struct tree *t = *state;
	struct strbuf big = STRBUF_INIT;
	struct collected c;
	int i;

	tree_dirs(t, "packages/p/f/only/folders");
	expect_error(t, "'packages/p/f' has no files to deploy");
	in_folder(t, "a", "");
	in_folder(t, ".source", "a\n");
	expect_names(t, ".source a ",
		     "'packages/p/f/.source' is not read; rename it to .include\n");
	in_folder(t, ".include", "a\n");
	expect_names(t, "a ", "");
	in_folder(t, ".ignore", "");
	expect_error(t, "'packages/p/f' has both .include and .ignore; keep one of them");
	assert_int_equal(unlinkat(t->fd, "packages/p/f/.include", 0), 0);
	for (i = 0; i <= IGNORE_MAX_LINES; i++)
		strbuf_adds(&big, "x\n");
	in_folder(t, ".ignore", big.buf);
	expect_error(t, "'packages/p/f/.ignore' has more than 10000 lines");
	for (i = 0; i < IGNORE_MAX_BYTES; i++)
		strbuf_addc(&big, 'x');
	in_folder(t, ".ignore", big.buf);
	expect_error(t, "'packages/p/f/.ignore' is too large: at most 1048576 bytes are read");
	strbuf_release(&big);
	assert_int_equal(unlinkat(t->fd, "packages/p/f/.ignore", 0), 0);
	assert_int_equal(mkfifoat(t->fd, "packages/p/f/.ignore", 0600), 0);
	expect_error(t, "'packages/p/f/.ignore' is a FIFO, not a file");
	assert_int_equal(unlinkat(t->fd, "packages/p/f/.ignore", 0), 0);
	tree_link(t, "packages/p/f/.ignore", "/etc/passwd");
	expect_error(
		t, "the link 'packages/p/f/.ignore' -> '/etc/passwd' leads outside; put a copy "
		   "in its place");
	assert_int_equal(fs_remove_tree(t->fd, "packages/p/f", &c.e), 0);
	assert_int_equal(collect(t, &c), -1);
	assert_int_equal(c.e.sys, ENOENT);
	release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_reads_lines_as_git_does),
		cmocka_unit_test(stars_behind_a_literal_part_are_a_pattern_of_their_own),
		cmocka_unit_test(later_rule_overrides_earlier),
		CASE(everything_goes_in_without_rules),
		CASE(names_that_never_go_in),
		CASE(ignored_folders_cannot_be_opened_again),
		CASE(patterns_that_doctl_read_differently_are_named),
		CASE(env_goes_in_with_a_note),
		CASE(links_are_stored_as_what_they_lead_to),
		CASE(what_only_the_machine_of_a_virtualenv_can_use_stays_out),
		CASE(special_files_are_refused_unless_ignored),
		CASE(include_lists_all_that_goes_in),
		CASE(include_items_that_are_refused),
		CASE(include_follows_links_into_lib),
		CASE(lists_that_cannot_be_used),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
