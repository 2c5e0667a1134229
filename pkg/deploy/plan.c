#include "deploy/plan.h"

#include "deploy/version.h"
#include "project/project.h"
#include "whisk/whisk.h"

static void add_change(struct plan_item *item, const char *change)
{
	vec_push(&item->changes, change);
}

static void add_variable(struct plan_item *item, char sign, const struct json *variable,
			 struct arena *a)
{
	struct str name = json_name(variable);

	vec_push(&item->variables, arena_printf(a, "%c%.*s", sign, STR_ARG(name)));
}

static void compare_variables(struct plan_item *item, const struct json *wanted,
			      const struct json *live, struct arena *a)
{
	const struct json *m, *other;

	for (m = json_first(wanted); m; m = json_next(m)) {
		other = json_getn(live, json_name(m));
		if (!other)
			add_variable(item, '+', m, a);
		else if (!json_equal(m, other))
			add_variable(item, '~', m, a);
	}
	for (m = json_first(live); m; m = json_next(m))
		if (!json_getn(wanted, json_name(m)))
			add_variable(item, '-', m, a);
}

static void compare_digests(struct plan_item *item, const struct json *wanted,
			    const struct json *live, struct arena *a)
{
	const struct json *parts = json_get(live, "parts"), *part;

	if (json_equal(json_get(wanted, "digest"), json_get(live, "digest")))
		return;
	for (part = json_first(json_get(wanted, "parts")); part && parts;
	     part = json_next(part))
		if (!json_equal(part, json_getn(parts, json_name(part))))
			add_change(item, arena_str(a, json_name(part)).p);
	if (item->changes.n == 0)
		add_change(item, "unknown");
	else
		compare_variables(item, json_get(wanted, "variables"),
				  json_get(live, "variables"), a);
}

/* Both are there and not the same: a server may leave things out of its list. */
static bool differs(const struct json *wanted, const struct json *live)
{
	return wanted && live && !json_equal(wanted, live);
}

/* A server may have its own way to write what projects annotate; of these it has none. */
static bool annotations_differ(const struct plan_wanted *wanted, const struct json *live)
{
	static const char *const plain[] = {"final", "raw-http", "require-whisk-auth",
					    "web-export"};
	const struct json *a;
	size_t i;

	for (a = json_first(wanted->annotations); a; a = json_next(a))
		for (i = 0; i < countof(plain); i++)
			if (str_is(json_str(json_get(a, "key")), plain[i]) &&
			    differs(json_get(a, "value"), whisk_annotation(live, plain[i])))
				return true;
	return false;
}

static bool limits_differ(const struct json *wanted, const struct json *live)
{
	const struct json *m;

	for (m = json_first(wanted); m; m = json_next(m))
		if (differs(m, json_getn(live, json_name(m))))
			return true;
	return false;
}

/* "python:default" stands for whatever the server made of it. */
static bool kind_differs(const char *wanted, const struct json *live)
{
	struct str kind = json_str(whisk_annotation(live, "exec"));

	return wanted && kind.n > 0 && !str_ends(str_of(wanted), ":default") &&
	       !str_is(kind, wanted);
}

static bool shared_differs(const struct plan_wanted *wanted, const struct json *live)
{
	const struct json *publish = json_get(live, "publish");

	return !wanted->runtime && publish && json_is_true(publish) != wanted->shared;
}

static bool binding_differs(const struct plan_wanted *wanted, const struct json *live)
{
	const struct json *binding = json_get(live, "binding");

	return wanted->binding && json_count(binding) > 0 &&
	       (differs(json_get(wanted->binding, "namespace"),
			json_get(binding, "namespace")) ||
		differs(json_get(wanted->binding, "name"), json_get(binding, "name")));
}

static bool is_wanted(const struct plan_wanted *wanted, struct str name)
{
	const struct json *a;

	for (a = json_first(wanted->annotations); a; a = json_next(a))
		if (str_eq(json_str(json_get(a, "key")), name))
			return true;
	return false;
}

/* A function's annotations are merged by the server: what is not named stays (platform.md 1.6).
 */
static void find_stale(struct plan_item *item, const struct plan_wanted *wanted,
		       const struct json *live, struct arena *a)
{
	const struct json *entry;
	struct str name;

	for (entry = json_first(json_get(live, "annotations")); entry;
	     entry = json_next(entry)) {
		name = json_str(json_get(entry, "key"));
		if (name.n > 0 && !str_is(name, "exec") && !str_is(name, "provide-api-key") &&
		    !is_wanted(wanted, name))
			vec_push(&item->stale, arena_str(a, name).p);
	}
}

/* Limits are merged too: one that is not named stays. */
static void find_reset(struct plan_item *item, const struct plan_wanted *wanted,
		       const struct json *live)
{
	static const struct {
		const char *name;
		int64_t value;
	} defaults[] = {{"timeout", LIMIT_TIMEOUT_MS},
			{"memory", LIMIT_MEMORY_MB},
			{"logs", LIMIT_LOGS_KB}};
	const struct json *before = json_get(whisk_annotation(live, "deployer"), "limits");
	size_t i;

	for (i = 0; i < countof(defaults); i++) {
		if (!json_get(before, defaults[i].name) ||
		    json_get(wanted->limits, defaults[i].name))
			continue;
		if (!item->reset)
			item->reset = json_new_object();
		json_set(item->reset, defaults[i].name, json_new_int(defaults[i].value));
	}
}

/* Written by somebody else; or, where the last deploy noted no version, it shows in the list.
 */
static bool is_foreign(const struct plan_item *item, const struct plan_wanted *wanted,
		       const struct json *live)
{
	/* A builder may write packages, too. */
	if (wanted->runtime && version_is_foreign(live))
		return true;
	return item->changes.n == 0 &&
	       (annotations_differ(wanted, live) || shared_differs(wanted, live) ||
		binding_differs(wanted, live) ||
		limits_differ(wanted->limits, json_get(live, "limits")) ||
		kind_differs(wanted->runtime, live));
}

void plan_decide(struct plan_item *item, const struct plan_wanted *wanted,
		 const struct json *live, struct arena *a)
{
	*item = (struct plan_item){.action = PLAN_CREATE};
	if (!live)
		return;
	compare_digests(item, wanted->digest, whisk_annotation(live, "deployer"), a);
	item->elsewhere = is_foreign(item, wanted, live);
	if (item->elsewhere)
		add_change(item, "elsewhere");
	if (item->changes.n == 0 && wanted->force)
		add_change(item, "forced");
	item->action = item->changes.n ? PLAN_UPDATE : PLAN_UNCHANGED;
	find_stale(item, wanted, live, a);
	find_reset(item, wanted, live);
}

void plan_item_release(struct plan_item *item)
{
	vec_release(&item->changes);
	vec_release(&item->variables);
	vec_release(&item->stale);
	json_free(item->reset);
}

const char *plan_action_name(enum plan_action action)
{
	switch (action) {
	case PLAN_CREATE: return "create";
	case PLAN_UPDATE: return "update";
	case PLAN_UNCHANGED: return "unchanged";
	case PLAN_DELETE: return "delete";
	}
	bug("no such action: %d", (int)action);
}
