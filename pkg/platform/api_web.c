#include <ctype.h>

#include "platform/access.h"
#include "platform/api_call.h"
#include "platform/invoke.h"
#include "platform/params.h"
#include "platform/refuse.h"
#include "platform/web.h"

enum web_extension { WEB_HTTP, WEB_JSON };

struct web_call {
	struct api_call *call;
	struct target *target; /* until the call is started */
	enum web_extension extension;
	struct str rest; /* the path behind the function's name */
	bool authenticated;
};

static void reply(struct api_call *c, struct web_answer *a)
{
	size_t i;

	for (i = 0; i < a->headers.n; i++)
		httpd_add_header(c->request, a->headers.v[i].name, a->headers.v[i].value);
	httpd_reply_take(c->request, a->status, &a->body);
	web_answer_release(a);
}

static void reply_error(struct api_call *c, int status, const char *text)
{
	struct web_answer a = {0};

	web_answer_error(&a, status, text, c->transaction);
	reply(c, &a);
}

static void fail(struct api_call *c, struct err *e)
{
	struct err failure = ERR_INIT;

	err_move(&failure, e);
	reply_error(c, failure.status ? failure.status : 500, failure.msg);
	err_clear(&failure);
}

/* A reply with the whole result, for names that end in ".json". */
static void reply_json(struct api_call *c, const struct json *result)
{
	struct strbuf text = STRBUF_INIT;

	if (!json_is(result, JSON_OBJECT) && !json_is(result, JSON_ARRAY)) {
		reply_error(c, 400, "Response is not valid 'application/json'.");
		return;
	}
	json_write_pretty(&text, result);
	httpd_add_header(c->request, "Content-Type", "application/json");
	httpd_reply_take(c->request, 200, &text);
}

static void reply_result(struct web_call *w, const struct json *result)
{
	struct web_answer a = {0};

	if (w->extension == WEB_JSON) {
		reply_json(w->call, result);
		return;
	}
	web_answer_from(result, w->call->transaction, &a);
	reply(w->call, &a);
}

static void reply_end(struct web_call *w, const struct invocation_end *end)
{
	struct err e = ERR_INIT;
	struct json *result;

	if (end->outcome != OUTCOME_SUCCESS && end->outcome != OUTCOME_APPLICATION) {
		reply_error(w->call, 400, "There was an error processing your request.");
		return;
	}
	result = json_parse(end->result, &e);
	if (!result) {
		fail(w->call, &e);
		return;
	}
	reply_result(w, end->outcome == OUTCOME_SUCCESS ? result : json_get(result, "error"));
	json_free(result);
}

static void on_answer(void *arg, const struct invoke_answer *a)
{
	struct web_call *w = arg;

	httpd_add_header(w->call->request, "x-openwhisk-activation-id", a->id);
	if (a->failure)
		fail(w->call, a->failure);
	else if (a->end)
		reply_end(w, a->end);
	else
		reply_error(w->call, 202, "Response not yet ready.");
}

