#include "httpd/httpd.h"
#include "test.h"

static void escapes_are_decoded_and_broken_ones_stay(void **state UNUSED)
{
	static const struct {
		struct str in;
		bool plus;
		struct str out;
	} rows[] = {
		{STR(""), true, STR("")},
		{STR("plain"), true, STR("plain")},
		{STR("a+b"), true, STR("a b")},
		{STR("a+b"), false, STR("a+b")},
		{STR("%2B%2b"), true, STR("++")},
		{STR("%41%7a%00%fF"), false, STR("Az\0\xff")},
		{STR("%2541"), false, STR("%41")},
		{STR("%"), false, STR("%")},
		{STR("%4"), false, STR("%4")},
		{STR("%g1%1g%%41"), false, STR("%g1%1g%A")},
		{STR("a\0b%2F"), false, STR("a\0b/")},
	};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		strbuf_reset(&b);
		httpd_decode(&b, rows[i].in, rows[i].plus);
		if (!str_eq(strbuf_str(&b), rows[i].out))
			fail_msg("row %zu: %s", i, b.buf);
	}
	strbuf_release(&b);
}

static void nothing_behind_the_slice_is_read(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	httpd_decode(&b, (struct str){"x%41", 3}, false);
	assert_string_equal(b.buf, "x%4");
	httpd_decode(&b, (struct str){NULL, 0}, false);
	assert_int_equal(b.len, 3);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_decoded_and_broken_ones_stay),
		cmocka_unit_test(nothing_behind_the_slice_is_read),
	};

	return cmocka_run_group_tests_name("httpd_decode", tests, NULL, NULL);
}
