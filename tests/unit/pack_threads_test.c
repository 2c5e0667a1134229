/* The same bytes whoever packs: with any number of threads, for trees of any shape. */
#include <locale.h>
#include <stdio.h>

#include "pack/make.h"
#include "tree.h"
#include "zip/zip.h"

struct fixture {
	struct tree *tree;
	struct loop *loop;
	struct project project;
	struct package package;
	struct function function;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	void *tree = NULL;
	char *cache;

	if (tree_setup(&tree) < 0)
		return -1;
	f->tree = tree;
	f->loop = loop_new();
	project_init(&f->project);
	f->project.root_fd = dup(f->tree->fd);
	f->project.real = f->tree->path;
	f->package.name = "p";
	f->function = (struct function){.name = "f",
					.package = &f->package,
					.runtime = "nodejs:18",
					.source_kind = SOURCE_FOLDER,
					.source = "packages/p/f"};
	tree_dirs(f->tree, "packages/p/f");
	cache = xasprintf("%s/cache", f->tree->path);
	setenv("XDG_CACHE_HOME", cache, 1);
	free(cache);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	project_release(&f->project);
	loop_free(f->loop);
	free(f);
	return tree_teardown(&tree);
}

/* n bytes that deflate shrinks a little. */
static void sized(struct fixture *f, const char *name, size_t n)
{
	char *path = xasprintf("packages/p/f/%s", name);
	uint64_t x = 88172645463325252u + n;
	struct strbuf text = STRBUF_INIT;

	while (text.len < n) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		strbuf_addc(&text, (char)(' ' + x % 90));
	}
	tree_file(f->tree, path, text.buf);
	strbuf_release(&text);
	free(path);
}

static int take(void *arg, struct str piece, struct err *e UNUSED)
{
	strbuf_addstr(arg, piece);
	return 0;
}

static void pack(struct fixture *f, unsigned threads, struct strbuf *code, struct artifact *a)
{
	struct packer k;
	struct err e = ERR_INIT;

	packer_init(&k, f->loop, &f->project, threads);
	packer_remember(&k);
	if (pack_function(&k, &f->function, a, &e) < 0)
		fail_msg("%s", e.msg);
	strbuf_reset(code);
	assert_int_equal(spool_each(&k.spool, a->at, a->bytes, take, code, &e), 0);
	packer_release(&k);
}

static int count(void *arg, const struct zip_entry *entry UNUSED, struct str data UNUSED,
		 struct err *e UNUSED)
{
	(*(size_t *)arg)++;
	return 0;
}

static void assert_same_with_all_threads(struct fixture *f, size_t files)
{
	static const unsigned threads[] = {1, 2, 8, 0};
	const struct zip_limits limits = {1 << 30, 1 << 20};
	struct strbuf first = STRBUF_INIT, again = STRBUF_INIT;
	struct artifact a = {0}, b = {0};
	struct err e = ERR_INIT;
	size_t i, seen = 0;

	pack(f, threads[0], &first, &a);
	assert_int_equal(a.files, files);
	assert_int_equal(zip_read(strbuf_str(&first), &limits, count, &seen, &e), 0);
	assert_int_equal(seen, files);
	for (i = 1; i < countof(threads); i++) {
		pack(f, threads[i], &again, &b);
		assert_int_equal(again.len, first.len);
		assert_memory_equal(again.buf, first.buf, first.len);
		assert_string_equal(a.digest, b.digest);
		artifact_release(&b);
	}
	artifact_release(&a);
	strbuf_release(&first);
	strbuf_release(&again);
}

static void empty_files(void **state)
{
	char name[32];
	int i;

	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "d%d/empty%d", i % 3, i);
		sized(*state, name, 0);
	}
	assert_same_with_all_threads(*state, 300);
}

static void one_huge_file_among_small_ones(void **state)
{
	char name[32];
	int i;

	sized(*state, "m-huge", 5000000);
	for (i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "%c%d", i % 2 ? 'a' : 'z', i);
		sized(*state, name, 20000);
	}
	assert_same_with_all_threads(*state, 41);
}

/* Shards end at half a mebibyte and at 128 files. */
static void sizes_just_at_the_borders(void **state)
{
	static const size_t sizes[] = {524288, 524287, 1,      524288, 0,
				       524289, 262144, 262144, 1,      262144};
	char name[32];
	size_t i;

	for (i = 0; i < countof(sizes); i++) {
		(void)snprintf(name, sizeof(name), "f%02zu", i);
		sized(*state, name, sizes[i]);
	}
	assert_same_with_all_threads(*state, countof(sizes));
}

static void numbers_of_files_just_at_the_borders(void **state)
{
	static const size_t numbers[] = {2, 127, 128, 129, 256, 257};
	size_t i, n = 0;
	char name[32];

	for (i = 0; i < countof(numbers); i++) {
		for (; n < numbers[i]; n++) {
			(void)snprintf(name, sizeof(name), "f%zu", n);
			sized(*state, name, n % 5);
		}
		assert_same_with_all_threads(*state, n);
	}
}

