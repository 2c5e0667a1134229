#include "filter/filter.h"

#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)
#define PEM_KEY "-----BEGIN PRIVATE KEY-----\nMIIE\n"

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

static void not_in_folder(const struct tree *t, const char *name)
{
	char *path = xasprintf("packages/p/f/%s", name);

	assert_int_equal(unlinkat(t->fd, path, 0), 0);
	free(path);
}

/* One line for each decision: "+ path -> name | why", "- path | why", "! path | why". */
static void add_decisions(struct strbuf *b, const struct filter_list *list)
{
	size_t i;

	for (i = 0; i < list->decisions.n; i++) {
		const struct filter_decision *d = &list->decisions.v[i];

		strbuf_addf(b, "%c %.*s", "+-!"[d->verdict], STR_ARG(d->path));
		if (d->verdict == FILTER_IN && !str_eq(d->path, d->name))
			strbuf_addf(b, " -> %.*s", STR_ARG(d->name));
		strbuf_addf(b, " | %s\n", d->why);
	}
}

/* error NULL: explaining and collecting have to end well and agree. */
static void expect(const struct tree *t, const char *want, const char *error)
{
	struct arena a = ARENA_INIT;
	struct filter_list told = {0}, list = {0};
	struct strbuf got = STRBUF_INIT;
	struct err e = ERR_INIT, e2 = ERR_INIT;
	int r = filter_explain(&a, t->fd, "packages/p/f", &told, &e);
	int r2 = filter_collect(&a, t->fd, "packages/p/f", &list, &e2);

	add_decisions(&got, &told);
	assert_string_equal(got.buf, want);
	assert_int_equal(r, r2);
	if (error) {
		assert_int_equal(r, -1);
		assert_string_equal(e.msg, error);
		assert_int_equal(e2.code, ERR_PROJECT);
	} else {
		if (r < 0)
			fail_msg("%s", e.msg);
		assert_int_equal(told.files.n, list.files.n);
		assert_int_equal(list.decisions.n, 0);
	}
	err_clear(&e);
	err_clear(&e2);
	strbuf_release(&got);
	filter_list_release(&told);
	filter_list_release(&list);
	arena_release(&a);
}

static void expect_notes(const struct tree *t, const char *want)
{
	struct arena a = ARENA_INIT;
	struct filter_list list = {0};
	struct strbuf got = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	if (filter_collect(&a, t->fd, "packages/p/f", &list, &e) < 0)
		fail_msg("%s", e.msg);
	for (i = 0; i < list.notes.n; i++)
		strbuf_addf(&got, "%s\n", list.notes.v[i]);
	assert_string_equal(got.buf, want);
	strbuf_release(&got);
	filter_list_release(&list);
	arena_release(&a);
}

static void every_decision_names_its_rule(void **state)
{
	const struct tree *t = *state;

	in_folder_all(t, (const char *const[]){"__main__.py", "a.log", "keep.log", "tests/a",
					       "tests/b", "src/x.py", "src/x.py~", ".git/HEAD",
					       "build.sh", ".gitignore", NULL});
	in_folder(t, ".ignore", "# logs\n*.log\n!keep.log\n\ntests/\n");
	expect(t,
	       "- .git/ | built in: git's own data\n"
	       "- .gitignore | built in: a file for git\n"
	       "- .ignore | built in: steers what goes in\n"
	       "+ __main__.py | no rule leaves it out\n"
	       "- a.log | .ignore:2: *.log\n"
	       "- build.sh | built in: builds the function\n"
	       "+ keep.log | .ignore:3: !keep.log\n"
	       "+ src/x.py | no rule leaves it out\n"
	       "- src/x.py~ | built in: an editor's backup\n"
	       "- tests/ | .ignore:5: tests/\n",
	       NULL);
}

