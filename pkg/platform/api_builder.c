#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "platform/invoke.h"
#include "platform/refuse.h"
#include "runtime/runtime.h"

/* An activation of the builder. */
struct builder_run {
	struct api *api;
	char id[ACTIVATION_ID];
	char *function;
};

static struct builder_run *new_run(struct api_call *c)
{
	struct builder_run *r = xcalloc(1, sizeof(*r));

	r->api = c->api;
	r->function = xstrdup(c->path[2]);
	random_hex(r->id, 16);
	return r;
}

/* Whether or not it could be stored: there is nobody to tell but those who ask for it. */
static void on_done(void *arg, const struct invocation_end *end)
{
	struct builder_run *r = arg;
	const struct record_subject of = {
		.id = r->id,
		.namespace = r->api->o.namespace,
		.package = "builder",
		.name = r->function,
		.version = "0.0.1",
		.kind = "dofn",
		.timeout_ms = BUILDER_LIMIT_MS,
		.memory_mb = 1024,
		.logs_kb = 256,
	};
	struct strbuf record = STRBUF_INIT;
	struct err e = ERR_INIT;

	if (invoke_record(r->api, &of, end, &record, &e) < 0)
		err_clear(&e);
	strbuf_release(&record);
	free(r->function);
	free(r);
}

/* Takes result, whose "error" makes it a failure. */
static void end_at_once(struct builder_run *r, struct json *result)
{
	int64_t now = (int64_t)clock_realtime_ms();
	struct invocation_end end = {
		.outcome = json_get(result, "error") ? OUTCOME_APPLICATION : OUTCOME_SUCCESS,
		.start_ms = now,
		.end_ms = now,
	};
	struct strbuf text = STRBUF_INIT;

	json_write(&text, result);
	end.result = strbuf_str(&text);
	end.size = text.len;
	on_done(r, &end);
	strbuf_release(&text);
	json_free(result);
}

static void accept(struct api_call *c, const char *id)
{
	struct json *j = json_new_object();

	json_set(j, "activationId", json_new_cstr(id));
	api_reply(c, 202, j);
}

static struct json *upload_result(struct builder *b)
{
	struct json *j = json_new_object();
	struct err e = ERR_INIT;
	char name[BUILDER_NAME], *url;

	if (builder_add_upload(b, name, &e) < 0) {
		json_set(j, "error", json_new_cstr(e.msg));
		err_clear(&e);
		return j;
	}
	url = builder_upload_url(b, name);
	json_set(j, "url", json_new_cstr(url));
	json_set(j, "sliceName", json_new_cstr(name));
	free(url);
	return j;
}

static void get_upload_url(struct api_call *c, const struct json *body)
{
	char id[ACTIVATION_ID];
	struct builder_run *r;

	if (json_str(json_get(body, "action")).n == 0) {
		api_error(c, 400, "The parameter 'action' is missing.");
		return;
	}
	r = new_run(c);
	memcpy(id, r->id, sizeof(id));
	end_at_once(r, upload_result(r->api->o.builder));
	accept(c, id);
}

static struct json *no_runtime(const char *kind)
{
	struct json *j = json_new_object();
	char *text = xasprintf("the local platform runs Python functions only, so it has no "
			       "builder for '%s' yet; deploy to a DigitalOcean namespace, or "
			       "build locally",
			       kind);

	json_set(j, "error", json_new_cstr(text));
	free(text);
	return j;
}

static const char *text_of(const struct json *body, const char *name)
{
	const char *s = json_cstr(json_get(body, name));

	return s ? s : "";
}

static void build(struct api_call *c, const char *kind, const struct json *body)
{
	struct builder_run *r = new_run(c);
	char id[ACTIVATION_ID];
	const struct build_request q = {
		.slice = text_of(body, "toBuild"),
		.key = text_of(body, "encryptionKey"),
		.done = on_done,
		.arg = r,
	};

	memcpy(id, r->id, sizeof(id));
	if (str_is(runtime_language(str_of(kind)), "python"))
		builder_build(c->api->o.builder, &q);
	else
		end_at_once(r, no_runtime(kind));
	accept(c, id); /* c is gone after it */
}

/* "python:3.11" of "build_python_3.11", in the arena; NULL when there is no such builder. */
static const char *kind_of(struct api_call *c, const char *function)
{
	const char *rest, *mark;
	char *kind;

	if (!str_starts(str_of(function), "build_"))
		return NULL;
	rest = function + strlen("build_");
	mark = strchr(rest, '_');
	if (!mark)
		return NULL;
	kind = arena_strdup(c->arena, rest);
	kind[mark - rest] = ':';
	return runtime_find(str_of(kind)) && !str_ends(str_of(kind), ":default") ? kind : NULL;
}

void api_builder(struct api_call *c)
{
	bool known = c->path_n == 3 && strcmp(c->path[0], "actions") == 0 &&
		     strcmp(c->path[1], "builder") == 0;
	bool wants_url = known && strcmp(c->path[2], "getUploadUrl") == 0;
	const char *kind = known && !wants_url ? kind_of(c, c->path[2]) : NULL;
	struct err e = ERR_INIT;
	struct json *body;

	if (!wants_url && !kind) {
		api_error(c, 404, REFUSE_NO_RESOURCE);
		return;
	}
	if (strcmp(httpd_method(c->request), "POST") != 0) {
		api_error(c, 405, "HTTP method not allowed for this resource");
		return;
	}
	body = api_body(c, &e);
	if (!body)
		api_fail(c, &e);
	else if (wants_url)
		get_upload_url(c, body);
	else
		build(c, kind, body);
	json_free(body);
}

void api_upload(struct api_call *c, struct str path)
{
	struct err e = ERR_INIT;
	const char *name = arena_strndup(c->arena, path.p, path.n);

	if (strcmp(httpd_method(c->request), "PUT") != 0)
		api_error(c, 405, "HTTP method not allowed for this resource");
	else if (builder_take_upload(c->api->o.builder, *name == '/' ? name + 1 : name,
				     httpd_body(c->request), &e) < 0)
		api_fail(c, &e);
	else
		api_reply(c, 200, json_new_object());
}
