#include "platform/entity.h"

#include <stdlib.h>

#include "base/strbuf.h"
#include "platform/params.h"
#include "test.h"

static const char plain[] = "{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"x=1\"}}";

static struct json *parse(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	if (!j)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

/* The action after a PUT of body over old (or NULL). */
static struct json *put(const struct json *old, const char *body_text)
{
	struct err e = ERR_INIT;
	struct json *body = parse(body_text);
	struct str code;
	struct json *action = entity_update_action(old, body, 5, &code, &e);

	if (!action)
		fail_msg("%s: %s", body_text, e.msg);
	assert_int_equal(code.p != NULL, json_get(body, "exec") != NULL);
	json_free(body);
	return action;
}

static void expect_member(const struct json *j, const char *name, const char *expected)
{
	struct strbuf out = STRBUF_INIT;

	json_write(&out, json_get(j, name));
	assert_string_equal(out.buf, expected);
	strbuf_release(&out);
}

static void new_action_has_all_defaults(void **state UNUSED)
{
	struct json *a = put(NULL, plain);

	expect_member(a, "version", "\"0.0.1\"");
	expect_member(a, "exec", "{\"kind\":\"python:3.11\",\"binary\":false}");
	expect_member(a, "parameters", "[]");
	expect_member(a, "annotations",
		      "[{\"key\":\"provide-api-key\",\"value\":false},"
		      "{\"key\":\"exec\",\"value\":\"python:3.11\"}]");
	expect_member(a, "limits",
		      "{\"timeout\":3000,\"memory\":256,\"logs\":16,"
		      "\"concurrency\":1}");
	expect_member(a, "publish", "false");
	expect_member(a, "updated", "5");
	json_free(a);
}

static void default_kind_is_resolved(void **state UNUSED)
{
	struct json *a = put(
		NULL, "{\"exec\":{\"kind\":\"python:default\",\"code\":\"\",\"main\":\"go\"}}");

	assert_string_not_equal(json_cstr(json_get(json_get(a, "exec"), "kind")),
				"python:default");
	assert_string_equal(json_cstr(json_get(json_get(a, "exec"), "main")), "go");
	json_free(a);
}

static void version_counts_up_or_is_as_given(void **state UNUSED)
{
	struct json *first = put(NULL, plain), *second = put(first, "{}"), *third;

	expect_member(second, "version", "\"0.0.2\"");
	third = put(second, "{\"version\":\"1.2.3\"}");
	expect_member(third, "version", "\"1.2.3\"");
	json_free(first);
	first = put(third, "{}");
	expect_member(first, "version", "\"1.2.4\"");
	json_free(first);
	json_free(second);
	json_free(third);
}

static void update_keeps_what_is_not_given(void **state UNUSED)
{
	struct json *a = put(NULL, "{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"\",\"main\":"
				   "\"m\"},\"publish\":true,\"parameters\":[{\"key\":\"a\","
				   "\"value\":1}],\"limits\":{\"memory\":512}}");
	struct json *b = put(a, "{\"limits\":{\"timeout\":200}}");

	expect_member(b, "exec", "{\"kind\":\"python:3.11\",\"main\":\"m\",\"binary\":false}");
	expect_member(b, "parameters", "[{\"key\":\"a\",\"value\":1}]");
	expect_member(b, "publish", "true");
	expect_member(b, "limits",
		      "{\"timeout\":200,\"memory\":512,\"logs\":16,"
		      "\"concurrency\":1}");
	json_free(a);
	json_free(b);
}

static void annotations_of_an_action_merge(void **state UNUSED)
{
	struct json *a =
		put(NULL, "{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"\"},"
			  "\"annotations\":[{\"key\":\"x\",\"value\":1},{\"key\":\"y\","
			  "\"value\":2},{\"key\":\"provide-api-key\",\"value\":true}]}");
	struct json *b = put(a, "{\"annotations\":[{\"key\":\"y\",\"value\":3}],"
				"\"delAnnotations\":[\"x\"]}");

	expect_member(b, "annotations",
		      "[{\"key\":\"y\",\"value\":3},{\"key\":\"provide-api-"
		      "key\",\"value\":true},{\"key\":\"exec\",\"value\":"
		      "\"python:3.11\"}]");
	json_free(a);
	json_free(b);
}

static void too_many_dropped_annotations_are_refused(void **state UNUSED)
{
	struct json *a = put(NULL, plain), *body = json_new_object(), *names = json_new_array();
	struct err e = ERR_INIT;
	struct str code;
	int i;

	for (i = 0; i <= PARAMS_MAX_ENTRIES; i++)
		json_push(names, json_new_cstr("x"));
	json_set(body, "delAnnotations", names);
	assert_null(entity_update_action(a, body, 5, &code, &e));
	assert_int_equal(e.status, 413);
	err_clear(&e);
	json_free(body);
	json_free(a);
}

static void bad_actions_are_refused(void **state UNUSED)
{
	static const struct {
		const char *body;
		int status;
		const char *text;
	} cases[] = {
		{"{}", 400, "exec undefined"},
		{"{\"exec\":1}", 400, "'kind' must be"},
		{"{\"exec\":{\"kind\":\"x\",\"code\":\"\"}}", 400,
		 "runtime 'x' is not supported"},
		{"{\"exec\":{\"kind\":\"blackbox\"}}", 400, "runs no images"},
		{"{\"exec\":{\"kind\":\"python:3.11\",\"code\":1}}", 400, "'code' must be"},
		{"{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"\",\"main\":1}}", 400,
		 "'main'"},
		{"{\"version\":\"0.1\"}", 400, "'version'"},
		{"{\"version\":\"0.1.x\"}", 400, "'version'"},
		{"{\"version\":\"0.1.2.3\"}", 400, "'version'"},
		{"{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"\"},\"publish\":1}", 400,
		 "'publish'"},
	};
	struct err e = ERR_INIT;
	struct str code;
	struct json *body;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		body = parse(cases[i].body);
		assert_null(entity_update_action(NULL, body, 1, &code, &e));
		assert_int_equal(e.status, cases[i].status);
		if (!strstr(e.msg, cases[i].text))
			fail_msg("%s: %s", cases[i].body, e.msg);
		err_clear(&e);
		json_free(body);
	}
}

