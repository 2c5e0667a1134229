#include "httpd/httpd.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/vec.h"

enum {
	DEFAULT_CONNECTIONS = 512,
	DEFAULT_IDLE_MS = 60000,
	/*
	 * Holds the request line and the headers, with some 60 bytes more for each header and
	 * each field of the query; what is larger gets 414 or 431.
	 */
	CONNECTION_MEMORY = 128 * 1024,
	/* So much of a body that is too large is read and dropped, so that the client gets to
	 * the answer instead of a reset. */
	SKIP_MAX = 256 * 1024 * 1024,
	/* Passes over the sockets in one go before the loop's other work has its turn. */
	PASSES = 8,
	STOP_PASSES = 64,
	LONGEST_WAIT_MS = 3600 * 1000,
};

struct header {
	const char *name, *value;
};

enum state {
	STATE_HEADERS, /* nothing seen but the target */
	STATE_BODY,
	STATE_WAITING, /* for httpd_reply() */
	STATE_ANSWERED,
	STATE_SENDING,
};

struct httpd_request {
	struct httpd *server;
	struct MHD_Connection *connection;
	struct MHD_Response *response;
	struct arena arena;
	const char *method;
	struct str path, query;
	struct strbuf body;
	VEC(struct header) headers; /* of the answer */
	uint64_t skipped;           /* bytes of a body that is too large */
	int status;
	enum state state;
	bool too_large;
	bool in_handler;
	struct httpd_request *next, **link; /* among those that wait; link points to us */
};

struct httpd {
	struct loop *loop;
	struct loop_poll *poll;
	struct loop_timer *timer;
	struct MHD_Daemon *daemon;
	struct httpd_options options;
	uint16_t port;
	size_t unsent; /* answers that are not wholly with the kernel yet */
	bool stopping;
	struct httpd_request *waiting;
};

static void begin_wait(struct httpd_request *q)
{
	struct httpd *h = q->server;

	q->state = STATE_WAITING;
	q->next = h->waiting;
	q->link = &h->waiting;
	if (q->next)
		q->next->link = &q->next;
	h->waiting = q;
}

static void end_wait(struct httpd_request *q)
{
	*q->link = q->next;
	if (q->next)
		q->next->link = q->link;
}

/* "http://host:port/path" is what a client sends that takes us for its proxy. */
static struct str without_authority(struct str target)
{
	const char *scheme_end, *path;

	if (target.n == 0 || target.p[0] == '/')
		return target;
	scheme_end = strstr(target.p, "://");
	if (!scheme_end || strcspn(target.p, "/?#") < (size_t)(scheme_end - target.p))
		return target;
	path = scheme_end + 3 + strcspn(scheme_end + 3, "/?");
	return str_from(target, (size_t)(path - target.p));
}

static void split_target(struct httpd_request *q, struct str target)
{
	struct str rest = without_authority(target);
	const char *mark = rest.n ? memchr(rest.p, '?', rest.n) : NULL;

	q->path = rest;
	if (mark) {
		q->path.n = (size_t)(mark - rest.p);
		q->query = str_from(rest, q->path.n + 1);
	}
	if (q->path.n == 0)
		q->path = STR("/");
}

