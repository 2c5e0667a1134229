#include "platform/web.h"

#include <stdlib.h>

#include "platform/web_types.h"
#include "test.h"

/* Bodies and results below are written as JSON; a row's name is the behaviour it shows. */

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	if (!j)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

static void assert_json(const char *behaviour, const struct json *j, const char *expected)
{
	struct json *want = parsed(expected);
	struct strbuf got = STRBUF_INIT;

	json_write(&got, j);
	if (!json_equal(j, want))
		fail_msg("%s: %s instead of %s", behaviour, got.buf, expected);
	strbuf_release(&got);
	json_free(want);
}

/* --- the event --- */

struct event_row {
	const char *behaviour;
	const char *query, *type, *body;
	const char *fields; /* what the event has beside the metadata, or the refusal */
};

static const char not_allowed[] = "Request defines parameters that are not allowed "
				  "(e.g., reserved properties).";
static const char form[] = "application/x-www-form-urlencoded";

static struct json *event_of(const struct event_row *r, bool raw, const struct json *fixed,
			     struct err *e)
{
	struct json *headers = parsed("{\"accept\":\"*/*\"}");
	struct web_request q = {
		.method = "POST",
		.path = STR("/a%2Fb"),
		.query = str_of(r->query),
		.body = str_of(r->body),
		.content_type = r->type,
		.headers = headers,
		.raw = raw,
	};
	struct json *event = web_event(&q, fixed, e);

	json_free(headers);
	return event;
}

static void drop_metadata(struct json *event)
{
	static const char *const names[] = {"http", "__ow_method", "__ow_headers", "__ow_path"};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		assert_non_null(json_get(event, names[i]));
		json_del(event, names[i]);
	}
}

static void query_and_body_become_fields(void **state UNUSED)
{
	static const struct event_row rows[] = {
		{"nothing", NULL, NULL, NULL, "{}"},
		{"empty body of any type", "a=1", "application/json", "", "{\"a\":\"1\"}"},
		{"query", "a=1&b=two", NULL, NULL, "{\"a\":\"1\",\"b\":\"two\"}"},
		{"last duplicate", "a=1&a=2&b=3&a=", NULL, NULL, "{\"a\":\"\",\"b\":\"3\"}"},
		{"no value", "a&b=&=c&&", NULL, NULL, "{\"a\":\"\",\"b\":\"\",\"\":\"c\"}"},
		{"escapes", "a+b=%41+%2B%26%3d=%e2%82%ac", NULL, NULL,
		 "{\"a b\":\"A +&==\xe2\x82\xac\"}"},
		{"broken escapes stay", "a=100%&b=%zz%4", NULL, NULL,
		 "{\"a\":\"100%\",\"b\":\"%zz%4\"}"},
		{"invalid UTF-8", "%ff=%c3(", NULL, NULL,
		 "{\"\xef\xbf\xbd\":\"\xef\xbf\xbd(\"}"},
		{"invalid name met twice", "%ff=1&%fe=2", NULL, NULL,
		 "{\"\xef\xbf\xbd\":\"2\"}"},
		{"NUL", "a=%00b", NULL, NULL, "{\"a\":\"\\u0000b\"}"},
		{"NUL in a name", "a%00=b", NULL, NULL, "{\"a\xef\xbf\xbd\":\"b\"}"},
		{"JSON object", NULL, "application/json", "{\"a\":1,\"b\":[null]}",
		 "{\"a\":1,\"b\":[null]}"},
		{"exact numbers", NULL, "application/json", "{\"n\":12345678901234567890.10}",
		 "{\"n\":12345678901234567890.10}"},
		{"charset of JSON", NULL, "Application/JSON; charset=\"utf-8\"", "{\"a\":1}",
		 "{\"a\":1}"},
		{"+json object", NULL, "application/vnd.acme+json", "{\"a\":1}", "{\"a\":1}"},
		{"body before query", "a=q&c=q", "application/json", "{\"a\":1}",
		 "{\"a\":1,\"c\":\"q\"}"},
		{"JSON array", NULL, "application/json", "[1,2]", "{\"__ow_body\":[1,2]}"},
		{"JSON number", "a=1", "application/json", "7",
		 "{\"a\":\"1\",\"__ow_body\":7}"},
		{"JSON null", NULL, "application/json", "null", "{\"__ow_body\":null}"},
		{"form", NULL, form, "name=Sammy+S&x=%31&x=2",
		 "{\"name\":\"Sammy S\",\"x\":\"2\"}"},
		{"form before query", "x=q", form, "x=b", "{\"x\":\"b\"}"},
		{"octets", NULL, "application/octet-stream", "\x01\xff",
		 "{\"__ow_body\":\"Af8=\"}"},
		{"multipart", NULL, "multipart/form-data; boundary=x", "--x",
		 "{\"__ow_body\":\"LS14\"}"},
		{"no type", NULL, NULL, "hi", "{\"__ow_body\":\"aGk=\"}"},
		{"unreadable type", NULL, "text plain", "hi", "{\"__ow_body\":\"aGk=\"}"},
		{"text", NULL, "text/plain", "h\xc3\xa4", "{\"__ow_body\":\"h\xc3\xa4\"}"},
		{"text that is no UTF-8", NULL, "text/plain", "\xff",
		 "{\"__ow_body\":\"\xef\xbf\xbd\"}"},
		{"unknown text type", NULL, "text/foo", "hi", "{\"__ow_body\":\"aGk=\"}"},
		{"unknown text type with charset", NULL, "text/foo;charset=utf-8", "hi",
		 "{\"__ow_body\":\"hi\"}"},
	};
	struct err e = ERR_INIT;
	struct json *event;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		event = event_of(&rows[i], false, NULL, &e);
		if (!event)
			fail_msg("%s: %s", rows[i].behaviour, e.msg);
		drop_metadata(event);
		assert_json(rows[i].behaviour, event, rows[i].fields);
		json_free(event);
	}
}

