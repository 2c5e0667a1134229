#include "builder/builder.h"

#include <stdlib.h>

#include "yaml/yaml.h"

int slice_decrypt(struct str hex, const unsigned char *key, struct strbuf *text, struct err *e)
{
	struct strbuf raw = STRBUF_MAX(YAML_MAX_BYTES);
	bool good = hex_decode(&raw, str_trim(hex)) && aes_decrypt(text, key, strbuf_str(&raw));

	strbuf_release(&raw);
	if (good)
		return 0;
	return err_set(e, ERR_PROJECT,
		       "'project.yml' of the slice is not encrypted with the key that came "
		       "with it");
}

static int refuse(const char *what, struct err *e)
{
	return err_set(e, ERR_PROJECT, "'project.yml' of the slice %s", what);
}

static struct json *parse(struct str text, struct err *e)
{
	const struct diag_source source = {"project.yml", text};
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	const struct yaml_node *root = yaml_parse(&a, &source, NULL, &d);
	struct json *j = root && d.errors == 0 ? yaml_to_json(root) : NULL;

	if (!j || !json_is(j, JSON_OBJECT)) {
		json_free(j);
		j = NULL;
		(void)refuse("cannot be read", e);
	}
	diags_release(&d);
	arena_release(&a);
	return j;
}

/* The members of `from` that a project.yml may have, in their order. */
static struct json *pick(const struct json *from, const char *const *names, size_t n)
{
	struct json *j = json_new_object();
	const struct json *value;
	size_t i;

	for (i = 0; i < n; i++) {
		value = json_get(from, names[i]);
		if (value && !(json_is(value, JSON_STRING) && json_str(value).n == 0))
			json_set(j, names[i], json_clone(value));
	}
	return j;
}

static struct json *pick_function(const struct json *from)
{
	static const char *const names[] = {"name",       "runtime",     "main",
					    "web",        "webSecure",   "annotations",
					    "parameters", "environment", "limits"};

	return pick(from, names, countof(names));
}

static struct json *one_function(const struct json *package)
{
	static const char *const names[] = {"name"};
	const struct json *list = json_get(package, "actions");
	struct json *j = pick(package, names, countof(names)), *functions = json_new_array();

	if (!list)
		list = json_get(package, "functions");
	if (json_count(list) == 1)
		json_push(functions, pick_function(json_first(list)));
	json_set(j, "functions", functions);
	return j;
}

/* The project of the one function, whose names *r then has. */
static int take_project(const struct json *all, struct slice_reading *r, struct err *e)
{
	static const char *const names[] = {"parameters", "environment"};
	const struct json *packages = json_get(all, "packages"), *package;
	struct json *list = json_new_array();

	r->project = pick(all, names, countof(names));
	json_set(r->project, "packages", list);
	if (!json_is(packages, JSON_ARRAY) || json_count(packages) != 1)
		return refuse("has not exactly one package", e);
	json_push(list, one_function(json_first(packages)));
	package = json_first(list);
	r->package = json_cstr(json_get(package, "name"));
	r->function = json_cstr(json_get(json_first(json_get(package, "functions")), "name"));
	if (!r->package || !r->function)
		return refuse("has not exactly one function", e);
	return 0;
}

static bool are_strings(const struct json *object)
{
	const struct json *m;

	for (m = json_first(object); m; m = json_next(m))
		if (!json_cstr(m))
			return false;
	return json_is(object, JSON_OBJECT);
}

static char *copy(const struct json *j)
{
	const char *s = json_cstr(j);

	return s && *s ? xstrdup(s) : NULL;
}

static int take_rest(struct json *all, struct slice_reading *r, struct err *e)
{
	const struct json *credentials = json_get(all, "credentials");

	r->namespace = copy(json_get(credentials, "namespace"));
	r->auth = copy(json_get(json_get(credentials, "ow"), "api_key"));
	r->annotation = json_take(all, "deployerAnnotation");
	r->environment = json_take(all, "buildEnv");
	if (!json_is_true(json_get(all, "slice")))
		return refuse("is not that of a slice ('slice: true')", e);
	if (!r->namespace || !r->auth)
		return refuse("has no credentials to deploy with", e);
	if (r->environment && !are_strings(r->environment))
		return refuse("has a 'buildEnv' of something else than strings", e);
	return 0;
}

int slice_read_configuration(struct str text, struct slice_reading *r, struct err *e)
{
	struct json *all;
	int rc;

	*r = (struct slice_reading){0};
	all = parse(text, e);
	if (!all)
		return -1;
	rc = take_rest(all, r, e);
	if (rc == 0)
		rc = take_project(all, r, e);
	json_free(all);
	return rc;
}

void slice_reading_release(struct slice_reading *r)
{
	json_free(r->project);
	json_free(r->annotation);
	json_free(r->environment);
	free(r->auth);
	free(r->namespace);
	*r = (struct slice_reading){0};
}
