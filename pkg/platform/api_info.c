#include "platform/api_call.h"
#include "platform/entity.h"
#include "runtime/runtime.h"
#include "sandbox/sandbox.h"

static struct json *info_runtimes(void)
{
	struct json *all = json_new_object(), *list, *item;
	const struct runtime *r;

	for (r = runtimes; r->kind; r++) {
		list = json_get(all, r->language);
		if (!list) {
			list = json_new_array();
			json_set(all, r->language, list);
		}
		item = json_new_object();
		json_set(item, "kind", json_new_cstr(r->kind));
		json_set(item, "default", json_new_bool(r->is_default));
		json_set(item, "deprecated", json_new_bool(r->deprecated));
		json_push(list, item);
	}
	return all;
}

static struct json *info_limits(void)
{
	static const struct {
		const char *name;
		int64_t value;
	} limits[] = {
		{"actions_per_minute", API_CALLS_PER_MINUTE},
		{"concurrent_actions", API_CALLS_MAX},
		{"min_action_duration", TIMEOUT_MIN_MS},
		{"max_action_duration", TIMEOUT_MAX_MS},
		{"default_action_duration", TIMEOUT_MS},
		{"min_action_memory", (int64_t)MEMORY_MIN_MB * 1024 * 1024},
		{"max_action_memory", (int64_t)MEMORY_MAX_MB * 1024 * 1024},
		{"default_action_memory", (int64_t)MEMORY_MB * 1024 * 1024},
		{"min_action_logs", (int64_t)LOGS_MIN_KB * 1024},
		{"max_action_logs", (int64_t)LOGS_MAX_KB * 1024},
		{"default_action_logs", (int64_t)LOGS_KB * 1024},
	};
	struct json *j = json_new_object();
	size_t i;

	for (i = 0; i < countof(limits); i++)
		json_set(j, limits[i].name, json_new_int(limits[i].value));
	return j;
}

static struct json *info_containment(void)
{
	struct json *lines = json_new_array();
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;

	sandbox_describe(&text);
	rest = strbuf_str(&text);
	while (rest.n && str_next(&rest, '\n', &line))
		json_push(lines, json_new_str(line));
	strbuf_release(&text);
	return lines;
}

/* What no other OpenWhisk has: `dofn local status` shows it. */
static struct json *info_local(const struct api *a)
{
	struct json *j = json_new_object();

	json_set(j, "runtimes", invoker_describe(a->o.invoker));
	json_set(j, "containment", info_containment());
	return j;
}

/* Older clients look at the host's root, newer ones at the API's: both get it all. */
struct json *api_info(const struct api *a)
{
	struct json *j = json_new_object(), *paths = json_new_array();

	json_push(paths, json_new_cstr("/api/v1"));
	json_set(j, "description", json_new_cstr("dofn local platform"));
	json_set(j, "api_paths", paths);
	json_set(j, "api_version", json_new_cstr("1.0.0"));
	json_set(j, "api_version_path", json_new_cstr("v1"));
	json_set(j, "limits", info_limits());
	json_set(j, "runtimes", info_runtimes());
	json_set(j, "local", info_local(a));
	return j;
}
