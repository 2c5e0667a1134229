#include "base/utf8.h"

#include "test.h"

static void every_length_is_recognised(void **state UNUSED)
{
	static const struct {
		const char *s;
		size_t n;
	} cases[] = {
		{"a", 1},
		{"\x7f", 1},
		{"\xc2\x80", 2},
		{"\xdf\xbf", 2},
		{"\xe0\xa0\x80", 3},
		{"\xed\x9f\xbf", 3},
		{"\xee\x80\x80", 3},
		{"\xef\xbf\xbf", 3},
		{"\xf0\x90\x80\x80", 4},
		{"\xf4\x8f\xbf\xbf", 4},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(utf8_sequence(str_of(cases[i].s)), cases[i].n);
		assert_int_equal(utf8_sequence((struct str){cases[i].s, cases[i].n - 1}), 0);
		assert_true(utf8_is_valid(str_of(cases[i].s)));
	}
	assert_int_equal(utf8_sequence(STR("\0")), 1);
	assert_true(utf8_is_valid((struct str){0}));
	assert_true(utf8_is_valid(STR("a\0\xc3\xa9z")));
}

static void every_malformed_class_is_refused(void **state UNUSED)
{
	static const char *const cases[] = {
		"\x80",                 /* a tail alone */
		"\xbf\x80",             /* two of them */
		"\xc0\x80",             /* overlong NUL */
		"\xc1\xbf",             /* overlong, two bytes */
		"\xe0\x9f\xbf",         /* overlong, three bytes */
		"\xf0\x8f\xbf\xbf",     /* overlong, four bytes */
		"\xed\xa0\x80",         /* first surrogate */
		"\xed\xbf\xbf",         /* last surrogate */
		"\xf4\x90\x80\x80",     /* U+110000 */
		"\xf5\x80\x80\x80",     /* beyond any plane */
		"\xf8\x88\x80\x80\x80", /* five bytes */
		"\xfe",                 /* never a byte of UTF-8 */
		"\xff",
		"\xc3",         /* cut off */
		"\xe2\x82",     /* cut off */
		"\xf0\x9f\x98", /* cut off */
		"\xc3(",        /* no tail */
		"\xe2\x28\xa1", /* no second */
		"\xe2\x82\x28", /* no third */
		"\xf0\x9f\x98\x28",
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		if (utf8_sequence(str_of(cases[i])) != 0)
			fail_msg("case %zu", i);
		assert_false(utf8_is_valid(str_of(cases[i])));
	}
	assert_false(utf8_is_valid(STR("abc\xff")));
}

static void assert_cleaned(struct str s, const char *clean, const char *printable)
{
	struct strbuf b = STRBUF_INIT;

	utf8_add_clean(&b, s);
	assert_true(str_is(strbuf_str(&b), clean));
	assert_true(utf8_is_valid(strbuf_str(&b)));
	strbuf_reset(&b);
	utf8_add_printable(&b, s);
	assert_string_equal(b.buf, printable);
	strbuf_release(&b);
}

static void broken_bytes_are_replaced_one_by_one(void **state UNUSED)
{
	assert_cleaned(STR("a\xff"
			   "b"),
		       "a\xef\xbf\xbd"
		       "b",
		       "a\xef\xbf\xbd"
		       "b");
	assert_cleaned(STR("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_cleaned(STR("\xc3\xa9\xc3"), "\xc3\xa9\xef\xbf\xbd", "\xc3\xa9\xef\xbf\xbd");
	assert_cleaned((struct str){0}, "", "");
}

static void control_characters_become_visible(void **state UNUSED)
{
	assert_cleaned(STR("\x1b[31m\r\n\t\x7f"), "\x1b[31m\r\n\t\x7f",
		       "\\x1b[31m\\x0d\\x0a\t\\x7f");
	assert_cleaned(STR("\xc2\x9b\xc2\xa0"), "\xc2\x9b\xc2\xa0", "\\x9b\xc2\xa0");
}

static void nul_is_kept_clean_and_shown_printable(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	utf8_add_clean(&b, STR("a\0b"));
	assert_true(str_eq(strbuf_str(&b), STR("a\0b")));
	strbuf_reset(&b);
	utf8_add_printable(&b, STR("a\0b"));
	assert_string_equal(b.buf, "a\\x00b");
	strbuf_release(&b);
}

static void code_points_are_encoded(void **state UNUSED)
{
	static const struct {
		uint32_t cp;
		const char *s;
	} cases[] = {
		{'a', "a"},
		{0x7f, "\x7f"},
		{0x80, "\xc2\x80"},
		{0x7ff, "\xdf\xbf"},
		{0x800, "\xe0\xa0\x80"},
		{0xffff, "\xef\xbf\xbf"},
		{0x10000, "\xf0\x90\x80\x80"},
		{0x10ffff, "\xf4\x8f\xbf\xbf"},
	};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		strbuf_reset(&b);
		utf8_add_codepoint(&b, cases[i].cp);
		assert_string_equal(b.buf, cases[i].s);
	}
	strbuf_release(&b);
}

static void columns_are_those_of_the_printable_text(void **state UNUSED)
{
	static const struct {
		const char *s;
		size_t columns;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"a\tb", 3},
		{"\x1b", 4},
		{"\x7f\xc2\x9b", 8},
		{"\xff", 1},
		{"\xc3\xa9t\xc3\xa9", 3},
		{"e\xcc\x81", 1},                /* combining acute */
		{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* two ideographs */
		{"\xea\xb0\x80", 2},             /* a Hangul syllable */
		{"\xef\xbc\xa1", 2},             /* full-width A */
		{"\xf0\x9f\x98\x80", 2},         /* a face */
		{"\xf0\x9f\x9a\x80", 2},         /* a rocket */
		{"\xe2\x9c\x93", 1},             /* a check mark */
		{"\xf0\x9d\x84\x9e", 1},         /* a clef */
		{"\xf4\x8f\xbf\xbf", 1},         /* the last of all */
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		if (utf8_columns(str_of(cases[i].s)) != cases[i].columns)
			fail_msg("case %zu: %zu", i, utf8_columns(str_of(cases[i].s)));
}

static void a_cut_keeps_characters_whole(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t most, kept;
	} rows[] = {
		{"", 0, 0},
		{"ab", 2, 2},
		{"ab", 1, 1},
		{"a\xc3\xa4", 2, 1},
		{"a\xc3\xa4z", 3, 3},
		{"\xf0\x9f\x98\x80", 3, 0},
		{"\x80\x80\x80", 2, 0}, /* no characters at all */
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_int_equal(utf8_cut(str_of(rows[i].text), rows[i].most).n, rows[i].kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_recognised),
		cmocka_unit_test(every_malformed_class_is_refused),
		cmocka_unit_test(broken_bytes_are_replaced_one_by_one),
		cmocka_unit_test(control_characters_become_visible),
		cmocka_unit_test(nul_is_kept_clean_and_shown_printable),
		cmocka_unit_test(code_points_are_encoded),
		cmocka_unit_test(a_cut_keeps_characters_whole),
		cmocka_unit_test(columns_are_those_of_the_printable_text),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
