#include "config/schema.h"

#include <stdarg.h>

#define KEY(level, name, type, read)                   \
	{                                              \
		level, type, name, read, 0, 0, 0, NULL \
	}
/* Kept in a field of the level's struct. */
#define FIELD(level, name, type, read, object, field)                               \
	{                                                                           \
		level, type, name, read, offsetof(struct object, field), 0, 0, NULL \
	}
#define LIMIT(name, field, min, max, unit)                                      \
	{                                                                       \
		CONFIG_LIMITS, CONFIG_INTEGER, name, config_read_integer,       \
			offsetof(struct function_limits, field), min, max, unit \
	}

/* functions.md 1.3 to 1.5; per level in the order of the documentation */
const struct config_key config_keys[] = {
	KEY(CONFIG_TOP, "packages", CONFIG_LIST, config_read_packages),
	FIELD(CONFIG_TOP, "parameters", CONFIG_MAPPING, config_read_mapping, project,
	      parameters),
	FIELD(CONFIG_TOP, "environment", CONFIG_STRINGS, config_read_strings, project,
	      environment),
	KEY(CONFIG_TOP, "targetNamespace", CONFIG_ANY, NULL),

	KEY(CONFIG_PACKAGE, "name", CONFIG_STRING, config_accept),
	KEY(CONFIG_PACKAGE, "functions", CONFIG_LIST, config_read_functions),
	KEY(CONFIG_PACKAGE, "actions", CONFIG_LIST, config_read_functions),
	FIELD(CONFIG_PACKAGE, "parameters", CONFIG_MAPPING, config_read_mapping, package,
	      parameters),
	FIELD(CONFIG_PACKAGE, "environment", CONFIG_STRINGS, config_read_strings, package,
	      environment),
	FIELD(CONFIG_PACKAGE, "annotations", CONFIG_MAPPING, config_read_annotations, package,
	      annotations),
	FIELD(CONFIG_PACKAGE, "shared", CONFIG_BOOLEAN, config_read_boolean, package, shared),
	FIELD(CONFIG_PACKAGE, "web", CONFIG_WEB, config_read_web, package, web),
	KEY(CONFIG_PACKAGE, "binding", CONFIG_ANY, NULL),

	KEY(CONFIG_FUNCTION, "name", CONFIG_STRING, config_accept),
	FIELD(CONFIG_FUNCTION, "runtime", CONFIG_STRING, config_read_runtime, function,
	      runtime),
	FIELD(CONFIG_FUNCTION, "main", CONFIG_STRING, config_read_string, function, main),
	FIELD(CONFIG_FUNCTION, "web", CONFIG_WEB, config_read_web, function, web),
	FIELD(CONFIG_FUNCTION, "webSecure", CONFIG_SECRET, config_read_secret, function,
	      web_secure),
	FIELD(CONFIG_FUNCTION, "parameters", CONFIG_MAPPING, config_read_mapping, function,
	      parameters),
	FIELD(CONFIG_FUNCTION, "environment", CONFIG_STRINGS, config_read_strings, function,
	      environment),
	FIELD(CONFIG_FUNCTION, "annotations", CONFIG_MAPPING, config_read_annotations, function,
	      annotations),
	FIELD(CONFIG_FUNCTION, "limits", CONFIG_MAPPING, config_read_limits, function, limits),
	KEY(CONFIG_FUNCTION, "triggers", CONFIG_ANY, NULL),
	KEY(CONFIG_FUNCTION, "sequence", CONFIG_ANY, NULL),
	KEY(CONFIG_FUNCTION, "file", CONFIG_ANY, NULL),
	KEY(CONFIG_FUNCTION, "docker", CONFIG_ANY, NULL),
	KEY(CONFIG_FUNCTION, "remoteBuild", CONFIG_BOOLEAN, config_accept_false),
	KEY(CONFIG_FUNCTION, "localBuild", CONFIG_BOOLEAN, config_accept),
	KEY(CONFIG_FUNCTION, "binary", CONFIG_BOOLEAN, config_accept),

	LIMIT("timeout", timeout_ms, 100, 900000, "milliseconds"),
	LIMIT("memory", memory_mb, 128, 1024, "MB"),
	LIMIT("logs", logs_kb, 1, 256, "KB"),
	KEY(CONFIG_TOP, NULL, CONFIG_ANY, NULL),
};

static const char *const places[] = {
	[CONFIG_TOP] = "at the top level",
	[CONFIG_PACKAGE] = "in a package",
	[CONFIG_FUNCTION] = "in a function",
	[CONFIG_LIMITS] = "in 'limits'",
};

void config_report(struct config_reader *r, const struct yaml_node *at, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	diags_add(r->diags, DIAG_ERROR, &r->project->config, at->pos, "%s", b.buf);
	strbuf_release(&b);
}

const char *config_quote(struct config_reader *r, const struct yaml_node *n)
{
	if (n->filled != YAML_AS_WRITTEN)
		return "the value filled in here";
	return arena_printf(&r->project->arena, "'%.*s'", STR_ARG(n->text));
}

bool config_is_string(const struct yaml_node *n)
{
	return n->type == YAML_STRING || n->filled == YAML_FILLED_WHOLE;
}

