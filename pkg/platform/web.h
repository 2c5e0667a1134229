/*
 * web.h - web functions: an HTTP request to arguments, a result to an HTTP answer
 *
 * Pure: no sockets, no store.  Rules: platform.md 2.2 to 2.5.
 */
#ifndef PLATFORM_WEB_H
#define PLATFORM_WEB_H
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "json/json.h"

struct web_request {
	const char *method; /* upper case */
	struct str path;    /* behind the function's name, still encoded: "" or "/a/b" */
	struct str query;   /* raw */
	struct str body;
	const char *content_type;   /* or NULL */
	const struct json *headers; /* object, names in lower case */
	bool raw;                   /* raw-http */
};

/*
 * The event without the function's own parameters: query, body, http, __ow_*.
 * NULL with ERR_USAGE and e->status 400: what the answer's error says.
 * `fixed`: an object whose member names the request may not set (the
 * parameters of a final action), or NULL.
 */
struct json *web_event(const struct web_request *q, const struct json *fixed,
		       struct err *e) NODISCARD;

struct web_header {
	char *name, *value; /* heap */
};

struct web_answer {
	int status;                     /* 200 to 999 */
	VEC(struct web_header) headers; /* content-type included, when there is one */
	struct strbuf body;
};

/*
 * result: what the function returned (for an application error the value of
 * its "error" member).  Always gives an answer; a result of the wrong shape
 * gives the 400 that the platform gives, with `transaction` as its code.
 * Headers that belong to the connection (Content-Length, Transfer-Encoding,
 * Connection and their like) are left out.
 */
void web_answer_from(const struct json *result, const char *transaction, struct web_answer *a);
/* {"error": text, "code": transaction}, pretty-printed, as the web routes answer. */
void web_answer_error(struct web_answer *a, int status, const char *text,
		      const char *transaction);
void web_answer_release(struct web_answer *a);
#endif
