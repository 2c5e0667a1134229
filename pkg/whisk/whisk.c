#include "whisk/whisk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct whisk {
	struct http_client *http;
	char *base; /* "https://host/api/v1" */
	char *api_host;
	char *auth;
	uint64_t silence_ms; /* 0 = none was asked for */
};

enum {
	MOST_IN_FLIGHT = 32,
	MAX_ANSWER = 128 * 1024 * 1024, /* an action with its code is at most about 50 MB */
	ONCE_MS = 5000,
	INVOKE_SILENCE_MS = 16 * 60 * 1000, /* a function may run for 15 minutes */
};

struct whisk *whisk_new(struct loop *l, const struct whisk_options *o, struct err *e)
{
	struct http_options ho = {
		.user_agent = "dofn",
		.insecure = o->insecure,
		.max_in_flight = o->max_in_flight,
		.most_in_flight = o->max_in_flight ? 0 : MOST_IN_FLIGHT,
		.max_tries = o->max_tries,
		.silence_ms = o->silence_ms,
		.on_retry = o->on_retry,
		.arg = o->arg,
	};
	char *host = http_base_url(o->api_host, e);
	struct whisk *w;

	if (!host)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	w->http = http_client_new(l, &ho);
	w->api_host = host;
	w->base = xasprintf("%s/api/v1", host);
	w->auth = xstrdup(o->auth ? o->auth : "");
	w->silence_ms = o->silence_ms;
	return w;
}

void whisk_free(struct whisk *w)
{
	if (!w)
		return;
	http_client_free(w->http);
	free(w->base);
	free(w->api_host);
	free(w->auth);
	free(w);
}

bool whisk_has_room(const struct whisk *w)
{
	return http_has_room(w->http);
}

const char *whisk_api_host(const struct whisk *w)
{
	return w->api_host;
}

const char *whisk_auth(const struct whisk *w)
{
	return w->auth;
}

struct http_client *whisk_http(const struct whisk *w)
{
	return w->http;
}

static const char *reason_of(int status)
{
	switch (status) {
	case 400: return " Bad Request";
	case 401: return " Unauthorized";
	case 403: return " Forbidden";
	case 404: return " Not Found";
	case 408: return " Request Timeout";
	case 409: return " Conflict";
	case 413: return " Content Too Large";
	case 429: return " Too Many Requests";
	case 500: return " Internal Server Error";
	case 502: return " Bad Gateway";
	case 503: return " Service Unavailable";
	case 504: return " Gateway Timeout";
	default: return "";
	}
}

static const char *way_out(int status)
{
	switch (status) {
	case 401: return "; 'dofn connect' stores other credentials";
	case 413: return "; leave files out with .ignore, or use fewer packages";
	case 429: return "; try again in a minute";
	case 500:
	case 502:
	case 503:
	case 504: return "; the server is in trouble, try again later";
	default: return "";
	}
}

/* Of what a server says in an error, no more than a person reads. */
enum { SAID_MAX = 1000, CODE_MAX = 100 };

/* The server's own words when it gave any: {"error": ..., "code": ...}. */
static void add_server_words(struct strbuf *out, struct str body)
{
	struct err ignored = ERR_INIT;
	struct json *j = json_parse(body, &ignored);
	struct str error = utf8_cut(json_str(json_get(j, "error")), SAID_MAX);
	struct str code = utf8_cut(json_str(json_get(j, "code")), CODE_MAX);

	if (error.n) {
		strbuf_adds(out, ": ");
		strbuf_addstr(out, error);
		if (code.n)
			strbuf_addf(out, " (code %.*s)", STR_ARG(code));
	}
	json_free(j);
	err_clear(&ignored);
}

static int answer_error(int status, struct str body, struct err *e)
{
	struct strbuf words = STRBUF_INIT;
	bool auth = status == 401 || status == 403;

	add_server_words(&words, body);
	err_set(e, auth ? ERR_AUTH : ERR_REMOTE, "the server answered %d%s%s%s", status,
		reason_of(status), words.buf, way_out(status));
	e->status = status;
	strbuf_release(&words);
	return -1;
}

/* A 2xx answer's tree; an empty body is an empty object. */
static struct json *answer_tree(int status, struct str body, struct err *e)
{
	struct json *j;

