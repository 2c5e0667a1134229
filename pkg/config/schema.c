#include "config/schema.h"

#include <stdarg.h>

#include "base/utf8.h"

/* A key without a value of its own in the model, or one whose reader knows where it goes. */
#define KEY(level_, name_, type_, read_, ...)                                      \
	{                                                                          \
		.level = CONFIG_##level_, .name = (name_), .type = CONFIG_##type_, \
		.read = (read_), __VA_ARGS__                                       \
	}
/* Kept in a field of the level's struct. */
#define AT(object, field) .offset = offsetof(struct object, field)
#define PLACE(object, field) .place = offsetof(struct object, field)
#define RANGE(min_, max_, what_) .min = (min_), .max = (max_), .what = (what_)

/* functions.md 1.3 to 1.6 */
const struct config_key config_keys[] = {
	KEY(TOP, "packages", LIST, config_read_packages, .inner = CONFIG_PACKAGE),
	KEY(TOP, "parameters", MAPPING, config_read_mapping, AT(project, parameters)),
	KEY(TOP, "environment", STRINGS, config_read_strings, AT(project, environment)),
	KEY(TOP, "targetNamespace", CHOICE, config_read_target, .inner = CONFIG_TARGET,
	    AT(project, target), PLACE(project, target.pos)),

	KEY(TARGET, "production", STRING, config_read_string, AT(target_namespace, production)),
	KEY(TARGET, "test", STRING, config_read_string, AT(target_namespace, test)),

	KEY(PACKAGE, "name", STRING, config_accept, .required = true),
	KEY(PACKAGE, "functions", LIST, config_read_functions, .inner = CONFIG_FUNCTION),
	KEY(PACKAGE, "actions", LIST, config_read_functions, .inner = CONFIG_FUNCTION),
	KEY(PACKAGE, "parameters", MAPPING, config_read_mapping, AT(package, parameters)),
	KEY(PACKAGE, "environment", STRINGS, config_read_strings, AT(package, environment)),
	KEY(PACKAGE, "annotations", MAPPING, config_read_annotations, AT(package, annotations)),
	KEY(PACKAGE, "shared", BOOLEAN, config_read_boolean, AT(package, shared)),
	KEY(PACKAGE, "web", WEB, config_read_web, AT(package, web)),
	KEY(PACKAGE, "binding", KEYS, config_read_keys_of, .inner = CONFIG_BINDING,
	    AT(package, binding), PLACE(package, binding.pos)),

	KEY(BINDING, "namespace", STRING, config_read_string, .required = true,
	    AT(binding, namespace)),
	KEY(BINDING, "name", STRING, config_read_string, .required = true, AT(binding, name)),

	KEY(FUNCTION, "name", STRING, config_accept, .required = true),
	KEY(FUNCTION, "runtime", TEXT, config_read_runtime, AT(function, runtime),
	    PLACE(function, at.runtime)),
	KEY(FUNCTION, "main", TEXT, config_read_string, AT(function, main),
	    PLACE(function, at.main)),
	KEY(FUNCTION, "web", WEB, config_read_web, AT(function, web)),
	KEY(FUNCTION, "webSecure", SECRET, config_read_secret, AT(function, web_secure)),
	KEY(FUNCTION, "parameters", MAPPING, config_read_mapping, AT(function, parameters)),
	KEY(FUNCTION, "environment", STRINGS, config_read_strings, AT(function, environment)),
	KEY(FUNCTION, "annotations", MAPPING, config_read_annotations,
	    AT(function, annotations)),
	KEY(FUNCTION, "limits", KEYS, config_read_limits, .inner = CONFIG_LIMITS,
	    AT(function, limits)),
	KEY(FUNCTION, "triggers", LIST, config_read_triggers, .inner = CONFIG_TRIGGER),
	KEY(FUNCTION, "sequence", NAMES, config_read_sequence, PLACE(function, at.sequence)),
	KEY(FUNCTION, "file", STRING, config_read_file, AT(function, file),
	    PLACE(function, at.file)),
	KEY(FUNCTION, "docker", STRING, config_read_string, AT(function, docker),
	    PLACE(function, at.docker)),
	KEY(FUNCTION, "remoteBuild", BOOLEAN, config_read_boolean, AT(function, remote_build),
	    PLACE(function, at.remote_build)),
	KEY(FUNCTION, "localBuild", BOOLEAN, config_read_boolean, AT(function, local_build),
	    PLACE(function, at.local_build)),
	KEY(FUNCTION, "binary", BOOLEAN, config_accept, PLACE(function, at.binary)),

	KEY(LIMITS, "timeout", INTEGER, config_read_integer, AT(function_limits, timeout_ms),
	    RANGE(100, 900000, "milliseconds")),
	KEY(LIMITS, "memory", INTEGER, config_read_integer, AT(function_limits, memory_mb),
	    RANGE(128, 1024, "MB")),
	KEY(LIMITS, "logs", INTEGER, config_read_integer, AT(function_limits, logs_kb),
	    RANGE(1, 256, "KB")),

	/* The old way to write a trigger has sourceType and sourceDetails. */
	KEY(TRIGGER, "name", STRING, config_accept, .required = true),
	KEY(TRIGGER, "type", STRING, config_read_trigger_type),
	KEY(TRIGGER, "enabled", BOOLEAN, config_read_boolean, AT(trigger, enabled)),
	KEY(TRIGGER, "scheduledDetails", KEYS, config_read_keys_of, .inner = CONFIG_SCHEDULE),
	KEY(TRIGGER, "sourceType", STRING, config_read_source_type),
	KEY(TRIGGER, "sourceDetails", KEYS, config_read_keys_of, .inner = CONFIG_SOURCE),

	KEY(SCHEDULE, "cron", STRING, config_read_cron, .required = true, AT(trigger, cron)),
	KEY(SCHEDULE, "body", MAPPING, config_read_mapping, AT(trigger, body)),

	KEY(SOURCE, "cron", STRING, config_read_cron, .required = true, AT(trigger, cron)),
	KEY(SOURCE, "withBody", MAPPING, config_read_mapping, AT(trigger, body)),
	{.name = NULL},
};

