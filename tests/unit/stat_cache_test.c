#include "fs/stat_cache.h"

#include <dirent.h>

#include "base/clock.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* Long ago, at a time that is no whole second. */
static const struct fs_stamp old = {.size = 7,
				    .dev = 3,
				    .ino = 11,
				    .mtime_ns = 1700000000123456789,
				    .ctime_ns = 1700000000123456789};

static struct stat_cache *open_table(const struct tree *t)
{
	char *folder = xasprintf("%s/cache/stat", t->path);
	struct stat_cache *c = stat_cache_open(folder, "/some/project");

	free(folder);
	return c;
}

static void add(struct stat_cache *c, const char *path, const struct fs_stamp *stamp, int hash)
{
	unsigned char bytes[SHA256_SIZE];

	memset(bytes, hash, sizeof(bytes));
	stat_cache_add(c, str_of(path), stamp, bytes, clock_realtime_ns());
}

static bool finds(struct stat_cache *c, const char *path, const struct fs_stamp *stamp,
		  int hash)
{
	unsigned char got[SHA256_SIZE] = {0}, want[SHA256_SIZE];

	memset(want, hash, sizeof(want));
	return stat_cache_find(c, str_of(path), stamp, got) &&
	       memcmp(got, want, sizeof(want)) == 0;
}

static bool remembers(const struct tree *t, const char *path, const struct fs_stamp *stamp,
		      int hash)
{
	struct stat_cache *c = open_table(t);
	bool found = finds(c, path, stamp, hash);

	stat_cache_close(c);
	return found;
}

static void remember(const struct tree *t, const char *path, const struct fs_stamp *stamp,
		     int hash)
{
	struct stat_cache *c = open_table(t);

	add(c, path, stamp, hash);
	stat_cache_close(c);
}

static void what_was_added_is_found_by_the_next_run(void **state)
{
	const struct tree *t = *state;

	assert_false(remembers(t, "a", &old, 1));
	remember(t, "a", &old, 1);
	remember(t, "b", &old, 2);
	assert_true(remembers(t, "a", &old, 1));
	assert_true(remembers(t, "b", &old, 2));
	remember(t, "a", &old, 3);
	assert_true(remembers(t, "a", &old, 3));
}

static void any_difference_in_the_stamp_counts(void **state)
{
	const struct tree *t = *state;
	struct fs_stamp other[] = {old, old, old, old, old};
	size_t i;

	other[0].size++;
	other[1].dev++;
	other[2].ino++;
	other[3].mtime_ns++;
	other[4].ctime_ns--;
	remember(t, "a", &old, 1);
	for (i = 0; i < countof(other); i++)
		assert_false(remembers(t, "a", &other[i], 1));
	assert_false(remembers(t, "A", &old, 1));
}

static void what_was_just_changed_is_not_remembered(void **state)
{
	const struct tree *t = *state;
	int64_t now = (int64_t)clock_realtime_ns(), second = 1000000000;
	struct fs_stamp stamps[] = {old, old, old, old, old};
	const bool want[] = {false, false, true, false, true};
	size_t i;

	stamps[0].mtime_ns = now;
	stamps[1].ctime_ns = now - 1000000;
	stamps[2].ctime_ns = now / second * second - second + 1; /* fine, 1 s ago at least */
	stamps[3].mtime_ns = stamps[3].ctime_ns = now / second * second - second; /* coarse */
	stamps[4].mtime_ns = stamps[4].ctime_ns = now / second * second - 9 * second;
	for (i = 0; i < countof(stamps); i++) {
		remember(t, "a", &stamps[i], 1);
		if (remembers(t, "a", &stamps[i], 1) != want[i])
			fail_msg("case %zu", i);
	}
}

/* The only file in cache/stat, below t; heap. */
static char *table_of(const struct tree *t)
{
	char *folder = xasprintf("%s/cache/stat", t->path), *path = NULL;
	DIR *dir = opendir(folder);
	const struct dirent *d;

	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL)
		if (*d->d_name != '.')
			path = xasprintf("%s/%s", folder, d->d_name);
	closedir(dir);
	free(folder);
	assert_non_null(path);
	return path;
}