	if (status < 200 || status > 299) {
		answer_error(status, body, e);
		return NULL;
	}
	if (body.n == 0)
		return json_new_object();
	j = json_parse(body, e);
	if (!j)
		err_wrap(e, "the server's answer is no JSON (is it an OpenWhisk API host?)");
	return j;
}

/* The same; what is no list or no object, as wanted, does not come from an OpenWhisk. */
static struct json *answer_of_type(int status, struct str body, enum json_type type,
				   struct err *e)
{
	struct json *j = answer_tree(status, body, e);

	if (!j || json_is(j, type))
		return j;
	json_free(j);
	err_set(e, ERR_REMOTE, "the server's answer is no %s (is it an OpenWhisk API host?)",
		type == JSON_ARRAY ? "list" : "object");
	return NULL;
}

static struct json *ask(struct whisk *w, const struct http_request *q, enum json_type type,
			struct err *e)
{
	struct strbuf body = STRBUF_INIT;
	int status = http_call(w->http, q, &body, e);
	struct json *j = status < 0 ? NULL : answer_of_type(status, strbuf_str(&body), type, e);

	strbuf_release(&body);
	return j;
}

static struct json *get(struct whisk *w, const char *url, enum json_type type, struct err *e)
{
	struct http_request q = {
		.method = "GET",
		.url = url,
		.basic = w->auth,
		.repeatable = true,
		.max_body = MAX_ANSWER,
	};

	return ask(w, &q, type, e);
}

/*
 * True when a path with this name leads to one entity: of `most` segments at
 * most, none empty (a collection's path) or a dot name (servers and proxies
 * resolve those).
 */
static bool is_one_name(const char *name, size_t most)
{
	struct str rest = str_of(name), segment;
	size_t n = 0;

	while (str_next(&rest, '/', &segment))
		if (++n > most || segment.n == 0 || str_is(segment, ".") ||
		    str_is(segment, ".."))
			return false;
	return n > 0;
}

static int check_function(const char *name, struct err *e)
{
	if (is_one_name(name, 2))
		return 0;
	return err_set(e, ERR_USAGE, "this is no name; write FUNCTION or PACKAGE/FUNCTION");
}

static int check_package(const char *name, struct err *e)
{
	if (is_one_name(name, 1))
		return 0;
	return err_set(e, ERR_USAGE, "'%s' is no name of a package", name);
}

/* "/" + each segment of the name encoded, its slashes kept. */
static void add_segments(struct strbuf *url, const char *name)
{
	struct str rest = str_of(name), segment;

	while (name && str_next(&rest, '/', &segment)) {
		strbuf_addc(url, '/');
		http_add_encoded(url, segment);
	}
}

/* base + "/namespaces/_/" + collection + "/" + name */
static void add_url(struct strbuf *url, const struct whisk *w, const char *collection,
		    const char *name)
{
	strbuf_addf(url, "%s/namespaces/_/%s", w->base, collection);
	add_segments(url, name);
}

char *whisk_namespace(struct whisk *w, struct err *e)
{
	char *url = xasprintf("%s/namespaces", w->base), *ns = NULL;
	struct json *j = get(w, url, JSON_ARRAY, e);
	const char *first = json_cstr(json_at(j, 0));

	free(url);
	if (j && json_count(j) == 0)
		err_set(e, ERR_AUTH, "the server knows no namespace for these credentials");
	else if (j && !first)
		err_set(e, ERR_REMOTE, "the server's list of namespaces holds no names");
	if (first)
		ns = xstrdup(first);
	json_free(j);
	return ns;
}

struct json *whisk_host_info(struct whisk *w, enum whisk_patience patience, struct err *e)
{
	struct http_request q = {
		.method = "GET",
		.url = w->base,
		.repeatable = patience == WHISK_PATIENT,
		.total_ms = patience == WHISK_ONCE ? ONCE_MS : 0,
		.max_body = MAX_ANSWER,
	};

	return ask(w, &q, JSON_OBJECT, e);
}

/* ---- several at a time ---- */