static void requests_that_are_refused(void **state UNUSED)
{
	static const struct event_row rows[] = {
		{"reserved in the query", "__ow_method=x", NULL, NULL, not_allowed},
		{"reserved by escapes", "__ow%5Fpath=x", NULL, NULL, not_allowed},
		{"reserved in JSON", NULL, "application/json", "{\"__ow_user\":1}",
		 not_allowed},
		{"reserved in a form", NULL, form, "__ow_body=1", not_allowed},
		{"fixed in the query", "LIMIT=1", NULL, NULL, not_allowed},
		{"fixed in JSON", NULL, "application/json", "{\"LIMIT\":1}", not_allowed},
		{"malformed JSON", NULL, "application/json",
		 "{\"a\":", "The request content was malformed: "},
		{"malformed +json", NULL, "application/ld+json", "x",
		 "The request content was malformed: "},
	};
	struct json *fixed = parsed("{\"LIMIT\":5}");
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		if (event_of(&rows[i], false, fixed, &e))
			fail_msg("%s: taken", rows[i].behaviour);
		assert_int_equal(e.code, ERR_USAGE);
		assert_int_equal(e.status, 400);
		if (strncmp(e.msg, rows[i].fields, strlen(rows[i].fields)) != 0)
			fail_msg("%s: %s", rows[i].behaviour, e.msg);
		err_clear(&e);
	}
	json_free(fixed);
}

static void a_name_that_only_looks_reserved_is_taken(void **state UNUSED)
{
	static const struct event_row row = {"", "__ow_mine=1&limit=2", NULL, NULL, NULL};
	struct json *fixed = parsed("{\"LIMIT\":5}");
	struct err e = ERR_INIT;
	struct json *event = event_of(&row, false, fixed, &e);

	assert_non_null(event);
	drop_metadata(event);
	assert_json("names", event, "{\"__ow_mine\":\"1\",\"limit\":\"2\"}");
	json_free(event);
	json_free(fixed);
}

static void too_many_fields_are_refused(void **state UNUSED)
{
	struct strbuf query = STRBUF_INIT;
	struct event_row row = {0};
	struct err e = ERR_INIT;
	struct json *event;
	int i;

	for (i = 0; i < 1024; i++)
		strbuf_addf(&query, "f%d&&", i);
	row.query = query.buf;
	event = event_of(&row, false, NULL, &e);
	assert_non_null(event);
	assert_int_equal(json_count(event), 1024 + 4);
	json_free(event);
	strbuf_adds(&query, "more");
	row.query = query.buf;
	assert_null(event_of(&row, false, NULL, &e));
	assert_int_equal(e.status, 400);
	row.query = NULL;
	row.type = form;
	row.body = query.buf;
	err_clear(&e);
	assert_null(event_of(&row, false, NULL, &e));
	err_clear(&e);
	strbuf_release(&query);
}

