#include "base/base64.h"
#include "httpd/httpd.h"
#include "platform/params.h"
#include "platform/web.h"
#include "platform/web_types.h"

/* Every field looks its name up in those before it: this many are plenty and still quick. */
enum { MAX_FIELDS = 1024 };

static int bad_request(struct err *e, const char *why)
{
	err_set(e, ERR_USAGE, "%s", why);
	e->status = 400;
	return -1;
}

static int malformed(struct err *e, const char *why)
{
	err_set(e, ERR_USAGE, "The request content was malformed: %s", why);
	e->status = 400;
	return -1;
}

/* Adds every "name=value" of a query or a form; what is no UTF-8 in them json_setn() replaces.
 */
static int add_fields(struct json *to, struct str text, struct err *e)
{
	struct strbuf name = STRBUF_INIT, value = STRBUF_INIT;
	struct str field, key;
	size_t n = 0;

	while (n <= MAX_FIELDS && str_next(&text, '&', &field)) {
		if (field.n == 0)
			continue;
		n++;
		(void)str_next(&field, '=', &key);
		strbuf_reset(&name);
		strbuf_reset(&value);
		httpd_decode(&name, key, true);
		httpd_decode(&value, field, true);
		json_setn(to, strbuf_str(&name), json_new_str(strbuf_str(&value)));
	}
	strbuf_release(&name);
	strbuf_release(&value);
	if (n > MAX_FIELDS)
		return malformed(e, "too many fields, at most 1024 are read");
	return 0;
}

/* A body that does not spread over the event's top level. */
struct opaque {
	struct json *value;
	bool base64;
};

static void keep_text(struct opaque *o, struct str body)
{
	*o = (struct opaque){.value = json_new_str(body)};
}

static void keep_base64(struct opaque *o, struct str body)
{
	struct strbuf b = STRBUF_INIT;

	base64_encode(&b, body.p, body.n);
	*o = (struct opaque){.value = json_new_str(strbuf_str(&b)), .base64 = true};
	strbuf_release(&b);
}

/* False for a body without a usable type: it is handed over as bytes. */
static bool request_type(const struct web_request *q, struct web_type *t)
{
	return q->content_type && web_type_parse(str_of(q->content_type), t);
}

static void keep_body(const struct web_request *q, struct opaque *o)
{
	struct web_type t;

	/* OpenWhisk still counts application/json as binary for raw functions. */
	if (!request_type(q, &t) || web_type_class(&t) == WEB_BINARY ||
	    web_type_is(&t, "application/json"))
		keep_base64(o, q->body);
	else
		keep_text(o, q->body);
}

static struct json *parse_json_body(struct str body, struct opaque *o, struct err *e)
{
	struct err why = ERR_INIT;
	struct json *j = json_parse(body, &why);

	if (!j) {
		malformed(e, why.msg);
		err_clear(&why);
		return NULL;
	}
	if (json_is(j, JSON_OBJECT))
		return j;
	o->value = j;
	return json_new_object();
}

static struct json *parse_form(struct str body, struct err *e)
{
	struct json *fields = json_new_object();

	if (add_fields(fields, body, e) == 0)
		return fields;
	json_free(fields);
	return NULL;
}

/* The fields of the body; what is no set of fields goes to *o instead. */
static struct json *body_fields(const struct web_request *q, struct opaque *o, struct err *e)
{
	struct web_type t;

	if (q->body.n == 0)
		return json_new_object();
	if (request_type(q, &t)) {
		if (web_type_is_json(&t))
			return parse_json_body(q->body, o, e);
		if (web_type_is(&t, "application/x-www-form-urlencoded"))
			return parse_form(q->body, e);
	}
	keep_body(q, o);
	return json_new_object();
}

static bool sets_forbidden(const struct json *fields, const struct json *fixed)
{
	static const char *const reserved[] = {
		"__ow_body",   "__ow_headers", "__ow_isBase64Encoded",
		"__ow_method", "__ow_path",    "__ow_query",
		"__ow_user",
	};
	size_t i;

	for (i = 0; i < countof(reserved); i++)
		if (json_get(fields, reserved[i]))
			return true;
	return params_collide(fixed, fields);
}

/* Fields of the body count before those of the query. */
static void merge_query(struct json *fields, const struct json *query)
{
	struct json_index *of_body = json_index_new(fields);
	const struct json *m;

	for (m = json_first(query); m; m = json_next(m))
		if (!json_index_get(of_body, json_name(m)))
			json_add_new(fields, json_name(m), json_clone(m));
	json_index_free(of_body);
}

static struct json *request_fields(const struct web_request *q, const struct json *fixed,
				   struct opaque *o, struct err *e)
{
	struct json *query = json_new_object(), *fields = NULL;

	if (add_fields(query, q->query, e) < 0)
		goto out;
	fields = body_fields(q, o, e);
	if (!fields)
		goto out;
	if (sets_forbidden(query, fixed) || sets_forbidden(fields, fixed)) {
		bad_request(e, "Request defines parameters that are not allowed "
			       "(e.g., reserved properties).");
		json_free(fields);
		fields = NULL;
		goto out;
	}
	merge_query(fields, query);
out:
	json_free(query);
	return fields;
}

static struct json *request_headers(const struct web_request *q)
{
	return q->headers ? json_clone(q->headers) : json_new_object();
}

/* The form that the documentation describes. */
static void add_http(struct json *event, const struct web_request *q, const struct opaque *o)
{
	struct json *http = json_new_object();

	if (o->value)
		json_set(http, "body", json_clone(o->value));
	json_set(http, "headers", request_headers(q));
	if (q->raw)
		json_set(http, "isBase64Encoded", json_new_bool(o->base64));
	json_set(http, "method", json_new_cstr(q->method));
	json_set(http, "path", json_new_str(q->path));
	if (q->raw)
		json_set(http, "queryString", json_new_str(q->query));
	json_set(event, "http", http);
}

static struct json *lower_case(const char *method)
{
	struct strbuf b = STRBUF_INIT;
	struct json *j;

	for (; *method; method++) {
		char c = *method;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		strbuf_addc(&b, c);
	}
	j = json_new_str(strbuf_str(&b));
	strbuf_release(&b);
	return j;
}

/* The older form, which functions moved from OpenWhisk read.  Takes o's value. */
static void add_whisk(struct json *event, const struct web_request *q, struct opaque *o)
{
	json_set(event, "__ow_method", lower_case(q->method));
	json_set(event, "__ow_headers", request_headers(q));
	json_set(event, "__ow_path", json_new_str(q->path));
	if (q->raw) {
		json_set(event, "__ow_query", json_new_str(q->query));
		json_set(event, "__ow_isBase64Encoded", json_new_bool(o->base64));
	}
	if (o->value)
		json_set(event, "__ow_body", o->value);
	o->value = NULL;
}

struct json *web_event(const struct web_request *q, const struct json *fixed, struct err *e)
{
	struct opaque o = {0};
	struct json *event;

	if (!q->raw) {
		event = request_fields(q, fixed, &o, e);
	} else {
		event = json_new_object();
		if (q->body.n)
			keep_body(q, &o);
		else
			keep_text(&o, q->body);
	}
	if (event) {
		add_http(event, q, &o);
		add_whisk(event, q, &o);
	}
	json_free(o.value);
	return event;
}