/* A request under way, and who gets the answer. */
struct exchange {
	struct strbuf body;
	const struct http_source *source; /* instead of body */
	enum json_type type;              /* of the answer */
	bool gone_is_done; /* after a further try, 404 means that an earlier one did it */
	bool once;         /* never sent twice */
	whisk_done_fn *done;
	whisk_list_fn *listed; /* instead of done */
	void *arg;
};

static struct json *answer_of_exchange(const struct exchange *x, const struct http_response *r,
				       struct err *e)
{
	if (x->gone_is_done && r->status == 404 && r->tries > 1)
		return json_new_object();
	return answer_of_type(r->status, r->body, x->type, e);
}

static void exchange_done(void *arg, const struct http_response *r, struct err *failure)
{
	struct exchange *x = arg;
	struct err e = ERR_INIT;
	struct json *j = NULL;

	if (failure)
		err_move(&e, failure);
	else
		j = answer_of_exchange(x, r, &e);
	if (x->listed) {
		x->listed(x->arg, j, j ? NULL : &e);
	} else {
		x->done(x->arg, j, j ? NULL : &e);
		json_free(j);
	}
	err_clear(&e);
	strbuf_release(&x->body);
	free(x);
}

/* Takes *x, a copy of which lives until the answer. */
static void start(struct whisk *w, const char *method, const char *url,
		  const struct exchange *x)
{
	struct exchange *own = xcalloc(1, sizeof(*own));
	struct http_request q = {
		.method = method,
		.url = url,
		.basic = w->auth,
		.repeatable = !x->once,
		.max_body = MAX_ANSWER,
	};

	*own = *x;
	if (x->source)
		q.source = x->source;
	else
		q.body = strbuf_str(&own->body);
	http_send(w->http, &q, exchange_done, own);
}

/* Takes x->body. */
static void put(struct whisk *w, const char *collection, const char *name, struct exchange *x)
{
	struct strbuf url = STRBUF_INIT;

	x->type = JSON_OBJECT;
	add_url(&url, w, collection, name);
	strbuf_adds(&url, "?overwrite=true");
	start(w, "PUT", url.buf, x);
	strbuf_release(&url);
}

void whisk_put_package(struct whisk *w, const char *name, const struct json *body,
		       whisk_done_fn *done, void *arg)
{
	struct exchange x = {.body = STRBUF_INIT, .done = done, .arg = arg};

	json_write(&x.body, body);
	put(w, "packages", name, &x);
}

void whisk_put_action(struct whisk *w, const char *full_name, struct strbuf *body_text,
		      whisk_done_fn *done, void *arg)
{
	struct exchange x = {.body = *body_text, .done = done, .arg = arg};

	*body_text = STRBUF_INIT;
	put(w, "actions", full_name, &x);
}

void whisk_upload_action(struct whisk *w, const char *full_name, const struct http_source *body,
			 whisk_done_fn *done, void *arg)
{
	struct exchange x = {.body = STRBUF_INIT, .source = body, .done = done, .arg = arg};

	put(w, "actions", full_name, &x);
}

static void delete_entity(struct whisk *w, const char *collection, const char *name,
			  whisk_done_fn *done, void *arg)
{
	struct exchange x = {
		.body = STRBUF_INIT,
		.type = JSON_OBJECT,
		.gone_is_done = true,
		.done = done,
		.arg = arg,
	};
	struct strbuf url = STRBUF_INIT;

	add_url(&url, w, collection, name);
	start(w, "DELETE", url.buf, &x);
	strbuf_release(&url);
}

int whisk_delete_action(struct whisk *w, const char *full_name, whisk_done_fn *done, void *arg,
			struct err *e)
{
	if (check_function(full_name, e) < 0)
		return -1;
	delete_entity(w, "actions", full_name, done, arg);
	return 0;
}

int whisk_delete_package(struct whisk *w, const char *name, whisk_done_fn *done, void *arg,
			 struct err *e)
{
	if (check_package(name, e) < 0)
		return -1;
	delete_entity(w, "packages", name, done, arg);
	return 0;
}

void whisk_begin(struct whisk *w, const char *namespace, const char *name,
		 const struct json *payload, whisk_done_fn *done, void *arg)
{
	struct exchange x = {.body = STRBUF_INIT,
			     .type = JSON_OBJECT,
			     .once = true,
			     .done = done,
			     .arg = arg};
	struct strbuf url = STRBUF_INIT;

	strbuf_addf(&url, "%s/namespaces/", w->base);
	http_add_encoded(&url, str_of(namespace));
	strbuf_adds(&url, "/actions");
	add_segments(&url, name);
	json_write(&x.body, payload);
	start(w, "POST", url.buf, &x);
	strbuf_release(&url);
}