static void the_request_itself_is_told_in_both_forms(void **state UNUSED)
{
	static const struct event_row row = {"", "http=forged&shark=hammerhead", NULL, NULL,
					     NULL};
	struct err e = ERR_INIT;
	struct json *event = event_of(&row, false, NULL, &e);

	assert_json("metadata", event,
		    "{\"shark\":\"hammerhead\",\"http\":{\"headers\":{\"accept\":\"*/*\"},"
		    "\"method\":\"POST\",\"path\":\"/a%2Fb\"},\"__ow_method\":\"post\","
		    "\"__ow_headers\":{\"accept\":\"*/*\"},\"__ow_path\":\"/a%2Fb\"}");
	json_free(event);
}

static void a_body_that_is_no_object_is_in_http_too(void **state UNUSED)
{
	static const struct event_row row = {"", NULL, "application/json", "[1]", NULL};
	struct err e = ERR_INIT;
	struct json *event = event_of(&row, false, NULL, &e);

	assert_json("http", json_get(event, "http"),
		    "{\"body\":[1],\"headers\":{\"accept\":\"*/*\"},\"method\":\"POST\","
		    "\"path\":\"/a%2Fb\"}");
	json_free(event);
}

static void a_request_without_headers_has_an_empty_object(void **state UNUSED)
{
	struct web_request q = {.method = "GET"};
	struct err e = ERR_INIT;
	struct json *event = web_event(&q, NULL, &e);

	assert_json("bare", event,
		    "{\"http\":{\"headers\":{},\"method\":\"GET\",\"path\":\"\"},"
		    "\"__ow_method\":\"get\",\"__ow_headers\":{},\"__ow_path\":\"\"}");
	json_free(event);
}

static void raw_functions_get_the_body_unread(void **state UNUSED)
{
	static const struct event_row rows[] = {
		{"nothing", NULL, NULL, NULL, "[\"\",\"\",false]"},
		{"reserved names are no matter", "__ow_user=1&a=%20", NULL, NULL,
		 "[\"\",\"__ow_user=1&a=%20\",false]"},
		{"JSON", NULL, "application/json", "{}", "[\"e30=\",\"\",true]"},
		{"malformed JSON", NULL, "application/json", "{", "[\"ew==\",\"\",true]"},
		{"+json", NULL, "application/problem+json", "{}", "[\"{}\",\"\",false]"},
		{"form", "q", form, "a=1&a=2", "[\"a=1&a=2\",\"q\",false]"},
		{"octets", NULL, "image/png", "\x89P", "[\"iVA=\",\"\",true]"},
		{"text", NULL, "text/html", "<p>", "[\"<p>\",\"\",false]"},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *event = event_of(&rows[i], true, NULL, &e);
		const struct json *http = json_get(event, "http");
		struct json *old = json_new_array(), *new = json_new_array();

		json_push(old, json_clone(json_get(event, "__ow_body")));
		json_push(old, json_clone(json_get(event, "__ow_query")));
		json_push(old, json_clone(json_get(event, "__ow_isBase64Encoded")));
		json_push(new, json_clone(json_get(http, "body")));
		json_push(new, json_clone(json_get(http, "queryString")));
		json_push(new, json_clone(json_get(http, "isBase64Encoded")));
		assert_json(rows[i].behaviour, old, rows[i].fields);
		assert_json(rows[i].behaviour, new, rows[i].fields);
		assert_int_equal(json_count(event), 7);
		assert_int_equal(json_count(http), 6);
		json_free(old);
		json_free(new);
		json_free(event);
	}
}

/* --- the answer --- */

struct answer_row {
	const char *behaviour;
	const char *result;
	int status;
	const char *headers; /* each with a newline behind it */
	const char *body;
};

static void assert_answer(const struct answer_row *r, const struct web_answer *a)
{
	struct strbuf headers = STRBUF_INIT;
	size_t i;

	for (i = 0; i < a->headers.n; i++)
		strbuf_addf(&headers, "%s: %s\n", a->headers.v[i].name, a->headers.v[i].value);
	if (a->status != r->status || strcmp(headers.buf, r->headers) != 0 ||
	    !str_is(strbuf_str(&a->body), r->body))
		fail_msg("%s: %d\n%s\n%s", r->behaviour, a->status, headers.buf, a->body.buf);
	strbuf_release(&headers);
}

