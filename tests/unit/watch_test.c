#include "base/clock.h"
#include "tree.h"
#include "watch/affected.h"
#include "watch/watch.h"

enum { QUIET_MS = 4 * WATCH_QUIET_MS };

static const char *const no_files[] = {NULL};
static const char *const some_files[] = {"config/prod.env", "src/one.py", NULL};

static void a_path_tells_which_functions_it_concerns(void **state UNUSED)
{
	static const struct {
		const char *path;
		const char *const *files;
		enum affected affected;
		const char *function;
	} rows[] = {
		{"", no_files, AFFECTED_ALL, NULL},
		{"project.yml", no_files, AFFECTED_ALL, NULL},
		{".env", no_files, AFFECTED_ALL, NULL},
		{"README.md", no_files, AFFECTED_NOTHING, NULL},
		{"docs/a.md", no_files, AFFECTED_NOTHING, NULL},
		{"packages", no_files, AFFECTED_ALL, NULL},
		{"packages/p", no_files, AFFECTED_ALL, NULL},
		{"packages/p/f", no_files, AFFECTED_ALL, NULL},
		{"packages/p/f.py", no_files, AFFECTED_FUNCTION, "p/f"},
		{"packages/p/a.b.js", no_files, AFFECTED_FUNCTION, "p/a.b"},
		{"packages/p/f.zip", no_files, AFFECTED_ALL, NULL},
		{"packages/p/notes.txt", no_files, AFFECTED_ALL, NULL},
		{"packages/p/f/__main__.py", no_files, AFFECTED_FUNCTION, "p/f"},
		{"packages/p/f/a/b/c", no_files, AFFECTED_FUNCTION, "p/f"},
		{"packages/default/f/x", no_files, AFFECTED_FUNCTION, "default/f"},
		{"packages/p/f/.x.py.swp", no_files, AFFECTED_NOTHING, NULL},
		{"packages/p/f/x.py~", no_files, AFFECTED_NOTHING, NULL},
		{"packages/p/f/virtualenv/bin/python", no_files, AFFECTED_NOTHING, NULL},
		{"packages/p/f/node_modules", no_files, AFFECTED_NOTHING, NULL},
		{"packages/p/f/a/__pycache__/x.pyc", no_files, AFFECTED_NOTHING, NULL},
		{"packagesx/p/f/a", no_files, AFFECTED_NOTHING, NULL},
		{"lib", NULL, AFFECTED_ALL, NULL},
		{"lib/x.py", NULL, AFFECTED_ALL, NULL},
		{"library", NULL, AFFECTED_NOTHING, NULL},
		{"config/prod.env", some_files, AFFECTED_ALL, NULL},
		{"config/test.env", some_files, AFFECTED_NOTHING, NULL},
		{"config", some_files, AFFECTED_ALL, NULL},
		{"src/one.py", some_files, AFFECTED_ALL, NULL},
		{"src/one.pyx", some_files, AFFECTED_NOTHING, NULL},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct str function = STR("");
		enum affected a = affected_by(str_of(rows[i].path), rows[i].files, &function);

		if (a != rows[i].affected)
			fail_msg("'%s': %d", rows[i].path, (int)a);
		if (rows[i].function && !str_is(function, rows[i].function))
			fail_msg("'%s': '%.*s'", rows[i].path, STR_ARG(function));
	}
}

