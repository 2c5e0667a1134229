#include "diff/settings.h"

#include "runtime/runtime.h"
#include "whisk/whisk.h"

/* What is compared, and in how much of the result. */
struct setting {
	const char *what;
	struct str name; /* or empty */
	bool secret;     /* its values are not told */
};

static void add(struct json *list, const struct setting *s, const struct json *live,
		const struct json *local)
{
	struct json *j = json_new_object();

	json_set(j, "what", json_new_cstr(s->what));
	if (s->name.n)
		json_set(j, "name", json_new_str(s->name));
	json_set(j, "change", json_new_cstr(!live ? "added" : !local ? "removed" : "changed"));
	if (!s->secret) {
		json_set(j, "live", json_clone(live));
		json_set(j, "local", json_clone(local));
	}
	json_push(list, j);
}

static void compare(struct json *list, const struct setting *s, const struct json *live,
		    const struct json *local)
{
	if ((live || local) && !(live && local && json_equal(live, local)))
		add(list, s, live, local);
}

/* "python:default" stands for whatever the server made of it. */
static bool is_default_of(const struct json *local, const struct json *live)
{
	struct str kind = json_str(local);

	return str_ends(kind, ":default") &&
	       str_eq(runtime_language(kind), runtime_language(json_str(live)));
}

static void compare_exec(struct json *list, const struct json *live, const struct json *local)
{
	static const struct setting runtime = {.what = "runtime"}, entry = {.what = "main"},
				    image = {.what = "image"}, sequence = {.what = "sequence"};
	const struct json *a = json_get(live, "exec"), *b = json_get(local, "exec");

	if (!is_default_of(json_get(b, "kind"), json_get(a, "kind")))
		compare(list, &runtime, json_get(a, "kind"), json_get(b, "kind"));
	/* Servers may show the name that is taken when none is given. */
	if (json_get(b, "main") || !str_is(json_str(json_get(a, "main")), "main"))
		compare(list, &entry, json_get(a, "main"), json_get(b, "main"));
	compare(list, &image, json_get(a, "image"), json_get(b, "image"));
	compare(list, &sequence, json_get(a, "components"), json_get(b, "components"));
}

static struct json *web_of(const struct json *entity)
{
	if (json_is_true(whisk_annotation(entity, "raw-http")))
		return json_new_cstr("raw");
	return json_new_bool(json_is_true(whisk_annotation(entity, "web-export")));
}

/* False is the same as none. */
static const struct json *secret_of(const struct json *entity)
{
	const struct json *secret = whisk_annotation(entity, "require-whisk-auth");

	return json_is(secret, JSON_BOOL) && !json_is_true(secret) ? NULL : secret;
}

static void compare_web(struct json *list, const struct json *live, const struct json *local)
{
	static const struct setting web = {.what = "web"},
				    secure = {.what = "webSecure", .secret = true};
	struct json *a = web_of(live), *b = web_of(local);

	compare(list, &web, a, b);
	compare(list, &secure, secret_of(live), secret_of(local));
	json_free(a);
	json_free(b);
}

/* Not the project's, or told in another way. */
static bool is_ours(struct str key)
{
	static const char *const ours[] = {"deployer",        "exec",     "final",
					   "provide-api-key", "raw-http", "require-whisk-auth",
					   "web-export"};
	size_t i;

	for (i = 0; i < countof(ours); i++)
		if (str_is(key, ours[i]))
			return true;
	return false;
}

/* Of a list of {"key", "value"}; variables are parameters with "init". */
static const struct json *find(const struct json *list, struct str key, bool init)
{
	const struct json *p;

	for (p = json_first(list); p; p = json_next(p))
		if (str_eq(json_str(json_get(p, "key")), key) &&
		    json_is_true(json_get(p, "init")) == init)
			return json_get(p, "value");
	return NULL;
}

struct pairs {
	const char *what;
	bool secret, init;
	bool (*leave_out)(struct str key);
};

static bool is_left_out(const struct pairs *p, const struct json *entry)
{
	return json_is_true(json_get(entry, "init")) != p->init ||
	       p->leave_out(json_str(json_get(entry, "key")));
}

static void compare_pairs(struct json *list, const struct pairs *p, const struct json *live,
			  const struct json *local)
{
	struct setting s = {.what = p->what, .secret = p->secret};
	const struct json *entry;

	for (entry = json_first(local); entry; entry = json_next(entry)) {
		s.name = json_str(json_get(entry, "key"));
		if (!is_left_out(p, entry))
			compare(list, &s, find(live, s.name, p->init),
				json_get(entry, "value"));
	}
	for (entry = json_first(live); entry; entry = json_next(entry)) {
		s.name = json_str(json_get(entry, "key"));
		if (!is_left_out(p, entry) && !find(local, s.name, p->init))
			add(list, &s, json_get(entry, "value"), NULL);
	}
}

/* Servers show there what a sequence is made of. */
static bool is_components(struct str key)
{
	return str_is(key, "_actions");
}

static void compare_limits(struct json *list, const struct json *live, const struct json *local)
{
	struct setting s = {.what = "limit"};
	const struct json *m;

	for (m = json_first(local); m; m = json_next(m)) {
		s.name = json_name(m);
		compare(list, &s, json_getn(live, s.name), m);
	}
}

struct json *settings_compare(const struct json *live, const struct json *local)
{
	static const struct pairs annotations = {"annotation", false, false, is_ours},
				  parameters = {"parameter", true, false, is_components},
				  variables = {"variable", true, true, is_components};
	struct json *list = json_new_array();

	compare_exec(list, live, local);
	compare_web(list, live, local);
	compare_limits(list, json_get(live, "limits"), json_get(local, "limits"));
	compare_pairs(list, &annotations, json_get(live, "annotations"),
		      json_get(local, "annotations"));
	compare_pairs(list, &parameters, json_get(live, "parameters"),
		      json_get(local, "parameters"));
	compare_pairs(list, &variables, json_get(live, "parameters"),
		      json_get(local, "parameters"));
	return list;
}