int whisk_fetch_activation(struct whisk *w, const char *id, whisk_done_fn *done, void *arg,
			   struct err *e)
{
	struct exchange x = {
		.body = STRBUF_INIT, .type = JSON_OBJECT, .done = done, .arg = arg};
	struct strbuf url = STRBUF_INIT;

	if (!is_one_name(id, 1))
		return err_set(e, ERR_USAGE, "this is no id of an activation");
	add_url(&url, w, "activations", id);
	start(w, "GET", url.buf, &x);
	strbuf_release(&url);
	return 0;
}

int whisk_fetch_action(struct whisk *w, const char *full_name, whisk_done_fn *done, void *arg,
		       struct err *e)
{
	struct exchange x = {
		.body = STRBUF_INIT, .type = JSON_OBJECT, .done = done, .arg = arg};
	struct strbuf url = STRBUF_INIT;

	if (check_function(full_name, e) < 0)
		return -1;
	add_url(&url, w, "actions", full_name);
	strbuf_adds(&url, "?code=true");
	start(w, "GET", url.buf, &x);
	strbuf_release(&url);
	return 0;
}

static void list(struct whisk *w, const char *collection, unsigned skip, whisk_list_fn *listed,
		 void *arg)
{
	struct exchange x = {
		.body = STRBUF_INIT, .type = JSON_ARRAY, .listed = listed, .arg = arg};
	struct strbuf url = STRBUF_INIT;

	add_url(&url, w, collection, NULL);
	strbuf_addf(&url, "?limit=%d&skip=%u", WHISK_PAGE, skip);
	start(w, "GET", url.buf, &x);
	strbuf_release(&url);
}

void whisk_list_packages(struct whisk *w, unsigned skip, whisk_list_fn *listed, void *arg)
{
	list(w, "packages", skip, listed, arg);
}

void whisk_list_functions(struct whisk *w, unsigned skip, whisk_list_fn *listed, void *arg)
{
	list(w, "actions", skip, listed, arg);
}

/* ---- reading ---- */

struct json *whisk_list_actions(struct whisk *w, const char *package, unsigned limit,
				unsigned skip, struct err *e)
{
	struct strbuf url = STRBUF_INIT;
	struct json *j;

	if (package && check_package(package, e) < 0)
		return NULL;
	add_url(&url, w, "actions", package);
	strbuf_addf(&url, "%s?limit=%u&skip=%u", package ? "/" : "", limit ? limit : WHISK_PAGE,
		    skip);
	j = get(w, url.buf, JSON_ARRAY, e);
	strbuf_release(&url);
	return j;
}

struct json *whisk_get_action(struct whisk *w, const char *full_name, bool code, struct err *e)
{
	struct strbuf url = STRBUF_INIT;
	struct json *j;

	if (check_function(full_name, e) < 0)
		return NULL;
	add_url(&url, w, "actions", full_name);
	strbuf_addf(&url, "?code=%s", code ? "true" : "false");
	j = get(w, url.buf, JSON_OBJECT, e);
	strbuf_release(&url);
	return j;
}

/* A 502 with a record or a result is the function's failure; one with a "code" the server's. */
static bool is_function_failure(int status, const struct json *j)
{
	return (status == 502 || status == 500) && json_is(j, JSON_OBJECT) &&
	       !json_get(j, "code");
}

struct json *whisk_invoke(struct whisk *w, const struct whisk_invocation *in, int *status,
			  struct err *e)
{
	struct strbuf url = STRBUF_INIT, text = STRBUF_INIT, answer = STRBUF_INIT;
	struct http_request q = {.method = "POST", .basic = w->auth, .max_body = MAX_ANSWER};
	struct err parse = ERR_INIT;
	struct json *j = NULL;