static const char *const subjects[] = {
	[CONFIG_NOWHERE] = "nothing",
	[CONFIG_TOP] = "the file",
	[CONFIG_TARGET] = "'targetNamespace'",
	[CONFIG_PACKAGE] = "a package",
	[CONFIG_BINDING] = "'binding'",
	[CONFIG_FUNCTION] = "a function",
	[CONFIG_LIMITS] = "'limits'",
	[CONFIG_TRIGGER] = "a trigger",
	[CONFIG_SCHEDULE] = "'scheduledDetails'",
	[CONFIG_SOURCE] = "'sourceDetails'",
};

/*
 * What other tools wrote into new projects and today's tool passes over while
 * the value is false or empty: such a file must stay good.  With any other value
 * these keys are as unknown as all others.
 */
const struct config_leftover config_leftovers[] = {
	{CONFIG_TOP, "bucket", "remove it"},
	{CONFIG_TOP, "website", "remove it"},
	{CONFIG_TOP, "cleanNamespace", "remove it"},
	{CONFIG_PACKAGE, "clean", "remove it"},
	{CONFIG_FUNCTION, "clean", "remove it"},
	{CONFIG_FUNCTION, "websecure", "the key is called 'webSecure'"},
	{CONFIG_NOWHERE, NULL, NULL},
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
	struct strbuf b = STRBUF_INIT;
	const char *quoted;

	if (n->filled != YAML_AS_WRITTEN)
		return "the value filled in here";
	utf8_add_printable(&b, n->text);
	quoted = arena_printf(&r->project->arena, "'%s'", b.buf);
	strbuf_release(&b);
	return quoted;
}

