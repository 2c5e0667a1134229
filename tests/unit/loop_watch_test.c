#include "base/clock.h"
#include "base/strbuf.h"
#include "loop/watch.h"
#include "tree.h"

enum { LOOK_MS = 5, PATIENCE_MS = 10000 };

/* Every test runs twice: told by the system, and by looking. */
struct fixture {
	struct tree *tree;
	struct loop *loop;
	struct loop_watch *watch;
	struct strbuf told; /* "a\nb\n" */
	bool seen_end, gone, stop_at_first;
	int ends;
	const char *skip; /* a folder not to enter */
	char end[16];
};

static bool enter(void *arg, const char *path)
{
	const struct fixture *f = arg;

	return !f->skip || strcmp(path, f->skip) != 0;
}

static void on_change(void *arg, const char *path)
{
	struct fixture *f = arg;

	if (strcmp(path, f->end) == 0) {
		f->seen_end = true;
		return;
	}
	strbuf_addf(&f->told, "%s\n", path);
	if (f->stop_at_first) {
		loop_watch_stop(f->watch);
		f->watch = NULL;
		f->seen_end = true;
	}
}

static void on_gone(void *arg)
{
	struct fixture *f = arg;

	f->gone = f->seen_end = true;
}

static void give_up(void *arg UNUSED)
{
	fail_msg("nothing was told in %d ms", PATIENCE_MS);
}

static void start(struct fixture *f, struct tree *t, uint64_t look_ms)
{
	struct err e = ERR_INIT;
	struct loop_watch_options o = {.root = t->fd,
				       .enter = enter,
				       .changed = on_change,
				       .gone = on_gone,
				       .arg = f,
				       .look_ms = look_ms};

	f->tree = t;
	f->told = STRBUF_INIT;
	f->loop = loop_new();
	f->watch = loop_watch_start(f->loop, &o, &e);
	assert_non_null(f->watch);
	assert_int_equal(loop_watch_looks(f->watch) != NULL, look_ms != 0);
}

static void wait_for(struct fixture *f)
{
	struct loop_timer *patience = loop_timer_start(f->loop, PATIENCE_MS, 0, give_up, f);

	loop_run_until(f->loop, &f->seen_end);
	loop_timer_stop(patience);
	f->seen_end = false;
}

/* What was told is all there is once a last file was: it comes behind the others. */
static const char *told(struct fixture *f)
{
	struct strbuf name = STRBUF_INIT;

	strbuf_addf(&name, "~end%d", f->ends++);
	memcpy(f->end, name.buf, name.len + 1);
	strbuf_release(&name);
	tree_file(f->tree, f->end, "");
	wait_for(f);
	return f->told.buf;
}

static void end(struct fixture *f)
{
	loop_watch_stop(f->watch);
	loop_free(f->loop);
	strbuf_release(&f->told);
}

static void assert_told(struct fixture *f, const char *path)
{
	struct str rest, line;

	told(f);
	rest = strbuf_str(&f->told);
	while (str_next(&rest, '\n', &line))
		if (str_is(line, path))
			return;
	fail_msg("'%s' was not told, but: %s", path, f->told.buf);
}

static void both(void **state, void (*test)(struct fixture *f))
{
	static const uint64_t modes[] = {0, LOOK_MS};
	struct tree *t = *state;
	size_t i;

	for (i = 0; i < countof(modes); i++) {
		struct fixture f = {0};
		struct err e = ERR_INIT;

		assert_int_equal(fs_remove_tree(t->fd, "p", &e), 0);
		assert_int_equal(fs_remove_tree(t->fd, "q", &e), 0);
		tree_file(t, "p/f/old.py", "1");
		tree_file(t, "p/g/old.py", "1");
		start(&f, t, modes[i]);
		test(&f);
		end(&f);
	}
}

static void write_file(struct fixture *f)
{
	tree_file(f->tree, "p/f/old.py", "22");
	assert_told(f, "p/f/old.py");
}

static void a_written_file_is_told(void **state)
{
	both(state, write_file);
}

static void replace_file(struct fixture *f)
{
	tree_file(f->tree, "p/f/.old.py.tmp", "3");
	assert_int_equal(renameat(f->tree->fd, "p/f/.old.py.tmp", f->tree->fd, "p/f/old.py"),
			 0);
	assert_told(f, "p/f/old.py");
}

static void a_file_replaced_by_rename_is_told(void **state)
{
	both(state, replace_file);
}

static void remove_file(struct fixture *f)
{
	assert_int_equal(unlinkat(f->tree->fd, "p/f/old.py", 0), 0);
	assert_told(f, "p/f/old.py");
}

static void a_removed_file_is_told(void **state)
{
	both(state, remove_file);
}

static void change_mode(struct fixture *f)
{
	assert_int_equal(fchmodat(f->tree->fd, "p/f/old.py", 0755, 0), 0);
	assert_told(f, "p/f/old.py");
}

static void a_changed_mode_is_told(void **state)
{
	both(state, change_mode);
}

static void make_deep(struct fixture *f)
{
	tree_file(f->tree, "p/new/a/b/c.py", "1");
	assert_told(f, "p/new/a/b/c.py");
	tree_file(f->tree, "p/new/a/b/d.py", "1");
	assert_told(f, "p/new/a/b/d.py");
}

static void files_of_a_new_folder_are_told(void **state)
{
	both(state, make_deep);
}