static void names_that_are_not_utf8(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	sized(*state, "caf\351", 1000);
	sized(*state, "gr\303\274n", 700000);
	sized(*state, "\377/\376", 700000);
	assert_same_with_all_threads(*state, 3);
	setlocale(LC_ALL, "C");
}

static void shards_of_nothing_are_none(void **state UNUSED)
{
	const struct filter_list empty = {0};
	size_t n = 7;
	struct shard *shards = shards_of(&empty, &n);

	assert_int_equal(n, 0);
	free(shards);
}

static void shards_follow_one_another(void **state UNUSED)
{
	struct filter_list list = {0};
	struct shard *shards;
	size_t i, n;

	for (i = 0; i < 1000; i++)
		vec_push(&list.files, ((struct filter_file){.size = i * 37 % 300000}));
	shards = shards_of(&list, &n);
	assert_true(n > 1000 / 128);
	for (i = 0; i < n; i++) {
		assert_int_equal(shards[i].from, i ? shards[i - 1].to : 0);
		assert_true(shards[i].to > shards[i].from);
	}
	assert_int_equal(shards[n - 1].to, 1000);
	free(shards);
	filter_list_release(&list);
}

/* Makes the time stamps older, so that they say enough about a file. */
static void age(struct fixture *f, const char *name)
{
	const struct timespec times[] = {{1600000000, 5}, {1600000000, 5}};
	char *path = xasprintf("packages/p/f/%s", name);

	assert_int_equal(utimensat(f->tree->fd, path, times, 0), 0);
	free(path);
}

static void content(struct fixture *f, char hex[SHA256_HEX])
{
	struct err e = ERR_INIT;
	struct artifact a;
	struct packer k;

	packer_init(&k, f->loop, &f->project, 2);
	packer_remember(&k);
	if (pack_read(&k, &f->function, &a, &e) < 0)
		fail_msg("%s", e.msg);
	memcpy(hex, a.content, SHA256_HEX);
	artifact_release(&a);
	packer_release(&k);
}

static void the_content_is_names_modes_and_bytes(void **state)
{
	char first[SHA256_HEX], now[SHA256_HEX];
	struct fixture *f = *state;

	sized(f, "a", 400000);
	sized(f, "b", 10);
	content(f, first);
	age(f, "a");
	content(f, now);
	assert_string_equal(first, now);
	assert_int_equal(fchmodat(f->tree->fd, "packages/p/f/a", 0755, 0), 0);
	content(f, now);
	assert_string_not_equal(first, now);
	assert_int_equal(fchmodat(f->tree->fd, "packages/p/f/a", 0600, 0), 0);
	content(f, now);
	assert_string_equal(first, now);
	assert_int_equal(renameat(f->tree->fd, "packages/p/f/b", f->tree->fd, "packages/p/f/c"),
			 0);
	content(f, now);
	assert_string_not_equal(first, now);
	assert_int_equal(renameat(f->tree->fd, "packages/p/f/c", f->tree->fd, "packages/p/f/b"),
			 0);
	content(f, now);
	assert_string_equal(first, now);
}

static void another_content_under_an_old_time_stamp_is_noticed(void **state)
{
	char first[SHA256_HEX], now[SHA256_HEX];
	struct fixture *f = *state;

	sized(f, "a", 9);
	tree_file(f->tree, "packages/p/f/b", "one");
	age(f, "b");
	content(f, first);
	content(f, now);
	assert_string_equal(first, now);
	tree_file(f->tree, "packages/p/f/b", "two");
	age(f, "b");
	content(f, now);
	assert_string_not_equal(first, now);
}

static void a_file_that_changes_between_reading_and_packing_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct artifact a;
	struct packer k;

	sized(f, "a", 9);
	sized(f, "b", 9);
	packer_init(&k, f->loop, &f->project, 2);
	packer_remember(&k);
	assert_int_equal(pack_read(&k, &f->function, &a, &e), 0);
	age(f, "b");
	assert_int_equal(pack_make(&k, &f->function, &a, &e), -1);
	assert_int_equal(e.code, ERR_PROJECT);
	assert_string_equal(e.msg,
			    "packing 'packages/p/f': 'packages/p/f/b' changed while it was "
			    "read; try again when nothing writes to it");
	err_clear(&e);
	artifact_release(&a);
	packer_release(&k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_files),
		TEST(one_huge_file_among_small_ones),
		TEST(sizes_just_at_the_borders),
		TEST(numbers_of_files_just_at_the_borders),
		TEST(names_that_are_not_utf8),
		cmocka_unit_test(shards_of_nothing_are_none),
		cmocka_unit_test(shards_follow_one_another),
		TEST(the_content_is_names_modes_and_bytes),
		TEST(another_content_under_an_old_time_stamp_is_noticed),
		TEST(a_file_that_changes_between_reading_and_packing_is_an_error),
	};

	return cmocka_run_group_tests_name("pack_threads", tests, NULL, NULL);
}
