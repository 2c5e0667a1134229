#include "platform/entity.h"

#include <inttypes.h>

#include "base/strbuf.h"
#include "platform/params.h"
#include "platform/refuse.h"
#include "runtime/runtime.h"

static int malformed(struct err *e, const char *what)
{
	return refuse(e, 400, "The request content was malformed:\n%s", what);
}

/* Three decimal numbers with points. */
static bool read_version(struct str text, uint64_t v[3])
{
	struct str field;
	size_t n = 0;

	if (!text.p)
		return false;
	for (; str_next(&text, '.', &field); n++)
		if (n == 3 || !str_to_u64(field, &v[n]))
			return false;
	return n == 3;
}

/* As given, else the next patch, else the first. */
static int update_version(struct json *to, const struct json *old, const struct json *body,
			  struct err *e)
{
	const struct json *given = json_get(body, "version");
	uint64_t v[3] = {0, 0, 0};
	struct strbuf text = STRBUF_INIT;

	if (given && !read_version(json_str(given), v))
		return malformed(e, "'version' must be three numbers like \"0.0.1\"");
	if (!given) {
		if (!read_version(json_str(json_get(old, "version")), v))
			v[2] = 0;
		v[2]++;
	}
	strbuf_addf(&text, "%" PRIu64 ".%" PRIu64 ".%" PRIu64, v[0], v[1], v[2]);
	json_set(to, "version", json_new_str(strbuf_str(&text)));
	strbuf_release(&text);
	return 0;
}

static int update_publish(struct json *to, const struct json *old, const struct json *body,
			  struct err *e)
{
	const struct json *given = json_get(body, "publish");

	if (given && !json_is(given, JSON_BOOL))
		return malformed(e, "'publish' must be true or false");
	json_set(to, "publish",
		 json_new_bool(json_is_true(given ? given : json_get(old, "publish"))));
	return 0;
}

/* Replaced when given, else kept. */
static int replace_list(struct json *to, const struct json *old, const struct json *body,
			const char *field, struct err *e)
{
	const struct json *given = json_get(body, field);
	struct json *list = params_read(given ? given : json_get(old, field), field, e);

	if (!list)
		return -1;
	json_set(to, field, list);
	return 0;
}

struct json *entity_update_package(const struct json *old, const struct json *body,
				   int64_t now_ms, struct err *e)
{
	const struct json *binding = json_get(body, "binding");
	struct json *to = json_new_object();

	if (update_version(to, old, body, e) < 0 || update_publish(to, old, body, e) < 0 ||
	    replace_list(to, old, body, "annotations", e) < 0 ||
	    replace_list(to, old, body, "parameters", e) < 0) {
		json_free(to);
		return NULL;
	}
	if (json_count(binding) == 0)
		binding = json_get(old, "binding"); /* one stays one for ever */
	if (binding)
		json_set(to, "binding", json_clone(binding));
	json_set(to, "updated", json_new_int(now_ms));
	return to;
}

static bool is_base64_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

bool entity_code_is_binary(struct str code)
{
	struct str s = str_trim(code);
	size_t end = s.n, i;

	if (s.n == 0 || s.n % 4 != 0)
		return false;
	for (i = 0; i < 2 && s.p[end - 1] == '='; i++)
		end--;
	for (i = 0; i < end; i++)
		if (!is_base64_char(s.p[i]))
			return false;
	return true;
}

static int unknown_kind(struct err *e, struct str kind)
{
	struct strbuf known = STRBUF_INIT;
	const struct runtime *r;

	for (r = runtimes; r->kind; r++)
		strbuf_addf(&known, "%s'%s'", r == runtimes ? "" : ", ", r->kind);
	refuse(e, 400,
	       "The specified runtime '%.*s' is not supported by this platform. Valid values "
	       "are: %s.",
	       STR_ARG(kind), known.buf);
	strbuf_release(&known);
	return -1;
}

static const struct runtime *read_kind(const struct json *exec, struct err *e)
{
	struct str kind = json_str(json_get(exec, "kind"));
	const struct runtime *r;

	if (!kind.p) {
		malformed(e, "'kind' must be a string defined in 'exec'");
		return NULL;
	}
	if (str_is(kind, "blackbox")) {
		refuse(e, 400,
		       "the local platform runs no images, so it takes no function of the kind "
		       "'blackbox' ('docker' in project.yml)");
		return NULL;
	}
	r = runtime_find(kind);
	if (!r)
		unknown_kind(e, kind);
	return r;
}