static void included_files_name_their_item(void **state)
{
	const struct tree *t = *state;

	in_folder_all(t, (const char *const[]){"a.py", "b.py", "d/x", "d/e/y", "d/x~", "d.z",
					       "other/deep/z", "some/in", "some/out", NULL});
	tree_dirs(t, "packages/p/f/d/empty");
	tree_file(t, "lib/util.py", "");
	tree_file(t, "lib/common/z", "");
	in_folder(t, ".include",
		  "a.py\nd/\n\nd/x\n../../../lib/util.py\n../../../lib/common\n"
		  "some/in\nd/x\n");
	expect(t,
	       "+ ../../../lib/common/z -> common/z | .include:6: ../../../lib/common\n"
	       "+ ../../../lib/util.py -> util.py | .include:5: ../../../lib/util.py\n"
	       "- .include | .include does not list it\n"
	       "+ a.py | .include:1: a.py\n"
	       "- b.py | .include does not list it\n"
	       "- d.z | .include does not list it\n"
	       "+ d/e/y | .include:2: d/\n"
	       "+ d/x | .include:2: d/\n"
	       "- d/x~ | built in: an editor's backup\n"
	       "- other/ | .include does not list it\n"
	       "+ some/in | .include:7: some/in\n"
	       "- some/out | .include does not list it\n",
	       NULL);
	in_folder(t, ".include", "d\nd/x~\n../../../lib\n../../../lib/common/z\n");
	expect(t,
	       "+ ../../../lib/common/z -> lib/common/z | .include:3: ../../../lib\n"
	       "+ ../../../lib/common/z -> z | .include:4: ../../../lib/common/z\n"
	       "+ ../../../lib/util.py -> lib/util.py | .include:3: ../../../lib\n"
	       "- .include | .include does not list it\n"
	       "- a.py | .include does not list it\n"
	       "- b.py | .include does not list it\n"
	       "- d.z | .include does not list it\n"
	       "+ d/e/y | .include:1: d\n"
	       "+ d/x | .include:1: d\n"
	       "+ d/x~ | .include:2: d/x~\n"
	       "- other/ | .include does not list it\n"
	       "- some/ | .include does not list it\n",
	       NULL);
}

static void explaining_goes_on_behind_what_is_refused(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "a", "");
	in_folder(t, "z", "");
	assert_int_equal(mkfifoat(t->fd, "packages/p/f/pipe", 0600), 0);
	tree_link(t, "packages/p/f/out", "/etc/hostname");
	expect(t,
	       "+ a | no rule leaves it out\n"
	       "! out | the link 'packages/p/f/out' -> '/etc/hostname' leads outside; put a "
	       "copy in its place\n"
	       "! pipe | a FIFO, socket or device; remove it or leave it out with a line in "
	       ".ignore\n"
	       "+ z | no rule leaves it out\n",
	       "the link 'packages/p/f/out' -> '/etc/hostname' leads outside; put a copy in "
	       "its place");
	in_folder(t, ".include", "none\na\n");
	expect(t,
	       "- .include | .include does not list it\n"
	       "+ a | .include:2: a\n"
	       "- out | .include does not list it\n"
	       "- pipe | .include does not list it\n"
	       "- z | .include does not list it\n",
	       "'packages/p/f/.include' line 1: 'none' does not exist");
}

static bool explains_behind_unreadable_folder(const struct tree *t)
{
	static const char *const message =
		"cannot open the folder 'packages/p/f/locked': Permission denied";
	struct arena a = ARENA_INIT;
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	bool ok = filter_explain(&a, t->fd, "packages/p/f", &list, &e) < 0 &&
		  strcmp(e.msg, message) == 0 && list.decisions.n == 3 &&
		  str_is(list.decisions.v[1].path, "locked/") &&
		  list.decisions.v[1].verdict == FILTER_REFUSED &&
		  strcmp(list.decisions.v[1].why, message) == 0 &&
		  str_is(list.decisions.v[2].path, "z");

	err_clear(&e);
	filter_list_release(&list);
	arena_release(&a);
	return ok;
}

static void explaining_goes_on_behind_an_unreadable_folder(void **state)
{
	const struct tree *t = *state;
	bool ok;

	in_folder_all(t, (const char *const[]){"a", "locked/x", "z", NULL});
	assert_int_equal(fchmodat(t->fd, "packages/p/f/locked", 0, 0), 0);
	ok = tree_as_user(explains_behind_unreadable_folder, t);
	assert_int_equal(fchmodat(t->fd, "packages/p/f/locked", 0700, 0), 0);
	assert_true(ok);
}

static void an_empty_result_is_explained_too(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "a", "");
	in_folder(t, ".ignore", "*\n");
	expect(t, "- .ignore | built in: steers what goes in\n- a | .ignore:1: *\n",
	       "'packages/p/f/.ignore' leaves out every file");
}

