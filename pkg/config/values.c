#include <stdlib.h>

#include "config/schema.h"
#include "runtime/runtime.h"
#include "json/json.h"

/* Replaces what is there: YAML gives every key once, but project_release() must not miss a
 * tree. */
static void keep_tree(const struct config_key *key, void *object, struct json *tree)
{
	struct json **kept = config_field(key, object);

	json_free(*kept);
	*kept = tree;
}

void config_accept(struct config_reader *r UNUSED, const struct config_key *key UNUSED,
		   const struct yaml_node *value UNUSED, void *object UNUSED)
{
}

/*
 * What arrives is not what was written: infinity and "not a number", and what is filled in.
 * The existing tool puts values into the text, where they may be more than a string.
 * Only where anything may stand, such a value was ever accepted.
 */
static void warn_of_values(struct config_reader *r, const struct yaml_node *n)
{
	const struct yaml_node *child;
	struct yaml_node was = *n;

	for (child = n->child; child; child = child->next)
		warn_of_values(r, child);
	if (n->type == YAML_FLOAT && str_is(n->number, "null"))
		diags_add(r->diags, DIAG_WARNING, &r->project->config, n->pos,
			  "JSON has no such number: this becomes null; put it in quotes to "
			  "have it as a string");
	if (n->type != YAML_STRING || n->quoted ||
	    (n->filled != YAML_FILLED_WHOLE && n->filled != YAML_FILLED_PART))
		return;
	was.type = yaml_plain_type(n->text);
	if (was.type != YAML_STRING)
		diags_add(r->diags, DIAG_WARNING, &r->project->config, n->pos,
			  "this looks like %s when it is filled in, but is a string; put it in "
			  "quotes%s",
			  yaml_type_name(&was),
			  was.type == YAML_LIST || was.type == YAML_MAP
				  ? ", or take it from a file with '${<path}'"
				  : "");
}

void config_read_mapping(struct config_reader *r, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	warn_of_values(r, value);
	keep_tree(key, object, yaml_to_json(value));
}

/* A name and a value that can be an environment entry of a process. */
static bool is_entry(struct config_reader *r, const struct yaml_node *value)
{
	const struct yaml_node *name = value->key;

	if (name->text.n == 0 || memchr(name->text.p, '=', name->text.n) ||
	    memchr(name->text.p, '\0', name->text.n)) {
		config_report(r, name, "an environment variable cannot be called %s",
			      config_quote(r, name));
		return false;
	}
	if (!config_is_string(value)) {
		config_report(r, value, "environment variable %s must be a string, not %s%s",
			      config_quote(r, name), yaml_type_name(value),
			      config_quote_hint(value));
		return false;
	}
	if (value->text.n && memchr(value->text.p, '\0', value->text.n)) {
		config_report(r, value, "environment variable %s holds a NUL character",
			      config_quote(r, name));
		return false;
	}
	return true;
}

void config_read_strings(struct config_reader *r, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	struct json *tree = json_new_object();
	const struct yaml_node *entry;

	for (entry = value->child; entry; entry = entry->next)
		if (entry->filled != YAML_FILL_FAILED && is_entry(r, entry))
			json_setn(tree, entry->key->text, json_new_str(entry->text));
	keep_tree(key, object, tree);
}

/* functions.md 1.5 */
const struct config_reserved config_reserved[] = {
	{"web-export", "use the key 'web'"},
	{"raw-http", "use the key 'web: raw'"},
	{"require-whisk-auth", "use the key 'webSecure'"},
	{"final", "it is always true"},
	{NULL, NULL},
};

void config_read_annotations(struct config_reader *r, const struct config_key *key,
			     const struct yaml_node *value, void *object)
{
	const struct yaml_node *entry;
	size_t i;

	for (i = 0; config_reserved[i].name; i++) {
		entry = yaml_get(value, config_reserved[i].name);
		if (entry)
			config_report(r, entry->key, "annotation '%s' cannot be set; %s",
				      config_reserved[i].name, config_reserved[i].instead);
	}
	warn_of_values(r, value);
	keep_tree(key, object, yaml_to_json(value));
}

void config_read_string(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value, void *object)
{
	const char **kept = config_field(key, object);

	*kept = arena_strdup(&r->project->arena, value->text.p);
}

static void report_runtime(struct config_reader *r, const struct yaml_node *value)
{
	bool written = value->filled == YAML_AS_WRITTEN;
	struct strbuf text = STRBUF_INIT;

	runtime_describe_unknown(&text, written ? value->text : (struct str){NULL, 0},
				 written ? config_quote(r, value) : "filled in here", r->kinds);
	config_report(r, value, "%s", text.buf);
	r->project->unknown_runtimes++;
	strbuf_release(&text);
}

void config_read_runtime(struct config_reader *r, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	if (runtime_is_known(value->text, r->kinds))
		config_read_string(r, key, value, object);
	else
		report_runtime(r, value);
}

void config_read_boolean(struct config_reader *r UNUSED, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	bool *kept = config_field(key, object);

	*kept = value->boolean;
}

void config_read_web(struct config_reader *r UNUSED, const struct config_key *key,
		     const struct yaml_node *value, void *object)
{
	enum web_mode *kept = config_field(key, object);

	if (value->type == YAML_BOOL)
		*kept = value->boolean ? WEB_YES : WEB_NO;
	else
		*kept = WEB_RAW;
}

void config_read_secret(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value, void *object)
{
	if (value->type != YAML_BOOL || value->boolean)
		config_read_string(r, key, value, object);
}

void config_read_integer(struct config_reader *r, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	int64_t *kept = config_field(key, object);
	struct json *number = yaml_to_json(value);
	int64_t v;
	bool whole = json_int(number, &v);

	json_free(number);
	if (!whole || v < key->min || v > key->max)
		config_report(r, value, "'%s' must be a whole number from %lld to %lld (%s)",
			      key->name, (long long)key->min, (long long)key->max, key->what);
	else
		*kept = v;
}

void config_read_keys_of(struct config_reader *r, const struct config_key *key,
			 const struct yaml_node *value, void *object)
{
	config_read_keys(r, key->inner, value, config_field(key, object));
}

void config_read_limits(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value, void *object)
{
	struct function_limits *limits = config_field(key, object);

	limits->given = true;
	config_read_keys(r, key->inner, value, limits);
}

void config_read_target(struct config_reader *r, const struct config_key *key,
			const struct yaml_node *value, void *object)
{
	struct target_namespace *target = config_field(key, object);

	if (value->type != YAML_MAP)
		target->name = arena_strdup(&r->project->arena, value->text.p);
	else if (value->count == 0)
		config_report(r, value, "'%s' needs 'production' or 'test'", key->name);
	else
		config_read_keys(r, key->inner, value, target);
}