	if (check_function(in->name, e) < 0)
		return NULL;
	add_url(&url, w, "actions", in->name);
	strbuf_addf(&url, "?blocking=%s&result=%s", in->blocking ? "true" : "false",
		    in->blocking && in->result ? "true" : "false");
	if (in->payload)
		json_write(&text, in->payload);
	q.url = url.buf;
	q.body = strbuf_str(&text);
	q.silence_ms = w->silence_ms ? w->silence_ms : INVOKE_SILENCE_MS;
	*status = http_call(w->http, &q, &answer, e);
	if (*status >= 0)
		j = json_parse(strbuf_str(&answer), &parse);
	if (*status >= 0 && !is_function_failure(*status, j)) {
		json_free(j);
		j = answer_tree(*status, strbuf_str(&answer), e);
	}
	err_clear(&parse);
	strbuf_release(&url);
	strbuf_release(&text);
	strbuf_release(&answer);
	return j;
}

static void add_activation_query(struct strbuf *url, const struct whisk_activations *q,
				 bool count)
{
	if (count)
		strbuf_adds(url, "?count=true");
	else
		strbuf_addf(url, "?limit=%u", q->limit ? q->limit : WHISK_PAGE);
	if (q->skip || !count)
		strbuf_addf(url, "&skip=%u", q->skip);
	if (q->docs && !count)
		strbuf_adds(url, "&docs=true");
	if (q->name) {
		strbuf_adds(url, "&name=");
		http_add_encoded(url, str_of(q->name));
	}
	if (q->since_ms)
		strbuf_addf(url, "&since=%" PRIu64, q->since_ms);
	if (q->upto_ms)
		strbuf_addf(url, "&upto=%" PRIu64, q->upto_ms);
}

static struct json *get_activations(struct whisk *w, const struct whisk_activations *q,
				    bool count, struct err *e)
{
	struct strbuf url = STRBUF_INIT;
	struct json *j;

	add_url(&url, w, "activations", NULL);
	add_activation_query(&url, q, count);
	j = get(w, url.buf, count ? JSON_OBJECT : JSON_ARRAY, e);
	strbuf_release(&url);
	return j;
}

struct json *whisk_list_activations(struct whisk *w, const struct whisk_activations *q,
				    struct err *e)
{
	return get_activations(w, q, false, e);
}

struct json *whisk_count_activations(struct whisk *w, const struct whisk_activations *q,
				     struct err *e)
{
	return get_activations(w, q, true, e);
}

static struct json *get_activation_part(struct whisk *w, const char *id, const char *part,
					struct err *e)
{
	struct strbuf url = STRBUF_INIT;
	struct json *j;

	if (!is_one_name(id, 1)) {
		err_set(e, ERR_USAGE,
			"this is no id; 'dofn activations list' shows those there are");
		return NULL;
	}
	add_url(&url, w, "activations", id);
	strbuf_adds(&url, part);
	j = get(w, url.buf, JSON_OBJECT, e);
	strbuf_release(&url);
	return j;
}

struct json *whisk_get_activation(struct whisk *w, const char *id, struct err *e)
{
	return get_activation_part(w, id, "", e);
}

struct json *whisk_get_result(struct whisk *w, const char *id, struct err *e)
{
	return get_activation_part(w, id, "/result", e);
}

struct json *whisk_get_logs(struct whisk *w, const char *id, struct err *e)
{
	return get_activation_part(w, id, "/logs", e);
}

char *whisk_function_url(const char *api_host, const char *namespace, const char *full_name,
			 bool web)
{
	struct strbuf url = STRBUF_INIT;
	struct str rest = str_of(full_name), segment;

	strbuf_addf(&url, "%s/api/v1/%s/", api_host, web ? "web" : "namespaces");
	http_add_encoded(&url, str_of(namespace));
	if (!web)
		strbuf_adds(&url, "/actions");
	else if (!strchr(full_name, '/'))
		strbuf_adds(&url, "/default");
	while (str_next(&rest, '/', &segment)) {
		strbuf_addc(&url, '/');
		http_add_encoded(&url, segment);
	}
	return strbuf_detach(&url, NULL);
}

struct json *whisk_annotation(const struct json *entity, const char *key)
{
	struct json *a;

	for (a = json_first(json_get(entity, "annotations")); a; a = json_next(a))
		if (str_is(json_str(json_get(a, "key")), key))
			return json_get(a, "value");
	return NULL;
}
