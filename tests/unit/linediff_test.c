#include "linediff/linediff.h"

#include <stdlib.h>

#include "patching.h"
#include "test.h"

static void assert_diff(const char *before, const char *after, size_t context, const char *want)
{
	struct strbuf out = STRBUF_INIT;

	linediff_unified(&out, str_of(before), str_of(after), context);
	assert_string_equal(out.buf, want);
	strbuf_release(&out);
}

static void hunks_are_those_of_diff(void **state UNUSED)
{
	static const struct {
		const char *before, *after, *want;
	} rows[] = {
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{"", "a\n", "@@ -0,0 +1 @@\n+a\n"},
		{"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"a\nb\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n b\n+c\n"},
		{"b\n", "a\nb\n", "@@ -1 +1,2 @@\n+a\n b\n"},
		{"a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{"a\n", "b", "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n"},
		{"a\nz", "b\nz", "@@ -1,2 +1,2 @@\n-a\n+b\n z\n\\ No newline at end of file\n"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_diff(rows[i].before, rows[i].after, 3, rows[i].want);
}

static void context_is_as_wide_as_asked(void **state UNUSED)
{
	assert_diff("1\n2\n3\n4\n5\n", "1\n2\nx\n4\n5\n", 1,
		    "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n");
	assert_diff("1\n2\n3\n", "1\n3\n", 0, "@@ -2 +1,0 @@\n-2\n");
}

static void changes_near_each_other_are_one_hunk(void **state UNUSED)
{
	assert_diff("a\n1\n2\nb\n", "A\n1\n2\nB\n", 1,
		    "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n");
	assert_diff("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1,
		    "@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B\n");
}

static void bytes_of_any_value_are_kept(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;

	linediff_unified(&out, (struct str){"a\0b\n", 4}, (struct str){"a\0c\r\n", 5}, 3);
	assert_int_equal(out.len, 23);
	assert_memory_equal(out.buf, "@@ -1 +1 @@\n-a\0b\n+a\0c\r\n", 23);
	strbuf_release(&out);
}

/* Numbers that are the same in every run. */
static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* Lines of few kinds, so that much is alike; the last one may have no end. */
static void make_text(struct strbuf *out, unsigned *seed, unsigned lines, unsigned kinds)
{
	unsigned i, n = next(seed) % (lines + 1);

	for (i = 0; i < n; i++)
		strbuf_addf(out, "%u\n", next(seed) % kinds);
	if (out->len && next(seed) % 4 == 0)
		out->len--;
}

static size_t count_changes(struct str patch)
{
	size_t n = 0;

	while (patch.n) {
		struct str line = patching_line(&patch);

		n += line.p[0] == '-' || line.p[0] == '+';
	}
	return n;
}

enum { SMALL = 40 };

/* By the table that needs the product of both in memory. */
static size_t fewest_changes(struct str a, struct str b)
{
	size_t table[SMALL + 1][SMALL + 1] = {{0}}, x, y, n = 0, m = 0;
	struct str as[SMALL], bs[SMALL];

	while (a.n)
		as[n++] = patching_line(&a);
	while (b.n)
		bs[m++] = patching_line(&b);
	for (x = 1; x <= n; x++)
		for (y = 1; y <= m; y++) {
			size_t up = table[x - 1][y], left = table[x][y - 1];

			table[x][y] = str_eq(as[x - 1], bs[y - 1]) ? table[x - 1][y - 1] + 1
				      : up > left                  ? up
								   : left;
		}
	return n + m - 2 * table[n][m];
}

static void assert_applies(struct str before, struct str after, struct str patch)
{
	struct strbuf made = STRBUF_INIT;

	assert_true(patching_apply(&made, before, patch));
	assert_int_equal(made.len, after.n);
	assert_memory_equal(made.buf, after.p, after.n);
	strbuf_release(&made);
}

static void patches_apply_and_are_as_short_as_can_be(void **state UNUSED)
{
	unsigned seed = 1, round;

	for (round = 0; round < 3000; round++) {
		struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, patch = STRBUF_INIT;

		make_text(&a, &seed, SMALL, 2 + round % 9);
		make_text(&b, &seed, SMALL, 2 + round % 9);
		linediff_unified(&patch, strbuf_str(&a), strbuf_str(&b), round % 5);
		assert_applies(strbuf_str(&a), strbuf_str(&b), strbuf_str(&patch));
		assert_int_equal(count_changes(strbuf_str(&patch)),
				 fewest_changes(strbuf_str(&a), strbuf_str(&b)));
		strbuf_release(&a);
		strbuf_release(&b);
		strbuf_release(&patch);
	}
}

/* Nothing in common but order, and everything in common but order. */
static void texts_without_much_in_common_are_replaced_soon(void **state UNUSED)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, patch = STRBUF_INIT;
	unsigned i;

	for (i = 0; i < 60000; i++) {
		strbuf_addf(&a, "%u\n", i);
		strbuf_addf(&b, "%u\n", 60000 - i);
	}
	linediff_unified(&patch, strbuf_str(&a), strbuf_str(&b), 3);
	assert_applies(strbuf_str(&a), strbuf_str(&b), strbuf_str(&patch));
	strbuf_release(&a);
	strbuf_release(&b);
	strbuf_release(&patch);
}

static void what_is_too_long_does_not_fit(void **state UNUSED)
{
	char *text = xcalloc(LINEDIFF_MAX_BYTES + 1, 1);

	memset(text, 'x', LINEDIFF_MAX_BYTES + 1);
	assert_true(linediff_fits((struct str){text, LINEDIFF_MAX_BYTES}));
	assert_false(linediff_fits((struct str){text, LINEDIFF_MAX_BYTES + 1}));
	memset(text, '\n', LINEDIFF_MAX_LINES + 1);
	assert_true(linediff_fits((struct str){text, LINEDIFF_MAX_LINES}));
	assert_false(linediff_fits((struct str){text, LINEDIFF_MAX_LINES + 1}));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hunks_are_those_of_diff),
		cmocka_unit_test(context_is_as_wide_as_asked),
		cmocka_unit_test(changes_near_each_other_are_one_hunk),
		cmocka_unit_test(bytes_of_any_value_are_kept),
		cmocka_unit_test(patches_apply_and_are_as_short_as_can_be),
		cmocka_unit_test(texts_without_much_in_common_are_replaced_soon),
		cmocka_unit_test(what_is_too_long_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