static void assert_answers(const struct answer_row *rows, size_t n)
{
	struct web_answer a;
	struct json *result;
	size_t i;

	for (i = 0; i < n; i++) {
		result = parsed(rows[i].result);
		web_answer_from(result, "tid", &a);
		assert_answer(&rows[i], &a);
		web_answer_release(&a);
		json_free(result);
	}
}

#define HTML "Content-Type: text/html; charset=UTF-8\n"
#define JSON "Content-Type: application/json\n"

static void the_python_pages_returns(void **state UNUSED)
{
	static const struct answer_row rows[] = {
		{"nothing", "{}", 204, "", ""},
		{"text", "{\"body\":\"Hello world\"}", 200, HTML, "Hello world"},
		{"dictionary", "{\"body\":{\"event\":{\"a\":1.50}}}", 200, JSON,
		 "{\"event\":{\"a\":1.50}}"},
		{"status and type",
		 "{\"body\":\"Hello world\",\"statusCode\":200,"
		 "\"headers\":{\"Content-Type\":\"text/plain\"}}",
		 200, "Content-Type: text/plain; charset=UTF-8\n", "Hello world"},
		{"status as text", "{\"body\":\"x\",\"statusCode\":\"201\"}", 201, HTML, "x"},
		{"list", "{\"body\":[{\"type\":\"hammerhead\"},{\"type\":\"mako\"}]}", 200,
		 JSON, "[{\"type\":\"hammerhead\"},{\"type\":\"mako\"}]"},
		{"redirect",
		 "{\"headers\":{\"location\":\"https://example.com\"},\"statusCode\":302}", 302,
		 "location: https://example.com\n", ""},
		{"HTML and a cookie",
		 "{\"headers\":{\"Set-Cookie\":\"UserID=Sammy; Max-Age=3600; Version=\","
		 "\"Content-Type\":\"text/html\"},\"statusCode\":200,"
		 "\"body\":\"<html><body><h3>hello</h3></body></html>\"}",
		 200, "Set-Cookie: UserID=Sammy; Max-Age=3600; Version=\n" HTML,
		 "<html><body><h3>hello</h3></body></html>"},
	};

	assert_answers(rows, countof(rows));
}

static void an_image_is_decoded(void **state UNUSED)
{
	static const char gif[] = "GIF89a\1\0\1\0\0\377\0,\0\0\0\0\1\0\1\0\0\2\0;";
	struct json *result =
		parsed("{\"headers\":{\"Content-Type\":\"image/gif\"},\"statusCode\":200,"
		       "\"body\":\"R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs=\"}");
	struct web_answer a;

	web_answer_from(result, "tid", &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.headers.v[0].value, "image/gif");
	assert_int_equal(a.body.len, sizeof(gif) - 1);
	assert_memory_equal(a.body.buf, gif, sizeof(gif) - 1);
	web_answer_release(&a);
	json_free(result);
}

#define TYPED(type, body) "{\"headers\":{\"content-type\":\"" type "\"},\"body\":" body "}"