static void only_folders_that_matter_are_entered(void **state UNUSED)
{
	static const struct {
		const char *folder;
		bool enters;
	} rows[] = {
		{"", true},
		{"packages", true},
		{"packages/p/f/deep", true},
		{"packages/p/f/virtualenv", false},
		{"packages/p/f/virtualenv/lib", false},
		{"packages/p/f/.git", false},
		{"lib/a", true},
		{"config", true},
		{"src", true},
		{"src/other", false},
		{"web", false},
		{".git", false},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		if (affected_enters(str_of(rows[i].folder), some_files) != rows[i].enters)
			fail_msg("'%s'", rows[i].folder);
}

/* ---- waiting ---- */

struct fixture {
	struct tree *tree;
	struct loop *loop;
	struct watch *watch;
	struct watch_changes changes;
	const char *built; /* the function that a build ran for */
};

static void start(struct fixture *f, void **state, const char *const *files)
{
	struct watch_options o;
	struct err e = ERR_INIT;

	*f = (struct fixture){.tree = *state, .loop = loop_new()};
	tree_file(f->tree, "packages/p/f/x.py", "1");
	tree_file(f->tree, "packages/p/g.py", "1");
	tree_file(f->tree, "config/test.env", "1");
	o = (struct watch_options){.loop = f->loop, .root = f->tree->fd, .files = files};
	f->watch = watch_new(&o, &e);
	assert_non_null(f->watch);
}

static void end(struct fixture *f)
{
	watch_changes_release(&f->changes);
	watch_free(f->watch);
	loop_free(f->loop);
}

static void wait_for(struct fixture *f)
{
	struct err e = ERR_INIT;

	watch_changes_release(&f->changes);
	if (watch_wait(f->watch, &f->changes, &e) < 0)
		fail_msg("%s", e.msg);
}

static void give_up(void *arg)
{
	loop_interrupt(arg, 2);
}

/* Nothing in a time in which a change would long have been told. */
static void assert_quiet(struct fixture *f)
{
	struct loop_timer *t = loop_timer_start(f->loop, QUIET_MS, 0, give_up, f->loop);
	struct err e = ERR_INIT;

	watch_changes_release(&f->changes);
	if (watch_wait(f->watch, &f->changes, &e) == 0)
		fail_msg("'%s' changed", f->changes.path);
	assert_int_equal(e.code, ERR_CANCELLED);
	err_clear(&e);
	loop_timer_stop(t);
}

static void assert_functions(const struct fixture *f, const char *first, const char *second)
{
	assert_false(f->changes.all);
	assert_int_equal(f->changes.functions.n, second ? 2 : 1);
	assert_string_equal(f->changes.functions.v[0], first);
	if (second)
		assert_string_equal(f->changes.functions.v[1], second);
}

static bool is_built(void *arg, struct str function)
{
	const struct fixture *f = arg;

	return f->built && str_is(function, f->built);
}

static void changes_that_come_together_are_told_together(void **state)
{
	struct fixture f;
	uint64_t before = clock_monotonic_ms();

	start(&f, state, NULL);
	tree_file(f.tree, "packages/p/g.py", "2");
	tree_file(f.tree, "packages/p/f/x.py", "2");
	tree_file(f.tree, "packages/p/f/y.py", "2");
	tree_file(f.tree, "packages/p/f/z.tmp", "2");
	assert_int_equal(unlinkat(f.tree->fd, "packages/p/f/z.tmp", 0), 0);
	wait_for(&f);
	assert_functions(&f, "p/f", "p/g");
	assert_string_equal(f.changes.path, "packages/p/f/y.py");
	assert_int_equal(f.changes.paths, 4);
	assert_true(f.changes.since_ms >= before);
	end(&f);
}

static void what_cannot_be_told_is_everything(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	tree_file(f.tree, "packages/p/g.py", "2");
	tree_file(f.tree, "project.yml", "");
	wait_for(&f);
	assert_true(f.changes.all);
	assert_int_equal(f.changes.functions.n, 0);
	end(&f);
}

static void a_function_that_is_gone_concerns_all(void **state)
{
	struct fixture f;
	struct err e = ERR_INIT;

	start(&f, state, NULL);
	assert_int_equal(fs_remove_tree(f.tree->fd, "packages/p/f", &e), 0);
	wait_for(&f);
	assert_true(f.changes.all);
	end(&f);
}

static void with_links_a_change_may_concern_others(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	tree_link(f.tree, "packages/p/f/shared.py", "../g.py");
	wait_for(&f);
	tree_file(f.tree, "packages/p/g.py", "2");
	wait_for(&f);
	assert_true(f.changes.all);
	end(&f);
}

static void other_files_matter_when_asked_for(void **state)
{
	static const char *const files[] = {"config/test.env", NULL};
	struct fixture f;
	struct err e = ERR_INIT;

	start(&f, state, NULL);
	tree_file(f.tree, "config/test.env", "2");
	assert_quiet(&f);
	end(&f);
	start(&f, state, NULL);
	assert_int_equal(watch_set_files(f.watch, files, &e), 0);
	assert_int_equal(watch_set_files(f.watch, files, &e), 0);
	tree_file(f.tree, "config/test.env", "3");
	wait_for(&f);
	assert_true(f.changes.all);
	end(&f);
}

static void what_happens_during_a_deploy_comes_after_it(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	watch_pause(f.watch);
	tree_file(f.tree, "packages/p/g.py", "2");
	watch_resume(f.watch, is_built, &f);
	wait_for(&f);
	assert_functions(&f, "p/g", NULL);
	end(&f);
}

static void a_build_is_answered_once_for_what_it_made(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	f.built = "p/f";
	watch_pause(f.watch);
	tree_file(f.tree, "packages/p/f/made.py", "2");
	watch_resume(f.watch, is_built, &f);
	wait_for(&f);
	assert_functions(&f, "p/f", NULL);
	watch_pause(f.watch);
	tree_file(f.tree, "packages/p/f/made.py", "3");
	watch_resume(f.watch, is_built, &f);
	assert_quiet(&f);
	end(&f);
}

static void what_a_build_removed_again_is_no_change(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	f.built = "p/f";
	watch_pause(f.watch);
	tree_file(f.tree, "packages/p/f/tmp123", "2");
	assert_int_equal(unlinkat(f.tree->fd, "packages/p/f/tmp123", 0), 0);
	watch_resume(f.watch, is_built, &f);
	assert_quiet(&f);
	end(&f);
}

static void a_build_that_never_makes_the_same_ends(void **state)
{
	struct fixture f;
	char *path;
	int i;

	start(&f, state, NULL);
	f.built = "lib";
	for (i = 0; i < 4; i++) {
		watch_pause(f.watch);
		path = xasprintf("lib/made%d", i);
		tree_file(f.tree, path, "1");
		free(path);
		watch_resume(f.watch, is_built, &f);
		if (i < 3)
			wait_for(&f);
	}
	assert_quiet(&f);
	end(&f);
}

static void a_file_saved_during_its_build_is_not_lost(void **state)
{
	struct fixture f;

	start(&f, state, NULL);
	f.built = "p/f";
	watch_pause(f.watch);
	tree_file(f.tree, "packages/p/f/x.py", "saved");
	watch_resume(f.watch, is_built, &f);
	wait_for(&f);
	assert_functions(&f, "p/f", NULL);
	/* and later ones neither, though a build may have touched it */
	tree_file(f.tree, "packages/p/f/x.py", "again");
	wait_for(&f);
	assert_functions(&f, "p/f", NULL);
	end(&f);
}

static void the_end_of_the_project_is_an_error(void **state)
{
	struct fixture f;
	struct tree *t = *state;
	struct watch_options o;
	struct err e = ERR_INIT;

	f = (struct fixture){.tree = t, .loop = loop_new()};
	tree_file(t, "root/packages/p/f.py", "");
	o = (struct watch_options){.loop = f.loop, .root = fs_open_dir(t->fd, "root", &e)};
	f.watch = watch_new(&o, &e);
	assert_int_equal(fs_remove_tree(t->fd, "root", &e), 0);
	while (watch_wait(f.watch, &f.changes, &e) == 0)
		watch_changes_release(&f.changes);
	assert_int_equal(e.code, ERR_SYSTEM);
	err_clear(&e);
	end(&f);
	(void)close(o.root);
	watch_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_tells_which_functions_it_concerns),
		cmocka_unit_test(only_folders_that_matter_are_entered),
		TEST(changes_that_come_together_are_told_together),
		TEST(what_cannot_be_told_is_everything),
		TEST(a_function_that_is_gone_concerns_all),
		TEST(with_links_a_change_may_concern_others),
		TEST(other_files_matter_when_asked_for),
		TEST(what_happens_during_a_deploy_comes_after_it),
		TEST(a_build_is_answered_once_for_what_it_made),
		TEST(what_a_build_removed_again_is_no_change),
		TEST(a_build_that_never_makes_the_same_ends),
		TEST(a_file_saved_during_its_build_is_not_lost),
		TEST(the_end_of_the_project_is_an_error),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
