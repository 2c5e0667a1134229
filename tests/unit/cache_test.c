#include "cache/cache.h"

#include <sys/wait.h>
#include <time.h>

#include "base/strbuf.h"
#include "test.h"
#include "tree.h"

static const struct cache_kind things = {.name = "things", .bounded = true};
static const struct cache_kind notes = {.name = "notes", .bounded = false};

static struct tree *tree;
static struct cache *cache;

static void place_at(const char *below)
{
	char *path = xasprintf("%s/%s", tree->path, below);

	setenv("DOFN_CACHE", path, 1);
	free(path);
}

static int set_up(void **state)
{
	struct err e = ERR_INIT;
	void *made = NULL;

	if (tree_setup(&made) < 0)
		return -1;
	tree = made;
	*state = made;
	unsetenv("DOFN_CACHE_MAX");
	place_at("deep/cache");
	cache = cache_open(&e);
	return cache ? 0 : -1;
}

static int tear_down(void **state)
{
	cache_close(cache);
	cache = NULL;
	unsetenv("DOFN_CACHE");
	unsetenv("DOFN_CACHE_MAX");
	return tree_teardown(state);
}

static void reopen(void)
{
	struct err e = ERR_INIT;

	cache_close(cache);
	cache = cache_open(&e);
	if (!cache)
		fail_msg("%s", e.msg);
}

static const char *id_of(char c)
{
	static char id[SHA256_HEX];

	memset(id, c, SHA256_HEX - 1);
	return id;
}

static void put(const struct cache_kind *kind, char c, const char *text)
{
	struct err e = ERR_INIT;

	if (cache_write(cache, kind, id_of(c), str_of(text), &e) < 0)
		fail_msg("%s", e.msg);
}

/* The entry used so many seconds ago. */
static void age(const char *root, const char *kind, char c, time_t seconds)
{
	struct timespec times[2] = {{time(NULL) - seconds, 0}, {time(NULL) - seconds, 0}};
	char *path = xasprintf("deep/cache/%s/%s/%s", root, kind, id_of(c));

	assert_int_equal(utimensat(tree->fd, path, times, 0), 0);
	free(path);
}

static bool holds(const struct cache_kind *kind, char c, const char *text)
{
	struct strbuf out = STRBUF_INIT;
	bool right =
		cache_read(cache, kind, id_of(c), 1000, &out) && strcmp(out.buf, text) == 0;

	strbuf_release(&out);
	return right;
}

static void what_was_written_is_read(void **state UNUSED)
{
	assert_int_equal(cache_get(cache, &things, id_of('a')), -1);
	put(&things, 'a', "first");
	put(&notes, 'a', "note");
	assert_true(holds(&things, 'a', "first"));
	assert_true(holds(&notes, 'a', "note"));
	put(&things, 'a', "second");
	assert_true(holds(&things, 'a', "second"));
	cache_remove(cache, &things, id_of('a'));
	assert_false(holds(&things, 'a', "second"));
	assert_true(holds(&notes, 'a', "note"));
}

static void what_is_larger_than_asked_for_is_none(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;

	put(&things, 'a', "12345");
	assert_false(cache_read(cache, &things, id_of('a'), 4, &out));
	assert_int_equal(out.len, 0);
	assert_true(cache_read(cache, &things, id_of('a'), 5, &out));
	strbuf_release(&out);
}

