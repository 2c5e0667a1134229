/* The part of the DigitalOcean API that is about triggers (platform.md 4, functions.md 4.10).
 */
#include <strings.h>

#include "base/clock.h"
#include "cron/cron.h"
#include "platform/access.h"
#include "platform/api_call.h"
#include "platform/firing.h"
#include "platform/params.h"
#include "platform/refuse.h"
#include "project/project.h"

enum { PER_PAGE_MAX = 200 };

static const char *error_id(int status)
{
	switch (status) {
	case 400: return "bad_request";
	case 401: return "unauthorized";
	case 404: return "not_found";
	case 405: return "method_not_allowed";
	case 422: return "unprocessable_entity";
	default: return "server_error";
	}
}

static void reply_error(struct api_call *c, int status, const char *message)
{
	struct json *j = json_new_object();

	json_set(j, "id", json_new_cstr(error_id(status)));
	json_set(j, "message", json_new_cstr(message));
	json_set(j, "request_id", json_new_cstr(c->transaction));
	api_reply(c, status, j);
}

/* As e says: its status, or 500; clears e. */
static void reply_failure(struct api_call *c, struct err *e)
{
	reply_error(c, e->status ? e->status : 500, e->msg);
	err_clear(e);
}

static void set_time(struct json *j, const char *name, int64_t ms)
{
	char stamp[CLOCK_STAMP_S];

	if (ms <= 0)
		return;
	clock_stamp_s((uint64_t)ms, stamp);
	json_set(j, name, json_new_cstr(stamp));
}

static struct json *show(struct api_call *c, const struct trigger_row *t)
{
	struct json *j = json_new_object(), *details = json_new_object();
	struct json *runs = json_new_object();
	struct err e = ERR_INIT;

	json_set(details, "cron", json_new_cstr(t->cron));
	if (t->body)
		json_set(details, "body", json_parse(str_of(t->body), &e));
	err_clear(&e);
	set_time(runs, "last_run_at", t->last_ms);
	set_time(runs, "next_run_at", t->due_ms);
	json_set(j, "namespace", json_new_cstr(c->api->o.namespace));
	json_set(j, "name", json_new_cstr(t->name));
	json_set(j, "function", json_new_cstr(t->function));
	json_set(j, "type", json_new_cstr("SCHEDULED"));
	json_set(j, "is_enabled", json_new_bool(t->enabled));
	set_time(j, "created_at", t->created_ms);
	set_time(j, "updated_at", t->updated_ms);
	json_set(j, "scheduled_details", details);
	json_set(j, "scheduled_runs", runs);
	return j;
}

static void reply_trigger(struct api_call *c, const struct trigger_row *t)
{
	struct json *j = json_new_object();

	json_set(j, "trigger", show(c, t));
	api_reply(c, 200, j);
}

/* ---- list ---- */

static int query_number(struct api_call *c, const char *name, uint64_t most, unsigned *v,
			struct err *e)
{
	const char *text = api_query(c, name);
	uint64_t n;

	if (!text)
		return 0;
	if (!str_to_u64(str_of(text), &n) || n < 1 || n > most)
		return refuse(e, 400, "'%s' is no number from 1 to %llu", name,
			      (unsigned long long)most);
	*v = (unsigned)n;
	return 0;
}

/* Where the next page is, when there is one. */
static void add_links(struct api_call *c, struct json *j, unsigned page, unsigned per_page)
{
	struct json *links = json_new_object(), *pages = json_new_object();

	json_set(pages, "next",
		 json_new_cstr(arena_printf(
			 c->arena,
			 "http://%s/v2/functions/namespaces/%s/triggers?page=%u&per_page=%u",
			 httpd_header(c->request, "Host"), c->api->o.namespace, page + 1,
			 per_page)));
	json_set(links, "pages", pages);
	json_set(j, "links", links);
}

static int list(struct api_call *c, unsigned page, unsigned per_page, struct err *e)
{
	struct trigger_rows rows = {0};
	struct json *j, *list;
	int64_t total = 0;
	size_t i;

	if (triggers_list(c->api->o.entities, per_page, (page - 1) * per_page, c->arena, &rows,
			  e) < 0 ||
	    triggers_count(c->api->o.entities, &total, e) < 0) {
		vec_release(&rows.list);
		return -1;
	}
	j = json_new_object();
	list = json_new_array();
	for (i = 0; i < rows.list.n; i++)
		json_push(list, show(c, &rows.list.v[i]));
	json_set(j, "triggers", list);
	if (per_page && (int64_t)page * per_page < total)
		add_links(c, j, page, per_page);
	vec_release(&rows.list);
	api_reply(c, 200, j);
	return 0;
}

