#include "base/cipher.h"

#include "test.h"

static const unsigned char key[AES_KEY_SIZE] = {
	0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};

/* What `openssl enc -aes-256-cbc -K 0001..1f -iv 00..` makes of them. */
static const struct {
	const char *text, *hex;
} known[] = {
	{"hello: world\n", "f66f47b979b9eea1f32574d26c977e44"},
	{"0123456789abcdef",
	 "d8c95758e3353e530fa52bd10e73b9864f6ba30222074c4d477c3f294f12a82f"},
};

static void gives_what_openssl_gives(void **state UNUSED)
{
	struct strbuf raw = STRBUF_INIT, hex = STRBUF_INIT, text = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(known); i++) {
		strbuf_reset(&raw);
		strbuf_reset(&hex);
		strbuf_reset(&text);
		aes_encrypt(&raw, key, str_of(known[i].text));
		hex_encode(&hex, strbuf_str(&raw));
		assert_string_equal(hex.buf, known[i].hex);
		assert_true(aes_decrypt(&text, key, strbuf_str(&raw)));
		assert_string_equal(text.buf, known[i].text);
	}
	strbuf_release(&raw);
	strbuf_release(&hex);
	strbuf_release(&text);
}

static void every_length_comes_back(void **state UNUSED)
{
	static const char bytes[100] = {1, 0, 2};
	struct strbuf raw = STRBUF_INIT, text = STRBUF_INIT;
	size_t n;

	for (n = 0; n <= sizeof(bytes); n++) {
		strbuf_reset(&raw);
		strbuf_reset(&text);
		aes_encrypt(&raw, key, (struct str){bytes, n});
		assert_int_equal(raw.len, n / AES_BLOCK_SIZE * AES_BLOCK_SIZE + AES_BLOCK_SIZE);
		assert_true(aes_decrypt(&text, key, strbuf_str(&raw)));
		assert_int_equal(text.len, n);
		assert_memory_equal(text.buf, bytes, n);
	}
	strbuf_release(&raw);
	strbuf_release(&text);
}

static void what_was_not_encrypted_so_is_refused(void **state UNUSED)
{
	unsigned char other[AES_KEY_SIZE] = {9};
	struct strbuf raw = STRBUF_INIT, text = STRBUF_INIT;

	strbuf_adds(&text, "kept");
	aes_encrypt(&raw, key, STR("hello"));
	assert_false(aes_decrypt(&text, other, strbuf_str(&raw)));
	assert_false(aes_decrypt(&text, key, STR("")));
	assert_false(aes_decrypt(&text, key, STR("short")));
	assert_false(aes_decrypt(&text, key, (struct str){raw.buf, raw.len - 1}));
	assert_string_equal(text.buf, "kept");
	strbuf_release(&raw);
	strbuf_release(&text);
}

static void ceiling_of_the_buffer_holds(void **state UNUSED)
{
	struct strbuf raw = STRBUF_MAX(8), text = STRBUF_MAX(8);

	aes_encrypt(&raw, key, STR("hello"));
	assert_true(raw.full && raw.len == 0);
	assert_false(aes_decrypt(&text, key, STR("0123456789abcdef")));
	assert_false(hex_decode(&text, STR("00112233445566778899")));
	assert_int_equal(text.len, 0);
}

static void hex_is_read_in_both_cases_and_strictly(void **state UNUSED)
{
	static const char *const bad[] = {"0", "0g", "zz", "00 11", " 00", "0x00", "001"};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	assert_true(hex_decode(&b, STR("00fFA9")));
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.buf, "\x00\xff\xa9", 3);
	assert_true(hex_decode(&b, STR("")));
	for (i = 0; i < countof(bad); i++)
		assert_false(hex_decode(&b, str_of(bad[i])));
	assert_int_equal(b.len, 3);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_what_openssl_gives),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(what_was_not_encrypted_so_is_refused),
		cmocka_unit_test(ceiling_of_the_buffer_holds),
		cmocka_unit_test(hex_is_read_in_both_cases_and_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
