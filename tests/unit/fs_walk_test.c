#include "base/clock.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

struct seen {
	struct strbuf list;    /* "a/ a/f l@ ": folders with '/', links with '@', others '!' */
	const char *leave_out; /* a path */
	const char *stop_at;
	size_t n;
};

static int record(void *arg, const struct fs_entry *entry, struct err *e)
{
	static const char *const marks[] = {
		[FS_FILE] = "", [FS_DIR] = "/", [FS_LINK] = "@", [FS_OTHER] = "!"};
	struct seen *s = arg;

	s->n++;
	strbuf_addf(&s->list, "%s%s%s ", entry->path.p, marks[entry->type],
		    entry->via_link ? "+" : "");
	if (s->stop_at && str_is(entry->path, s->stop_at))
		return err_set(e, ERR_CANCELLED, "stopped");
	return s->leave_out && str_is(entry->path, s->leave_out);
}

static int walk(int root, int boundary, struct seen *s, struct err *e)
{
	struct fs_walk w = {
		.root = root, .boundary = boundary, .shown = "P", .visit = record, .arg = s};

	strbuf_reset(&s->list);
	s->n = 0;
	return fs_walk(&w, e);
}

/* Walks t itself: what is seen, or the error. */
static void expect_walk(const struct tree *t, const char *leave_out, const char *want)
{
	struct seen s = {.list = STRBUF_INIT, .leave_out = leave_out};
	struct err e = ERR_INIT;

	if (walk(t->fd, -1, &s, &e) < 0) {
		assert_int_equal(e.code, ERR_PROJECT);
		assert_string_equal(e.msg, want);
	} else {
		assert_string_equal(s.list.buf, want);
	}
	err_clear(&e);
	strbuf_release(&s.list);
}

static void names_of_a_folder_come_in_byte_order(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "a/z", "");
	tree_file(t, "a.c", "");
	tree_file(t, "B", "");
	tree_file(t, "a b", "");
	tree_file(t, "\xc3\xa9", "");
	tree_file(t, "\xff\xfe", "");
	tree_dirs(t, "e/mpty");
	expect_walk(t, NULL, "B a/ a/z a b a.c e/ e/mpty/ \xc3\xa9 \xff\xfe ");
}

static void a_folder_left_out_is_not_entered(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "a/f", "");
	tree_file(t, "b/f", "");
	expect_walk(t, "a", "a/ b/ b/f ");
}

static void the_visitor_can_stop(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT, .stop_at = "a/f"};
	struct err e = ERR_INIT;

	tree_file(t, "a/f", "");
	tree_file(t, "b", "");
	assert_int_equal(walk(t->fd, -1, &s, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_string_equal(s.list.buf, "a/ a/f ");
	err_clear(&e);
	strbuf_release(&s.list);
}

static void links_inside_come_as_their_contents(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "d/f", "");
	tree_link(t, "d/l", "f");
	tree_link(t, "e", "./d");
	tree_link(t, "g", "e/l");
	expect_walk(t, NULL, "d/ d/f d/l+ e/+ e/f+ e/l+ g+ ");
}

static void links_may_leave_the_root_but_not_the_boundary(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	int in;

	tree_file(t, "in/p/f", "");
	tree_file(t, "out/g", "");
	tree_link(t, "in/p/l", "../../out");
	in = fs_open_dir(t->fd, "in", &e);
	assert_int_equal(walk(in, t->fd, &s, &e), 0);
	assert_string_equal(s.list.buf, "p/ p/f p/l/+ p/l/g+ ");
	assert_int_equal(walk(in, -1, &s, &e), -1);
	assert_string_equal(e.msg, "the link 'P/p/l' -> '../../out' leads outside; put a copy "
				   "in its place");
	assert_int_equal(e.code, ERR_PROJECT);
	err_clear(&e);
	(void)close(in);
	strbuf_release(&s.list);
}

static void bad_links_are_errors_unless_left_out(void **state)
{
	static const struct {
		const char *target, *want;
	} cases[] = {
		{"l", "the link 'P/l' -> 'l' leads back to itself; remove it"},
		{".", "the link 'P/l' -> '.' leads back to a folder that it is in; remove it"},
		{"none", "the link 'P/l' -> 'none' leads to nothing; remove it"},
		{"f/x", "the link 'P/l' -> 'f/x' leads to nothing; remove it"},
		{"/etc/passwd",
		 "the link 'P/l' -> '/etc/passwd' leads outside; put a copy in its place"},
		{"..", "the link 'P/l' -> '..' leads outside; put a copy in its place"},
	};
	const struct tree *t = *state;
	size_t i;

	tree_file(t, "f", "");
	for (i = 0; i < countof(cases); i++) {
		tree_link(t, "l", cases[i].target);
		expect_walk(t, NULL, cases[i].want);
		expect_walk(t, "l", "f l@+ ");
		assert_int_equal(unlinkat(t->fd, "l", 0), 0);
	}
}