/* Without per_page, which older clients do not know, all at once. */
static void list_triggers(struct api_call *c)
{
	unsigned page = 1, per_page = 0;
	struct err e = ERR_INIT;

	if (query_number(c, "page", INT16_MAX, &page, &e) < 0 ||
	    query_number(c, "per_page", PER_PAGE_MAX, &per_page, &e) < 0 ||
	    list(c, page, per_page, &e) < 0)
		reply_failure(c, &e);
}

/* ---- one ---- */

static int find(struct api_call *c, struct trigger_row *t, struct err *e)
{
	int rc = triggers_get(c->api->o.entities, c->path[1], c->arena, t, e);

	if (rc == 0)
		return refuse(e, 404, "there is no trigger '%s'", c->path[1]);
	return rc < 0 ? -1 : 0;
}

static void get_trigger(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct trigger_row t;

	if (find(c, &t, &e) < 0)
		reply_failure(c, &e);
	else
		reply_trigger(c, &t);
}

static void delete_trigger(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct trigger_row t;

	if (find(c, &t, &e) < 0 || triggers_delete(c->api->o.entities, c->path[1], &e) < 0) {
		reply_failure(c, &e);
		return;
	}
	scheduler_changed(c->api->scheduler);
	httpd_reply(c->request, 204, (struct str){NULL, 0});
}

/* ---- create and update ---- */

static int read_cron(struct api_call *c, const struct json *details, struct trigger_row *t,
		     struct err *e)
{
	const struct json *given = json_get(details, "cron");
	struct strbuf cron = STRBUF_INIT, why = STRBUF_INIT;
	int rc = 0;

	if (!given && t->cron)
		return 0;
	if (!json_cstr(given))
		rc = refuse(e, 400, "'scheduled_details' needs a 'cron'");
	else if (cron_normalize(json_str(given), &cron, &why))
		t->cron = arena_strdup(c->arena, cron.buf);
	else
		rc = refuse(e, 400, "'cron': %s", why.buf);
	strbuf_release(&cron);
	strbuf_release(&why);
	return rc;
}

static int read_body(struct api_call *c, const struct json *details, struct trigger_row *t,
		     struct err *e)
{
	const struct json *body = json_get(details, "body");
	struct strbuf text = STRBUF_INIT;
	int rc = 0;

	t->body = NULL;
	if (!body || json_is(body, JSON_NULL))
		return 0;
	if (!json_is(body, JSON_OBJECT))
		return refuse(e, 400, "'body' is no object");
	json_write(&text, body);
	if (text.len > API_PAYLOAD_MAX)
		rc = refuse(e, 400, "'body' is larger than %d bytes", API_PAYLOAD_MAX);
	else
		t->body = arena_strndup(c->arena, text.buf, text.len);
	strbuf_release(&text);
	return rc;
}

static int read_enabled(const struct json *j, struct trigger_row *t, struct err *e)
{
	const struct json *given = json_get(j, "is_enabled");

	if (!given)
		return 0;
	if (!json_is(given, JSON_BOOL))
		return refuse(e, 400, "'is_enabled' is neither true nor false");
	t->enabled = json_is_true(given);
	return 0;
}

/* A run with these parameters would be refused, so the trigger is. */
static int check_run(struct api_call *c, const struct trigger_row *t, const struct json *body,
		     struct err *e)
{
	const char *package, *name;
	struct target *target = NULL;
	int rc = 0;

	if (firing_split(c->arena, t->function, &package, &name))
		target = target_get(&c->api->targets, package, name, e);
	if (!target && e->code == ERR_OK)
		rc = refuse(e, 404, "there is no function '%s'", t->function);
	else if (!target)
		rc = -1;
	else if (target->fixed && params_collide(target->fixed, body))
		rc = refuse(e, 400, "'body' sets a parameter that the function '%s' has fixed",
			    t->function);
	target_unref(target);
	return rc;
}

static int read_details(struct api_call *c, const struct json *j, struct trigger_row *t,
			struct err *e)
{
	const struct json *details = json_get(j, "scheduled_details");

	if (!details && t->cron)
		return 0;
	if (!json_is(details, JSON_OBJECT))
		return refuse(e, 400, "'scheduled_details' is no object");
	if (read_cron(c, details, t, e) < 0 || read_body(c, details, t, e) < 0)
		return -1;
	return check_run(c, t, json_get(details, "body"), e);
}

