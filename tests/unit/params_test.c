#include "platform/params.h"

#include <stdlib.h>

#include "base/clock.h"

#include "test.h"

static struct json *parse(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	if (!j)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

static void expect(struct json *j, const char *expected)
{
	struct strbuf out = STRBUF_INIT;

	json_write(&out, j);
	assert_string_equal(out.buf, expected);
	strbuf_release(&out);
	json_free(j);
}

static void last_of_equal_keys_counts_in_the_place_of_the_first(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct json *list = parse("[{\"key\":\"a\",\"value\":1,\"init\":true},"
				  "{\"key\":\"b\"},{\"key\":\"a\",\"value\":2,\"x\":9}]");
	struct json *read = params_read(list, "parameters", &e);

	json_free(list);
	expect(read, "[{\"key\":\"a\",\"value\":2},{\"key\":\"b\",\"value\":null}]");
	expect(params_read(NULL, "parameters", &e), "[]");
}

static void what_is_no_list_of_keys_is_refused(void **state UNUSED)
{
	static const char *const bad[] = {"{}", "1", "[1]", "[{}]", "[{\"key\":1}]"};
	struct err e = ERR_INIT;
	struct json *list;
	size_t i;

	for (i = 0; i < countof(bad); i++) {
		list = parse(bad[i]);
		assert_null(params_read(list, "annotations", &e));
		assert_int_equal(e.status, 400);
		assert_non_null(strstr(e.msg, "annotations malformed!"));
		err_clear(&e);
		json_free(list);
	}
}

static void too_large_list_is_refused(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct strbuf text = STRBUF_INIT;
	struct json *list = json_new_array(), *entry;
	int i;

	for (i = 0; i <= PARAMS_MAX_ENTRIES; i++) {
		entry = json_new_object();
		json_set(entry, "key", json_new_cstr("k"));
		json_push(list, entry);
	}
	assert_null(params_read(list, "parameters", &e));
	assert_int_equal(e.status, 413);
	err_clear(&e);
	json_free(list);

	for (i = 0; i < PARAMS_MAX_BYTES; i++)
		strbuf_addc(&text, 'x');
	list = json_new_array();
	entry = json_new_object();
	json_set(entry, "key", json_new_str(strbuf_str(&text)));
	json_push(list, entry);
	assert_null(params_read(list, "parameters", &e));
	assert_int_equal(e.status, 413);
	assert_string_equal(e.msg, "parameters larger than allowed: 1048588 > 1048576 bytes.");
	err_clear(&e);
	json_free(list);
	strbuf_release(&text);
}

static void merge_puts_one_list_over_the_other(void **state UNUSED)
{
	struct json *under = parse("[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":2}]");
	struct json *over =
		parse("[{\"key\":\"a\",\"value\":3,\"init\":true},{\"key\":\"c\"}]");

	expect(params_merge(under, over),
	       "[{\"key\":\"a\",\"value\":3,\"init\":true},{\"key\":\"b\",\"value\":2},"
	       "{\"key\":\"c\",\"value\":null}]");
	expect(params_merge(NULL, NULL), "[]");
	json_free(under);
	json_free(over);
}

static void set_and_without_change_by_key(void **state UNUSED)
{
	struct json *list = parse("[{\"key\":\"a\",\"value\":1}]");
	struct json *names = parse("[\"a\",1,\"none\"]");
	struct json *left;

	params_set(list, "b", json_new_int(2));
	params_set(list, "a", json_new_int(3));
	assert_true(json_is(params_get(list, "b"), JSON_NUMBER));
	assert_null(params_get(list, "c"));
	left = params_without(list, names);
	expect(list, "[{\"key\":\"a\",\"value\":3},{\"key\":\"b\",\"value\":2}]");
	expect(left, "[{\"key\":\"b\",\"value\":2}]");
	json_free(names);
}

static void truth_is_that_of_annotations(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool expected;
	} cases[] = {
		{"null", false}, {"false", false}, {"true", true},  {"0", false}, {"1", true},
		{"0.5", true},   {"\"\"", false},  {"\"x\"", true}, {"[]", true}, {"{}", true},
	};
	struct json *j;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		j = parse(cases[i].text);
		if (params_is_truthy(j) != cases[i].expected)
			fail_msg("%s", cases[i].text);
		json_free(j);
	}
	assert_false(params_is_truthy(NULL));
}

