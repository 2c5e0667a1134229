/*
 * httpd.h - HTTP/1.1 server on the loop, by libmicrohttpd: a whole request in,
 * an answer now or later
 *
 * The handler is called once per request, after its body arrived.  The path is
 * given as it came (not percent-decoded), the query as its raw text.  The
 * handler, or anyone later, answers exactly once with httpd_reply(); the
 * request is gone after that.  A client that went away, or closed its sending
 * side, while the answer was worked on is not noticed; the answer is then
 * dropped.
 */
#ifndef HTTPD_HTTPD_H
#define HTTPD_HTTPD_H
#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "loop/loop.h"

struct httpd;
struct httpd_request;

struct httpd_options {
	uint16_t port;            /* 0 = any free one */
	size_t max_body;          /* a larger body is dropped and on_too_large called */
	unsigned max_connections; /* 0 = 512 */
	uint64_t idle_ms;         /* a silent connection is closed after; 0 = 60000 */
	void (*handler)(void *arg, struct httpd_request *q);
	/* Like handler, for a body that is too large: answers 413. NULL = plain text. */
	void (*on_too_large)(void *arg, struct httpd_request *q);
	void *arg;
};

/* Listens on 127.0.0.1 only. ERR_SYSTEM with sys EADDRINUSE when the port is taken. */
struct httpd *httpd_start(struct loop *l, const struct httpd_options *o,
			  struct err *e) NODISCARD;
uint16_t httpd_port(const struct httpd *h);
/*
 * Stops listening; requests not answered yet get 503, then everything is
 * freed: nobody may answer them any more.  Not from inside a handler.
 */
void httpd_stop(struct httpd *h);

const char *httpd_method(const struct httpd_request *q);
/* The path of the target, still encoded, scheme and authority of an absolute form cut off. */
struct str httpd_path(const struct httpd_request *q);
struct str httpd_query(
	const struct httpd_request *q); /* behind '?'; {NULL, 0} when there is none */
/* First header of that name in any case, or NULL. */
const char *httpd_header(const struct httpd_request *q, const char *name);
/* Every header, in order. */
void httpd_each_header(const struct httpd_request *q,
		       void (*fn)(void *arg, const char *name, const char *value), void *arg);
struct str httpd_body(const struct httpd_request *q);
/* Space for the handler's own state, zeroed; lives as long as the request. */
struct arena;
struct arena *httpd_arena(struct httpd_request *q);

/*
 * Headers of the answer, in order, repeated names allowed; before httpd_reply().
 * The name is a valid one.  Line breaks and tabs in the value become spaces; a
 * header with an empty value is left out.
 */
void httpd_add_header(struct httpd_request *q, const char *name, const char *value);
/*
 * status is 200 to 999.  body is copied.  Content-Length, Date and Connection
 * are added; HEAD sends no body.
 */
void httpd_reply(struct httpd_request *q, int status, struct str body);
/* The same; takes b's memory instead of copying it. */
void httpd_reply_take(struct httpd_request *q, int status, struct strbuf *b);

/* Decodes %XX (and '+' as space when `plus`); malformed escapes stay as they are. */
void httpd_decode(struct strbuf *out, struct str s, bool plus);
#endif