static void types_decide_how_the_body_is_sent(void **state UNUSED)
{
	static const struct answer_row rows[] = {
		{"empty text", "{\"body\":\"\"}", 204, "", ""},
		{"null", "{\"body\":null,\"statusCode\":201}", 201, "", ""},
		{"no body, no type",
		 "{\"headers\":{\"Content-Type\":\"text/css\",\"a\":\"b\"}}", 204, "a: b\n",
		 ""},
		{"number", "{\"body\":1e3}", 200, JSON, "1e3"},
		{"false", "{\"body\":false}", 200, JSON, "false"},
		{"empty object", "{\"body\":{}}", 200, JSON, "{}"},
		{"unknown status", "{\"body\":\"x\",\"statusCode\":299}", 299, HTML, "x"},
		{"whole number", "{\"body\":\"x\",\"statusCode\":404.0}", 404, HTML, "x"},
		{"charset is what is sent",
		 TYPED("text/css; Charset=latin1; v=\\\"a;b\\\"", "\"x\""), 200,
		 "Content-Type: text/css; v=\"a;b\"; charset=UTF-8\n", "x"},
		{"first type counts",
		 "{\"headers\":{\"Content-Type\":[\"text/css\",\"image/png\"]},\"body\":\"x\"}",
		 200, "Content-Type: text/css; charset=UTF-8\n", "x"},
		{"event stream", TYPED("text/event-stream", "\"data:\""), 200,
		 "Content-Type: text/event-stream\n", "data:"},
		{"unknown type with charset", TYPED("text/foo;charset=utf-8", "\"x\""), 200,
		 "Content-Type: text/foo; charset=UTF-8\n", "x"},
		{"JSON text", TYPED("application/json; charset=utf-8", "\"{\\\"a\\\": 1}\""),
		 200, JSON, "{\"a\": 1}"},
		{"JSON text that is base64", TYPED("application/json", "\"e30=\""), 200, JSON,
		 "{}"},
		{"problem", TYPED("application/problem+json", "\"[]\""), 200,
		 "Content-Type: application/problem+json\n", "[]"},
		{"octets", TYPED("application/octet-stream", "\"aGk=\""), 200,
		 "Content-Type: application/octet-stream\n", "hi"},
		{"SVG from base64", TYPED("image/svg+xml", "\"PHN2Zy8+\""), 200,
		 "Content-Type: image/svg+xml\n", "<svg/>"},
		{"unknown text from base64", TYPED("text/foo", "\"aGk=\""), 200,
		 "Content-Type: text/foo\n", "hi"},
		{"unregistered +json text from base64",
		 TYPED("application/ld+json", "\"e30=\""), 200,
		 "Content-Type: application/ld+json\n", "{}"},
		{"object, JSON", TYPED("application/json", "{\"a\":1}"), 200, JSON,
		 "{\"a\":1}"},
		{"object, +json", TYPED("application/hal+json", "{\"a\":1}"), 200,
		 "Content-Type: application/hal+json\n", "{\n  \"a\": 1\n}"},
	};

	assert_answers(rows, countof(rows));
}

#define HEADERS(list) "{\"headers\":{" list "},\"statusCode\":200}"

static void headers_of_every_kind(void **state UNUSED)
{
	static const struct answer_row rows[] = {
		{"kinds", HEADERS("\"a\":\"x\",\"b\":true,\"c\":1.0,\"d\":false"), 200,
		 "a: x\nb: true\nc: 1.0\nd: false\n", ""},
		{"list", HEADERS("\"Set-Cookie\":[\"a=1\",[\"b=2\",[3]],[]]"), 200,
		 "Set-Cookie: a=1\nSet-Cookie: b=2\nSet-Cookie: 3\n", ""},
		{"same name in two cases", HEADERS("\"A\":1,\"a\":2"), 200, "A: 1\na: 2\n", ""},
		{"trimmed", HEADERS("\"a\":\" x\\ty \",\"b\":\"\""), 200, "a: x\ty\nb: \n", ""},
		{"UTF-8", HEADERS("\"a\":\"\xc3\xa4\""), 200, "a: \xc3\xa4\n", ""},
		{"of the connection",
		 HEADERS("\"Content-Length\":5,\"transfer-encoding\":\"chunked\","
			 "\"Connection\":\"close\",\"Keep-Alive\":\"1\",\"TE\":\"x\","
			 "\"trailer\":\"x\",\"Upgrade\":\"h2c\",\"Proxy-Connection\":\"x\","
			 "\"kept\":1"),
		 200, "kept: 1\n", ""},
	};

	assert_answers(rows, countof(rows));
}