static void a_link_back_through_folders_is_a_loop(void **state)
{
	const struct tree *t = *state;

	tree_dirs(t, "a");
	tree_dirs(t, "b");
	tree_link(t, "a/x", "../b");
	tree_link(t, "b/y", "../a");
	expect_walk(
		t, NULL,
		"the link 'P/a/x/y' -> '../a' leads back to a folder that it is in; remove it");
}

static void a_link_above_the_walk_is_a_loop(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	int in;

	tree_dirs(t, "p/f");
	tree_link(t, "p/f/up", "..");
	in = fs_open_dir(t->fd, "p/f", &e);
	assert_int_equal(walk(in, t->fd, &s, &e), -1);
	assert_string_equal(e.msg,
			    "the link 'P/up' -> '..' leads back to a folder that it is in; "
			    "remove it");
	err_clear(&e);
	(void)close(in);
	strbuf_release(&s.list);
}

static void special_files_are_reported_and_not_opened(void **state)
{
	const struct tree *t = *state;

	assert_int_equal(mkfifoat(t->fd, "fifo", 0600), 0);
	tree_link(t, "l", "fifo");
	expect_walk(t, NULL, "fifo! l!+ ");
}

static void deep_folders_end_with_an_error(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	char path[2 * FS_MAX_DEPTH + 4];
	size_t i;

	for (i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? '/' : 'd';
	path[2 * FS_MAX_DEPTH - 1] = '\0';
	tree_dirs(t, path);
	assert_int_equal(walk(t->fd, -1, &s, &e), 0);
	assert_int_equal(s.n, FS_MAX_DEPTH);
	path[2 * FS_MAX_DEPTH - 1] = '/';
	path[2 * FS_MAX_DEPTH + 1] = '\0';
	tree_dirs(t, path);
	assert_int_equal(walk(t->fd, -1, &s, &e), -1);
	assert_non_null(strstr(e.msg, "more than 100 levels deep"));
	err_clear(&e);
	strbuf_release(&s.list);
}

static void long_paths_end_with_an_error(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	char name[256];
	int fd = dup(t->fd), next, i;

	memset(name, 'n', 255);
	name[255] = '\0';
	for (i = 0; i < 17; i++) {
		assert_int_equal(mkdirat(fd, name, 0755), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	assert_int_equal(walk(t->fd, -1, &s, &e), -1);
	assert_non_null(strstr(e.msg, "longer than 4095 bytes"));
	assert_int_equal(s.n, 16);
	err_clear(&e);
	strbuf_release(&s.list);
}

static bool cannot_read_private(const struct tree *t)
{
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;
	struct stat st;
	bool ok = walk(t->fd, -1, &s, &e) < 0 && e.sys == EACCES &&
		  strstr(e.msg, "'P/private'") != NULL;

	err_clear(&e);
	s.leave_out = "private";
	ok = ok && walk(t->fd, -1, &s, &e) == 0 && strcmp(s.list.buf, "f private/ ") == 0;
	ok = ok && fs_read(t->fd, "f", 10, &out, &e) < 0 && e.sys == EACCES;
	err_clear(&e);
	ok = ok && fs_open_file(t->fd, -1, "f", &st, &e) < 0 && e.sys == EACCES;
	err_clear(&e);
	strbuf_release(&s.list);
	return ok;
}

static void unreadable_files_and_folders(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "f", "");
	tree_dirs(t, "private");
	assert_int_equal(fchmodat(t->fd, "f", 0, 0), 0);
	assert_int_equal(fchmodat(t->fd, "private", 0, 0), 0);
	assert_true(tree_as_user(cannot_read_private, t));
}

static void entries_carry_what_is_stored(void **state)
{
	const struct tree *t = *state;
	struct fs_entry got;
	struct err e = ERR_INIT;
	const struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 7}, {1000, 7}};

	tree_file(t, "f", "123");
	assert_int_equal(fchmodat(t->fd, "f", 0751, 0), 0);
	assert_int_equal(utimensat(t->fd, "f", times, 0), 0);
	assert_int_equal(fs_lookup(t->fd, -1, "f", &got, &e), FS_FOUND);
	assert_int_equal(got.size, 3);
	assert_int_equal(got.mode, 0751);
	assert_int_equal(got.stamp.mtime_ns, 1000000000007);
	assert_int_equal(got.stamp.size, got.size);
	assert_true(got.stamp.ctime_ns > got.stamp.mtime_ns);
}

