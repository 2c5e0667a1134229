#include "base/base64.h"

#include "test.h"

/* RFC 4648 section 10, and bytes beyond ASCII. */
static const struct {
	struct str plain, coded;
} vectors[] = {
	{STR(""), STR("")},
	{STR("f"), STR("Zg==")},
	{STR("fo"), STR("Zm8=")},
	{STR("foo"), STR("Zm9v")},
	{STR("foob"), STR("Zm9vYg==")},
	{STR("fooba"), STR("Zm9vYmE=")},
	{STR("foobar"), STR("Zm9vYmFy")},
	{STR("\0"), STR("AA==")},
	{STR("\xff\xff\xff"), STR("////")},
	{STR("\xfb\xef\xbe\0"), STR("++++AA==")},
};

static void vectors_go_both_ways(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(vectors); i++) {
		strbuf_reset(&b);
		base64_encode(&b, vectors[i].plain.p, vectors[i].plain.n);
		assert_true(str_eq(strbuf_str(&b), vectors[i].coded));
		strbuf_reset(&b);
		assert_int_equal(base64_decode(&b, vectors[i].coded), 0);
		assert_true(str_eq(strbuf_str(&b), vectors[i].plain));
	}
	strbuf_release(&b);
}

static void every_byte_in_every_place_survives(void **state UNUSED)
{
	struct strbuf plain = STRBUF_INIT, coded = STRBUF_INIT, back = STRBUF_INIT;
	int i;

	for (i = 0; i < 3 * 256; i++) {
		strbuf_addc(&plain, (char)(i * 7 + i / 256));
		strbuf_reset(&coded);
		strbuf_reset(&back);
		base64_encode(&coded, plain.buf, plain.len);
		assert_int_equal(coded.len, (plain.len + 2) / 3 * 4);
		assert_int_equal(base64_decode(&back, strbuf_str(&coded)), 0);
		assert_true(str_eq(strbuf_str(&back), strbuf_str(&plain)));
	}
	strbuf_release(&plain);
	strbuf_release(&coded);
	strbuf_release(&back);
}

static void anything_lax_is_refused_and_adds_nothing(void **state UNUSED)
{
	static const char *const wrong[] = {
		"Z",
		"Zg",
		"Zg=",
		"Zm9vYg", /* padding missing */
		"Zg===",
		"Zm9v====",
		"====",
		"=", /* too much of it */
		"Zg==Zm9v",
		"Zm8=Zm9v",
		"Z=g=",
		"=Zg=", /* in the wrong place */
		"Zm9v\n",
		"Zm9\n",
		"Zm 9",
		" Zm9", /* white space */
		"Zm-_",
		"Zm9!",
		"\xc3\xa9zz", /* another alphabet */
		"Zh==",
		"Zm9=", /* bits left over */
		"Zm9vZm9vZh==",
	};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	strbuf_adds(&b, "before");
	for (i = 0; i < countof(wrong); i++) {
		if (base64_decode(&b, str_of(wrong[i])) == 0)
			fail_msg("'%s' was decoded", wrong[i]);
		assert_string_equal(b.buf, "before");
		assert_int_equal(b.len, 6);
	}
	assert_int_equal(base64_decode(&b, STR("Zm\0v")), -1);
	strbuf_release(&b);
}

static void ceilings_are_exact(void **state UNUSED)
{
	struct strbuf b = STRBUF_MAX(4);

	assert_int_equal(base64_decode(&b, STR("Zm9vYg==")), 0);
	assert_string_equal(b.buf, "foob");
	strbuf_reset(&b);
	assert_int_equal(base64_decode(&b, STR("Zm9vYmE=")), -1);
	assert_int_equal(b.len, 0);
	assert_true(b.full);
	strbuf_reset(&b);
	base64_encode(&b, "foo", 3);
	assert_string_equal(b.buf, "Zm9v");
	base64_encode(&b, "f", 1);
	assert_true(b.full);
	assert_string_equal(b.buf, "Zm9v");
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_go_both_ways),
		cmocka_unit_test(every_byte_in_every_place_survives),
		cmocka_unit_test(anything_lax_is_refused_and_adds_nothing),
		cmocka_unit_test(ceilings_are_exact),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
