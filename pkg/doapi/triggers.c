#include <stdlib.h>
#include <string.h>

#include "doapi/answer.h"
#include "doapi/doapi.h"

struct doapi {
	struct http_client *http;
	char *url; /* ".../v2/functions/namespaces/<ns>/triggers" */
	char *token;
	char *namespace;
};

/* A server that gives a next page for ever must not fill the memory. */
enum {
	PER_PAGE = 200,
	MOST_PAGES = 100,
	MOST_TRIGGERS = PER_PAGE * MOST_PAGES, /* in a page: older servers know no pages */
	LIST_MAX_BYTES = 64 * 1024 * 1024,     /* of all pages */
};

static char *triggers_url(const char *base, const char *namespace)
{
	struct strbuf url = STRBUF_INIT;

	strbuf_addf(&url, "%s/v2/functions/namespaces/", base);
	http_add_encoded(&url, str_of(namespace));
	strbuf_adds(&url, "/triggers");
	return strbuf_detach(&url, NULL);
}

struct doapi *doapi_new(struct loop *l, const struct doapi_options *o, struct err *e)
{
	struct http_options ho = {
		.user_agent = "dofn",
		.insecure = o->insecure,
		.max_tries = o->max_tries,
		.silence_ms = o->silence_ms,
		.on_retry = o->on_retry,
		.arg = o->arg,
	};
	char *base = http_base_url(o->api_url ? o->api_url : doapi_default_url, e);
	struct doapi *d;

	if (!base)
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->http = http_client_new(l, &ho);
	d->url = triggers_url(base, o->namespace);
	d->token = xstrdup(o->token);
	d->namespace = xstrdup(o->namespace);
	free(base);
	return d;
}

void doapi_free(struct doapi *d)
{
	if (!d)
		return;
	http_client_free(d->http);
	free(d->url);
	free(d->token);
	free(d->namespace);
	free(d);
}

/* The answer to a GET, or NULL; its length onto *bytes, unless that is NULL. */
static struct json *get(struct doapi *d, const char *url, size_t *bytes, struct err *e)
{
	struct http_request q = {
		.method = "GET", .url = url, .bearer = d->token, .repeatable = true};
	struct strbuf body = STRBUF_INIT;
	int status = http_call(d->http, &q, &body, e);
	struct json *j = status < 0 ? NULL : answer_tree(status, strbuf_str(&body), e);

	if (bytes)
		*bytes += body.len;
	strbuf_release(&body);
	return j;
}

/* What a path can hold as its last segment: a request to delete ".." is one for the namespace.
 */