static void limits_out_of_range_name_the_bound(void **state UNUSED)
{
	static const struct {
		const char *limits, *text;
	} cases[] = {
		{"{\"memory\":127}", "memory size 127 MB below allowed threshold of 128 MB"},
		{"{\"memory\":1025}",
		 "memory size 1025 MB exceeds allowed threshold of 1024 MB"},
		{"{\"timeout\":900001}", "duration 900001 milliseconds exceeds allowed "
					 "threshold of 900000 milliseconds"},
		{"{\"logs\":-1}", "log size -1 KB below allowed threshold of 0 KB"},
		{"{\"concurrency\":0}", "concurrency 0 below allowed threshold of 1"},
		{"{\"memory\":1.5}",
		 "The request content was malformed:\nevery limit must be a whole number"},
		{"1", "The request content was malformed:\n'limits' must be an object"},
	};
	struct err e = ERR_INIT;
	struct json *old = put(NULL, plain), *body;
	struct str code;
	char *text;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		text = xasprintf("{\"limits\":%s}", cases[i].limits);
		body = parse(text);
		assert_null(entity_update_action(old, body, 1, &code, &e));
		assert_int_equal(e.status, 400);
		assert_string_equal(e.msg, cases[i].text);
		err_clear(&e);
		json_free(body);
		free(text);
	}
	json_free(old);
}

static void binary_is_told_by_the_looks(void **state UNUSED)
{
	assert_true(entity_code_is_binary(STR("UEsDBA==")));
	assert_true(entity_code_is_binary(STR(" main\n")));
	assert_true(entity_code_is_binary(STR("abc=")));
	assert_false(entity_code_is_binary(STR("")));
	assert_false(entity_code_is_binary(STR("abcde")));
	assert_false(entity_code_is_binary(STR("a===")));
	assert_false(entity_code_is_binary(STR("====")));
	assert_false(entity_code_is_binary(STR("x=1\n")));
}

static void package_update_replaces_lists(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct json *body =
		parse("{\"annotations\":[{\"key\":\"x\",\"value\":1}],"
		      "\"parameters\":[{\"key\":\"p\",\"value\":1}],\"binding\":{}}");
	struct json *a = entity_update_package(NULL, body, 1, &e), *b;

	json_free(body);
	body = parse("{\"annotations\":[]}");
	b = entity_update_package(a, body, 2, &e);
	expect_member(b, "annotations", "[]");
	expect_member(b, "parameters", "[{\"key\":\"p\",\"value\":1}]");
	expect_member(b, "version", "\"0.0.2\"");
	json_free(body);
	json_free(a);
	json_free(b);
}