static void a_long_rule_is_told_in_part(void **state)
{
	const struct tree *t = *state;
	struct strbuf rule = STRBUF_INIT, want = STRBUF_INIT;
	int i;

	for (i = 0; i < 200; i++)
		strbuf_addc(&rule, '*');
	in_folder_all(t, (const char *const[]){"a", "b", NULL});
	strbuf_adds(&rule, "b\n");
	in_folder(t, ".ignore", rule.buf);
	strbuf_addf(&want,
		    "- .ignore | built in: steers what goes in\n+ a | no rule leaves it out\n"
		    "- b | .ignore:1: %.120s...\n",
		    rule.buf);
	expect(t, want.buf, NULL);
	strbuf_release(&rule);
	strbuf_release(&want);
}

static void a_line_longer_than_a_path_is_refused(void **state)
{
	const struct tree *t = *state;
	struct strbuf rule = STRBUF_INIT;
	int i;

	strbuf_adds(&rule, "x\n");
	for (i = 0; i < FS_MAX_PATH; i++)
		strbuf_addc(&rule, '*');
	in_folder(t, "a", "");
	in_folder(t, ".ignore", rule.buf);
	expect(t, "", "'packages/p/f/.ignore' line 2 has more than 4095 bytes");
	strbuf_release(&rule);
}

static void a_secret_stops_unless_a_line_lets_it_in(void **state)
{
	static const char *const refused =
		"'packages/p/f/certs/key.pem' holds a private key and would go into the "
		"artifact; a line 'certs/key.pem' at the end of .ignore leaves it out, "
		"'!certs/key.pem' lets it in";
	const struct tree *t = *state;

	in_folder(t, "a", "");
	in_folder(t, "certs/key.pem", PEM_KEY);
	in_folder(t, "certs/ca.pem", "-----BEGIN CERTIFICATE-----\n");
	expect(t,
	       "+ a | no rule leaves it out\n"
	       "+ certs/ca.pem | no rule leaves it out\n"
	       "! certs/key.pem | a private key; a line 'certs/key.pem' at the end of .ignore "
	       "leaves it out, '!certs/key.pem' lets it in\n",
	       refused);
	in_folder(t, ".ignore", "!certs/key.pem\n");
	expect(t,
	       "- .ignore | built in: steers what goes in\n"
	       "+ a | no rule leaves it out\n"
	       "+ certs/ca.pem | no rule leaves it out\n"
	       "+ certs/key.pem | .ignore:1: !certs/key.pem\n",
	       NULL);
	expect_notes(t, "");
	in_folder(t, ".ignore", "certs/key.pem");
	expect(t,
	       "- .ignore | built in: steers what goes in\n"
	       "+ a | no rule leaves it out\n"
	       "+ certs/ca.pem | no rule leaves it out\n"
	       "- certs/key.pem | .ignore:1: certs/key.pem\n",
	       NULL);
	/* A negated rule for the folder is none for the file. */
	in_folder(t, ".ignore", "/*\n!certs\n");
	expect(t,
	       "- .ignore | built in: steers what goes in\n"
	       "- a | .ignore:1: /*\n"
	       "+ certs/ca.pem | no rule leaves it out\n"
	       "! certs/key.pem | a private key; a line 'certs/key.pem' at the end of .ignore "
	       "leaves it out, '!certs/key.pem' lets it in\n",
	       refused);
}

static void a_secret_in_an_included_folder_has_to_be_listed(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "d/a", "");
	in_folder(t, "d/id_rsa", PEM_KEY);
	in_folder(t, ".include", "d\n");
	expect(t,
	       "- .include | .include does not list it\n"
	       "+ d/a | .include:1: d\n"
	       "! d/id_rsa | a private key; a line 'd/id_rsa' in .include lets it in\n",
	       "'packages/p/f/d/id_rsa' holds a private key and would go into the artifact; a "
	       "line 'd/id_rsa' in .include lets it in");
	in_folder(t, ".include", "d\nd/id_rsa\n");
	expect(t,
	       "- .include | .include does not list it\n"
	       "+ d/a | .include:1: d\n"
	       "+ d/id_rsa | .include:1: d\n",
	       NULL);
}

