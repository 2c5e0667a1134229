#include "deploy/digest.h"

#include <stdlib.h>

#include "base/hash.h"
#include "deploy/body.h"

enum { SHORT_DIGITS = 8 };

/* Changes with what dofn sends for the same project, so that all is sent once more. */
static const char format[] = "dofn 1\n";

static int by_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return str_cmp(json_name(*x), json_name(*y));
}

static void add_canonical(struct strbuf *out, const struct json *j);

static void add_object(struct strbuf *out, const struct json *object)
{
	VEC(const struct json *) members = {0};
	const struct json *m;
	size_t i;

	for (m = json_first(object); m; m = json_next(m))
		vec_push(&members, m);
	if (members.n)
		qsort(members.v, members.n, sizeof(*members.v), by_name);
	strbuf_addc(out, '{');
	for (i = 0; i < members.n; i++) {
		json_write_str(out, json_name(members.v[i]));
		strbuf_addc(out, ':');
		add_canonical(out, members.v[i]);
		strbuf_addc(out, ',');
	}
	strbuf_addc(out, '}');
	vec_release(&members);
}

/* One text for one value, whatever the order of members; at most JSON_MAX_DEPTH deep. */
static void add_canonical(struct strbuf *out,
			  const struct json *j) /* NOLINT(misc-no-recursion) */
{
	const struct json *item;

	if (json_is(j, JSON_OBJECT)) {
		add_object(out, j);
	} else if (json_is(j, JSON_ARRAY)) {
		strbuf_addc(out, '[');
		for (item = json_first(j); item; item = json_next(item)) {
			add_canonical(out, item);
			strbuf_addc(out, ',');
		}
		strbuf_addc(out, ']');
	} else {
		json_write(out, j);
	}
}

static void digest_of(const struct json *j, char hex[SHA256_HEX])
{
	struct strbuf text = STRBUF_INIT;

	add_canonical(&text, j);
	sha256_of(text.buf, text.len, hex);
	strbuf_release(&text);
}

static struct json *shortened(const char hex[SHA256_HEX])
{
	return json_new_str((struct str){hex, SHORT_DIGITS});
}

/* Each part goes into its place of `parts` and whole into the sum; it is freed. */
static void add_part(struct json *parts, struct strbuf *sum, const char *name,
		     struct json *part)
{
	char hex[SHA256_HEX];

	digest_of(part, hex);
	strbuf_addf(sum, "%s %s\n", name, hex);
	json_set(parts, name, shortened(hex));
	json_free(part);
}

static void set_all(struct json *to, const struct json *object)
{
	const struct json *m;

	for (m = json_first(object); m; m = json_next(m))
		json_setn(to, json_name(m), json_clone(m));
}

/* Those of the project, and over them those of its part. */
static struct json *merged(const struct json *all, const struct json *own)
{
	struct json *object = json_new_object();

	set_all(object, all);
	set_all(object, own);
	return object;
}

static struct json *each_shortened(const struct json *variables)
{
	struct json *out = json_new_object();
	char hex[SHA256_HEX];
	const struct json *m;

	for (m = json_first(variables); m; m = json_next(m)) {
		digest_of(m, hex);
		json_setn(out, json_name(m), shortened(hex));
	}
	return out;
}

/* Takes what parts were made of; variables too. */
static struct json *finish(struct json *parts, struct strbuf *sum, struct json *variables)
{
	struct json *digest = json_new_object();
	char hex[SHA256_HEX];

	json_set(digest, "variables", each_shortened(variables));
	add_part(parts, sum, "variables", variables);
	sha256_of(sum->buf, sum->len, hex);
	json_set(digest, "digest", json_new_cstr(hex));
	json_set(digest, "parts", parts);
	strbuf_release(sum);
	return digest;
}

static struct json *code_part(const struct artifact *a)
{
	struct json *j = json_new_object();

	json_set(j, "bytes", json_new_cstr(a->content));
	json_set(j, "binary", json_new_bool(a->binary));
	return j;
}

static void set_text(struct json *j, const char *name, const char *text)
{
	if (text)
		json_set(j, name, json_new_cstr(text));
}

static struct json *configuration_part(const struct function *f, const char *kind)
{
	struct json *j = json_new_object();

	set_text(j, "kind", kind);
	set_text(j, "main", f->main);
	set_text(j, "image", f->docker);
	json_set(j, "web", json_new_int(function_web(f)));
	set_text(j, "webSecure", f->web_secure);
	json_set(j, "annotations", merged(f->annotations, NULL));
	return j;
}

/* What is run by which name, and its digest. */
struct substance {
	const char *part, *kind;
	struct json *what; /* taken */
};

static struct json *digest_action(const struct project *p, const struct function *f,
				  const struct substance *s)
{
	struct json *parts = json_new_object(), *limits = limits_body(&f->limits), *digest;
	struct strbuf sum = STRBUF_INIT;
	bool alone = package_is_default(f->package); /* no package brings it the project's */

	strbuf_adds(&sum, format);
	add_part(parts, &sum, s->part, s->what);
	add_part(parts, &sum, "configuration", configuration_part(f, s->kind));
	add_part(parts, &sum, "parameters",
		 merged(alone ? p->parameters : NULL, f->parameters));
	add_part(parts, &sum, "limits", json_clone(limits));
	digest = finish(parts, &sum, merged(alone ? p->environment : NULL, f->environment));
	if (json_count(limits))
		json_set(digest, "limits", limits);
	else
		json_free(limits);
	return digest;
}

struct json *digest_function(const struct project *p, const struct function *f,
			     const struct artifact *a)
{
	struct substance s = {"code", a->runtime, code_part(a)};
	struct json *digest = digest_action(p, f, &s);

	json_set(digest, "zipped", json_new_bool(a->zipped));
	return digest;
}

struct json *digest_sequence(const struct project *p, const struct function *f,
			     const struct json *components)
{
	struct substance s = {"components", "sequence", json_clone(components)};

	return digest_action(p, f, &s);
}

static struct json *binding_part(const struct package *pkg)
{
	struct json *j = json_new_object();

	set_text(j, "namespace", pkg->binding.namespace);
	set_text(j, "name", pkg->binding.name);
	return j;
}

struct json *digest_package(const struct project *p, const struct package *pkg)
{
	struct json *parts = json_new_object(), *configuration = json_new_object();
	struct strbuf sum = STRBUF_INIT;

	json_set(configuration, "annotations", merged(pkg->annotations, NULL));
	json_set(configuration, "shared", json_new_bool(pkg->shared));
	strbuf_adds(&sum, format);
	add_part(parts, &sum, "configuration", configuration);
	if (pkg->binding.name)
		add_part(parts, &sum, "binding", binding_part(pkg));
	add_part(parts, &sum, "parameters", merged(p->parameters, pkg->parameters));
	return finish(parts, &sum, merged(p->environment, pkg->environment));
}