static void binding_stays_one_and_is_shown(void **state UNUSED)
{
	static const char binding[] = "{\"namespace\":\"n\",\"name\":\"p\"}";
	static const struct entity_place place = {"ns", NULL, "b"};
	struct err e = ERR_INIT;
	struct json *body = parse("{\"binding\":{\"namespace\":\"n\",\"name\":\"p\"}}");
	struct json *a = entity_update_package(NULL, body, 1, &e), *b, *shown, *none;

	json_free(body);
	body = parse("{\"binding\":{}}");
	b = entity_update_package(a, body, 2, &e);
	expect_member(b, "binding", binding);
	shown = entity_show_package(b, &place, NULL);
	expect_member(shown, "binding", binding);
	json_free(shown);
	none = json_new_array();
	shown = entity_show_package(b, &place, none);
	expect_member(shown, "binding", binding);
	json_free(shown);
	json_free(none);
	json_free(body);
	json_free(a);
	json_free(b);
}

static void sequence_has_its_list_for_parameters_and_code_has_not(void **state UNUSED)
{
	static const char list[] = "[{\"key\":\"_actions\",\"value\":[\"/ns/p/f\"]}]";
	struct json *a, *b, *c;

	a = put(NULL, "{\"exec\":{\"kind\":\"sequence\",\"components\":[\"/ns/p/f\"]},"
		      "\"parameters\":[{\"key\":\"x\",\"value\":1}]}");
	expect_member(a, "exec", "{\"kind\":\"sequence\",\"components\":[\"/ns/p/f\"]}");
	expect_member(a, "parameters", list);
	b = put(a, "{}");
	expect_member(b, "parameters", list);
	c = put(b, plain);
	expect_member(c, "exec", "{\"kind\":\"python:3.11\",\"binary\":false}");
	json_free(b);
	b = put(a, "{\"exec\":{\"kind\":\"python:3.11\",\"code\":\"\"}}");
	expect_member(b, "parameters", "[]");
	json_free(a);
	json_free(b);
	json_free(c);
}

static void shown_forms_have_their_members(void **state UNUSED)
{
	const struct entity_place place = {"ns", "p", "f"};
	struct json *a = put(NULL, plain), *shown, *actions;
	struct str code = STR("x=1");

	shown = entity_show_action(a, &place, &code, NULL);
	expect_member(shown, "namespace", "\"ns/p\"");
	expect_member(shown, "exec",
		      "{\"kind\":\"python:3.11\",\"binary\":false,\"code\":\"x=1\"}");
	json_free(shown);
	shown = entity_list_action(a, &(struct entity_place){"ns", "", "f"});
	expect_member(shown, "namespace", "\"ns\"");
	expect_member(shown, "exec", "{\"binary\":false}");
	assert_null(json_get(shown, "parameters"));
	json_free(shown);
	actions = parse("[{\"name\":\"f\",\"version\":\"0.0.1\",\"annotations\":[]},"
			"{\"name\":\"g\",\"version\":\"0.0.1\",\"annotations\":[{\"key\":"
			"\"feed\",\"value\":true}]}]");
	shown = entity_show_package(a, &(struct entity_place){"ns", NULL, "p"}, actions);
	expect_member(shown, "actions",
		      "[{\"name\":\"f\",\"version\":\"0.0.1\",\"annotations\":[]}]");
	assert_int_equal(json_count(json_get(shown, "feeds")), 1);
	expect_member(shown, "binding", "{}");
	json_free(shown);
	shown = entity_show_package(a, &(struct entity_place){"ns", NULL, "p"}, NULL);
	expect_member(shown, "binding", "false");
	assert_null(json_get(shown, "actions"));
	json_free(shown);
	json_free(actions);
	json_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_action_has_all_defaults),
		cmocka_unit_test(default_kind_is_resolved),
		cmocka_unit_test(version_counts_up_or_is_as_given),
		cmocka_unit_test(update_keeps_what_is_not_given),
		cmocka_unit_test(annotations_of_an_action_merge),
		cmocka_unit_test(too_many_dropped_annotations_are_refused),
		cmocka_unit_test(bad_actions_are_refused),
		cmocka_unit_test(limits_out_of_range_name_the_bound),
		cmocka_unit_test(binary_is_told_by_the_looks),
		cmocka_unit_test(package_update_replaces_lists),
		cmocka_unit_test(binding_stays_one_and_is_shown),
		cmocka_unit_test(sequence_has_its_list_for_parameters_and_code_has_not),
		cmocka_unit_test(shown_forms_have_their_members),
	};

	return cmocka_run_group_tests_name("entity", tests, NULL, NULL);
}