static int check_code(const struct json *exec, struct str *code, struct err *e)
{
	struct str main = json_str(json_get(exec, "main"));

	*code = json_str(json_get(exec, "code"));
	if (!code->p)
		return malformed(e, "'code' must be a string defined in 'exec'");
	if (json_get(exec, "main") && !json_is(json_get(exec, "main"), JSON_NULL) && !main.p)
		return malformed(e, "'main' must be a string");
	if (code->n + main.n > ENTITY_CODE_MAX)
		return refuse(e, 413, "code larger than allowed: %zu > %d bytes.",
			      code->n + main.n, ENTITY_CODE_MAX);
	return 0;
}

/* The components were checked where the others are known. */
static struct json *sequence_exec(const struct json *exec)
{
	struct json *kept = json_new_object();

	json_set(kept, "kind", json_new_cstr("sequence"));
	json_set(kept, "components", json_clone(json_get(exec, "components")));
	return kept;
}

/* A sequence has one parameter, and that is its list; as code it starts without it. */
static void replace_parameters_of_sequence(struct json *to, const struct json *old,
					   const struct json *body)
{
	const struct json *components = json_get(json_get(to, "exec"), "components");
	struct json *list;

	if (!components &&
	    (!json_get(json_get(old, "exec"), "components") || json_get(body, "parameters")))
		return;
	list = json_new_array();
	if (components)
		params_set(list, "_actions", json_clone(components));
	json_set(to, "parameters", list);
}

static int update_exec(struct json *to, const struct json *old, const struct json *body,
		       struct str *code, struct err *e)
{
	const struct json *exec = json_get(body, "exec");
	const struct runtime *r;
	struct json *kept;

	*code = (struct str){NULL, 0};
	if (!exec && !old)
		return refuse(e, 400, "exec undefined");
	if (!exec) {
		json_set(to, "exec", json_clone(json_get(old, "exec")));
		return 0;
	}
	if (str_is(json_str(json_get(exec, "kind")), "sequence")) {
		json_set(to, "exec", sequence_exec(exec));
		*code = STR("");
		return 0;
	}
	r = read_kind(exec, e);
	if (!r || check_code(exec, code, e) < 0)
		return -1;
	kept = json_new_object();
	json_set(kept, "kind", json_new_cstr(r->kind));
	if (json_str(json_get(exec, "main")).n > 0)
		json_set(kept, "main", json_clone(json_get(exec, "main")));
	json_set(kept, "binary", json_new_bool(entity_code_is_binary(*code)));
	json_set(to, "exec", kept);
	return 0;
}

/* Merged, unlike a package's. */
static int update_annotations(struct json *to, const struct json *old, const struct json *body,
			      struct err *e)
{
	const struct json *dropped = json_get(body, "delAnnotations");
	struct json *given, *kept, *list;

	if (json_count(dropped) > PARAMS_MAX_ENTRIES)
		return refuse(e, 413,
			      "delAnnotations has %zu entries, more than the %d allowed",
			      json_count(dropped), PARAMS_MAX_ENTRIES);
	given = params_read(json_get(body, "annotations"), "annotations", e);
	if (!given)
		return -1;
	kept = params_without(json_get(old, "annotations"), dropped);
	list = params_merge(kept, given);
	json_free(kept);
	json_free(given);
	if (!old && !params_get(list, "provide-api-key"))
		params_set(list, "provide-api-key", json_new_bool(false));
	params_set(list, "exec", json_clone(json_get(json_get(to, "exec"), "kind")));
	json_set(to, "annotations", list);
	return 0;
}

static const struct limit {
	const char *name, *what, *unit;
	int64_t min, max, otherwise;
} limits[] = {
	{"timeout", "duration", "milliseconds", TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, TIMEOUT_MS},
	{"memory", "memory size", "MB", MEMORY_MIN_MB, MEMORY_MAX_MB, MEMORY_MB},
	{"logs", "log size", "KB", LOGS_MIN_KB, LOGS_MAX_KB, LOGS_KB},
	{"concurrency", "concurrency", NULL, CONCURRENCY, CONCURRENCY, CONCURRENCY},
};

static int check_limit(const struct limit *l, int64_t v, struct err *e)
{
	const char *gap = l->unit ? " " : "", *unit = l->unit ? l->unit : "";

	if (v >= l->min && v <= l->max)
		return 0;
	return refuse(e, 400, "%s %" PRId64 "%s%s %s allowed threshold of %" PRId64 "%s%s",
		      l->what, v, gap, unit, v > l->max ? "exceeds" : "below",
		      v > l->max ? l->max : l->min, gap, unit);
}

