#include "fs/spool.h"

#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

static void add(struct spool *s, const char *text)
{
	struct err e = ERR_INIT;

	if (spool_add(s, text, strlen(text), &e) < 0)
		fail_msg("%s", e.msg);
}

static void assert_bytes(const struct spool *s, uint64_t at, const char *want)
{
	struct err e = ERR_INIT;
	char got[64];

	assert_int_equal(spool_read(s, at, got, strlen(want), &e), 0);
	assert_memory_equal(got, want, strlen(want));
}

static void few_bytes_stay_in_memory_and_many_go_to_a_file(void **state)
{
	const struct tree *t = *state;
	char *folder = xasprintf("%s/cache/dofn", t->path);
	struct spool s;

	spool_init(&s, folder, 8);
	add(&s, "12345678");
	assert_int_equal(s.fd, -1);
	assert_bytes(&s, 2, "345678");
	add(&s, "9");
	assert_true(s.fd >= 0);
	assert_int_equal(s.n, 9);
	assert_bytes(&s, 0, "123456789");
	add(&s, "abc");
	assert_bytes(&s, 7, "89abc");
	spool_release(&s);
	free(folder);
}

static void the_file_has_no_name(void **state)
{
	const struct tree *t = *state;
	char *folder = xasprintf("%s/new", t->path);
	struct err e = ERR_INIT;
	struct spool s;

	spool_init(&s, folder, 0);
	add(&s, "x");
	assert_int_equal(rmdir(folder), 0); /* so it is empty */
	assert_int_equal(fs_make_dirs(AT_FDCWD, folder, 0700, &e), 0);
	assert_bytes(&s, 0, "x");
	spool_release(&s);
	spool_release(&s);
	free(folder);
}

static void without_a_folder_that_can_be_written_the_file_is_elsewhere(void **state)
{
	const struct tree *t = *state;
	const char *tmp = getenv("TMPDIR");
	char *before = tmp ? xstrdup(tmp) : NULL, *folder = xasprintf("%s/file/x", t->path);
	struct err e = ERR_INIT;
	struct spool s;

	tree_file(t, "file", "no folder");
	spool_init(&s, folder, 0);
	add(&s, "text");
	assert_bytes(&s, 0, "text");
	spool_release(&s);
	setenv("TMPDIR", folder, 1);
	spool_init(&s, NULL, 0);
	assert_int_equal(spool_add(&s, "x", 1, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "TMPDIR"));
	err_clear(&e);
	setenv("TMPDIR", "relative", 1); /* counts as none */
	add(&s, "y");
	spool_release(&s);
	if (before)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
	free(before);
	free(folder);
}

static int count(void *arg, struct str piece, struct err *e UNUSED)
{
	strbuf_addstr(arg, piece);
	return 0;
}

static int refuse(void *arg UNUSED, struct str piece UNUSED, struct err *e)
{
	return err_set(e, ERR_SYSTEM, "enough");
}

static void a_range_comes_in_pieces(void **state)
{
	const struct tree *t = *state;
	struct strbuf all = STRBUF_INIT, got = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct spool s;
	size_t i, keep;

	for (i = 0; i < 20000; i++)
		strbuf_addf(&all, "line %zu\n", i);
	for (keep = 0; keep <= 1 << 20; keep += 1 << 20) {
		strbuf_reset(&got);
		spool_init(&s, t->path, keep);
		add(&s, all.buf);
		assert_int_equal(spool_each(&s, 5, all.len - 7, count, &got, &e), 0);
		assert_int_equal(got.len, all.len - 7);
		assert_memory_equal(got.buf, all.buf + 5, got.len);
		assert_int_equal(spool_each(&s, 0, 0, refuse, NULL, &e), 0);
		assert_int_equal(spool_each(&s, 0, 1, refuse, NULL, &e), -1);
		assert_string_equal(e.msg, "enough");
		err_clear(&e);
		spool_release(&s);
	}
	strbuf_release(&all);
	strbuf_release(&got);
}

static void a_view_shows_any_range(void **state)
{
	const struct tree *t = *state;
	struct strbuf all = STRBUF_INIT;
	struct spool_view view;
	struct err e = ERR_INIT;
	struct spool s;
	size_t i, keep;

	for (i = 0; i < 3000; i++)
		strbuf_addf(&all, "line %zu\n", i);
	for (keep = 0; keep <= 1 << 20; keep += 1 << 20) {
		spool_init(&s, t->path, keep);
		add(&s, all.buf);
		for (i = 0; i < all.len; i += 4099) {
			assert_int_equal(spool_view(&s, i, all.len - i, &view, &e), 0);
			assert_int_equal(view.bytes.n, all.len - i);
			assert_memory_equal(view.bytes.p, all.buf + i, view.bytes.n);
			spool_view_release(&view);
		}
		assert_int_equal(spool_view(&s, all.len, 0, &view, &e), 0);
		assert_int_equal(view.bytes.n, 0);
		spool_view_release(&view);
		spool_view_release(&view);
		spool_release(&s);
	}
	strbuf_release(&all);
}

static void after_a_reset_it_begins_anew(void **state)
{
	const struct tree *t = *state;
	struct spool s;

	spool_init(&s, t->path, 4);
	add(&s, "long enough");
	spool_reset(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.fd, -1);
	add(&s, "ab");
	assert_bytes(&s, 0, "ab");
	spool_reset(&s);
	add(&s, "cd");
	assert_bytes(&s, 0, "cd");
	spool_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(few_bytes_stay_in_memory_and_many_go_to_a_file),
		CASE(the_file_has_no_name),
		CASE(without_a_folder_that_can_be_written_the_file_is_elsewhere),
		CASE(a_range_comes_in_pieces),
		CASE(a_view_shows_any_range),
		CASE(after_a_reset_it_begins_anew),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