static void results_that_are_refused(void **state UNUSED)
{
	static const char http[] = "Response is not valid 'message/http'.";
	static const char unknown[] = "Response did not specify a known content-type.";
	static const char mismatch[] =
		"Response type in header did not match generated content type.";
	static const struct {
		const char *result, *text;
	} rows[] = {
		{"\"text\"", http},
		{"[1]", http},
		{"null", http},
		{"{\"statusCode\":200.5}", http},
		{"{\"statusCode\":\"ok\"}", http},
		{"{\"statusCode\":\"\"}", http},
		{"{\"statusCode\":null}", http},
		{"{\"statusCode\":true}", http},
		{"{\"statusCode\":100}", http},
		{"{\"statusCode\":1000}", http},
		{"{\"statusCode\":-200}", http},
		{"{\"headers\":[]}", http},
		{"{\"headers\":null}", http},
		{HEADERS("\"a\":null"), http},
		{HEADERS("\"a\":{}"), http},
		{HEADERS("\"a\":[{}]"), http},
		{HEADERS("\"a\":\"x\\r\\nSet-Cookie: y\""), http},
		{HEADERS("\"a\":\"x\\n\""), http},
		{HEADERS("\"a\":\"x\\u0000\""), http},
		{HEADERS("\"a\":\"x\\u007f\""), http},
		{HEADERS("\"a b\":\"x\""), http},
		{HEADERS("\"a:\":\"x\""), http},
		{HEADERS("\"\":\"x\""), http},
		{HEADERS("\"content-length\":\"1\\n\""), http},
		{TYPED("nonsense", "\"x\""), unknown},
		{TYPED("text/", "\"x\""), unknown},
		{TYPED("text/plain; charset", "\"x\""), unknown},
		{TYPED("text/plain; a=\\\"b", "\"x\""), unknown},
		{TYPED("text/plain x", "\"x\""), unknown},
		{TYPED("", "\"x\""), unknown},
		{TYPED("image/png", "\"not base64\""), mismatch},
		{TYPED("image/png", "\"aGk\""), mismatch},
		{TYPED("image/png", "\"aGk=\\n\""), mismatch},
		{TYPED("image/svg+xml", "\"<svg/>\""), mismatch},
		{TYPED("text/foo", "\"plain\""), mismatch},
		{TYPED("application/ld+json", "\"{}\""), mismatch},
		{TYPED("text/plain", "{}"), mismatch},
		{TYPED("nonsense", "[]"), mismatch},
	};
	struct strbuf body = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct answer_row row = {rows[i].result, rows[i].result, 400, JSON, NULL};

		strbuf_reset(&body);
		strbuf_addf(&body, "{\n  \"error\": \"%s\",\n  \"code\": \"tid\"\n}",
			    rows[i].text);
		row.body = body.buf;
		assert_answers(&row, 1);
	}
	strbuf_release(&body);
}

static void no_result_at_all_is_refused(void **state UNUSED)
{
	struct web_answer a;

	web_answer_from(NULL, "tid", &a);
	assert_int_equal(a.status, 400);
	web_answer_release(&a);
}

static void which_types_are_binary(void **state UNUSED)
{
	static const struct {
		const char *type;
		bool binary;
	} rows[] = {
		{"text/plain", false},
		{"TEXT/HTML", false},
		{"text/csv; header=present", false},
		{"text/event-stream", false},
		{"text/uri-list", false},
		{"text/foo", true},
		{"text/foo; charset=utf-8", false},
		{"text/foo; x=charset", true},
		{"application/json", false},
		{"application/merge-patch+json", false},
		{"application/problem+json", false},
		{"application/vnd.api+json", false},
		{"application/ld+json", true},
		{"application/ld+json;charset=utf-8", false},
		{"application/javascript", false},
		{"application/xml", false},
		{"application/xhtml+xml", false},
		{"application/x-www-form-urlencoded", false},
		{"application/octet-stream", true},
		{"application/pdf", true},
		{"application/pdf;charset=utf-8", true},
		{"application/vnd.ms-excel;charset=utf-8", true},
		{"application/x-unknown", true},
		{"image/svg+xml", true},
		{"image/png; charset=utf-8", true},
		{"audio/ogg", true},
		{"video/mp4", true},
		{"font/woff2", true},
		{"message/http", true},
		{"multipart/form-data; boundary=a", true},
		{"x-kind/any", true},
		{" text/plain ; ; charset=utf-8 ;", false},
		{"", true},
		{"text", true},
		{"text/plain;=x", true},
	};
	struct web_type t;
	size_t i;
	bool binary;

	for (i = 0; i < countof(rows); i++) {
		binary = !web_type_parse(str_of(rows[i].type), &t) ||
			 web_type_class(&t) == WEB_BINARY;
		if (binary != rows[i].binary)
			fail_msg("%s", rows[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_and_body_become_fields),
		cmocka_unit_test(requests_that_are_refused),
		cmocka_unit_test(a_name_that_only_looks_reserved_is_taken),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(the_request_itself_is_told_in_both_forms),
		cmocka_unit_test(a_body_that_is_no_object_is_in_http_too),
		cmocka_unit_test(a_request_without_headers_has_an_empty_object),
		cmocka_unit_test(raw_functions_get_the_body_unread),
		cmocka_unit_test(the_python_pages_returns),
		cmocka_unit_test(an_image_is_decoded),
		cmocka_unit_test(types_decide_how_the_body_is_sent),
		cmocka_unit_test(headers_of_every_kind),
		cmocka_unit_test(results_that_are_refused),
		cmocka_unit_test(no_result_at_all_is_refused),
		cmocka_unit_test(which_types_are_binary),
	};

	return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