static void a_damaged_table_is_as_none(void **state)
{
	const struct tree *t = *state;
	struct strbuf whole = STRBUF_INIT, text = STRBUF_INIT;
	struct err e = ERR_INIT;
	char *path;
	size_t i;

	remember(t, "a", &old, 1);
	path = table_of(t);
	assert_int_equal(fs_read(AT_FDCWD, path, 1 << 20, &whole, &e), 0);
	for (i = 0; i < whole.len; i += 3) {
		strbuf_reset(&text);
		strbuf_addstr(&text, strbuf_str(&whole));
		if (i % 2)
			text.buf[i] ^= 1;
		else
			text.len = i;
		assert_int_equal(fs_write_atomic(AT_FDCWD, path, strbuf_str(&text), 0600, &e),
				 0);
		assert_false(remembers(t, "a", &old, 1));
	}
	remember(t, "a", &old, 1);
	assert_true(remembers(t, "a", &old, 1));
	strbuf_release(&whole);
	strbuf_release(&text);
	free(path);
}

static void a_part_of_a_project_does_not_forget_the_rest(void **state)
{
	const struct tree *t = *state;
	char name[32];
	int i;

	for (i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		remember(t, name, &old, i);
	}
	for (i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		assert_true(remembers(t, name, &old, i));
	}
}

static void files_that_are_gone_are_forgotten_at_last(void **state)
{
	const struct tree *t = *state;
	struct stat_cache *c = open_table(t);
	struct stat st;
	char name[32], *path;
	int i;

	for (i = 0; i < 10000; i++) {
		(void)snprintf(name, sizeof(name), "f%d", i);
		add(c, name, &old, i & 127);
	}
	stat_cache_close(c);
	remember(t, "new", &old, 1);
	path = table_of(t);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 2000 * 100);
	assert_true(remembers(t, "new", &old, 1));
	free(path);
}

static void old_tables_make_room(void **state)
{
	const struct tree *t = *state;
	char *folder = xasprintf("%s/cache/stat", t->path), tree[32];
	const struct dirent *d;
	size_t n = 0;
	DIR *dir;
	int i;

	for (i = 0; i < STAT_CACHE_TABLES + 5; i++) {
		struct stat_cache *c;

		(void)snprintf(tree, sizeof(tree), "/project/%d", i);
		c = stat_cache_open(folder, tree);
		add(c, "a", &old, 1);
		stat_cache_close(c);
	}
	dir = opendir(folder);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL)
		n += *d->d_name != '.';
	closedir(dir);
	free(folder);
	assert_int_equal(n, STAT_CACHE_TABLES);
}

static void what_killed_runs_left_goes(void **state)
{
	const struct tree *t = *state;
	const struct timespec long_ago[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};

	remember(t, "a", &old, 1);
	tree_file(t, "cache/stat/.new-old", "half of a table");
	tree_file(t, "cache/stat/.new-young", "of a run that goes on");
	assert_int_equal(utimensat(t->fd, "cache/stat/.new-old", long_ago, 0), 0);
	remember(t, "b", &old, 2);
	assert_int_equal(faccessat(t->fd, "cache/stat/.new-old", F_OK, 0), -1);
	assert_int_equal(faccessat(t->fd, "cache/stat/.new-young", F_OK, 0), 0);
	assert_true(remembers(t, "a", &old, 1));
}

static void without_a_folder_nothing_is_kept(void **state)
{
	const struct tree *t = *state;
	struct stat_cache *c = stat_cache_open(NULL, "/p");
	char *folder = xasprintf("%s/file/stat", t->path);

	add(c, "a", &old, 1);
	stat_cache_close(c);
	tree_file(t, "file", "x");
	c = stat_cache_open(folder, "/p");
	add(c, "a", &old, 1);
	stat_cache_close(c);
	stat_cache_close(NULL);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_added_is_found_by_the_next_run),
		CASE(any_difference_in_the_stamp_counts),
		CASE(what_was_just_changed_is_not_remembered),
		CASE(a_damaged_table_is_as_none),
		CASE(a_part_of_a_project_does_not_forget_the_rest),
		CASE(files_that_are_gone_are_forgotten_at_last),
		CASE(old_tables_make_room),
		CASE(what_killed_runs_left_goes),
		CASE(without_a_folder_nothing_is_kept),
	};

	return cmocka_run_group_tests_name("stat_cache", tests, NULL, NULL);
}