/* The first we hear of a request: the only place that shows the target unchanged. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct httpd_request *q = xcalloc(1, sizeof(*q));

	q->server = arg;
	q->connection = connection;
	q->body = STRBUF_INIT;
	split_target(q, arena_str(&q->arena, str_of(target)));
	return q;
}

static size_t keep_escapes(void *arg UNUSED, struct MHD_Connection *connection UNUSED,
			   char *text)
{
	return strlen(text);
}

static void on_completed(void *arg UNUSED, struct MHD_Connection *connection UNUSED,
			 void **context, enum MHD_RequestTerminationCode why UNUSED)
{
	struct httpd_request *q = *context;

	*context = NULL;
	if (!q)
		return;
	if (q->state == STATE_WAITING)
		end_wait(q);
	if (q->state >= STATE_ANSWERED)
		q->server->unsent--;
	if (q->response)
		MHD_destroy_response(q->response);
	strbuf_release(&q->body);
	vec_release(&q->headers);
	arena_release(&q->arena);
	free(q);
}

static enum MHD_Result send_answer(struct httpd_request *q)
{
	q->state = STATE_SENDING;
	return MHD_queue_response(q->connection, (unsigned)q->status, q->response);
}

static void refuse(struct httpd_request *q, int status, const char *text)
{
	httpd_add_header(q, "Content-Type", "text/plain; charset=UTF-8");
	httpd_reply(q, status, str_of(text));
}

static void call_handler(struct httpd_request *q)
{
	const struct httpd_options *o = &q->server->options;

	if (q->server->stopping)
		refuse(q, 503, "the server is stopping\n");
	else if (!q->too_large)
		o->handler(o->arg, q);
	else if (o->on_too_large)
		o->on_too_large(o->arg, q);
	else
		refuse(q, 413, "the request body is too large\n");
}

static enum MHD_Result dispatch(struct httpd_request *q)
{
	begin_wait(q);
	q->in_handler = true;
	call_handler(q);
	q->in_handler = false;
	if (q->state == STATE_ANSWERED)
		return send_answer(q);
	MHD_suspend_connection(q->connection);
	return MHD_YES;
}

/*
 * A body that says it is too large is answered at once when the client waits
 * for leave to send it, or when it is too much even to drop.  Otherwise it is
 * dropped first: an answer before the end would close the connection, and the
 * reset that follows takes the answer away from a client still writing.
 */
static bool is_refused_early(struct httpd_request *q)
{
	const char *length = httpd_header(q, "Content-Length");
	const char *expect = httpd_header(q, "Expect");
	uint64_t n;

	if (!length || !str_to_u64(str_of(length), &n) || n <= q->server->options.max_body)
		return false;
	q->too_large = true;
	return n > SKIP_MAX || (expect && strcasecmp(expect, "100-continue") == 0);
}

static enum MHD_Result begin(struct httpd_request *q, const char *method)
{
	q->state = STATE_BODY;
	q->method = arena_strdup(&q->arena, method);
	return is_refused_early(q) ? dispatch(q) : MHD_YES;
}

static enum MHD_Result take_body(struct httpd_request *q, const char *data, size_t n)
{
	if (n > q->server->options.max_body - q->body.len)
		q->too_large = true;
	if (!q->too_large) {
		strbuf_add(&q->body, data, n);
		return MHD_YES;
	}
	strbuf_release(&q->body);
	q->skipped += n;
	return q->skipped > SKIP_MAX ? MHD_NO : MHD_YES;
}

/* Called for the headers, for each piece of the body, at its end, and after a resume. */
/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_access(void *arg UNUSED, struct MHD_Connection *connection UNUSED,
				 const char *url UNUSED, const char *method,
				 const char *version UNUSED, const char *data, size_t *n,
				 void **context)
{
	struct httpd_request *q = *context;
	size_t size = *n;

	switch (q->state) {
	case STATE_HEADERS: return begin(q, method);
	case STATE_BODY: *n = 0; return size ? take_body(q, data, size) : dispatch(q);
	case STATE_ANSWERED: return send_answer(q);
	default: return MHD_NO;
	}
}

/* libmicrohttpd's epoll descriptor tells of news; what it still has in hand its timeout tells.
 */
static void pump(struct httpd *h)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	int i;

	for (i = 0; i < PASSES && ms == 0; i++) {
		(void)MHD_run(h->daemon);
		if (MHD_get_timeout(h->daemon, &ms) != MHD_YES || ms > LONGEST_WAIT_MS)
			ms = LONGEST_WAIT_MS;
	}
	loop_timer_again(h->timer, ms);
}

static void on_timer(void *arg)
{
	pump(arg);
}

static void on_ready(void *arg, int events UNUSED)
{
	pump(arg);
}

/* Our own socket, because libmicrohttpd does not tell why it could not listen. */
static int open_listener(uint16_t *port, struct err *e)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
	socklen_t size = sizeof(at);
	int one = 1, fd;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "cannot open a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
		err_sys(e, "cannot listen on 127.0.0.1:%u", (unsigned)*port);
		(void)close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

static struct MHD_Daemon *start_daemon(struct httpd *h, int listener)
{
	const struct httpd_options *o = &h->options;

	/* Without MHD_USE_ERROR_LOG nothing is ever printed. */
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access, h,
		MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT, o->max_connections,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)((o->idle_ms + 999) / 1000),
		MHD_OPTION_END);
}

struct httpd *httpd_start(struct loop *l, const struct httpd_options *o, struct err *e)
{
	uint16_t port = o->port;
	int listener = open_listener(&port, e);
	struct httpd *h;

