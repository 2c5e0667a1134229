#include "deploy/version.h"

#include <stdlib.h>

#include "test.h"

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	assert_non_null(j);
	return j;
}

static void each_write_counts_one_patch(void **state UNUSED)
{
	static const struct {
		const char *version;
		unsigned writes;
		const char *after; /* NULL: not known */
	} rows[] = {
		{NULL, 1, "0.0.1"},
		{NULL, 2, "0.0.2"},
		{"\"0.0.1\"", 1, "0.0.2"},
		{"\"0.0.9\"", 2, "0.0.11"},
		{"\"3.14.99\"", 1, "3.14.100"},
		{"\"0.0.9223372036854775807\"", 1, "0.0.9223372036854775808"},
		{"\"0.0.9223372036854775808\"", 1, NULL},
		{"\"0.0.99999999999999999999\"", 1, NULL},
		{"\"0.0\"", 1, NULL},
		{"\"0.0.1.2\"", 1, NULL},
		{"\"0.0.\"", 1, NULL},
		{"\"0.x.1\"", 1, NULL},
		{"\"0.0.-1\"", 1, NULL},
		{"\"\"", 1, NULL},
		{"5", 1, NULL},
		{"{}", 1, NULL},
		{"null", 1, NULL},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *version = rows[i].version ? parsed(rows[i].version) : NULL;
		struct json *after = version_after(version, rows[i].writes);

		if (!rows[i].after && after)
			fail_msg("%s: %s", rows[i].version, json_cstr(after));
		if (rows[i].after)
			assert_string_equal(json_cstr(after), rows[i].after);
		json_free(version);
		json_free(after);
	}
}

static void another_version_than_the_noted_one_is_foreign(void **state UNUSED)
{
	static const struct {
		const char *live, *noted;
		bool foreign;
	} rows[] = {
		{"\"0.0.2\"", "{\"version\":\"0.0.2\"}", false},
		{"\"0.0.3\"", "{\"version\":\"0.0.2\"}", true},
		{"\"0.0.1\"", "{\"version\":\"0.0.2\"}", true}, /* made anew */
		{"\"0.0.3\"", "{}", false},
		{"\"0.0.3\"", "5", false},
		{"\"0.0.3\"", "{\"version\":3}", false},
		{"7", "{\"version\":\"0.0.2\"}", false},
	};
	struct strbuf text = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *item;

		strbuf_reset(&text);
		strbuf_addf(&text,
			    "{\"version\":%s,\"annotations\":[{\"key\":\"deployer\","
			    "\"value\":%s}]}",
			    rows[i].live, rows[i].noted);
		item = parsed(text.buf);
		if (version_is_foreign(item) != rows[i].foreign)
			fail_msg("%s", text.buf);
		json_free(item);
	}
	strbuf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_write_counts_one_patch),
		cmocka_unit_test(another_version_than_the_noted_one_is_foreign),
	};

	return cmocka_run_group_tests_name("deploy_version", tests, NULL, NULL);
}