static void move_tree(struct fixture *f)
{
	assert_int_equal(renameat(f->tree->fd, "p/f", f->tree->fd, "q"), 0);
	assert_told(f, "q/old.py");
	strbuf_reset(&f->told);
	tree_file(f->tree, "q/old.py", "444");
	assert_told(f, "q/old.py");
	assert_null(strstr(f->told.buf, "p/f/"));
}

static void a_moved_folder_is_told_under_its_new_name(void **state)
{
	both(state, move_tree);
}

static void move_out(struct fixture *f)
{
	char out[] = "/tmp/dofn-out-XXXXXX";
	char *place = xasprintf("%s/f", mkdtemp(out));
	struct err e = ERR_INIT;
	int fd;

	assert_int_equal(renameat(f->tree->fd, "p/f", AT_FDCWD, place), 0);
	assert_told(f, "p/f");
	strbuf_reset(&f->told);
	fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(unlinkat(fd, "old.py", 0), 0);
	(void)close(fd);
	assert_string_equal(told(f), "");
	assert_int_equal(fs_remove_tree(AT_FDCWD, out, &e), 0);
	free(place);
}

static void a_folder_that_left_is_no_longer_watched(void **state)
{
	both(state, move_out);
}

static void write_elsewhere(struct fixture *f)
{
	f->skip = "p/h";
	tree_file(f->tree, "p/h/x.py", "1");
	assert_told(f, "p/h");
	assert_null(strstr(f->told.buf, "p/h/x.py"));
}

static void a_folder_not_to_enter_is_left_alone(void **state)
{
	both(state, write_elsewhere);
}

static void make_links(struct fixture *f)
{
	tree_link(f->tree, "p/loop", ".");
	tree_link(f->tree, "p/nowhere", "nothing");
	assert_told(f, "p/loop");
	assert_null(strstr(f->told.buf, "p/loop/"));
}

static void a_link_is_told_and_not_followed(void **state)
{
	both(state, make_links);
}

static void stop_inside(struct fixture *f)
{
	f->stop_at_first = true;
	tree_file(f->tree, "p/f/old.py", "1");
	tree_file(f->tree, "p/g/old.py", "1");
	wait_for(f);
	assert_int_equal(strlen(f->told.buf), strlen("p/f/old.py\n"));
}

static void may_be_stopped_by_what_it_calls(void **state)
{
	both(state, stop_inside);
}

static void catch_up(struct fixture *f)
{
	tree_file(f->tree, "p/f/old.py", "22");
	loop_watch_catch_up(f->watch);
	assert_non_null(strstr(f->told.buf, "p/f/old.py\n"));
	strbuf_reset(&f->told);
	loop_watch_catch_up(f->watch);
	assert_string_equal(f->told.buf, "");
}

static void tells_at_once_when_asked(void **state)
{
	both(state, catch_up);
}

static void thousands(struct fixture *f)
{
	char *path;
	int i;

	for (i = 0; i < 1000; i++) {
		path = xasprintf("p/many%d/%d.py", i % 100, i);
		tree_file(f->tree, path, "1");
		free(path);
	}
	told(f);
	if (!strstr(f->told.buf, "\n\n")) /* "": anything may have changed */
		assert_non_null(strstr(f->told.buf, "p/many99/999.py\n"));
	strbuf_reset(&f->told);
	tree_file(f->tree, "p/many99/999.py", "22");
	assert_told(f, "p/many99/999.py");
}

static void a_burst_is_told_and_watching_goes_on(void **state)
{
	both(state, thousands);
}

static void a_removed_root_is_told(void **state)
{
	static const uint64_t modes[] = {0, LOOK_MS};
	struct tree *t = *state;
	size_t i;

	for (i = 0; i < countof(modes); i++) {
		struct fixture f = {0};
		struct tree root;
		struct err e = ERR_INIT;

		tree_dirs(t, "root");
		root.fd = fs_open_dir(t->fd, "root", &e);
		tree_file(&root, "file", "");
		start(&f, &root, modes[i]);
		assert_int_equal(unlinkat(root.fd, "file", 0), 0);
		assert_int_equal(unlinkat(t->fd, "root", AT_REMOVEDIR), 0);
		wait_for(&f);
		assert_true(f.gone);
		end(&f);
		(void)close(root.fd);
	}
}

static void a_root_that_is_no_folder_is_an_error(void **state)
{
	struct tree *t = *state;
	struct loop *l = loop_new();
	struct err e = ERR_INIT;
	struct loop_watch_options o = {.changed = on_change, .gone = on_gone};

	tree_file(t, "file", "");
	o.root = openat(t->fd, "file", O_RDONLY | O_CLOEXEC);
	assert_null(loop_watch_start(l, &o, &e));
	assert_int_equal(e.code, ERR_SYSTEM);
	err_clear(&e);
	(void)close(o.root);
	loop_watch_stop(NULL);
	loop_free(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_written_file_is_told),
		TEST(a_file_replaced_by_rename_is_told),
		TEST(a_removed_file_is_told),
		TEST(a_changed_mode_is_told),
		TEST(files_of_a_new_folder_are_told),
		TEST(a_moved_folder_is_told_under_its_new_name),
		TEST(a_folder_that_left_is_no_longer_watched),
		TEST(a_folder_not_to_enter_is_left_alone),
		TEST(a_link_is_told_and_not_followed),
		TEST(may_be_stopped_by_what_it_calls),
		TEST(tells_at_once_when_asked),
		TEST(a_burst_is_told_and_watching_goes_on),
		TEST(a_removed_root_is_told),
		TEST(a_root_that_is_no_folder_is_an_error),
	};

	return cmocka_run_group_tests_name("loop/watch", tests, NULL, NULL);
}