static void the_folder_is_for_its_owner_only(void **state UNUSED)
{
	struct stat st;

	put(&things, 'a', "x");
	assert_int_equal(fstatat(tree->fd, "deep/cache", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fstatat(tree->fd, "deep/cache/entries/things", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void an_entry_that_is_not_finished_is_none(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct cache_new n;

	assert_int_equal(cache_new_begin(cache, &n, &e), 0);
	assert_int_equal(write(n.fd, "half", 4), 4);
	assert_int_equal(cache_get(cache, &things, id_of('a')), -1);
	cache_new_abort(cache, &n);
	assert_int_equal(cache_new_begin(cache, &n, &e), 0);
	assert_int_equal(write(n.fd, "whole", 5), 5);
	assert_int_equal(cache_new_commit(cache, &n, &things, id_of('a'), &e), 0);
	assert_true(holds(&things, 'a', "whole"));
}

static void a_reader_keeps_what_is_removed(void **state UNUSED)
{
	struct cache_usage removed;
	struct err e = ERR_INIT;
	char text[8] = {0};
	int fd;

	put(&things, 'a', "first");
	fd = cache_get(cache, &things, id_of('a'));
	assert_true(fd >= 0);
	assert_int_equal(cache_clear(cache, &removed, &e), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "first");
	(void)close(fd);
}

static void the_least_recently_used_go_first(void **state UNUSED)
{
	struct cache_usage removed;
	struct err e = ERR_INIT;

	setenv("DOFN_CACHE_MAX", "10", 1);
	reopen();
	put(&things, 'a', "1234");
	put(&things, 'b', "1234");
	put(&things, 'c', "1234");
	age("entries", "things", 'a', 300);
	age("entries", "things", 'b', 200);
	age("entries", "things", 'c', 100);
	assert_true(holds(&things, 'a', "1234")); /* used now */
	assert_int_equal(cache_trim(cache, &removed, &e), 0);
	assert_int_equal(removed.entries, 1);
	assert_int_equal(removed.bytes, 4);
	assert_true(holds(&things, 'a', "1234"));
	assert_false(holds(&things, 'b', "1234"));
	assert_true(holds(&things, 'c', "1234"));
	assert_int_equal(cache_trim(cache, &removed, &e), 0);
	assert_int_equal(removed.entries, 0);
}

static void notes_go_when_they_are_old(void **state UNUSED)
{
	struct cache_usage removed;
	struct err e = ERR_INIT;

	put(&notes, 'a', "old");
	put(&notes, 'b', "young");
	put(&things, 'a', "old, but it fits");
	age("notes", "notes", 'a', 91 * 24 * 3600);
	age("notes", "notes", 'b', 89 * 24 * 3600);
	age("entries", "things", 'a', 91 * 24 * 3600);
	assert_int_equal(cache_trim(cache, &removed, &e), 0);
	assert_false(holds(&notes, 'a', "old"));
	assert_true(holds(&notes, 'b', "young"));
	assert_true(holds(&things, 'a', "old, but it fits"));
}

static void leftovers_of_dead_processes_go(void **state UNUSED)
{
	struct timespec times[2] = {{time(NULL) - 90000, 0}, {time(NULL) - 90000, 0}};
	struct cache_usage removed;
	struct err e = ERR_INIT;

	tree_file(tree, "deep/cache/new/0123456789abcdef", "half");
	tree_file(tree, "deep/cache/new/0123456789abcdee", "under way");
	assert_int_equal(utimensat(tree->fd, "deep/cache/new/0123456789abcdef", times, 0), 0);
	assert_int_equal(cache_trim(cache, &removed, &e), 0);
	assert_int_equal(faccessat(tree->fd, "deep/cache/new/0123456789abcdef", F_OK, 0), -1);
	assert_int_equal(faccessat(tree->fd, "deep/cache/new/0123456789abcdee", F_OK, 0), 0);
}

static void locks_of_dead_processes_go(void **state UNUSED)
{
	static const char dead[] = "deep/cache/locks/build-dead";
	static const char held[] = "deep/cache/locks/build-held";
	static const char young[] = "deep/cache/locks/build-young";
	struct timespec times[2] = {{time(NULL) - 90000, 0}, {time(NULL) - 90000, 0}};
	struct cache_usage removed;
	struct cache_lock lock;
	struct err e = ERR_INIT;

	tree_file(tree, dead, "");
	tree_file(tree, young, "");
	assert_int_equal(cache_try_lock(cache, "build", "held", &lock, &e), 1);
	assert_int_equal(utimensat(tree->fd, dead, times, 0), 0);
	assert_int_equal(utimensat(tree->fd, held, times, 0), 0);
	assert_int_equal(cache_trim(cache, &removed, &e), 0);
	assert_int_equal(faccessat(tree->fd, dead, F_OK, 0), -1);
	assert_int_equal(faccessat(tree->fd, held, F_OK, 0), 0);
	assert_int_equal(faccessat(tree->fd, young, F_OK, 0), 0);
	cache_unlock(cache, &lock);
}

static void clearing_removes_entries_and_begins_a_generation(void **state UNUSED)
{
	struct cache_usage usage;
	struct err e = ERR_INIT;
	char *before = xstrdup(cache_generation(cache));

	assert_string_equal(before, "");
	put(&things, 'a', "1234");
	put(&things, 'b', "56");
	put(&notes, 'a', "note");
	assert_int_equal(cache_usage(cache, &usage, &e), 0);
	assert_int_equal(usage.entries, 2);
	assert_int_equal(usage.bytes, 6);
	assert_int_equal(cache_clear(cache, &usage, &e), 0);
	assert_int_equal(usage.entries, 2);
	assert_int_equal(usage.bytes, 6);
	assert_string_not_equal(cache_generation(cache), before);
	free(before);
	before = xstrdup(cache_generation(cache));
	reopen();
	assert_string_equal(cache_generation(cache), before);
	free(before);
	assert_true(holds(&notes, 'a', "note"));
	assert_int_equal(cache_usage(cache, &usage, &e), 0);
	assert_int_equal(usage.entries, 0);
}

static void two_names_of_one_entry_take_its_room_once(void **state UNUSED)
{
	char first[SHA256_HEX] = {0};
	struct cache_usage usage;
	struct err e = ERR_INIT;

	put(&things, 'a', "1234");
	put(&things, 'b', "other");
	memset(first, 'a', SHA256_HEX - 1);
	cache_alias(cache, &things, first, id_of('b'));
	cache_alias(cache, &things, id_of('x'), first); /* of nothing */
	assert_true(holds(&things, 'b', "1234"));
	assert_true(holds(&things, 'a', "1234"));
	assert_int_equal(cache_usage(cache, &usage, &e), 0);
	assert_int_equal(usage.bytes, 4);
}

static void a_lock_is_for_one_at_a_time(void **state UNUSED)
{
	struct cache_lock one, two, other;
	struct err e = ERR_INIT;

	assert_int_equal(cache_try_lock(cache, "build", id_of('a'), &one, &e), 1);
	assert_int_equal(cache_try_lock(cache, "build", id_of('a'), &two, &e), 0);
	assert_int_equal(cache_try_lock(cache, "folder", id_of('a'), &other, &e), 1);
	cache_unlock(cache, &one);
	assert_int_equal(cache_try_lock(cache, "build", id_of('a'), &two, &e), 1);
	cache_unlock(cache, &two);
	cache_unlock(cache, &two); /* again: nothing */
	cache_unlock(cache, &other);
}

static void the_lock_of_a_dead_process_is_free(void **state UNUSED)
{
	struct cache_lock lock;
	struct err e = ERR_INIT;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(cache_try_lock(cache, "build", id_of('a'), &lock, &e) == 1 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(cache_try_lock(cache, "build", id_of('a'), &lock, &e), 1);
	cache_unlock(cache, &lock);
}

static void limits_are_sizes(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t bytes; /* 0: none */
	} cases[] = {
		{"", (uint64_t)2 << 30},
		{"100", 100},
		{"1k", 1024},
		{"500M", (uint64_t)500 << 20},
		{"4G", (uint64_t)4 << 30},
		{"2T", (uint64_t)2 << 40},
		{"G", 0},
		{"4GB", 0},
		{"-1", 0},
		{"1.5G", 0},
		{"18446744073709551615K", 0},
		{" 1", 0},
	};
	struct err e = ERR_INIT;
	struct cache *c;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		setenv("DOFN_CACHE_MAX", cases[i].text, 1);
		c = cache_open(&e);
		if ((c ? cache_limit(c) : 0) != cases[i].bytes)
			fail_msg("'%s'", cases[i].text);
		if (!c) {
			assert_int_equal(e.code, ERR_USAGE);
			assert_non_null(strstr(e.msg, "give it one such as '500M'"));
		}
		err_clear(&e);
		cache_close(c);
	}
}

static void assert_refused(enum err_code code, const char *part)
{
	struct err e = ERR_INIT;

	assert_null(cache_open(&e));
	assert_int_equal(e.code, code);
	if (!strstr(e.msg, part))
		fail_msg("%s", e.msg);
	err_clear(&e);
}

static void places_that_are_no_good_are_refused(void **state UNUSED)
{
	setenv("DOFN_CACHE", "relative/place", 1);
	assert_refused(ERR_USAGE, "give it an absolute path");
	tree_file(tree, "file", "");
	place_at("file");
	assert_refused(ERR_SYSTEM, "cannot make the folder");
	tree_dirs(tree, "open");
	assert_int_equal(fchmodat(tree->fd, "open", 0777, 0), 0);
	place_at("open");
	assert_refused(ERR_SYSTEM, "others may write to");
	if (geteuid() == 0) {
		tree_dirs(tree, "theirs");
		assert_int_equal(fchownat(tree->fd, "theirs", 65534, 65534, 0), 0);
		place_at("theirs");
		assert_refused(ERR_SYSTEM, "belongs to another user");
	}
}

static bool is_refused(const struct tree *t UNUSED)
{
	struct err e = ERR_INIT;
	struct cache *c = cache_open(&e);
	bool refused = !c && e.code == ERR_SYSTEM;

	err_clear(&e);
	cache_close(c);
	return refused;
}

static void a_place_that_cannot_be_written_is_refused(void **state UNUSED)
{
	tree_dirs(tree, "fixed");
	assert_int_equal(fchmodat(tree->fd, "fixed", 0555, 0), 0);
	place_at("fixed/cache");
	assert_true(tree_as_user(is_refused, tree));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(what_is_larger_than_asked_for_is_none),
		TEST(the_folder_is_for_its_owner_only),
		TEST(an_entry_that_is_not_finished_is_none),
		TEST(a_reader_keeps_what_is_removed),
		TEST(the_least_recently_used_go_first),
		TEST(notes_go_when_they_are_old),
		TEST(leftovers_of_dead_processes_go),
		TEST(locks_of_dead_processes_go),
		TEST(clearing_removes_entries_and_begins_a_generation),
		TEST(two_names_of_one_entry_take_its_room_once),
		TEST(a_lock_is_for_one_at_a_time),
		TEST(the_lock_of_a_dead_process_is_free),
		TEST(limits_are_sizes),
		TEST(places_that_are_no_good_are_refused),
		TEST(a_place_that_cannot_be_written_is_refused),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
