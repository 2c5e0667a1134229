#include "schema/schema.h"

#include "config/schema.h"
#include "runtime/runtime.h"
#include "schema/about.h"
#include "json/json.h"

/* Names under "$defs" of what is not the top level. */
static const char *const names[] = {
	[CONFIG_TARGET] = "targetNamespace",
	[CONFIG_PACKAGE] = "package",
	[CONFIG_BINDING] = "binding",
	[CONFIG_FUNCTION] = "function",
	[CONFIG_LIMITS] = "limits",
	[CONFIG_TRIGGER] = "trigger",
	[CONFIG_SCHEDULE] = "scheduledDetails",
	[CONFIG_SOURCE] = "sourceDetails",
};

static struct json *object_with(const char *name, struct json *value)
{
	struct json *j = json_new_object();

	json_set(j, name, value);
	return j;
}

static struct json *typed(const char *type)
{
	return object_with("type", json_new_cstr(type));
}

static struct json *matching(const char *pattern)
{
	struct json *j = typed("string");

	json_set(j, "pattern", json_new_cstr(pattern));
	return j;
}

static struct json *non_empty(void)
{
	struct json *j = typed("string");

	json_set(j, "minLength", json_new_int(1));
	return j;
}

static struct json *reference(const char *name)
{
	struct strbuf path = STRBUF_INIT;
	struct json *j;

	strbuf_addf(&path, "#/$defs/%s", name);
	j = object_with("$ref", json_new_cstr(path.buf));
	strbuf_release(&path);
	return j;
}

/* Either of two; NULL is none. */
static struct json *any_of(struct json *a, struct json *b, struct json *c)
{
	struct json *list = json_new_array();

	json_push(list, a);
	json_push(list, b);
	if (c)
		json_push(list, c);
	return object_with("anyOf", list);
}

/* Also a placeholder that is the whole value and takes the type of its place. */
static struct json *or_placeholder(struct json *wanted)
{
	return any_of(wanted, reference("placeholder"), NULL);
}

/* Also a string that has a placeholder somewhere in it. */
static struct json *or_filled(struct json *wanted)
{
	return any_of(wanted, reference("filled"), NULL);
}

static struct json *runtime_kinds(void)
{
	struct json *list = json_new_array();
	const struct runtime *r;

	json_push(list, json_new_cstr(""));
	for (r = runtimes; r->kind; r++) {
		if (r->is_default) {
			struct strbuf kind = STRBUF_INIT;

			strbuf_addf(&kind, "%s:default", r->language);
			json_push(list, json_new_cstr(kind.buf));
			strbuf_release(&kind);
		}
		json_push(list, json_new_cstr(r->kind));
	}
	return list;
}

static struct json *runtime(void)
{
	return any_of(object_with("enum", runtime_kinds()), reference("filled"), typed("null"));
}

/* name_is_valid() as a pattern. */
static struct json *entity_name(void)
{
	return or_filled(matching("^[A-Za-z0-9_]([A-Za-z0-9_@.& -]{0,254}[A-Za-z0-9_@.&-])?$"));
}

static struct json *cron(void)
{
	return or_filled(matching("^\\s*(\\S+\\s+){4}\\S+\\s*$"));
}

static struct json *trigger_type(void)
{
	return or_filled(matching("^[Ss][Cc][Hh][Ee][Dd][Uu][Ll][Ee][Dd]$"));
}

static struct json *source_type(void)
{
	return or_filled(matching("^[Ss][Cc][Hh][Ee][Dd][Uu][Ll][Ee][Rr]$"));
}

/* Names that have a key of their own. */
static struct json *annotations(void)
{
	struct json *map = typed("object"), *list = json_new_array();
	size_t i;

	for (i = 0; config_reserved[i].name; i++)
		json_push(list, json_new_cstr(config_reserved[i].name));
	json_set(map, "propertyNames", object_with("not", object_with("enum", list)));
	return any_of(map, reference("placeholder"), typed("null"));
}

static struct json *strings(void)
{
	struct json *map = typed("object"), *name = json_new_object();

	json_set(name, "minLength", json_new_int(1));
	json_set(name, "pattern", json_new_cstr("^[^=]*$"));
	json_set(map, "propertyNames", name);
	json_set(map, "additionalProperties", typed("string"));
	return any_of(map, reference("placeholder"), typed("null"));
}

static struct json *list_of(struct json *item)
{
	struct json *list = typed("array");

	json_set(list, "items", item);
	return any_of(list, reference("placeholder"), typed("null"));
}

/* "f", "p/f", "/ns/f" or "/ns/p/f". */
static struct json *sequence(void)
{
	struct json *list = typed("array");

	json_set(list, "minItems", json_new_int(1));
	json_set(list, "maxItems", json_new_int(PROJECT_MAX_SEQUENCE));
	json_set(list, "items", or_filled(matching("^([^/]+(/[^/]+)?|/[^/]+(/[^/]+){1,2})$")));
	return or_placeholder(list);
}

static struct json *web(void)
{
	struct json *list = json_new_array();

	json_push(list, json_new_bool(true));
	json_push(list, json_new_bool(false));
	json_push(list, json_new_cstr("raw"));
	return or_placeholder(object_with("enum", list));
}

static struct json *secret(void)
{
	return any_of(object_with("const", json_new_bool(false)), non_empty(), NULL);
}

static struct json *whole_number(const struct config_key *key)
{
	struct json *j = typed("integer");

