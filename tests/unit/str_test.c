#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static const struct str nothing = {0};

static void equality_and_order_are_by_bytes(void **state UNUSED)
{
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_eq(nothing, STR("")));
	assert_true(str_is(nothing, ""));
	assert_true(str_is(STR("abc"), "abc"));
	assert_false(str_is(STR("a\0"), "a"));
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_true(str_cmp(nothing, STR("a")) < 0);
	assert_int_equal(str_cmp(nothing, STR("")), 0);
	assert_int_equal(str_of(NULL).n, 0);
}

static void prefixes_and_suffixes_are_found(void **state UNUSED)
{
	assert_true(str_starts(STR("abc"), "ab"));
	assert_true(str_starts(STR("abc"), "abc"));
	assert_false(str_starts(STR("ab"), "abc"));
	assert_false(str_starts(STR("abc"), "bc"));
	assert_true(str_starts(nothing, ""));
	assert_false(str_starts(nothing, "a"));
	assert_true(str_ends(STR("abc"), "bc"));
	assert_false(str_ends(STR("bc"), "abc"));
	assert_false(str_ends(STR("abc"), "ab"));
	assert_true(str_ends(nothing, ""));
}

static void trimming_takes_white_space_off_both_ends(void **state UNUSED)
{
	assert_true(str_is(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
	assert_true(str_is(str_trim(STR("a")), "a"));
	assert_true(str_is(str_trim(STR(" \n ")), ""));
	assert_true(str_is(str_trim(nothing), ""));
	assert_true(str_eq(str_trim(STR(" \0 ")), STR("\0")));
}

static void rest_of_a_slice_never_leaves_it(void **state UNUSED)
{
	assert_true(str_is(str_from(STR("abc"), 1), "bc"));
	assert_true(str_is(str_from(STR("abc"), 3), ""));
	assert_true(str_is(str_from(STR("abc"), 99), ""));
	assert_true(str_is(str_from(nothing, 5), ""));
}

static void fields_are_split_at_each_separator(void **state UNUSED)
{
	static const struct {
		const char *text, *fields; /* each field between < and > */
	} cases[] = {
		{"a,b", "<a><b>"}, {"a,", "<a><>"},  {",", "<><>"},
		{"", "<>"},        {"abc", "<abc>"}, {",,a", "<><><a>"},
	};
	struct str rest, field;
	char got[64];
	size_t i, n;

	for (i = 0; i < countof(cases); i++) {
		rest = str_of(cases[i].text);
		for (n = 0; str_next(&rest, ',', &field);)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "<%.*s>",
					      STR_ARG(field));
		assert_string_equal(got, cases[i].fields);
		assert_false(str_next(&rest, ',', &field));
	}
	rest = nothing;
	assert_false(str_next(&rest, ',', &field));
}

static void unsigned_numbers_are_digits_that_fit(void **state UNUSED)
{
	static const char *const wrong[] = {
		"",
		"-1",
		"+1",
		" 1",
		"1 ",
		"0x1",
		"1.0",
		"1e3",
		"a",
		"1a",
		"18446744073709551616",
		"99999999999999999999999999",
	};
	uint64_t v;
	size_t i;

	assert_true(str_to_u64(STR("0"), &v) && v == 0);
	assert_true(str_to_u64(STR("007"), &v) && v == 7);
	assert_true(str_to_u64(STR("18446744073709551615"), &v) && v == UINT64_MAX);
	for (i = 0; i < countof(wrong); i++) {
		v = 77;
		assert_false(str_to_u64(str_of(wrong[i]), &v));
		assert_int_equal(v, 77);
	}
	assert_false(str_to_u64(nothing, &v));
	assert_false(str_to_u64(STR("1\0"), &v));
}

static void signed_numbers_reach_both_ends(void **state UNUSED)
{
	static const char *const wrong[] = {
		"", "-", "--1", "+1", "9223372036854775808", "-9223372036854775809", "- 1",
	};
	int64_t v;
	size_t i;

	assert_true(str_to_i64(STR("-0"), &v) && v == 0);
	assert_true(str_to_i64(STR("-12"), &v) && v == -12);
	assert_true(str_to_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
	assert_true(str_to_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
	for (i = 0; i < countof(wrong); i++)
		assert_false(str_to_i64(str_of(wrong[i]), &v));
}

static void sizes_may_have_a_unit(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t want;
	} rows[] = {
		{"0", 0},
		{"1500", 1500},
		{"2K", 2048},
		{"2k", 2048},
		{"500M", 524288000},
		{"4g", (uint64_t)4 << 30},
		{"1T", (uint64_t)1 << 40},
		{"16777215T", (uint64_t)16777215 << 40},
	};
	static const char *const wrong[] = {"",    "K",    "1B",   "1KB",      "-1",
					    "1 K", "1.5M", "much", "16777216T"};
	uint64_t v;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		assert_true(str_to_bytes(str_of(rows[i].text), &v));
		assert_int_equal(v, rows[i].want);
	}
	for (i = 0; i < countof(wrong); i++)
		assert_false(str_to_bytes(str_of(wrong[i]), &v));
}

static void near_misses_are_recognised(void **state UNUSED)
{
	static const char *const names[] = {"deploy", "environment", "limits",
					    "ls",     "main",        NULL};
	static const char *const cases[][2] = {
		{"deplyo", "deploy"},
		{"dpeloy", "deploy"},
		{"deploi", "deploy"},
		{"mian", "main"},
		{"enviroment", "environment"},
		{"limit", "limits"},
		{"sl", "ls"},
		{"l", "ls"},
		{"zzz", NULL},
		{"x", NULL},
		{"completely", NULL},
		{"", NULL},
	};
	const char *near;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		near = str_nearest(str_of(cases[i][0]), names);
		if (!cases[i][1])
			assert_null(near);
		else
			assert_string_equal(near, cases[i][1]);
	}
}

static void very_long_words_have_no_near_miss(void **state UNUSED)
{
	char word[66], candidate[67];
	const char *const names[] = {candidate, NULL};

	memset(word, 'a', sizeof(word));
	memset(candidate, 'a', sizeof(candidate));
	candidate[66] = '\0';
	assert_null(str_nearest((struct str){word, 65}, names));
	assert_null(str_nearest((struct str){word, 64}, names));
	candidate[64] = '\0';
	assert_ptr_equal(str_nearest((struct str){word, 64}, names), candidate);
}

static void long_slices_print_cut_not_negative(void **state UNUSED)
{
	struct str s = {"abc", (size_t)INT32_MAX + 10};
	char out[8];

	assert_int_equal(snprintf(out, sizeof(out), "%.*s", STR_ARG(s)), 3);
	assert_int_equal(snprintf(out, sizeof(out), "%.*s", STR_ARG(nothing)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_and_order_are_by_bytes),
		cmocka_unit_test(prefixes_and_suffixes_are_found),
		cmocka_unit_test(trimming_takes_white_space_off_both_ends),
		cmocka_unit_test(rest_of_a_slice_never_leaves_it),
		cmocka_unit_test(fields_are_split_at_each_separator),
		cmocka_unit_test(unsigned_numbers_are_digits_that_fit),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(sizes_may_have_a_unit),
		cmocka_unit_test(near_misses_are_recognised),
		cmocka_unit_test(very_long_words_have_no_near_miss),
		cmocka_unit_test(long_slices_print_cut_not_negative),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