static void add_header(void *arg, const char *name, const char *value)
{
	char lower[256];
	size_t i;

	for (i = 0; i < sizeof(lower) - 1 && name[i]; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	lower[i] = '\0';
	json_set(arg, lower, json_new_cstr(value));
}

static void add_missing(struct json *headers, const char *name, const char *value)
{
	if (!json_get(headers, name))
		json_set(headers, name, json_new_cstr(value));
}

/* The client's, and what DigitalOcean's edge adds. */
static struct json *request_headers(struct api_call *c)
{
	struct json *headers = json_new_object();

	httpd_each_header(c->request, add_header, headers);
	add_missing(headers, "x-forwarded-for", "127.0.0.1");
	add_missing(headers, "x-forwarded-proto", "http");
	add_missing(headers, "x-request-id", c->transaction);
	return headers;
}

static struct json *make_event(struct web_call *w, struct err *e)
{
	struct api_call *c = w->call;
	const struct json *raw = params_get(w->target->annotations, "raw-http");
	struct json *headers = request_headers(c), *event;
	struct web_request q = {
		.method = httpd_method(c->request),
		.path = w->rest,
		.query = c->query,
		.body = httpd_body(c->request),
		.content_type = httpd_header(c->request, "Content-Type"),
		.headers = headers,
		.raw = params_is_truthy(raw),
	};

	event = web_event(&q, w->target->fixed, e);
	json_free(headers);
	if (event && w->authenticated)
		json_set(event, "__ow_user", json_new_cstr(c->api->o.namespace));
	return event;
}

static int start(struct web_call *w, struct err *e)
{
	struct json *event = make_event(w, e);
	struct strbuf args = STRBUF_INIT;
	char id[ACTIVATION_ID];
	struct invoke_request q = {
		.target = w->target,
		.transaction = w->call->transaction,
		.web = true,
		.wait_ms = API_WAIT_MS,
		.answer = on_answer,
		.arg = w,
	};
	int rc;

	if (!event)
		return -1;
	params_write_args(&args, w->target->params, event);
	json_free(event);
	q.payload = strbuf_str(&args);
	rc = invoke_start(w->call->api, &q, id, e);
	strbuf_release(&args);
	return rc;
}

/* platform.md 2.1, 6: true asks for the key, any other value for itself in a header. */
static enum access check_access(struct web_call *w)
{
	struct httpd_request *q = w->call->request;
	const struct json *wanted = params_get(w->target->annotations, "require-whisk-auth");
	enum access basic =
		access_check(httpd_header(q, "Authorization"), w->call->api->o.auth);
	const char *secret = httpd_header(q, "X-Require-Whisk-Auth");
	struct str expected;

	w->authenticated = basic == ACCESS_GRANTED;
	if (!params_is_truthy(wanted))
		return ACCESS_GRANTED;
	if (json_is_true(wanted))
		return basic;
	expected = json_is(wanted, JSON_NUMBER) ? json_number(wanted) : json_str(wanted);
	if (expected.n > 0 && access_secret_is(secret, expected))
		return ACCESS_GRANTED;
	return secret ? ACCESS_WRONG : ACCESS_NONE;
}

static void refuse_access(struct web_call *w, enum access access)
{
	if (json_is_true(params_get(w->target->annotations, "require-whisk-auth")))
		httpd_add_header(w->call->request, "WWW-Authenticate",
				 "Basic realm=\"OpenWhisk secure realm\"");
	reply_error(w->call, 401, access == ACCESS_WRONG ? REFUSE_BAD_AUTH : REFUSE_NO_AUTH);
}

static void add_cors(struct api_call *c)
{
	const char *asked = httpd_header(c->request, "Access-Control-Request-Headers");

	httpd_add_header(c->request, "Access-Control-Allow-Origin", "*");
	httpd_add_header(c->request, "Access-Control-Allow-Methods",
			 "OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH");
	httpd_add_header(c->request, "Access-Control-Allow-Headers",
			 asked ? asked
			       : "Authorization, Origin, X-Requested-With, Content-Type, "
				 "Accept, User-Agent");
}

/* "name.json" is the function "name" with another form of answer. */
static const char *cut_extension(struct web_call *w, struct str segment)
{
	w->extension = str_ends(segment, ".json") ? WEB_JSON : WEB_HTTP;
	if (str_ends(segment, ".json") || str_ends(segment, ".http"))
		segment.n -= 5;
	return api_decode(w->call, segment, false);
}

/* "ns/pkg/fn[.ext][/rest]" to the target; NULL with 404 for everything that is not there. */
static struct target *find_target(struct web_call *w, struct str path, struct err *e)
{
	struct api_call *c = w->call;
	struct str ns, package, name;
	const char *package_name, *function;
	struct target *t = NULL;

	if (str_next(&path, '/', &ns) && str_next(&path, '/', &package) &&
	    str_next(&path, '/', &name) &&
	    strcmp(api_decode(c, ns, false), c->api->o.namespace) == 0) {
		w->rest = (struct str){name.p + name.n, path.n + (path.p > name.p + name.n)};
		package_name = api_decode(c, package, false);
		if (strcmp(package_name, "default") == 0)
			package_name = "";
		function = cut_extension(w, name);
		t = target_get(&c->api->targets, package_name, function, e);
	}
	if (t && !json_is_true(params_get(t->annotations, "web-export"))) {
		target_unref(t);
		t = NULL;
	}
	if (!t && e->code == ERR_OK)
		refuse(e, 404, REFUSE_NO_RESOURCE);
	return t;
}

static bool is_method(const char *method)
{
	static const char *const methods[] = {"GET",  "DELETE",  "POST", "PUT",
					      "HEAD", "OPTIONS", "PATCH"};
	size_t i;

	for (i = 0; i < countof(methods); i++)
		if (strcmp(methods[i], method) == 0)
			return true;
	return false;
}

static int check_size(struct api_call *c, struct err *e)
{
	size_t n = httpd_body(c->request).n;

	if (n > API_PAYLOAD_MAX)
		return refuse(e, 413, "Request larger than allowed: %zu > %d bytes.", n,
			      API_PAYLOAD_MAX);
	return 0;
}

static void serve(struct web_call *w)
{
	struct api_call *c = w->call;
	struct err e = ERR_INIT;
	bool is_options = strcmp(httpd_method(c->request), "OPTIONS") == 0;
	bool own_options =
		json_is_true(params_get(w->target->annotations, "web-custom-options"));
	enum access access;

	if (!own_options) {
		add_cors(c);
		if (is_options) {
			httpd_reply(c->request, 200, (struct str){NULL, 0});
			return;
		}
	}
	access = check_access(w);
	if (access != ACCESS_GRANTED && !(is_options && own_options))
		refuse_access(w, access);
	else if (check_size(c, &e) < 0 || start(w, &e) < 0)
		fail(c, &e);
}

void api_web(struct api_call *c, struct str path)
{
	struct web_call *w = arena_new(c->arena, struct web_call);
	struct target *t;
	struct err e = ERR_INIT;

	w->call = c;
	if (!is_method(httpd_method(c->request))) {
		reply_error(c, 405, "HTTP method not allowed for this resource");
		return;
	}
	t = w->target = find_target(w, path, &e);
	if (t)
		serve(w); /* w may be gone after it */
	else
		fail(c, &e);
	target_unref(t);
}
