/* client.h - what the files of http/ share; for no one else */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H
#include "base/arena.h"
#include "http/http.h"
#include "http/window.h"

#include <curl/curl.h>
#include <sys/queue.h>

struct call;
TAILQ_HEAD(call_list, call);

struct http_client {
	struct loop *l;
	struct http_options o; /* without zeros */
	char *user_agent;
	char *no_proxy;
	struct loop_cancel *cancel;
	CURLM *multi; /* NULL until the first request */
	struct loop_timer *timer;
	struct call_list all, queue; /* queue: those that wait for a free place */
	size_t calls;                /* in `all` */
	unsigned running;
	struct window window; /* bounds it */
	unsigned depth;       /* of callbacks to the owner */
};

/* One request until its end, over all its tries. */
struct call {
	struct http_client *c;
	TAILQ_ENTRY(call) all, queue;
	struct arena mem;
	http_done_fn *done;
	void *arg;

	const char *method, *url;
	const char *server; /* "host:port" */
	struct str body;
	const struct http_source *source; /* or NULL */
	bool repeatable;
	uint64_t silence_ms, total_ms;
	size_t max_body;

	unsigned tries;
	unsigned resends; /* by curl itself, within a try */
	enum { CALL_NEW, CALL_QUEUED, CALL_RUNNING, CALL_WAITING } state;
	struct loop_timer *wait; /* until the next try, or until `failure` is told */
	struct err failure;

	/* The try that runs, or the last one. */
	CURL *easy;
	struct curl_slist *headers;
	char why[CURL_ERROR_SIZE]; /* curl's words */
	uint64_t started_ms;
	struct strbuf answer;
	size_t header_bytes;
	curl_off_t moved;  /* bytes in and out */
	bool sent;         /* the connection was there: the server may have got something */
	bool went_silent;  /* the time of silence is over */
	struct err unread; /* the source's failure */
	uint64_t read;     /* bytes of the source */
	struct loop_timer *silence;
};

/* request.c: what is sent.  -1 and *e (ERR_USAGE) when it cannot be put into words. */
int call_prepare(struct call *k, const struct http_request *q, struct err *e) NODISCARD;

/* try.c: one try */
void try_start(struct call *k);
/* Takes the easy handle out of the multi handle; not from inside a callback of curl. */
void try_stop(struct call *k);
/* The try ended with rc: the failure in words. */
void try_explain(struct call *k, CURLcode rc, struct err *e);
/* May another try do better? */
bool try_may_repeat(const struct call *k, CURLcode rc);
/* The wait that the answer asks for, or false. */
bool try_retry_after(struct call *k, uint64_t *ms);

/* multi.c: curl on the loop */
void multi_open(struct http_client *c);
void multi_close(struct http_client *c);

/* http.c: rc is how the try ended. */
void call_try_ended(struct call *k, CURLcode rc);
#endif
