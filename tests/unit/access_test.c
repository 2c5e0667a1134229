#include "platform/access.h"

#include "test.h"

static const char key[] = "u:k";

static void loopback_names_and_addresses_are_known(void **state UNUSED)
{
	static const char *const good[] = {
		"localhost",      "LOCALHOST",  "localhost:3233",  "a.localhost",
		"a.localhost:80", "127.0.0.1",  "127.0.0.1:65535", "127.255.0.3:1",
		"[::1]",          "[::1]:3233",
	};
	size_t i;

	for (i = 0; i < countof(good); i++)
		if (!access_host_is_loopback(good[i]))
			fail_msg("%s", good[i]);
}

static void names_that_only_look_like_loopback_are_not(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"example.com",
		"localhost.example.com",
		"notlocalhost",
		".localhost",
		"127.0.0.1.example.com",
		"127.0.0.1.",
		"127.1",
		"128.0.0.1",
		"0.0.0.0",
		"localhost:x",
		"localhost:65536",
		"localhost:80:80",
		"[::1]x",
		"[::1]:x",
		"[::2]",
		"::1",
	};
	size_t i;

	for (i = 0; i < countof(bad); i++)
		if (access_host_is_loopback(bad[i]))
			fail_msg("%s", bad[i]);
	assert_false(access_host_is_loopback(NULL));
}

static void overlong_host_is_refused(void **state UNUSED)
{
	char host[400];

	memset(host, 'a', sizeof(host));
	memcpy(host + sizeof(host) - 11, ".localhost", 11);
	assert_false(access_host_is_loopback(host));
}

static void only_the_key_is_granted(void **state UNUSED)
{
	static const struct {
		const char *header;
		enum access expected;
	} cases[] = {
		{NULL, ACCESS_NONE},
		{"Basic dTpr", ACCESS_GRANTED},
		{"basic dTpr", ACCESS_GRANTED},
		{"Basic  dTpr ", ACCESS_GRANTED},
		{"", ACCESS_WRONG},
		{"Basic", ACCESS_WRONG},
		{"Basic ", ACCESS_WRONG},
		{"dTpr", ACCESS_WRONG},
		{"Bearer dTpr", ACCESS_WRONG},
		{"Basic u:k", ACCESS_WRONG},
		{"Basic dTprAA==", ACCESS_WRONG}, /* a NUL behind the key */
		{"Basic dTo=", ACCESS_WRONG},     /* its start */
		{"Basic dTprdTpr", ACCESS_WRONG}, /* twice */
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		if (access_check(cases[i].header, key) != cases[i].expected)
			fail_msg("'%s'", cases[i].header ? cases[i].header : "none");
}

static void only_the_token_is_granted(void **state UNUSED)
{
	static const struct {
		const char *header;
		enum access expected;
	} cases[] = {
		{NULL, ACCESS_NONE},
		{"Bearer s3cret", ACCESS_GRANTED},
		{"bearer  s3cret ", ACCESS_GRANTED},
		{"", ACCESS_WRONG},
		{"Bearer", ACCESS_WRONG},
		{"Bearer ", ACCESS_WRONG},
		{"s3cret", ACCESS_WRONG},
		{"Bearer s3cre", ACCESS_WRONG},
		{"Bearer s3cretx", ACCESS_WRONG},
		{"Bearer id:s3cret", ACCESS_WRONG},
		{"Bearer czNjcmV0", ACCESS_WRONG},
		{"Basic czNjcmV0", ACCESS_WRONG},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		if (access_check_bearer(cases[i].header, "id:s3cret") != cases[i].expected)
			fail_msg("'%s'", cases[i].header ? cases[i].header : "none");
	assert_int_equal(access_check_bearer("Bearer ", "id:"), ACCESS_WRONG);
	assert_int_equal(access_check_bearer("Bearer ", "id"), ACCESS_WRONG);
}

static void secret_must_match_whole(void **state UNUSED)
{
	assert_true(access_secret_is("s3cret", STR("s3cret")));
	assert_false(access_secret_is("s3cre", STR("s3cret")));
	assert_false(access_secret_is("s3crets3cret", STR("s3cret")));
	assert_false(access_secret_is("", STR("s3cret")));
	assert_false(access_secret_is(NULL, STR("s3cret")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_names_and_addresses_are_known),
		cmocka_unit_test(names_that_only_look_like_loopback_are_not),
		cmocka_unit_test(overlong_host_is_refused),
		cmocka_unit_test(only_the_key_is_granted),
		cmocka_unit_test(only_the_token_is_granted),
		cmocka_unit_test(secret_must_match_whole),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
