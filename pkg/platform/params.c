#include "platform/params.h"

#include "platform/refuse.h"

static struct json *find(const struct json *list, struct str key)
{
	struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry))
		if (str_eq(json_str(json_get(entry, "key")), key))
			return entry;
	return NULL;
}

static struct json *new_entry(struct str key, struct json *value, bool init)
{
	struct json *entry = json_new_object();

	json_set(entry, "key", json_new_str(key));
	json_set(entry, "value", value);
	if (init)
		json_set(entry, "init", json_new_bool(true));
	return entry;
}

static bool is_init(const struct json *entry)
{
	return json_is_true(json_get(entry, "init"));
}

/* Puts a copy of entry into list, over one of the same key. */
static void put(struct json *list, const struct json *entry)
{
	struct str key = json_str(json_get(entry, "key"));
	const struct json *given = json_get(entry, "value");
	struct json *value = given ? json_clone(given) : json_new_null();
	struct json *there = find(list, key);

	if (!there) {
		json_push(list, new_entry(key, value, is_init(entry)));
		return;
	}
	json_set(there, "value", value);
	json_set(there, "init", is_init(entry) ? json_new_bool(true) : NULL);
}

static int check_size(const struct json *list, const char *field, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	size_t n;

	json_write(&text, list);
	n = text.len;
	strbuf_release(&text);
	if (n > PARAMS_MAX_BYTES)
		return refuse(e, 413, "%s larger than allowed: %zu > %d bytes.", field, n,
			      PARAMS_MAX_BYTES);
	if (json_count(list) > PARAMS_MAX_ENTRIES)
		return refuse(e, 413, "%s has %zu entries, more than the %d allowed", field,
			      json_count(list), PARAMS_MAX_ENTRIES);
	return 0;
}

struct json *params_read(const struct json *list, const char *field, struct err *e)
{
	const struct json *entry;
	struct json *out;

	if (list && !json_is(list, JSON_ARRAY)) {
		refuse(e, 400, "The request content was malformed:\n%s malformed!", field);
		return NULL;
	}
	if (check_size(list, field, e) < 0)
		return NULL;
	out = json_new_array();
	for (entry = json_first(list); entry; entry = json_next(entry)) {
		if (!json_is(json_get(entry, "key"), JSON_STRING)) {
			refuse(e, 400,
			       "The request content was malformed:\n%s malformed! every entry "
			       "needs a string 'key'",
			       field);
			json_free(out);
			return NULL;
		}
		put(out, entry);
	}
	return out;
}

const struct json *params_get(const struct json *list, const char *key)
{
	return json_get(find(list, str_of(key)), "value");
}

void params_set(struct json *list, const char *key, struct json *value)
{
	struct json *there = find(list, str_of(key));

	if (there)
		json_set(there, "value", value);
	else
		json_push(list, new_entry(str_of(key), value, false));
}

struct json *params_merge(const struct json *under, const struct json *over)
{
	struct json *out = under ? json_clone(under) : json_new_array();
	const struct json *entry;

	for (entry = json_first(over); entry; entry = json_next(entry))
		put(out, entry);
	return out;
}

static bool is_listed(const struct json *names, struct str key)
{
	const struct json *name;

	for (name = json_first(names); name; name = json_next(name))
		if (str_eq(json_str(name), key))
			return true;
	return false;
}

struct json *params_without(const struct json *list, const struct json *names)
{
	struct json *out = json_new_array();
	const struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry))
		if (!is_listed(names, json_str(json_get(entry, "key"))))
			json_push(out, json_clone(entry));
	return out;
}

bool params_is_truthy(const struct json *value)
{
	int64_t n;

	switch (json_type(value)) {
	case JSON_NULL: return false;
	case JSON_BOOL: return json_is_true(value);
	case JSON_NUMBER: return !json_int(value, &n) || n != 0;
	case JSON_STRING: return json_str(value).n > 0;
	default: return true;
	}
}

/*
 * As text, not as a tree: looking up every member of a payload of a megabyte
 * in a growing object would take minutes.
 */
void params_write_args(struct strbuf *out, const struct json *list, const struct json *payload)
{
	struct json_index *given = json_index_new(payload);
	const struct json *entry, *member;
	const char *separator = "";
	struct str key;

	strbuf_addc(out, '{');
	for (entry = json_first(list); entry; entry = json_next(entry)) {
		key = json_str(json_get(entry, "key"));
		if (is_init(entry) || json_index_get(given, key))
			continue;
		strbuf_adds(out, separator);
		json_write_str(out, key);
		strbuf_addc(out, ':');
		json_write(out, json_get(entry, "value"));
		separator = ",";
	}
	for (member = json_first(payload); member; member = json_next(member)) {
		strbuf_adds(out, separator);
		json_write_str(out, json_name(member));
		strbuf_addc(out, ':');
		json_write(out, member);
		separator = ",";
	}
	strbuf_addc(out, '}');
	json_index_free(given);
}

static struct json *to_text(const struct json *value)
{
	struct strbuf text = STRBUF_INIT;
	struct json *j;

	if (json_is(value, JSON_STRING))
		return json_clone(value);
	if (!json_is(value, JSON_NULL))
		json_write(&text, value);
	j = json_new_str(strbuf_str(&text));
	strbuf_release(&text);
	return j;
}

struct json *params_env(const struct json *list)
{
	struct json *env = NULL;
	const struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry)) {
		if (!is_init(entry))
			continue;
		if (!env)
			env = json_new_object();
		json_setn(env, json_str(json_get(entry, "key")),
			  to_text(json_get(entry, "value")));
	}
	return env;
}

struct json *params_fixed(const struct json *list)
{
	struct json *fixed = json_new_object();
	const struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry))
		if (!json_is(json_get(entry, "value"), JSON_NULL))
			json_setn(fixed, json_str(json_get(entry, "key")), json_new_bool(true));
	return fixed;
}

bool params_collide(const struct json *fixed, const struct json *payload)
{
	struct json_index *given = json_index_new(payload);
	const struct json *member = json_first(fixed);

	while (member && !json_index_get(given, json_name(member)))
		member = json_next(member);
	json_index_free(given);
	return member != NULL;
}