static void payload_wins_and_init_parameters_stay_out(void **state UNUSED)
{
	struct json *list = parse("[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":2},"
				  "{\"key\":\"e\",\"value\":3,\"init\":true}]");
	struct json *payload = parse("{\"b\":1.50,\"c\\\"\":[null]}");
	struct strbuf out = STRBUF_INIT;

	params_write_args(&out, list, payload);
	assert_string_equal(out.buf, "{\"a\":1,\"b\":1.50,\"c\\\"\":[null]}");
	strbuf_reset(&out);
	params_write_args(&out, list, NULL);
	assert_string_equal(out.buf, "{\"a\":1,\"b\":2}");
	strbuf_reset(&out);
	params_write_args(&out, NULL, NULL);
	assert_string_equal(out.buf, "{}");
	strbuf_release(&out);
	json_free(list);
	json_free(payload);
}

static void environment_is_text(void **state UNUSED)
{
	struct json *list = parse("[{\"key\":\"S\",\"value\":\"x y\",\"init\":true},"
				  "{\"key\":\"N\",\"value\":1.50,\"init\":true},"
				  "{\"key\":\"B\",\"value\":false,\"init\":true},"
				  "{\"key\":\"Z\",\"value\":null,\"init\":true},"
				  "{\"key\":\"O\",\"value\":{\"a\":[1, 2]},\"init\":true},"
				  "{\"key\":\"p\",\"value\":1}]");

	expect(params_env(list), "{\"S\":\"x y\",\"N\":\"1.50\",\"B\":\"false\",\"Z\":\"\","
				 "\"O\":\"{\\\"a\\\":[1,2]}\"}");
	json_free(list);
	list = parse("[{\"key\":\"p\",\"value\":1}]");
	assert_null(params_env(list));
	json_free(list);
}

static void set_parameters_are_fixed_and_null_is_open(void **state UNUSED)
{
	struct json *list =
		parse("[{\"key\":\"a\",\"value\":1},{\"key\":\"n\",\"value\":null}]");
	struct json *fixed = params_fixed(list), *open = parse("{\"n\":1,\"x\":2}");
	struct json *bad = parse("{\"x\":1,\"a\":null}");

	assert_false(params_collide(fixed, open));
	assert_true(params_collide(fixed, bad));
	json_free(list);
	json_free(fixed);
	json_free(open);
	json_free(bad);
}

static void push_entry(struct json *list, int i)
{
	struct json *entry = json_new_object();
	char *key = xasprintf("k%d", i);

	json_set(entry, "key", json_new_cstr(key));
	json_set(entry, "value", json_new_int(i));
	json_push(list, entry);
	free(key);
}

static void add_member(struct json *object, int i)
{
	char *name = xasprintf("%x", (unsigned)i);

	json_add_new(object, str_of(name), json_new_int(i));
	free(name);
}

/* A request of a megabyte must not hold up the others: this took seconds when each look-up
 * walked. */
static void many_members_are_merged_quickly(void **state UNUSED)
{
	struct json *list = json_new_array(), *payload = json_new_object(), *fixed;
	struct strbuf out = STRBUF_INIT;
	uint64_t start;
	int i;

	for (i = 0; i < PARAMS_MAX_ENTRIES; i++)
		push_entry(list, i);
	for (i = 0; i < 100000; i++)
		add_member(payload, i);
	fixed = params_fixed(list);
	start = clock_monotonic_ms();
	params_write_args(&out, list, payload);
	assert_false(params_collide(fixed, payload));
	assert_in_range(clock_monotonic_ms() - start, 0, 2000);
	strbuf_release(&out);
	json_free(fixed);
	json_free(payload);
	json_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_members_are_merged_quickly),
		cmocka_unit_test(last_of_equal_keys_counts_in_the_place_of_the_first),
		cmocka_unit_test(what_is_no_list_of_keys_is_refused),
		cmocka_unit_test(too_large_list_is_refused),
		cmocka_unit_test(merge_puts_one_list_over_the_other),
		cmocka_unit_test(set_and_without_change_by_key),
		cmocka_unit_test(truth_is_that_of_annotations),
		cmocka_unit_test(payload_wins_and_init_parameters_stay_out),
		cmocka_unit_test(environment_is_text),
		cmocka_unit_test(set_parameters_are_fixed_and_null_is_open),
	};

	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