const char *config_quote_hint(const struct yaml_node *n)
{
	bool is_scalar = n->type == YAML_BOOL || n->type == YAML_INT || n->type == YAML_FLOAT;

	return is_scalar ? "; put it in quotes" : "";
}

static const struct config_key *find_key(enum config_level level, struct str name)
{
	const struct config_key *key;

	for (key = config_keys; key->name; key++)
		if (key->level == level && str_is(name, key->name))
			return key;
	return NULL;
}

static const char *nearest_key(enum config_level level, struct str name)
{
	const char *names[countof(config_keys)];
	const struct config_key *key;
	size_t n = 0;

	for (key = config_keys; key->name; key++)
		if (key->level == level)
			names[n++] = key->name;
	names[n] = NULL;
	return str_nearest(name, names);
}

static void report_unknown(struct config_reader *r, enum config_level level,
			   const struct yaml_node *name)
{
	bool written = name->filled == YAML_AS_WRITTEN;
	const char *nearest = written ? nearest_key(level, name->text) : NULL;
	const char *quoted = written ? config_quote(r, name) : "(filled in)";
	struct strbuf known = STRBUF_INIT;
	const struct config_key *key;

	if (nearest) {
		config_report(r, name, "unknown key %s %s; did you mean '%s'?", quoted,
			      places[level], nearest);
		return;
	}
	for (key = config_keys; key->name; key++)
		if (key->level == level && key->read)
			strbuf_addf(&known, "%s%s", known.len ? ", " : "", key->name);
	config_report(r, name, "unknown key %s %s; known: %s", quoted, places[level],
		      known.buf);
	strbuf_release(&known);
}

/* A key with nothing behind it: an empty list or mapping; of other types no value at all. */
static bool has_value(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value)
{
	if (value->type != YAML_NULL)
		return true;
	if (key->type != CONFIG_LIST && key->type != CONFIG_MAPPING &&
	    key->type != CONFIG_STRINGS)
		config_report(r, value->key, "'%s' has no value; give it one or remove the key",
			      key->name);
	return false;
}

static void report_type(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value)
{
	static const char *const wanted[] = {
		[CONFIG_ANY] = "anything",           [CONFIG_LIST] = "a list",
		[CONFIG_MAPPING] = "a mapping",      [CONFIG_STRINGS] = "a mapping",
		[CONFIG_STRING] = "a string",        [CONFIG_BOOLEAN] = "true or false",
		[CONFIG_WEB] = "true, false or raw", [CONFIG_SECRET] = "false or a string",
		[CONFIG_INTEGER] = "a whole number",
	};
	const char *hint = "";

	if (key->type == CONFIG_STRING || (key->type == CONFIG_SECRET && !value->boolean))
		hint = config_quote_hint(value);
	if (value->type == YAML_STRING && key->type >= CONFIG_BOOLEAN)
		config_report(r, value, "'%s' must be %s; %s is a string", key->name,
			      wanted[key->type], config_quote(r, value));
	else
		config_report(r, value, "'%s' must be %s, not %s%s", key->name,
			      wanted[key->type], yaml_type_name(value), hint);
}

static bool has_type(const struct config_key *key, const struct yaml_node *value)
{
	switch (key->type) {
	case CONFIG_ANY: return true;
	case CONFIG_LIST: return value->type == YAML_LIST;
	case CONFIG_MAPPING:
	case CONFIG_STRINGS: return value->type == YAML_MAP;
	case CONFIG_STRING: return config_is_string(value);
	case CONFIG_BOOLEAN: return value->type == YAML_BOOL;
	case CONFIG_WEB: return value->type == YAML_BOOL || str_is(value->text, "raw");
	case CONFIG_SECRET:
		return config_is_string(value) || (value->type == YAML_BOOL && !value->boolean);
	case CONFIG_INTEGER: return value->type == YAML_INT || value->type == YAML_FLOAT;
	}
	bug("key '%s' has no type", key->name);
}

/* Strings go to C and to the platform: something must be in them, and no NUL. */
static bool is_usable(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value)
{
	if ((key->type != CONFIG_STRING && key->type != CONFIG_SECRET) ||
	    !config_is_string(value))
		return true;
	if (value->text.n == 0)
		config_report(r, value, "'%s' is empty; give it a value or remove the key",
			      key->name);
	else if (memchr(value->text.p, '\0', value->text.n))
		config_report(r, value, "'%s' holds a NUL character", key->name);
	else
		return true;
	return false;
}

static void read_key(struct config_reader *r, enum config_level level,
		     const struct yaml_node *value, void *object)
{
	const struct config_key *key = find_key(level, value->key->text);

	if (!key) {
		report_unknown(r, level, value->key);
		return;
	}
	if (!key->read) {
		config_report(r, value->key, "'%s' is not supported yet", key->name);
		return;
	}
	if (value->filled == YAML_FILL_FAILED || !has_value(r, key, value))
		return;
	if (!has_type(key, value))
		report_type(r, key, value);
	else if (is_usable(r, key, value))
		key->read(r, key, value, object);
}

void config_read_keys(struct config_reader *r, enum config_level level,
		      const struct yaml_node *map, void *object)
{
	const struct yaml_node *value;

	for (value = map->child; value; value = value->next)
		read_key(r, level, value, object);
}
