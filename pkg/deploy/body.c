#include "deploy/body.h"

#include <string.h>

/* {"key": k, "value": v} at the end of list; an entry of the same key and kind is replaced in
 * its place. */
static void put_entry(struct json *list, struct str key, struct json *value, bool init)
{
	struct json *entry;

	for (entry = json_first(list); entry; entry = json_next(entry)) {
		if (str_eq(json_str(json_get(entry, "key")), key) &&
		    json_is_true(json_get(entry, "init")) == init) {
			json_set(entry, "value", value);
			return;
		}
	}
	entry = json_new_object();
	json_set(entry, "key", json_new_str(key));
	json_set(entry, "value", value);
	if (init)
		json_set(entry, "init", json_new_bool(true));
	json_push(list, entry);
}

static void put_all(struct json *list, const struct json *object, bool init)
{
	const struct json *m;

	for (m = json_first(object); m; m = json_next(m))
		put_entry(list, json_name(m), json_clone(m), init);
}

static void annotate(struct json *list, const char *key, struct json *value)
{
	put_entry(list, str_of(key), value, false);
}

struct json *package_annotations(const struct package *pkg, const struct json *deployer)
{
	struct json *list = json_new_array();

	put_all(list, pkg->annotations, false);
	annotate(list, "deployer", json_clone(deployer));
	return list;
}

struct json *binding_body(const struct package *pkg, const char *namespace)
{
	const struct binding *b = &pkg->binding;
	struct json *j;

	if (!b->name)
		return NULL;
	j = json_new_object();
	json_set(j, "namespace",
		 json_new_cstr(strcmp(b->namespace, "_") == 0 ? namespace : b->namespace));
	json_set(j, "name", json_new_cstr(b->name));
	return j;
}

struct json *package_body(const struct project *p, const struct package *pkg,
			  const char *namespace, const struct json *deployer)
{
	struct json *body = json_new_object(), *parameters = json_new_array();

	put_all(parameters, p->parameters, false);
	put_all(parameters, pkg->parameters, false);
	put_all(parameters, p->environment, true);
	put_all(parameters, pkg->environment, true);
	json_set(body, "parameters", parameters);
	json_set(body, "annotations", package_annotations(pkg, deployer));
	json_set(body, "publish", json_new_bool(pkg->shared));
	if (pkg->binding.name)
		json_set(body, "binding", binding_body(pkg, namespace));
	return body;
}

static struct json *function_parameters(const struct project *p, const struct function *f)
{
	struct json *list = json_new_array();
	bool orphan = package_is_default(f->package);

	if (orphan)
		put_all(list, p->parameters, false);
	put_all(list, f->parameters, false);
	if (orphan)
		put_all(list, p->environment, true);
	put_all(list, f->environment, true);
	return list;
}

struct json *function_annotations(const struct function *f, const struct json *deployer)
{
	struct json *list = json_new_array();
	enum web_mode web = function_web(f);

	put_all(list, f->annotations, false);
	annotate(list, "deployer", json_clone(deployer));
	annotate(list, "final", json_new_bool(true));
	annotate(list, "web-export", json_new_bool(web != WEB_NO));
	annotate(list, "raw-http", json_new_bool(web == WEB_RAW));
	annotate(list, "require-whisk-auth",
		 f->web_secure ? json_new_cstr(f->web_secure) : json_new_bool(false));
	return list;
}

struct json *limits_body(const struct function_limits *l)
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

static void add_text(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	json_write_str(out, str_of(value));
}

/* An image may have all the code in it. */
static void add_exec(struct strbuf *head, struct strbuf *tail, const struct function *f,
		     const struct artifact *a)
{
	strbuf_adds(head, "\"exec\":{");
	if (a->files || !f->docker) {
		strbuf_adds(head, "\"code\":\"");
		strbuf_adds(tail, "\",");
	}
	strbuf_addf(tail, "\"binary\":%s", a->binary ? "true" : "false");
	add_text(tail, "kind", a->runtime);
	add_text(tail, "image", f->docker);
	add_text(tail, "main", f->main);
	strbuf_addc(tail, '}');
}

static void add_sequence(struct strbuf *out, const struct json *components)
{
	strbuf_adds(out, "\"exec\":{\"kind\":\"sequence\",\"components\":");
	json_write(out, components);
	strbuf_addc(out, '}');
}

static void add_member(struct strbuf *out, const char *name, struct json *value)
{
	strbuf_addf(out, "\"%s\":", name);
	json_write(out, value);
	json_free(value);
}

static struct json *names_list(const char *const *names, size_t n)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_push(list, json_new_cstr(names[i]));
	return list;
}

/* Those that are set, and for those that are not any more what the platform begins with. */
static void add_limits(struct strbuf *out, const struct function *f, const struct json *reset)
{
	struct json *limits;
	const struct json *m;

	if (!f->limits.given && !reset)
		return;
	limits = limits_body(&f->limits);
	for (m = json_first(reset); m; m = json_next(m))
		json_setn(limits, json_name(m), json_clone(m));
	strbuf_addc(out, ',');
	add_member(out, "limits", limits);
}

static void add_stale(struct strbuf *out, const struct upload *u)
{
	if (!u->stale_n)
		return;
	strbuf_addc(out, ',');
	add_member(out, "delAnnotations", names_list(u->stale, u->stale_n));
}

static void add_values(struct strbuf *out, const struct project *p, const struct function *f,
		       const struct upload *u)
{
	strbuf_addc(out, '{');
	add_member(out, "annotations", function_annotations(f, u->deployer));
	strbuf_addc(out, ',');
	add_member(out, "parameters", function_parameters(p, f));
}

static void add_rest(struct strbuf *out, const struct function *f, const struct upload *u)
{
	add_limits(out, f, u->reset);
	add_stale(out, u);
	strbuf_addc(out, '}');
}

void function_body(struct strbuf *head, struct strbuf *tail, const struct project *p,
		   const struct function *f, const struct upload *u)
{
	add_values(head, p, f, u);
	strbuf_addc(head, ',');
	if (u->components)
		add_sequence(head, u->components);
	else
		add_exec(head, tail, f, u->artifact);
	add_rest(tail, f, u);
}

void values_body(struct strbuf *out, const struct project *p, const struct function *f,
		 const struct upload *u)
{
	add_values(out, p, f, u);
	add_rest(out, f, u);
}

void record_body(struct strbuf *out, const struct json *deployer)
{
	struct json *list = json_new_array();

	annotate(list, "deployer", json_clone(deployer));
	strbuf_addc(out, '{');
	add_member(out, "annotations", list);
	strbuf_addc(out, '}');
}