static void all_secrets_are_named_at_once(void **state)
{
	const struct tree *t = *state;
	struct arena a = ARENA_INIT;
	struct filter_list list = {0};
	struct err e = ERR_INIT;

	in_folder(t, ".npmrc", "_auth=x\n");
	in_folder(t, ".aws/credentials", "aws_secret_access_key = x\n");
	in_folder(t, "id_rsa", PEM_KEY);
	assert_int_equal(filter_collect(&a, t->fd, "packages/p/f", &list, &e), -1);
	assert_string_equal(
		e.msg,
		"'packages/p/f/.aws/credentials' holds credentials of AWS and would go into "
		"the artifact; a line '.aws/credentials' at the end of .ignore leaves it out, "
		"'!.aws/credentials' lets it in; so do 'packages/p/f/.npmrc' (credentials of "
		"npm), 'packages/p/f/id_rsa' (a private key)");
	err_clear(&e);
	arena_release(&a);
}

static void keys_among_dependencies_are_a_note(void **state)
{
	const struct tree *t = *state;

	in_folder(t, "index.js", "");
	in_folder(t, "node_modules/m/test/key.pem", PEM_KEY);
	expect_notes(t, "'packages/p/f/node_modules/m/test/key.pem' holds a private key and "
			"goes in, being among dependencies\n");
	in_folder(t, "virtualenv/lib/python3.11/site-packages/t/x.key", PEM_KEY);
	expect_notes(t, "'packages/p/f/node_modules/m/test/key.pem' holds a private key and "
			"goes in, being among dependencies, as do 1 more files with secrets\n");
}

static void env_files_are_a_note_that_says_the_line(void **state)
{
	const struct tree *t = *state;

	in_folder_all(t, (const char *const[]){"a", ".env.local", "d/.env", NULL});
	expect_notes(t,
		     "'packages/p/f/.env.local' goes into the artifact; a line '.env.local' in "
		     ".ignore leaves it out\n"
		     "'packages/p/f/d/.env' goes into the artifact; a line 'd/.env' in .ignore "
		     "leaves it out\n");
	in_folder(t, ".ignore", "!.env*\n");
	expect_notes(t, "");
	not_in_folder(t, ".ignore");
	in_folder(t, ".include", ".env.local\n");
	expect_notes(t, "");
}

/* The line of a message, taken from it and put into .ignore. */
static void apply_line(const struct tree *t, const char *name, const char *before,
		       const char *after)
{
	struct arena a = ARENA_INIT;
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	const char *from, *to;
	char *line;

	in_folder(t, ".ignore", "");
	assert_int_equal(filter_collect(&a, t->fd, "packages/p/f", &list, &e), -1);
	from = strstr(e.msg, before);
	assert_non_null(from);
	from += strlen(before);
	to = strstr(from, after);
	assert_non_null(to);
	line = xstrndup(from, (size_t)(to - from));
	in_folder(t, ".ignore", line);
	err_clear(&e);
	if (filter_collect(&a, t->fd, "packages/p/f", &list, &e) < 0)
		fail_msg("'%s' for '%s': %s", line, name, e.msg);
	err_clear(&e);
	free(line);
	filter_list_release(&list);
	arena_release(&a);
}

static void the_lines_of_messages_work(void **state)
{
	static const char *const names[] = {"id_rsa",      "#key",    "!key",       "a b/id_ ",
					    "x/id_[a]",    "id_*",    "id_\\?",     "id_\n",
					    "id_\xff\xfe", "id_\x1b", "id_\xc3\xa9"};
	const struct tree *t = *state;
	size_t i;

	in_folder(t, "a", "");
	for (i = 0; i < countof(names); i++) {
		in_folder(t, names[i], PEM_KEY);
		apply_line(t, names[i], "a line '", "' at the end");
		apply_line(t, names[i], "leaves it out, '", "' lets it in");
		not_in_folder(t, names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_decision_names_its_rule),
		CASE(included_files_name_their_item),
		CASE(explaining_goes_on_behind_what_is_refused),
		CASE(explaining_goes_on_behind_an_unreadable_folder),
		CASE(an_empty_result_is_explained_too),
		CASE(a_long_rule_is_told_in_part),
		CASE(a_line_longer_than_a_path_is_refused),
		CASE(a_secret_stops_unless_a_line_lets_it_in),
		CASE(a_secret_in_an_included_folder_has_to_be_listed),
		CASE(all_secrets_are_named_at_once),
		CASE(keys_among_dependencies_are_a_note),
		CASE(env_files_are_a_note_that_says_the_line),
		CASE(the_lines_of_messages_work),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
