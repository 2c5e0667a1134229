#include "remote/remote.h"

static void set_all(struct json *to, const struct json *object)
{
	const struct json *m;

	for (m = json_first(object); m; m = json_next(m))
		json_setn(to, json_name(m), json_clone(m));
}

/* The function's own; in the default package also the project's, which no package brings it. */
static struct json *values_of(const struct slice *s, const struct json *all,
			      const struct json *own)
{
	struct json *j = json_new_object();

	if (package_is_default(s->function->package))
		set_all(j, all);
	set_all(j, own);
	return j;
}

static struct json *web_of(const struct function *f)
{
	enum web_mode web = function_web(f);

	return web == WEB_RAW ? json_new_cstr("raw") : json_new_bool(web == WEB_YES);
}

static struct json *limits_of(const struct function_limits *l)
{
	struct json *j = json_new_object();

	if (l->timeout_ms)
		json_set(j, "timeout", json_new_int(l->timeout_ms));
	if (l->memory_mb)
		json_set(j, "memory", json_new_int(l->memory_mb));
	if (l->logs_kb)
		json_set(j, "logs", json_new_int(l->logs_kb));
	return j;
}

static struct json *function_of(const struct slice *s)
{
	const struct function *f = s->function;
	const struct project *p = s->project;
	struct json *j = json_new_object();

	json_set(j, "name", json_new_cstr(f->name));
	json_set(j, "runtime", json_new_cstr(s->runtime));
	if (f->main)
		json_set(j, "main", json_new_cstr(f->main));
	json_set(j, "web", web_of(f));
	if (f->web_secure)
		json_set(j, "webSecure", json_new_cstr(f->web_secure));
	if (f->annotations)
		json_set(j, "annotations", json_clone(f->annotations));
	json_set(j, "parameters", values_of(s, p->parameters, f->parameters));
	json_set(j, "environment", values_of(s, p->environment, f->environment));
	if (f->limits.given)
		json_set(j, "limits", limits_of(&f->limits));
	return j;
}

static struct json *package_of(const struct slice *s)
{
	struct json *j = json_new_object(), *list = json_new_array();

	json_push(list, function_of(s));
	json_set(j, "name", json_new_cstr(s->function->package->name));
	json_set(j, "shared", json_new_bool(false));
	json_set(j, "parameters", json_new_object());
	json_set(j, "environment", json_new_object());
	json_set(j, "deployedDuringBuild", json_new_bool(false));
	json_set(j, "actions", list);
	return j;
}

static struct json *credentials_of(const struct slice_owner *owner)
{
	struct json *j = json_new_object(), *ow = json_new_object();

	json_set(ow, "apihost", json_new_cstr(owner->api_host));
	json_set(ow, "api_key", json_new_cstr(owner->auth));
	json_set(j, "namespace", json_new_cstr(owner->namespace));
	json_set(j, "ow", ow);
	return j;
}

static struct json *one_member(const char *name, bool value)
{
	struct json *j = json_new_object();

	json_set(j, name, json_new_bool(value));
	return j;
}

/* In JSON a "$" is in strings only, and there it has a second way to be written. */
void slice_add_json(struct strbuf *out, struct str text)
{
	struct str part;
	bool first = true;

	while (str_next(&text, '$', &part)) {
		if (!first)
			strbuf_adds(out, "\\u0024");
		strbuf_addstr(out, part);
		first = false;
	}
}

void slice_configuration(const struct slice *s, const struct slice_owner *owner,
			 struct strbuf *out)
{
	struct json *j = json_new_object(), *packages = json_new_array();
	struct strbuf text = STRBUF_INIT;

	json_push(packages, package_of(s));
	json_set(j, "parameters", json_new_object());
	json_set(j, "environment", json_new_object());
	json_set(j, "credentials", credentials_of(owner));
	json_set(j, "flags", one_member("remoteBuild", false));
	json_set(j, "deployerAnnotation", one_member("newSliceHandling", true));
	if (s->project->build_environment)
		json_set(j, "buildEnv", json_clone(s->project->build_environment));
	json_set(j, "slice", json_new_bool(true));
	json_set(j, "packages", packages);
	json_write(&text, j);
	slice_add_json(out, strbuf_str(&text));
	strbuf_release(&text);
	json_free(j);
}
