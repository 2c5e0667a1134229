#include "render.h"

#include "findings.h"

static const char *name_of(enum event_type type)
{
	switch (type) {
	case EVENT_NOTE: return "note";
	case EVENT_WARNING: return "warning";
	case EVENT_FINDING: return "finding";
	case EVENT_BUILD_STARTED: return "build_started";
	case EVENT_BUILD_REUSED: return "build_reused";
	case EVENT_BUILD_LINE: return "build_line";
	case EVENT_BUILD_ENDED: return "build_ended";
	case EVENT_BUILD_FAILED: return "build_failed";
	case EVENT_REMOTE: return "remote";
	case EVENT_PACKED: return "packed";
	case EVENT_UPLOADING: return "uploading";
	case EVENT_RETRY: return "retry";
	case EVENT_DEPLOYED: return "deployed";
	case EVENT_FAILED: return "failed";
	case EVENT_PACKAGE: return "package";
	case EVENT_PLAN:
	case EVENT_PLAN_PACKAGE:
	case EVENT_PLAN_TRIGGER: return "plan";
	case EVENT_PLANNED: return "planned";
	case EVENT_UNCHANGED: return "unchanged";
	case EVENT_DELETED:
	case EVENT_PACKAGE_DELETED: return "deleted";
	case EVENT_TRIGGER: return "trigger";
	case EVENT_TRIGGER_FAILED:
	case EVENT_PACKAGE_FAILED: return "failed";
	}
	bug("event %d has no name", (int)type);
}

static void set_text(struct json *j, const char *name, struct str text)
{
	if (text.p)
		json_set(j, name, json_new_str(text));
}

static void set_names(struct json *j, const char *name, const char *const *names)
{
	struct json *list;

	if (!names || !*names)
		return;
	list = json_new_array();
	for (; *names; names++)
		json_push(list, json_new_cstr(*names));
	json_set(j, name, list);
}

static bool is_about_package(enum event_type type)
{
	return type == EVENT_PACKAGE || type == EVENT_PLAN_PACKAGE ||
	       type == EVENT_PACKAGE_DELETED || type == EVENT_PACKAGE_FAILED;
}

static void set_remote(struct json *j, const struct event *ev)
{
	set_text(j, "step", ev->text);
	set_text(j, "activation", ev->text2);
	json_set(j, "ms", json_new_int((int64_t)ev->ms));
	if (ev->limit_ms)
		json_set(j, "limit_ms", json_new_int((int64_t)ev->limit_ms));
	if (ev->bytes)
		json_set(j, "bytes", json_new_int((int64_t)ev->bytes));
}

static void set_details(struct json *j, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_BUILD_STARTED: set_text(j, "command", ev->text); break;
	case EVENT_FINDING: finding_describe(j, ev->finding); break;
	case EVENT_BUILD_REUSED: set_text(j, "from", ev->text); break;
	case EVENT_BUILD_LINE:
		json_set(j, "stream", json_new_cstr(ev->stderr_line ? "stderr" : "stdout"));
		set_text(j, "text", ev->text);
		break;
	case EVENT_BUILD_ENDED: json_set(j, "ms", json_new_int((int64_t)ev->ms)); break;
	case EVENT_REMOTE: set_remote(j, ev); break;
	case EVENT_PACKED:
		json_set(j, "files", json_new_int((int64_t)ev->count));
		json_set(j, "bytes", json_new_int((int64_t)ev->bytes));
		set_text(j, "digest", ev->text);
		break;
	case EVENT_UPLOADING:
		json_set(j, "sent", json_new_int((int64_t)ev->bytes));
		json_set(j, "bytes", json_new_int((int64_t)ev->total));
		break;
	case EVENT_RETRY:
		set_text(j, "text", ev->text);
		json_set(j, "wait_ms", json_new_int((int64_t)ev->ms));
		break;
	case EVENT_PLAN:
	case EVENT_PLAN_PACKAGE:
	case EVENT_PLAN_TRIGGER:
		set_text(j, "action", ev->text);
		if (ev->remote)
			json_set(j, "remote", json_new_bool(true));
		set_names(j, "changes", ev->changes);
		set_names(j, "variables", ev->variables);
		break;
	case EVENT_PLANNED: json_set(j, "unchanged", json_new_int((int64_t)ev->count)); break;
	case EVENT_UNCHANGED:
	case EVENT_DEPLOYED:
		set_text(j, "url", ev->text);
		set_text(j, "version", ev->text2);
		break;
	case EVENT_DELETED:
	case EVENT_PACKAGE_DELETED:
	case EVENT_PACKAGE: break;
	case EVENT_TRIGGER:
		set_text(j, "action", ev->text);
		set_text(j, "cron", ev->text2);
		break;
	case EVENT_BUILD_FAILED:
	case EVENT_TRIGGER_FAILED:
	case EVENT_PACKAGE_FAILED:
	case EVENT_NOTE:
	case EVENT_WARNING:
	case EVENT_FAILED: set_text(j, "text", ev->text); break;
	}
}

void render_json_event(struct sink *s, const struct event *ev)
{
	struct renderer *r = (struct renderer *)s;
	struct json *j = json_new_object();
	struct strbuf line = STRBUF_INIT;

	json_set(j, "event", json_new_cstr(name_of(ev->type)));
	if (ev->trigger)
		json_set(j, "trigger", json_new_cstr(ev->trigger));
	if (ev->function)
		json_set(j, is_about_package(ev->type) ? "package" : "function",
			 json_new_cstr(ev->function));
	set_details(j, ev);
	json_write(&line, j);
	strbuf_addc(&line, '\n');
	ui_out(&r->context->ui, strbuf_str(&line));
	strbuf_release(&line);
	json_free(j);
}
