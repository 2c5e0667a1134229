#include "base/hash.h"

#include <string.h>

#include "test.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/* FIPS 180-4, and the digest of nothing. */
static void known_digests_come_out(void **state UNUSED)
{
	char hex[SHA256_HEX];

	sha256_of("abc", 3, hex);
	assert_string_equal(hex, abc);
	sha256_of(NULL, 0, hex);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
	assert_string_equal(hex,
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_hash_like_the_whole(void **state UNUSED)
{
	struct sha256 *h = sha256_new();
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX];

	sha256_add(h, "a", 1);
	sha256_add(h, NULL, 0);
	sha256_add(h, "bc", 2);
	sha256_end(h, digest);
	sha256_hex(digest, hex);
	assert_string_equal(hex, abc);
}

static void random_digits_differ_each_time(void **state UNUSED)
{
	char a[33], b[33];

	random_hex(a, 16);
	random_hex(b, 16);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_digests_come_out),
		cmocka_unit_test(pieces_hash_like_the_whole),
		cmocka_unit_test(random_digits_differ_each_time),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
