#include <stdlib.h>

#include "http/http.h"
#include "test.h"

static void reserved_characters_are_encoded(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;

	http_add_encoded(&out, STR("aZ09-._~ /%?\xc3\xa9\0!"));
	assert_string_equal(out.buf, "aZ09-._~%20%2F%25%3F%C3%A9%00%21");
	strbuf_release(&out);
}

static void base_url_completes_an_address(void **state UNUSED)
{
	static const struct {
		const char *host, *url; /* NULL: refused */
	} cases[] = {
		{"host.name", "https://host.name"},
		{"host.name:8080", "https://host.name:8080"},
		{"HTTPS://Host.Name/", "https://host.name"},
		{"http://host.name:1", "http://host.name:1"},
		{" host.name\n", "https://host.name"},
		{"127.0.0.1:3233", "http://127.0.0.1:3233"},
		{"localhost", "http://localhost"},
		{"https://localhost", "https://localhost"},
		{"[::1]:80", "http://[::1]:80"},
		{"[fe80::1]", "https://[fe80::1]"},
		{"", NULL},
		{"https://", NULL},
		{"/", NULL},
		{":80", NULL},
		{"host:", NULL},
		{"host:0", NULL},
		{"host:65536", NULL},
		{"host:80x", NULL},
		{"host/path", NULL},
		{"host?q", NULL},
		{"host#f", NULL},
		{"-host", NULL},
		{"ho st", NULL},
		{"h\xc3\xb6st", NULL},
		{"ftp://host", NULL},
		{"user:secret@host", NULL},
		{"https://user:secret@host", NULL},
		{"::1", NULL},
		{"[::1", NULL},
		{"[host]", NULL},
		{"[::1]x", NULL},
	};
	struct err e = ERR_INIT;
	char *url;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		url = http_base_url(cases[i].host, &e);
		if (cases[i].url) {
			assert_non_null(url);
			assert_string_equal(url, cases[i].url);
			free(url);
			continue;
		}
		assert_null(url);
		assert_int_equal(e.code, ERR_USAGE);
		assert_null(strstr(e.msg, "secret"));
		err_clear(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserved_characters_are_encoded),
		cmocka_unit_test(base_url_completes_an_address),
	};

	return cmocka_run_group_tests_name("http_url", tests, NULL, NULL);
}