static int store(struct api_call *c, struct trigger_row *t, struct err *e)
{
	struct scheduler *s = c->api->scheduler;

	t->updated_ms = (int64_t)clock_realtime_ms();
	if (!t->created_ms)
		t->created_ms = t->updated_ms;
	t->due_ms = scheduler_due(t, scheduler_now(s));
	if (triggers_put(c->api->o.entities, t, e) < 0)
		return -1;
	scheduler_changed(s);
	return 0;
}

static int update(struct api_call *c, struct trigger_row *t, struct err *e)
{
	struct json *j = api_body(c, e);
	int rc = -1;

	if (j && read_enabled(j, t, e) == 0 && read_details(c, j, t, e) == 0)
		rc = store(c, t, e);
	json_free(j);
	return rc;
}

static void put_trigger(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct trigger_row t;

	if (find(c, &t, &e) < 0 || update(c, &t, &e) < 0)
		reply_failure(c, &e);
	else
		reply_trigger(c, &t);
}

static int read_name(struct api_call *c, const struct json *j, struct trigger_row *t,
		     struct err *e)
{
	const char *name = json_cstr(json_get(j, "name"));
	struct trigger_row other;
	int rc;

	if (!name || !name_is_valid(str_of(name)))
		return refuse(e, 400, "'name' is no name of a trigger");
	rc = triggers_get(c->api->o.entities, name, c->arena, &other, e);
	if (rc > 0)
		return refuse(e, 422, "there is a trigger '%s' already", name);
	t->name = arena_strdup(c->arena, name);
	return rc;
}

static int read_new(struct api_call *c, const struct json *j, struct trigger_row *t,
		    struct err *e)
{
	const char *type = json_cstr(json_get(j, "type"));
	const char *function = json_cstr(json_get(j, "function"));
	const char *package, *name;

	*t = (struct trigger_row){.enabled = true};
	if (read_name(c, j, t, e) < 0)
		return -1;
	if (!type || strcasecmp(type, "SCHEDULED") != 0)
		return refuse(e, 400, "'type' is not SCHEDULED");
	if (!function || !firing_split(c->arena, function, &package, &name))
		return refuse(e, 400, "'function' is no name of a function");
	t->function = arena_printf(c->arena, "%s%s%s", package, *package ? "/" : "", name);
	return read_details(c, j, t, e) < 0 ? -1 : read_enabled(j, t, e);
}

static void create_trigger(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct json *j = api_body(c, &e);
	struct trigger_row t;

	if (!j || read_new(c, j, &t, &e) < 0 || store(c, &t, &e) < 0)
		reply_failure(c, &e);
	else
		reply_trigger(c, &t);
	json_free(j);
}

/* ---- routes ---- */

static const struct route {
	const char *method;
	size_t segments; /* behind the namespace: "triggers" and a name */
	void (*handle)(struct api_call *c);
} routes[] = {
	{"GET", 1, list_triggers}, {"POST", 1, create_trigger},   {"GET", 2, get_trigger},
	{"PUT", 2, put_trigger},   {"DELETE", 2, delete_trigger},
};

static void handle(struct api_call *c)
{
	const char *method = httpd_method(c->request);
	bool other_method = false;
	const struct route *r;

	for (r = routes; r < routes + countof(routes); r++) {
		if (r->segments != c->path_n || strcmp(c->path[0], "triggers") != 0)
			continue;
		if (strcmp(r->method, method) == 0) {
			r->handle(c);
			return;
		}
		other_method = true;
	}
	reply_error(c, other_method ? 405 : 404,
		    other_method ? "this cannot be done with a trigger"
				 : "the local platform has no such resource");
}

void api_digitalocean(struct api_call *c, struct str path)
{
	struct str rest = str_from(path, 1), ns;
	enum access access =
		access_check_bearer(httpd_header(c->request, "Authorization"), c->api->o.auth);

	if (access != ACCESS_GRANTED) {
		reply_error(c, 401,
			    access == ACCESS_NONE ? "the request has no token"
						  : "the token is not the local platform's");
		return;
	}
	if (rest.n == 0 || !str_next(&rest, '/', &ns) ||
	    strcmp(api_decode(c, ns, false), c->api->o.namespace) != 0)
		reply_error(c, 404, "there is no such namespace");
	else if (!api_split_path(c, rest) || c->path_n == 0)
		reply_error(c, 404, "the local platform has no such resource");
	else
		handle(c);
}
