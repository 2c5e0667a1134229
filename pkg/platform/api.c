#include "platform/api.h"

#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hash.h"
#include "platform/access.h"
#include "platform/api_call.h"
#include "platform/refuse.h"
#include "project/project.h"
#include "remote/remote.h"

enum { TRANSACTION_MAX = 128, NAME_MAX_CHARS = 256 };

struct api *api_new(const struct api_options *o)
{
	struct api *a = xcalloc(1, sizeof(*a));

	a->o = *o;
	a->targets.entities = o->entities;
	return a;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	targets_forget(&a->targets);
	free(a);
}

int64_t api_update_stamp(struct api *a)
{
	int64_t now = (int64_t)clock_realtime_ms();

	a->last_update_ms = now > a->last_update_ms ? now : a->last_update_ms + 1;
	return a->last_update_ms;
}

void api_reply_text(struct api_call *c, int status, struct str json_text)
{
	httpd_add_header(c->request, "Content-Type", "application/json");
	httpd_reply(c->request, status, json_text);
}

void api_reply(struct api_call *c, int status, struct json *j)
{
	struct strbuf text = STRBUF_INIT;

	json_write(&text, j);
	json_free(j);
	httpd_add_header(c->request, "Content-Type", "application/json");
	httpd_reply_take(c->request, status, &text);
}

void api_error(struct api_call *c, int status, const char *text)
{
	struct json *j = json_new_object();

	json_set(j, "error", json_new_cstr(text));
	json_set(j, "code", json_new_cstr(c->transaction));
	api_reply(c, status, j);
}

void api_fail(struct api_call *c, struct err *e)
{
	struct err failure = ERR_INIT;

	err_move(&failure, e);
	api_error(c, failure.status ? failure.status : 500, failure.msg);
	err_clear(&failure);
}

static void reply_unauthorized(struct api_call *c, bool had_credentials)
{
	httpd_add_header(c->request, "WWW-Authenticate",
			 "Basic realm=\"OpenWhisk secure realm\"");
	api_error(c, 401, had_credentials ? REFUSE_BAD_AUTH : REFUSE_NO_AUTH);
}

struct json *api_body(struct api_call *c, struct err *e)
{
	struct str text = str_trim(httpd_body(c->request));
	struct err parse = ERR_INIT;
	struct json *j;

	if (text.n == 0)
		return json_new_object();
	j = json_parse(text, &parse);
	if (!j) {
		refuse(e, 400, "The request content was malformed:\n%s", parse.msg);
		err_clear(&parse);
		return NULL;
	}
	if (!json_is(j, JSON_OBJECT)) {
		refuse(e, 400, "The request content was malformed:\nObject expected");
		json_free(j);
		return NULL;
	}
	return j;
}

static int check_name(const char *name, struct err *e)
{
	struct str s = str_of(name);

	if (s.n > NAME_MAX_CHARS)
		return refuse(e, 400,
			      "The name of the entity is longer than allowed: %zu > %d.", s.n,
			      NAME_MAX_CHARS);
	if (!name_is_valid(s))
		return refuse(e, 400, "The name of the entity contains illegal characters.");
	return 0;
}

int api_action_path(struct api_call *c, const char **package, const char **name, struct err *e)
{
	*package = c->path_n == 3 ? c->path[1] : "";
	*name = c->path[c->path_n - 1];
	if (c->path_n == 3 && check_name(*package, e) < 0)
		return -1;
	return check_name(*name, e);
}

static void list_namespaces(struct api_call *c)
{
	struct json *list = json_new_array();

	json_push(list, json_new_cstr(c->api->o.namespace));
	api_reply(c, 200, list);
}

/* min and max: segments behind the namespace, the collection included. */
static const struct route {
	const char *method, *collection;
	size_t min, max;
	void (*handle)(struct api_call *c);
} routes[] = {
	{"GET", "packages", 1, 1, api_list_packages},
	{"GET", "packages", 2, 2, api_get_package},
	{"PUT", "packages", 2, 2, api_put_package},
	{"DELETE", "packages", 2, 2, api_delete_package},
	{"GET", "actions", 1, 1, api_list_actions},
	{"GET", "actions", 2, 3, api_get_action},
	{"PUT", "actions", 2, 3, api_put_action},
	{"DELETE", "actions", 2, 3, api_delete_action},
	{"POST", "actions", 2, 3, api_invoke_action},
	{"GET", "activations", 1, 1, api_list_activations},
	{"GET", "activations", 2, 3, api_get_activation},
};

static const struct route *find_route(struct api_call *c, bool *other_method)
{
	const char *method = httpd_method(c->request);
	const struct route *r;

	*other_method = false;
	for (r = routes; r < routes + countof(routes); r++) {
		if (strcmp(r->collection, c->path[0]) != 0 || c->path_n < r->min ||
		    c->path_n > r->max)
			continue;
		if (strcmp(r->method, method) == 0 ||
		    (strcmp(method, "HEAD") == 0 && strcmp(r->method, "GET") == 0))
			return r;
		*other_method = true;
	}
	return NULL;
}

bool api_split_path(struct api_call *c, struct str path)
{
	struct str segment;

	c->slash = str_ends(path, "/");
	while (path.n > 0 && str_next(&path, '/', &segment)) {
		if (c->path_n == API_SEGMENTS || segment.n == 0)
			return false;
		c->path[c->path_n++] = api_decode(c, segment, false);
	}
	return true;
}