/* What file systems can say and 64 bits of nanoseconds cannot (1677 to 2262). */
static void times_out_of_range_are_the_nearest(void **state UNUSED)
{
	static const struct {
		struct timespec time;
		int64_t ns;
	} cases[] = {
		{{.tv_sec = 15032385535}, INT64_MAX},
		{{.tv_sec = INT64_MAX, .tv_nsec = 999999999}, INT64_MAX},
		{{.tv_sec = 9223372036, .tv_nsec = 999999999}, INT64_MAX},
		{{.tv_sec = INT64_MIN}, INT64_MIN},
		{{.tv_sec = -1, .tv_nsec = 5}, -999999995},
	};
	struct stat st = {0};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		st.st_mtim = st.st_ctim = cases[i].time;
		assert_int_equal(fs_stamp_of(&st).mtime_ns, cases[i].ns);
		assert_int_equal(fs_stamp_of(&st).ctime_ns, cases[i].ns);
	}
}

static void a_stamp_is_settled_when_no_later_change_can_have_it(void **state UNUSED)
{
	enum { MS = 1000000 };
	const int64_t read = 1700000000999000000, second = 1000000000;
	const int64_t coarse = 1700000000 * second;
	const struct {
		int64_t mtime, ctime;
		bool settled;
	} cases[] = {
		{read - 500 * MS, read - 500 * MS, true},
		{read - 99 * MS, read - 500 * MS, false},
		{read - 500 * MS, read - 99 * MS, false},
		{read, read, false},
		{coarse, coarse, false}, /* whole seconds: a coarser clock */
		{coarse - 3 * second, coarse - 3 * second, true},
		{coarse, coarse + 1, true}, /* only one of them is whole */
		{INT64_MAX, 0, false},
		{0, INT64_MAX, false},
		{INT64_MIN, 0, true},
	};
	struct fs_stamp stamp = {0};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		stamp.mtime_ns = cases[i].mtime;
		stamp.ctime_ns = cases[i].ctime;
		if (fs_stamp_is_settled(&stamp, read) != cases[i].settled)
			fail_msg("case %zu", i);
	}
}

static void many_files_are_quick(void **state)
{
	enum { MANY = 50000, SLOW_MS = 5000 }; /* some 100 ms; quadratic work takes minutes */
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	uint64_t start;
	char name[24];
	int i, fd;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_true(fd >= 0);
		(void)close(fd);
	}
	start = clock_monotonic_ms();
	assert_int_equal(walk(t->fd, -1, &s, &e), 0);
	assert_true(clock_monotonic_ms() - start < SLOW_MS);
	assert_int_equal(s.n, MANY);
	strbuf_release(&s.list);
}

/* Counted while a folder is read: a million names would be in memory before. */
static void more_entries_than_wanted_end_with_an_error(void **state)
{
	const struct tree *t = *state;
	struct seen s = {.list = STRBUF_INIT};
	struct err e = ERR_INIT;
	struct fs_walk w = {
		.root = t->fd, .boundary = -1, .shown = "P", .visit = record, .arg = &s};

	tree_file(t, "a", "");
	tree_file(t, "b/c", "");
	tree_file(t, "b/d", "");
	for (w.most = 4; w.most < 6; w.most++) {
		strbuf_reset(&s.list);
		assert_int_equal(fs_walk(&w, &e), 0);
		assert_string_equal(s.list.buf, "a b/ b/c b/d ");
	}
	w.most = 3;
	assert_int_equal(fs_walk(&w, &e), -1);
	assert_int_equal(e.code, ERR_PROJECT);
	assert_string_equal(e.msg, "more than 3 files and folders in 'P'");
	err_clear(&e);
	strbuf_reset(&s.list);
	w.most = 1;
	assert_int_equal(fs_walk(&w, &e), -1);
	assert_string_equal(e.msg, "more than 1 files and folders in 'P'");
	assert_string_equal(s.list.buf, "");
	err_clear(&e);
	strbuf_release(&s.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(names_of_a_folder_come_in_byte_order),
		CASE(a_folder_left_out_is_not_entered),
		CASE(the_visitor_can_stop),
		CASE(links_inside_come_as_their_contents),
		CASE(links_may_leave_the_root_but_not_the_boundary),
		CASE(bad_links_are_errors_unless_left_out),
		CASE(a_link_back_through_folders_is_a_loop),
		CASE(a_link_above_the_walk_is_a_loop),
		CASE(special_files_are_reported_and_not_opened),
		CASE(deep_folders_end_with_an_error),
		CASE(long_paths_end_with_an_error),
		CASE(unreadable_files_and_folders),
		CASE(entries_carry_what_is_stored),
		cmocka_unit_test(times_out_of_range_are_the_nearest),
		cmocka_unit_test(a_stamp_is_settled_when_no_later_change_can_have_it),
		CASE(many_files_are_quick),
		CASE(more_entries_than_wanted_end_with_an_error),
	};

	return cmocka_run_group_tests_name("fs_walk", tests, NULL, NULL);
}
