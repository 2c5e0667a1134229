/*
 * http.h - HTTP/1.1 client on the loop, by libcurl's multi-socket interface
 *
 * Several requests in flight up to a bound, connections kept alive and reused,
 * a time-out for connecting and one for silence, retries of requests that may
 * be repeated.  Credentials never appear in messages.  The usual proxy
 * variables hold, but not for 127.0.0.1, localhost and ::1.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "loop/loop.h"

struct http_client;

struct http_options {
	const char *user_agent;
	bool insecure;          /* no certificate checks */
	unsigned max_in_flight; /* 0 = 16; further requests wait in order */
	/*
	 * So many when answers are slow to come and good; fewer than max_in_flight
	 * for a while when the server has too much to do (429, 503, silence).
	 * Below max_in_flight it is that.
	 */
	unsigned most_in_flight;
	uint64_t connect_ms; /* 0 = 10000 */
	uint64_t silence_ms; /* no byte in or out for so long ends the try; 0 = 60000 */
	unsigned max_tries;  /* of a repeatable request, the first included; 0 = 5 */
	uint64_t backoff_ms; /* first wait, doubling with jitter up to 10 s; 0 = 250 */
	/* Told before each further try: what failed, and how long until then. */
	void (*on_retry)(void *arg, const char *what, uint64_t wait_ms);
	void *arg;
};

struct http_client *http_client_new(struct loop *l, const struct http_options *o) NODISCARD;
/*
 * Requests still under way end with ERR_CANCELLED first.  NULL is allowed.  Not
 * from inside a callback of the client.
 */
void http_client_free(struct http_client *c);

struct http_header {
	const char *name, *value;
};

/* A body that is made while it is sent. */
struct http_source {
	uint64_t size; /* bytes in all */
	/* 1 to n bytes to p, in order; -1 with *e. */
	ssize_t (*read)(void *arg, char *p, size_t n, struct err *e);
	void (*rewind)(void *arg); /* the next byte read is the first one again */
	void *arg;
};

struct http_request {
	const char *method;
	const char *url;
	const struct http_header *headers; /* extra ones */
	size_t headers_n;
	const char *basic;  /* "user:password" for Authorization: Basic, or NULL */
	const char *bearer; /* token for Authorization: Bearer, or NULL */
	struct str body;    /* copied? no: must live until done; {NULL, 0} = none */
	const struct http_source *source; /* instead of body; must live until done, too */
	const char *content_type;         /* of the body; NULL = application/json */
	/*
	 * May be sent again after 408, 429, 500, 502, 503, 504, and when the answer
	 * does not come or is cut short.  Others are sent again only when there was
	 * no connection, that is when the server cannot have seen anything.  A
	 * Retry-After of the server (at most 60 s of it) replaces the backoff.
	 */
	bool repeatable;
	size_t max_body;     /* ceiling of the answer in bytes; 0 = 16 MiB */
	uint64_t silence_ms; /* overrides the client's; 0 = as the client */
	uint64_t total_ms;   /* for the whole of one try; 0 = none */
};

struct http_response {
	int status;
	struct str body;          /* valid during the callback */
	const char *content_type; /* or "" */
	/* How often the server may have got it: after more than once it may be done already. */
	unsigned tries;
	/* Any other header of the answer, by name in any case, or NULL. */
	const char *(*header)(const struct http_response *r, const char *name);
	const void *internal;
};

/*
 * Exactly one of the two is set.  An answer with any status is an answer, also
 * that of the last try; redirections are not followed.  A failure is
 * ERR_NETWORK (refused, reset, cut short, silent, too large: the message says
 * which, with method, host and port), ERR_USAGE (address or header cannot be
 * sent as they are), that of the source, or ERR_CANCELLED: all requests end with it when the
 * loop is interrupted, also those sent afterwards.  *failure belongs to the callee (err_move it
 * on, or it is cleared after the call).
 */
typedef void http_done_fn(void *arg, const struct http_response *r, struct err *failure);

/* Headers and strings are copied; the body is not.  `done` comes later, never from inside. */
void http_send(struct http_client *c, const struct http_request *q, http_done_fn *done,
	       void *arg);

/* True when one more would be sent at once: none waits, for its turn or for another try. */
bool http_has_room(const struct http_client *c);

/*
 * Sends and runs the loop until the answer is here.  *body (or NULL) gets its
 * bytes.  The status is returned, -1 and *e on failure.  Not from inside a
 * callback of the loop.
 */
int http_call(struct http_client *c, const struct http_request *q, struct strbuf *body,
	      struct err *e) NODISCARD;

/* Percent-encodes everything but unreserved characters (RFC 3986 2.3). */
void http_add_encoded(struct strbuf *out, struct str s);
/*
 * "https://host[:port]" in lower case without a slash at the end.  "host" and
 * "host:port" get https://, or http:// when the host is 127.0.0.1, localhost or
 * ::1.  ERR_USAGE when it is no address, or has a path, a query or a user name.
 * Heap; the caller frees.
 */
char *http_base_url(const char *host, struct err *e) NODISCARD;
#endif