static bool is_segment(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

static bool is_trigger(const struct json *item)
{
	const char *name = json_cstr(json_get(item, "name"));

	return json_is(item, JSON_OBJECT) && (!name || is_segment(name));
}

/* Takes the list of a page, whose triggers go onto the end of `all`. */
static int add_list(struct json *list, size_t bytes, struct json *all, struct err *e)
{
	const struct json *item;
	int r = 0;

	if (bytes > LIST_MAX_BYTES || json_count(all) + json_count(list) > MOST_TRIGGERS)
		r = err_set(e, ERR_REMOTE, "the list does not end");
	for (item = json_first(list); item && r == 0; item = json_next(item)) {
		if (is_trigger(item))
			json_push(all, json_clone(item));
		else
			r = err_set(e, ERR_REMOTE, "the list has what is no trigger");
	}
	json_free(list);
	return r;
}

/* The triggers of a page onto the end of `all`; 1: there is a page behind it. */
static int add_page(struct doapi *d, unsigned page, struct json *all, size_t *bytes,
		    struct err *e)
{
	char *url = xasprintf("%s?page=%u&per_page=%d", d->url, page, PER_PAGE);
	struct json *j = get(d, url, bytes, e), *list;
	const struct json *pages = json_get(json_get(j, "links"), "pages");
	bool more = json_str(json_get(pages, "next")).n > 0;

	free(url);
	list = answer_member(j, "triggers", JSON_ARRAY, e);
	if (!list)
		return -1;
	more = more && json_count(list) > 0;
	return add_list(list, *bytes, all, e) < 0 ? -1 : more;
}

struct json *doapi_list_triggers(struct doapi *d, struct err *e)
{
	struct json *all = json_new_array();
	size_t bytes = 0;
	unsigned page;
	int r = 1;

	for (page = 1; r > 0; page++) {
		if (page > MOST_PAGES)
			r = err_set(e, ERR_REMOTE, "the list does not end");
		else
			r = add_page(d, page, all, &bytes, e);
	}
	if (r == 0)
		return all;
	err_wrap(e, "listing the triggers of the namespace '%s'", d->namespace);
	json_free(all);
	return NULL;
}

static char *url_of(const struct doapi *d, const char *name)
{
	struct strbuf url = STRBUF_INIT;

	strbuf_addf(&url, "%s/", d->url);
	http_add_encoded(&url, str_of(name));
	return strbuf_detach(&url, NULL);
}

static int check_name(const char *name, struct err *e)
{
	if (is_segment(name))
		return 0;
	return err_set(e, ERR_USAGE, "'%s' is no name of a trigger", name);
}

struct json *doapi_get_trigger(struct doapi *d, const char *name, struct err *e)
{
	struct json *j;
	char *url;

	if (check_name(name, e) < 0)
		return NULL;
	url = url_of(d, name);
	j = get(d, url, NULL, e);
	free(url);
	return answer_member(j, "trigger", JSON_OBJECT, e);
}

/* ---- changes ---- */

/* A request under way, and who is told. */
struct exchange {
	struct doapi *doapi;
	char *name;
	const char *method;
	struct strbuf body;
	struct json *changes; /* of a new trigger: those of an update to the same */
	struct err refused;   /* of a new trigger: why it could not be made */
	doapi_done_fn *done;
	void *arg;
};

static void start(struct exchange *x, const struct json *body);

static void end(struct exchange *x, const struct json *trigger, struct err *failure)
{
	x->done(x->arg, trigger, failure);
	err_clear(&x->refused);
	json_free(x->changes);
	strbuf_release(&x->body);
	free(x->name);
	free(x);
}

/*
 * When the answer to the first try was lost, the second one finds the trigger
 * there: an update then makes sure that it is the wanted one.
 */
static bool may_be_made_already(const struct exchange *x, const struct http_response *r)
{
	return strcmp(x->method, "POST") == 0 && r->tries > 1 &&
	       (r->status == 400 || r->status == 409 || r->status == 422);
}

static void update_instead(struct exchange *x, const struct http_response *r)
{
	struct json *changes = x->changes;

	answer_error(r->status, r->body, &x->refused);
	x->changes = NULL;
	x->method = "PUT";
	start(x, changes);
	json_free(changes);
}

static struct json *read_answer(const struct exchange *x, const struct http_response *r,
				struct err *e)
{
	if (strcmp(x->method, "DELETE") != 0)
		return answer_member(answer_tree(r->status, r->body, e), "trigger", JSON_OBJECT,
				     e);
	if ((r->status >= 200 && r->status <= 299) || (r->status == 404 && r->tries > 1))
		return json_new_object();
	answer_error(r->status, r->body, e);
	return NULL;
}

static void answered(void *arg, const struct http_response *r, struct err *failure)
{
	struct exchange *x = arg;
	struct err e = ERR_INIT;
	struct json *j = NULL;

	if (!failure && may_be_made_already(x, r)) {
		update_instead(x, r);
		return;
	}
	if (failure)
		err_move(&e, failure);
	else
		j = read_answer(x, r, &e);
	if (!j && e.status == 404 && x->refused.code != ERR_OK) {
		err_clear(&e);
		err_move(&e, &x->refused);
	}
	end(x, j, j ? NULL : &e);
	json_free(j);
	err_clear(&e);
}

static void start(struct exchange *x, const struct json *body)
{
	struct http_request q = {
		.method = x->method, .bearer = x->doapi->token, .repeatable = true};
	bool is_new = strcmp(x->method, "POST") == 0;
	char *url = is_new ? NULL : url_of(x->doapi, x->name);

	strbuf_reset(&x->body);
	if (body)
		json_write(&x->body, body);
	q.url = is_new ? x->doapi->url : url;
	if (body)
		q.body = strbuf_str(&x->body);
	http_send(x->doapi->http, &q, answered, x);
	free(url);
}

static struct exchange *new_exchange(struct doapi *d, const char *method, const char *name,
				     doapi_done_fn *done, void *arg)
{
	struct exchange *x = xcalloc(1, sizeof(*x));

	x->doapi = d;
	x->method = method;
	x->name = xstrdup(name);
	x->body = STRBUF_INIT;
	x->done = done;
	x->arg = arg;
	return x;
}

/* A body that is not wanted is an empty one: no body could leave the old one in place. */
static struct json *changes_of(const struct doapi_trigger *t)
{
	struct json *j = json_new_object(), *details = json_new_object();

	json_set(details, "cron", json_new_cstr(t->cron));
	json_set(details, "body", t->body ? json_clone(t->body) : json_new_object());
	json_set(j, "is_enabled", json_new_bool(t->enabled));
	json_set(j, "scheduled_details", details);
	return j;
}

/* As the deployer sends it (functions.md 3.7). */
static struct json *body_of(const struct doapi_trigger *t)
{
	struct json *j = json_new_object(), *details = json_new_object();

	json_set(details, "cron", json_new_cstr(t->cron));
	json_set(details, "body", json_clone(t->body));
	json_set(j, "name", json_new_cstr(t->name));
	json_set(j, "function", json_new_cstr(t->function));
	json_set(j, "is_enabled", json_new_bool(t->enabled));
	json_set(j, "type", json_new_cstr("SCHEDULED"));
	json_set(j, "scheduled_details", details);
	return j;
}

void doapi_create_trigger(struct doapi *d, const struct doapi_trigger *t, doapi_done_fn *done,
			  void *arg)
{
	struct exchange *x = new_exchange(d, "POST", t->name, done, arg);
	struct json *body = body_of(t);

	x->changes = changes_of(t);
	start(x, body);
	json_free(body);
}

void doapi_update_trigger(struct doapi *d, const struct doapi_trigger *t, doapi_done_fn *done,
			  void *arg)
{
	struct json *changes = changes_of(t);

	start(new_exchange(d, "PUT", t->name, done, arg), changes);
	json_free(changes);
}

void doapi_enable_trigger(struct doapi *d, const char *name, bool enabled, doapi_done_fn *done,
			  void *arg)
{
	struct json *changes = json_new_object();

	json_set(changes, "is_enabled", json_new_bool(enabled));
	start(new_exchange(d, "PUT", name, done, arg), changes);
	json_free(changes);
}

void doapi_delete_trigger(struct doapi *d, const char *name, doapi_done_fn *done, void *arg)
{
	start(new_exchange(d, "DELETE", name, done, arg), NULL);
}