	if (listener < 0)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->loop = l;
	h->options = *o;
	h->port = port;
	if (h->options.max_connections == 0)
		h->options.max_connections = DEFAULT_CONNECTIONS;
	if (h->options.idle_ms == 0)
		h->options.idle_ms = DEFAULT_IDLE_MS;
	h->daemon = start_daemon(h, listener);
	if (!h->daemon) {
		/* It has closed the listener. */
		err_sys(e, "cannot start the HTTP server");
		free(h);
		return NULL;
	}
	h->timer = loop_timer_start(l, 0, 0, on_timer, h);
	h->poll = loop_poll_start(
		l, MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		LOOP_READ, on_ready, h);
	return h;
}

uint16_t httpd_port(const struct httpd *h)
{
	return h->port;
}

void httpd_stop(struct httpd *h)
{
	struct httpd_request *q;
	int i;

	h->stopping = true;
	while ((q = h->waiting))
		refuse(q, 503, "the server is stopping\n");
	for (i = 0; i < STOP_PASSES && h->unsent; i++)
		(void)MHD_run(h->daemon);
	loop_poll_stop(h->poll);
	loop_timer_stop(h->timer);
	MHD_stop_daemon(h->daemon);
	free(h);
}

const char *httpd_method(const struct httpd_request *q)
{
	return q->method;
}

struct str httpd_path(const struct httpd_request *q)
{
	return q->path;
}

struct str httpd_query(const struct httpd_request *q)
{
	return q->query;
}

const char *httpd_header(const struct httpd_request *q, const char *name)
{
	return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

struct visit {
	void (*fn)(void *arg, const char *name, const char *value);
	void *arg;
};

static enum MHD_Result visit_header(void *arg, enum MHD_ValueKind kind UNUSED, const char *name,
				    const char *value)
{
	struct visit *v = arg;

	v->fn(v->arg, name, value ? value : "");
	return MHD_YES;
}

void httpd_each_header(const struct httpd_request *q,
		       void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	struct visit v = {fn, arg};

	MHD_get_connection_values(q->connection, MHD_HEADER_KIND, visit_header, &v);
}

struct str httpd_body(const struct httpd_request *q)
{
	return strbuf_str(&q->body);
}

struct arena *httpd_arena(struct httpd_request *q)
{
	return &q->arena;
}

void httpd_add_header(struct httpd_request *q, const char *name, const char *value)
{
	char *copy = arena_strdup(&q->arena, value);
	char *p;

	for (p = copy; *p; p++)
		if (*p == '\r' || *p == '\n' || *p == '\t')
			*p = ' ';
	vec_push(&q->headers, ((struct header){arena_strdup(&q->arena, name), copy}));
}

static struct MHD_Response *make_response(const struct httpd_request *q, struct strbuf *body)
{
	struct MHD_Response *r;
	size_t n = body->len, i;

	/* Its memory is the C library's, as what MHD frees must be. */
	r = n ? MHD_create_response_from_buffer(n, strbuf_detach(body, NULL),
						MHD_RESPMEM_MUST_FREE)
	      : MHD_create_response_from_buffer(0, strbuf_empty, MHD_RESPMEM_PERSISTENT);
	if (!r)
		bug("no response of %zu bytes", n);
	for (i = 0; i < q->headers.n; i++)
		/* One that the library keeps for itself (Transfer-Encoding) is left out. */
		(void)MHD_add_response_header(r, q->headers.v[i].name, q->headers.v[i].value);
	return r;
}

void httpd_reply_take(struct httpd_request *q, int status, struct strbuf *b)
{
	struct httpd *h = q->server;

	if (q->state != STATE_WAITING || status < 200 || status > 999)
		bug("httpd_reply with status %d in state %d", status, (int)q->state);
	end_wait(q);
	q->state = STATE_ANSWERED;
	q->status = status;
	q->response = make_response(q, b);
	strbuf_release(b);
	h->unsent++;
	if (q->in_handler)
		return;
	MHD_resume_connection(q->connection);
	/* Not from here: the caller would meet its own handler in the middle of its work. */
	loop_timer_again(h->timer, 0);
}

void httpd_reply(struct httpd_request *q, int status, struct str body)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addstr(&b, body);
	httpd_reply_take(q, status, &b);
}