static int update_limits(struct json *to, const struct json *old, const struct json *body,
			 struct err *e)
{
	const struct json *given = json_get(body, "limits"), *value;
	struct json *merged = json_new_object();
	int64_t v;
	size_t i;

	json_set(to, "limits", merged);
	if (given && !json_is(given, JSON_OBJECT) && !json_is(given, JSON_NULL))
		return malformed(e, "'limits' must be an object");
	for (i = 0; i < countof(limits); i++) {
		value = json_get(given, limits[i].name);
		if (!value || json_is(value, JSON_NULL))
			value = json_get(json_get(old, "limits"), limits[i].name);
		v = limits[i].otherwise;
		if (value && !json_int(value, &v))
			return malformed(e, "every limit must be a whole number");
		if (check_limit(&limits[i], v, e) < 0)
			return -1;
		json_set(merged, limits[i].name, json_new_int(v));
	}
	return 0;
}

struct json *entity_update_action(const struct json *old, const struct json *body,
				  int64_t now_ms, struct str *code, struct err *e)
{
	struct json *to = json_new_object();

	if (update_version(to, old, body, e) < 0 || update_exec(to, old, body, code, e) < 0 ||
	    replace_list(to, old, body, "parameters", e) < 0 ||
	    update_annotations(to, old, body, e) < 0 || update_limits(to, old, body, e) < 0 ||
	    update_publish(to, old, body, e) < 0) {
		json_free(to);
		return NULL;
	}
	replace_parameters_of_sequence(to, old, body);
	json_set(to, "updated", json_new_int(now_ms));
	return to;
}

/* {"namespace": "ns" or "ns/pkg", "name": ...} */
static struct json *place_head(const struct entity_place *place)
{
	struct json *j = json_new_object();
	struct strbuf ns = STRBUF_INIT;

	strbuf_adds(&ns, place->namespace);
	if (place->package && *place->package)
		strbuf_addf(&ns, "/%s", place->package);
	json_set(j, "namespace", json_new_str(strbuf_str(&ns)));
	json_set(j, "name", json_new_cstr(place->name));
	strbuf_release(&ns);
	return j;
}

static void copy_member(struct json *to, const struct json *from, const char *name)
{
	json_set(to, name, json_clone(json_get(from, name)));
}

struct json *entity_show_action(const struct json *action, const struct entity_place *place,
				const struct str *code, const struct json *params)
{
	struct json *j = place_head(place);

	copy_member(j, action, "version");
	copy_member(j, action, "exec");
	if (code)
		json_set(json_get(j, "exec"), "code", json_new_str(*code));
	json_set(j, "parameters", json_clone(params ? params : json_get(action, "parameters")));
	copy_member(j, action, "annotations");
	copy_member(j, action, "limits");
	copy_member(j, action, "publish");
	copy_member(j, action, "updated");
	return j;
}

struct json *entity_list_action(const struct json *action, const struct entity_place *place)
{
	struct json *j = place_head(place), *exec = json_new_object();

	copy_member(j, action, "version");
	copy_member(j, action, "publish");
	copy_member(j, action, "annotations");
	copy_member(j, action, "limits");
	json_set(exec, "binary",
		 json_new_bool(json_is_true(json_get(json_get(action, "exec"), "binary"))));
	json_set(j, "exec", exec);
	copy_member(j, action, "updated");
	return j;
}

/* Feeds are actions that say so by an annotation. */
static void add_members(struct json *to, const struct json *actions)
{
	struct json *plain = json_new_array(), *feeds = json_new_array(), *item;
	const struct json *a;

	for (a = json_first(actions); a; a = json_next(a)) {
		item = json_new_object();
		copy_member(item, a, "name");
		copy_member(item, a, "version");
		copy_member(item, a, "annotations");
		if (params_is_truthy(params_get(json_get(a, "annotations"), "feed")))
			json_push(feeds, item);
		else
			json_push(plain, item);
	}
	json_set(to, "actions", plain);
	json_set(to, "feeds", feeds);
}

struct json *entity_show_package(const struct json *package, const struct entity_place *place,
				 const struct json *actions)
{
	const struct json *binding = json_get(package, "binding");
	struct json *j = place_head(place);

	copy_member(j, package, "version");
	copy_member(j, package, "publish");
	copy_member(j, package, "annotations");
	if (!actions) {
		json_set(j, "binding", binding ? json_clone(binding) : json_new_bool(false));
		copy_member(j, package, "updated");
		return j;
	}
	copy_member(j, package, "parameters");
	json_set(j, "binding", binding ? json_clone(binding) : json_new_object());
	copy_member(j, package, "updated");
	add_members(j, actions);
	return j;
}
