#include <strings.h>

#include "base/base64.h"
#include "platform/web.h"
#include "platform/web_types.h"

/* What the platform says about results it cannot use. */
static const char not_http[] = "Response is not valid 'message/http'.";
static const char unknown_type[] = "Response did not specify a known content-type.";
static const char wrong_type[] =
	"Response type in header did not match generated content type.";

struct draft {
	struct web_answer *a;
	char *type; /* the function's own Content-Type, or NULL */
};

static void add_header(struct web_answer *a, char *name, char *value)
{
	vec_push(&a->headers, ((struct web_header){name, value}));
}

static void add_content_type(struct web_answer *a, const char *type)
{
	add_header(a, xstrdup("Content-Type"), xstrdup(type));
}

static bool is_header_value(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Headers that say how this connection carries the answer: the server's to write. */
static bool is_of_connection(const char *name)
{
	static const char *const names[] = {
		"connection", "content-length", "keep-alive",        "proxy-connection",
		"te",         "trailer",        "transfer-encoding", "upgrade",
	};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static int keep_header(struct draft *d, struct str name, struct str value)
{
	char *n;

	if (!web_is_token(name) || !is_header_value(value))
		return -1;
	value = str_trim(value);
	n = xstrndup(name.p, name.n);
	if (strcasecmp(n, "content-type") == 0) {
		if (!d->type)
			d->type = xstrndup(value.p, value.n);
		free(n);
	} else if (is_of_connection(n)) {
		free(n);
	} else {
		add_header(d->a, n, xstrndup(value.n ? value.p : "", value.n));
	}
	return 0;
}

/* A list is one header for each of its items, nested lists too. */
static int add_json_header(struct draft *d, struct str name, const struct json *v)
{
	const struct json *item;

	switch (json_type(v)) {
	case JSON_STRING: return keep_header(d, name, json_str(v));
	case JSON_BOOL: return keep_header(d, name, str_of(json_is_true(v) ? "true" : "false"));
	case JSON_NUMBER: return keep_header(d, name, json_number(v));
	case JSON_ARRAY:
		for (item = json_first(v); item; item = json_next(item))
			if (add_json_header(d, name, item) < 0)
				return -1;
		return 0;
	default: return -1;
	}
}

static int add_json_headers(struct draft *d, const struct json *headers)
{
	const struct json *m;

	if (!headers)
		return 0;
	if (!json_is(headers, JSON_OBJECT))
		return -1;
	for (m = json_first(headers); m; m = json_next(m))
		if (add_json_header(d, json_name(m), m) < 0)
			return -1;
	return 0;
}

/* *status stays as it is when the function gave none. 1xx are no final answers. */
static int read_status(const struct json *code, int *status)
{
	int64_t n;

	if (!code)
		return 0;
	if (!json_int(code, &n) && !str_to_i64(json_str(code), &n))
		return -1;
	if (n < 200 || n > 999)
		return -1;
	*status = (int)n;
	return 0;
}

static void add_type_header(struct web_answer *a, const struct web_type *t)
{
	struct strbuf b = STRBUF_INIT;

	web_type_write(&b, t);
	add_content_type(a, b.buf);
	strbuf_release(&b);
}

/* Each of these returns NULL or what is wrong. */
static const char *fill_text(struct draft *d, struct str body)
{
	struct web_type t;

	if (!d->type) {
		add_content_type(d->a, "text/html; charset=UTF-8");
		strbuf_addstr(&d->a->body, body);
		return NULL;
	}
	if (!web_type_parse(str_of(d->type), &t))
		return unknown_type;
	if (web_type_class(&t) == WEB_BINARY) {
		if (base64_decode(&d->a->body, body) < 0)
			return wrong_type;
	} else if (!web_type_is_json(&t) || base64_decode(&d->a->body, body) < 0) {
		/* JSON that happens to be base64 ("true") is decoded: the platform's old habit.
		 */
		strbuf_addstr(&d->a->body, body);
	}
	add_type_header(d->a, &t);
	return NULL;
}

static const char *fill_json(struct draft *d, const struct json *body)
{
	struct strbuf *out = &d->a->body;
	struct web_type t;

	if (!web_type_parse(str_of(d->type ? d->type : "application/json"), &t) ||
	    !web_type_is_json(&t))
		return wrong_type;
	if (web_type_is(&t, "application/json"))
		json_write(out, body);
	else
		json_write_pretty(out, body);
	add_type_header(d->a, &t);
	return NULL;
}

static const char *fill(struct draft *d, const struct json *result)
{
	const struct json *body = json_get(result, "body");
	bool is_text = json_is(body, JSON_STRING);

	if (!json_is(result, JSON_OBJECT) ||
	    add_json_headers(d, json_get(result, "headers")) < 0 ||
	    read_status(json_get(result, "statusCode"), &d->a->status) < 0)
		return not_http;
	if (json_type(body) == JSON_NULL || (is_text && json_str(body).n == 0)) {
		d->a->status = d->a->status ? d->a->status : 204;
		return NULL;
	}
	d->a->status = d->a->status ? d->a->status : 200;
	return is_text ? fill_text(d, json_str(body)) : fill_json(d, body);
}

void web_answer_from(const struct json *result, const char *transaction, struct web_answer *a)
{
	struct draft d = {.a = a};
	const char *problem;

	*a = (struct web_answer){.body = STRBUF_INIT};
	problem = fill(&d, result);
	free(d.type);
	if (problem) {
		web_answer_release(a);
		web_answer_error(a, 400, problem, transaction);
	}
}

void web_answer_error(struct web_answer *a, int status, const char *text,
		      const char *transaction)
{
	struct json *error = json_new_object();

	*a = (struct web_answer){.status = status, .body = STRBUF_INIT};
	json_set(error, "error", json_new_cstr(text));
	json_set(error, "code", json_new_cstr(transaction));
	json_write_pretty(&a->body, error);
	json_free(error);
	add_content_type(a, "application/json");
}

void web_answer_release(struct web_answer *a)
{
	size_t i;

	for (i = 0; i < a->headers.n; i++) {
		free(a->headers.v[i].name);
		free(a->headers.v[i].value);
	}
	vec_release(&a->headers);
	strbuf_release(&a->body);
}
