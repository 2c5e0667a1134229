#include "envfile/envfile.h"

#include <stdlib.h>

#include "envfile/dotenv.h"
#include "json/json.h"

static struct json *parse_json(struct str text, struct err *e)
{
	struct err bad = ERR_INIT;
	struct json *object = json_parse(text, &bad);

	if (!object) {
		err_set(e, ERR_PROJECT, "this is no valid JSON: %s", bad.msg);
		err_clear(&bad);
	}
	return object;
}

static struct json *parse_lines(struct arena *a, const char *name, struct str text,
				struct diags *d)
{
	struct strbuf json = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct json *object;

	dotenv_write_json(&json, a, name, text, d);
	object = json_parse(strbuf_str(&json), &e);
	if (!object)
		bug("variables are no JSON: %s", e.msg);
	strbuf_release(&json);
	return object;
}

struct json *envfile_parse(struct arena *a, const char *name, struct str text, struct diags *d,
			   struct err *e)
{
	struct json *object;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	if (text.n && memchr(text.p, '\0', text.n)) {
		err_set(e, ERR_PROJECT,
			"this is no text, or not UTF-8 (it holds NUL bytes); save it as UTF-8");
		return NULL;
	}
	if (str_starts(str_trim(text), "{"))
		object = parse_json(text, e);
	else
		object = parse_lines(a, name, text, d);
	if (!object || json_count(object) <= ENVFILE_MAX_NAMES)
		return object;
	err_set(e, ERR_PROJECT, "more than %d names", ENVFILE_MAX_NAMES);
	json_free(object);
	return NULL;
}

static bool check_value(const struct json *value, struct err *e)
{
	if (!json_is(value, JSON_STRING) || json_cstr(value))
		return true;
	err_set(e, ERR_PROJECT, "the value of '%.*s' holds a NUL character",
		STR_ARG(json_name(value)));
	return false;
}

/* The object with every value as a string.  Takes it. */
static struct json *to_strings(struct json *object, struct err *e)
{
	struct strbuf all = STRBUF_INIT, one = STRBUF_INIT;
	struct json *strings = NULL;
	const struct json *v;

	strbuf_addc(&all, '{');
	for (v = json_first(object); v && check_value(v, e); v = json_next(v)) {
		strbuf_reset(&one);
		json_write(&one, v);
		strbuf_adds(&all, all.len > 1 ? "," : "");
		json_write_str(&all, json_name(v));
		strbuf_addc(&all, ':');
		if (json_is(v, JSON_STRING))
			strbuf_addstr(&all, strbuf_str(&one));
		else
			json_write_str(&all, strbuf_str(&one));
	}
	strbuf_addc(&all, '}');
	if (!v)
		strings = json_parse(strbuf_str(&all), e);
	strbuf_release(&all);
	strbuf_release(&one);
	json_free(object);
	return strings;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(json_name(*(const struct json *const *)a),
		       json_name(*(const struct json *const *)b));
}

int envfile_read(struct envfile *env, struct arena *a, const char *name, struct str text,
		 struct diags *d, struct err *e)
{
	struct json *object = envfile_parse(a, name, text, d, e);
	const struct json *v;

	*env = (struct envfile){.values = object ? to_strings(object, e) : NULL};
	if (!env->values)
		return -1;
	for (v = json_first(env->values); v; v = json_next(v))
		vec_push(&env->sorted, v);
	if (env->sorted.n)
		qsort(env->sorted.v, env->sorted.n, sizeof(*env->sorted.v), by_name);
	return 0;
}

const char *envfile_get(const struct envfile *env, const char *name)
{
	size_t low = 0, high = env->sorted.n, middle;
	int c;

	while (low < high) {
		middle = low + (high - low) / 2;
		c = str_cmp(str_of(name), json_name(env->sorted.v[middle]));
		if (c == 0)
			return json_cstr(env->sorted.v[middle]);
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

size_t envfile_count(const struct envfile *env)
{
	return env->sorted.n;
}

struct json *envfile_detach(struct envfile *env)
{
	struct json *values = env->values;

	env->values = NULL;
	envfile_release(env);
	return values;
}

void envfile_release(struct envfile *env)
{
	json_free(env->values);
	env->values = NULL;
	vec_release(&env->sorted);
}