/* path: behind "/api/v1/namespaces". */
static void handle_namespaces(struct api_call *c, struct str path)
{
	const struct route *r;
	const char *namespace;
	struct str rest = str_from(path, 1), segment;
	bool other_method;

	if (rest.n == 0) {
		list_namespaces(c);
		return;
	}
	(void)str_next(&rest, '/', &segment);
	namespace = api_decode(c, segment, false);
	if (c->api->o.builder && strcmp(namespace, REMOTE_NAMESPACE) == 0 &&
	    api_split_path(c, rest)) {
		api_builder(c);
		return;
	}
	if (strcmp(namespace, "_") != 0 && strcmp(namespace, c->api->o.namespace) != 0) {
		api_error(c, 403, REFUSE_NOT_YOURS);
		return;
	}
	if (!api_split_path(c, rest) || c->path_n == 0) {
		api_error(c, 404, REFUSE_NO_RESOURCE);
		return;
	}
	r = find_route(c, &other_method);
	if (r)
		r->handle(c);
	else if (other_method)
		api_error(c, 405, "HTTP method not allowed for this resource");
	else
		api_error(c, 404, REFUSE_NO_RESOURCE);
}

/* Programs and pages alike may read the answers; writing needs the key. */
static void add_cors(struct api_call *c)
{
	httpd_add_header(c->request, "Access-Control-Allow-Origin", "*");
	httpd_add_header(c->request, "Access-Control-Allow-Methods",
			 "GET, DELETE, POST, PUT, HEAD");
	httpd_add_header(c->request, "Access-Control-Allow-Headers",
			 "Authorization, Origin, X-Requested-With, Content-Type, Accept, "
			 "User-Agent");
}

static bool cut(struct str *path, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!str_starts(*path, prefix) || (path->n > n && path->p[n] != '/'))
		return false;
	*path = str_from(*path, n);
	return true;
}

static void handle_api(struct api_call *c, struct str path)
{
	enum access access;

	add_cors(c);
	if (strcmp(httpd_method(c->request), "OPTIONS") == 0) {
		httpd_reply(c->request, 200, (struct str){NULL, 0});
		return;
	}
	if (path.n == 0 || str_is(path, "/")) {
		api_reply(c, 200, api_info(c->api));
		return;
	}
	if (!cut(&path, "/namespaces")) {
		api_error(c, 404, REFUSE_NO_RESOURCE);
		return;
	}
	access = access_check(httpd_header(c->request, "Authorization"), c->api->o.auth);
	if (access == ACCESS_GRANTED)
		handle_namespaces(c, path);
	else
		reply_unauthorized(c, access == ACCESS_WRONG);
}

/* The client's own id when it is a plausible one, so that its logs and ours meet. */
static const char *read_transaction(struct api_call *c)
{
	const char *given = httpd_header(c->request, "X-Request-ID"), *p;
	char *made;

	for (p = given; p && *p > ' ' && *p < 0x7f; p++)
		continue;
	if (given && *given && !*p && p - given <= TRANSACTION_MAX &&
	    strncmp(given, "sid_", 4) != 0)
		return given;
	made = arena_alloc(c->arena, 33);
	random_hex(made, 16);
	return made;
}

static struct api_call *new_call(struct api *a, struct httpd_request *q)
{
	struct arena *arena = httpd_arena(q);
	struct api_call *c = arena_new(arena, struct api_call);

	c->api = a;
	c->request = q;
	c->arena = arena;
	c->query = httpd_query(q);
	c->transaction = read_transaction(c);
	httpd_add_header(q, "X-Request-ID", c->transaction);
	return c;
}

static void reply_too_large(struct api_call *c)
{
	api_error(c, 413, "Request larger than allowed: more than 52428800 bytes.");
}

void api_handle(void *arg, struct httpd_request *q)
{
	struct api_call *c = new_call(arg, q);
	struct str path = httpd_path(q);

	if (!access_host_is_loopback(httpd_header(q, "Host"))) {
		api_error(c, 403,
			  "the local platform answers only to loopback names such as "
			  "'localhost' and '127.0.0.1' in the Host header");
		return;
	}
	/* doctl puts ".co" in place of what stands behind the last dot of the host. */
	if (!cut(&path, "/.co"))
		(void)cut(&path, "/.io");
	if (c->api->o.builder && cut(&path, BUILDER_UPLOADS)) {
		api_upload(c, path);
		return;
	}
	if (httpd_body(q).n > API_BODY_MAX) {
		reply_too_large(c);
		return;
	}
	if (cut(&path, "/api/v1")) {
		if (str_starts(path, "/web/"))
			api_web(c, str_from(path, 5));
		else
			handle_api(c, path);
		return;
	}
	if (cut(&path, "/v2/functions/namespaces"))
		api_digitalocean(c, path);
	else if (path.n == 0 || str_is(path, "/"))
		handle_api(c, (struct str){NULL, 0});
	else
		api_error(c, 404, REFUSE_NO_RESOURCE);
}

void api_too_large(void *arg, struct httpd_request *q)
{
	struct api_call *c = new_call(arg, q);

	if (str_starts(httpd_path(q), BUILDER_UPLOADS))
		api_error(c, 413, "A slice of more than 67108864 bytes is not built.");
	else
		reply_too_large(c);
}
