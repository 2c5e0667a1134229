#include "schema/schema.h"

#include <string.h>

#include "config/schema.h"
#include "runtime/runtime.h"
#include "test.h"
#include "json/json.h"

static const struct {
	enum config_level level;
	const char *name; /* under "$defs" */
} levels[] = {
	{CONFIG_TARGET, "targetNamespace"},
	{CONFIG_PACKAGE, "package"},
	{CONFIG_BINDING, "binding"},
	{CONFIG_FUNCTION, "function"},
	{CONFIG_LIMITS, "limits"},
	{CONFIG_TRIGGER, "trigger"},
	{CONFIG_SCHEDULE, "scheduledDetails"},
	{CONFIG_SOURCE, "sourceDetails"},
};

static const struct json *level_of(const struct json *schema, enum config_level level)
{
	size_t i;

	for (i = 0; i < countof(levels); i++)
		if (levels[i].level == level)
			return json_get(json_get(schema, "$defs"), levels[i].name);
	return schema;
}

static bool is_in(const struct json *list, const char *text)
{
	const struct json *item;

	for (item = json_first(list); item; item = json_next(item))
		if (str_is(json_str(item), text))
			return true;
	return false;
}

static void every_key_of_the_table_is_there_and_described(void **state UNUSED)
{
	struct json *schema = schema_of_config();
	const struct config_key *key;

	for (key = config_keys; key->name; key++) {
		const struct json *level = level_of(schema, key->level);
		const struct json *found = json_get(json_get(level, "properties"), key->name);

		if (!json_str(json_get(found, "description")).n)
			fail_msg("'%s' is missing", key->name);
		assert_int_equal(is_in(json_get(level, "required"), key->name), key->required);
	}
	json_free(schema);
}

static void nothing_else_is_taken(void **state UNUSED)
{
	struct json *schema = schema_of_config();
	size_t i;

	assert_false(json_is_true(json_get(schema, "additionalProperties")));
	for (i = 0; i < countof(levels); i++) {
		const struct json *level = level_of(schema, levels[i].level);

		assert_true(json_is(json_get(level, "additionalProperties"), JSON_BOOL));
		assert_false(json_is_true(json_get(level, "additionalProperties")));
	}
	json_free(schema);
}

static void ranges_come_from_the_table(void **state UNUSED)
{
	struct json *schema = schema_of_config();
	const struct config_key *key;
	int64_t min, max;

	for (key = config_keys; key->name; key++) {
		const struct json *found;

		if (key->type != CONFIG_INTEGER)
			continue;
		found = json_get(level_of(schema, key->level), "properties");
		found = json_at(json_get(json_get(found, key->name), "anyOf"), 0);
		assert_true(json_int(json_get(found, "minimum"), &min));
		assert_true(json_int(json_get(found, "maximum"), &max));
		assert_int_equal(min, key->min);
		assert_int_equal(max, key->max);
	}
	json_free(schema);
}

static void all_runtimes_are_words(void **state UNUSED)
{
	struct json *schema = schema_of_config();
	const struct json *j = json_get(level_of(schema, CONFIG_FUNCTION), "properties");
	const struct runtime *r;

	j = json_get(json_at(json_get(json_get(j, "runtime"), "anyOf"), 0), "enum");
	for (r = runtimes; r->kind; r++)
		assert_true(is_in(j, r->kind));
	assert_true(is_in(j, "python:default"));
	json_free(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_the_table_is_there_and_described),
		cmocka_unit_test(nothing_else_is_taken),
		cmocka_unit_test(ranges_come_from_the_table),
		cmocka_unit_test(all_runtimes_are_words),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