	json_set(j, "minimum", json_new_int(key->min));
	json_set(j, "maximum", json_new_int(key->max));
	return or_placeholder(j);
}

/* What readers want beyond the type of their key. */
static const struct {
	config_read_fn *read;
	struct json *(*make)(void);
} finer[] = {
	{config_read_runtime, runtime},
	{config_read_annotations, annotations},
	{config_read_cron, cron},
	{config_read_trigger_type, trigger_type},
	{config_read_source_type, source_type},
};

static struct json *schema_of_type(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_LIST: return list_of(or_placeholder(reference(names[key->inner])));
	case CONFIG_KEYS:
		return any_of(reference(names[key->inner]), reference("placeholder"),
			      typed("null"));
	case CONFIG_MAPPING:
		return any_of(typed("object"), reference("placeholder"), typed("null"));
	case CONFIG_STRINGS: return strings();
	case CONFIG_NAMES: return sequence();
	case CONFIG_STRING: return key->read == config_accept ? entity_name() : non_empty();
	case CONFIG_TEXT: return any_of(typed("string"), typed("null"), NULL);
	case CONFIG_CHOICE:
		return any_of(typed("string"), reference(names[key->inner]), typed("null"));
	case CONFIG_BOOLEAN: return or_placeholder(typed("boolean"));
	case CONFIG_WEB: return web();
	case CONFIG_SECRET: return secret();
	case CONFIG_INTEGER: return whole_number(key);
	}
	bug("key '%s' has no type", key->name);
}

static struct json *schema_of_key(const struct config_key *key)
{
	struct json *described = json_new_object(), *j = NULL, *member;
	size_t i;

	for (i = 0; i < countof(finer) && !j; i++)
		if (key->read == finer[i].read)
			j = finer[i].make();
	if (!j)
		j = schema_of_type(key);
	json_set(described, "description", json_new_cstr(schema_about(key)));
	for (member = json_first(j); member; member = json_next(member))
		json_setn(described, json_name(member), json_clone(member));
	json_free(j);
	return described;
}

/* One way to write a trigger: two keys are there and have a value, those of the other are not.
 */
static struct json *spelling(const char *const with[2], const char *const without[2])
{
	struct json *required = json_new_array(), *properties = json_new_object(), *j;

	json_push(required, json_new_cstr(with[0]));
	json_push(required, json_new_cstr(with[1]));
	json_set(properties, with[1], object_with("not", typed("null")));
	json_set(properties, without[0], json_new_bool(false));
	json_set(properties, without[1], json_new_bool(false));
	j = object_with("required", required);
	json_set(j, "properties", properties);
	return j;
}

static struct json *spellings(void)
{
	static const char *const now[] = {"type", "scheduledDetails"}, *const old[] = {
									       "sourceType",
									       "sourceDetails"};
	struct json *list = json_new_array();

	json_push(list, spelling(now, old));
	json_push(list, spelling(old, now));
	return list;
}

static void add_leftovers(struct json *properties, enum config_level level)
{
	const struct config_leftover *l;
	struct json *values, *j;

	for (l = config_leftovers; l->name; l++) {
		if (l->level != level)
			continue;
		values = json_new_array();
		json_push(values, json_new_null());
		json_push(values, json_new_bool(false));
		json_push(values, json_new_cstr(""));
		json_push(values, json_new_array());
		json_push(values, json_new_object());
		j = object_with("deprecated", json_new_bool(true));
		json_set(j, "description", json_new_cstr(l->advice));
		json_set(j, "enum", values);
		json_set(properties, l->name, j);
	}
}

static void describe_level(struct json *to, enum config_level level)
{
	struct json *properties = json_new_object(), *required = json_new_array();
	const struct config_key *key;

	for (key = config_keys; key->name; key++) {
		if (key->level != level)
			continue;
		json_set(properties, key->name, schema_of_key(key));
		if (key->required)
			json_push(required, json_new_cstr(key->name));
	}
	add_leftovers(properties, level);
	json_set(to, "properties", properties);
	if (json_count(required))
		json_set(to, "required", required);
	else
		json_free(required);
	if (level == CONFIG_TRIGGER)
		json_set(to, "oneOf", spellings());
	if (level == CONFIG_TARGET)
		json_set(to, "minProperties", json_new_int(1));
	json_set(to, "additionalProperties", json_new_bool(false));
}

static struct json *definitions(void)
{
	struct json *defs = json_new_object(), *level;
	size_t i;

	for (i = 0; i < countof(names); i++) {
		if (!names[i])
			continue;
		level = typed("object");
		describe_level(level, (enum config_level)i);
		json_set(defs, names[i], level);
	}
	json_set(defs, "placeholder", matching("^\\$(\\{[^}]*\\}|\\([^)]*\\))$"));
	json_set(defs, "filled", matching("\\$(\\{[^}]*\\}|\\([^)]*\\))"));
	return defs;
}

struct json *schema_of_config(void)
{
	struct json *j = json_new_object(), *type = json_new_array();

	json_set(j, "$schema", json_new_cstr("https://json-schema.org/draft/2020-12/schema"));
	json_set(j, "title", json_new_cstr("project.yml of a functions project"));
	json_push(type, json_new_cstr("object"));
	json_push(type, json_new_cstr("null"));
	json_set(j, "type", type);
	describe_level(j, CONFIG_TOP);
	json_set(j, "$defs", definitions());
	return j;
}