void *config_field(const struct config_key *key, void *object)
{
	return (char *)object + key->offset;
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

bool config_is_blank(const struct yaml_node *value)
{
	switch (value->type) {
	case YAML_NULL: return true;
	case YAML_BOOL: return !value->boolean;
	case YAML_STRING: return value->filled == YAML_AS_WRITTEN && value->text.n == 0;
	case YAML_LIST:
	case YAML_MAP: return value->count == 0;
	default: return false;
	}
}

/* True with a warning. */
static bool is_leftover(struct config_reader *r, enum config_level level,
			const struct yaml_node *value)
{
	size_t i;

	for (i = 0; config_leftovers[i].name; i++) {
		if (config_leftovers[i].level != level ||
		    !str_is(value->key->text, config_leftovers[i].name) ||
		    !config_is_blank(value))
			continue;
		diags_add(r->diags, DIAG_WARNING, &r->project->config, value->key->pos,
			  "'%s' does nothing; %s", config_leftovers[i].name,
			  config_leftovers[i].advice);
		return true;
	}
	return false;
}

static void report_unknown(struct config_reader *r, enum config_level level,
			   const struct yaml_node *name)
{
	bool written = name->filled == YAML_AS_WRITTEN;
	const char *nearest = written ? nearest_key(level, name->text) : NULL;
	const char *quoted = written ? config_quote(r, name) : "(filled in)";
	const char *in = level == CONFIG_TOP ? "at the top level" : subjects[level];
	struct strbuf known = STRBUF_INIT;
	const struct config_key *key;

	if (level != CONFIG_TOP)
		in = arena_printf(&r->project->arena, "in %s", in);
	if (nearest) {
		config_report(r, name, "unknown key %s %s; did you mean '%s'?", quoted, in,
			      nearest);
		return;
	}
	for (key = config_keys; key->name; key++)
		if (key->level == level)
			strbuf_addf(&known, "%s%s", known.len ? ", " : "", key->name);
	config_report(r, name, "unknown key %s %s; known: %s", quoted, in, known.buf);
	strbuf_release(&known);
}

/* For these no value is the same as an empty one. */
static bool may_be_empty(enum config_type type)
{
	return type == CONFIG_LIST || type == CONFIG_KEYS || type == CONFIG_MAPPING ||
	       type == CONFIG_STRINGS || type == CONFIG_TEXT || type == CONFIG_CHOICE;
}

static bool has_value(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value)
{
	if (value->type != YAML_NULL)
		return true;
	if (!may_be_empty(key->type))
		config_report(r, value->key, "'%s' has no value; give it one or remove the key",
			      key->name);
	return false;
}

static void report_type(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value)
{
	static const char *const wanted[] = {
		[CONFIG_LIST] = "a list",
		[CONFIG_KEYS] = "a mapping",
		[CONFIG_MAPPING] = "a mapping",
		[CONFIG_STRINGS] = "a mapping",
		[CONFIG_NAMES] = "a list of names",
		[CONFIG_STRING] = "a string",
		[CONFIG_TEXT] = "a string",
		[CONFIG_CHOICE] = "a string or a mapping",
		[CONFIG_BOOLEAN] = "true or false",
		[CONFIG_WEB] = "true, false or raw",
		[CONFIG_SECRET] = "false or a string",
		[CONFIG_INTEGER] = "a whole number",
	};
	bool takes_string = key->type >= CONFIG_STRING && key->type <= CONFIG_CHOICE;
	const char *hint = "";

	if (takes_string || (key->type == CONFIG_SECRET && !value->boolean))
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
	case CONFIG_LIST:
	case CONFIG_NAMES: return value->type == YAML_LIST;
	case CONFIG_KEYS:
	case CONFIG_MAPPING:
	case CONFIG_STRINGS: return value->type == YAML_MAP;
	case CONFIG_STRING:
	case CONFIG_TEXT: return config_is_string(value);
	case CONFIG_CHOICE: return value->type == YAML_MAP || config_is_string(value);
	case CONFIG_BOOLEAN: return value->type == YAML_BOOL;
	case CONFIG_WEB: return value->type == YAML_BOOL || str_is(value->text, "raw");
	case CONFIG_SECRET:
		return config_is_string(value) || (value->type == YAML_BOOL && !value->boolean);
	case CONFIG_INTEGER: return value->type == YAML_INT || value->type == YAML_FLOAT;
	}
	bug("key '%s' has no type", key->name);
}

/* Strings go to C and to the platform: no NUL, and mostly something must be in them. */
static bool is_usable(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value)
{
	bool may_lack = key->type == CONFIG_TEXT || key->type == CONFIG_CHOICE;

	if (key->type < CONFIG_STRING || key->type == CONFIG_INTEGER ||
	    !config_is_string(value))
		return true;
	if (value->text.n && memchr(value->text.p, '\0', value->text.n))
		config_report(r, value, "'%s' holds a NUL character", key->name);
	else if (value->text.n == 0 && !may_lack)
		config_report(r, value, "'%s' is empty; give it a value or remove the key",
			      key->name);
	return value->text.n > 0 && !memchr(value->text.p, '\0', value->text.n);
}

static void keep_place(const struct config_key *key, const struct yaml_node *value,
		       void *object)
{
	if (key->place)
		*(struct pos *)((char *)object + key->place) = value->key->pos;
}

static void read_key(struct config_reader *r, enum config_level level,
		     const struct yaml_node *value, void *object)
{
	const struct config_key *key = find_key(level, value->key->text);

	if (!key) {
		if (!is_leftover(r, level, value))
			report_unknown(r, level, value->key);
		return;
	}
	if (value->filled == YAML_FILL_FAILED || !has_value(r, key, value))
		return;
	if (!has_type(key, value)) {
		report_type(r, key, value);
	} else if (is_usable(r, key, value)) {
		keep_place(key, value, object);
		key->read(r, key, value, object);
	}
}

void config_read_keys(struct config_reader *r, enum config_level level,
		      const struct yaml_node *map, void *object)
{
	const struct yaml_node *value;
	const struct config_key *key;

	for (value = map->child; value; value = value->next)
		read_key(r, level, value, object);
	for (key = config_keys; key->name; key++)
		if (key->level == level && key->required && !yaml_get(map, key->name))
			config_report(r, map, "%s needs a '%s'", subjects[level], key->name);
}
