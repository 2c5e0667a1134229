#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "test.h"

/* What the server does with the next request. */
struct step {
	const char *bytes; /* to answer, or NULL */
	enum { KEEP, CLOSE, RESET } then;
};

enum { CONNECTIONS = 16 };

/* A server in a thread of its own; what it saw is read after server_stop(). */
struct server {
	int listener, stop[2];
	pthread_t thread;
	const struct step *steps; /* the last one again and again */
	size_t steps_n, together; /* answers when so many requests wait */
	struct pollfd fd[2 + CONNECTIONS];
	struct strbuf in[2 + CONNECTIONS];
	size_t fd_n, waiting[CONNECTIONS], waiting_n;
	unsigned accepted, requests;
	struct strbuf log;
};

struct fixture {
	struct loop *l;
	struct http_client *c;
	struct http_options o;
	struct server server;
	bool serving;
	char url[64], name[32];
	struct strbuf body, log;
	struct err e;
	unsigned retries;
	uint64_t wait_ms;
	bool interrupt_on_retry;
};

/* The size of the whole request at the start of s, or 0. */
static size_t request_size(const char *s, size_t n)
{
	const char *end = strstr(s, "\r\n\r\n"), *length = strcasestr(s, "\r\nContent-Length:");
	size_t size;

	if (!end)
		return 0;
	size = (size_t)(end - s) + 4;
	if (length && length < end)
		size += strtoul(length + 17, NULL, 10);
	return size <= n ? size : 0;
}

static void server_close(struct server *s, size_t i, bool reset)
{
	static const struct linger now = {1, 0};

	if (reset)
		setsockopt(s->fd[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(s->fd[i].fd);
	s->fd[i].fd = -1;
}

static void server_answer(struct server *s, size_t i)
{
	size_t at = s->requests < s->steps_n ? s->requests : s->steps_n - 1;
	const struct step *step = &s->steps[at];

	s->requests++;
	if (step->bytes)
		(void)!send(s->fd[i].fd, step->bytes, strlen(step->bytes), MSG_NOSIGNAL);
	if (step->then != KEEP)
		server_close(s, i, step->then == RESET);
}

static void server_read(struct server *s, size_t i)
{
	char *to = strbuf_reserve(&s->in[i], 65536);
	ssize_t n = read(s->fd[i].fd, to, 65536);
	size_t size;

	if (n <= 0) {
		server_close(s, i, false);
		return;
	}
	s->in[i].len += (size_t)n;
	to[n] = '\0';
	size = request_size(s->in[i].buf, s->in[i].len);
	if (!size)
		return;
	strbuf_add(&s->log, s->in[i].buf, size);
	strbuf_consume(&s->in[i], size);
	s->waiting[s->waiting_n++] = i;
	if (s->waiting_n < s->together)
		return;
	for (size = 0; size < s->waiting_n; size++)
		server_answer(s, s->waiting[size]);
	s->waiting_n = 0;
}

static void server_accept(struct server *s)
{
	if (s->fd_n == countof(s->fd))
		abort();
	s->in[s->fd_n] = STRBUF_INIT;
	s->fd[s->fd_n++] = (struct pollfd){accept(s->listener, NULL, NULL), POLLIN, 0};
	s->accepted++;
}

static void *server_run(void *arg)
{
	struct server *s = arg;
	size_t i;

	while (poll(s->fd, s->fd_n, -1) >= 0 && !s->fd[1].revents) {
		for (i = 2; i < s->fd_n; i++)
			if (s->fd[i].fd >= 0 && s->fd[i].revents)
				server_read(s, i);
		if (s->fd[0].revents)
			server_accept(s);
	}
	for (i = 2; i < s->fd_n; i++) {
		if (s->fd[i].fd >= 0)
			(void)close(s->fd[i].fd);
		strbuf_release(&s->in[i]);
	}
	return NULL;
}

static int bound_socket(struct fixture *f)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	(void)snprintf(f->name, sizeof(f->name), "127.0.0.1:%u", ntohs(a.sin_port));
	(void)snprintf(f->url, sizeof(f->url), "http://%s/path?q=1", f->name);
	return fd;
}

static void serve_together(struct fixture *f, const struct step *steps, size_t n,
			   size_t together)
{
	struct server *s = &f->server;

	*s = (struct server){
		.steps = steps, .steps_n = n, .together = together, .log = STRBUF_INIT};
	s->listener = bound_socket(f);
	assert_int_equal(listen(s->listener, 16), 0);
	assert_int_equal(pipe(s->stop), 0);
	s->fd[0] = (struct pollfd){s->listener, POLLIN, 0};
	s->fd[1] = (struct pollfd){s->stop[0], POLLIN, 0};
	s->fd_n = 2;
	assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
	f->serving = true;
}

#define serve(f, ...)                                           \
	serve_together((f), (const struct step[]){__VA_ARGS__}, \
		       countof(((const struct step[]){__VA_ARGS__})), 1)

static void server_stop(struct fixture *f)
{
	struct server *s = &f->server;

	if (!f->serving)
		return;
	(void)close(s->stop[1]);
	pthread_join(s->thread, NULL);
	(void)close(s->stop[0]);
	(void)close(s->listener);
	f->serving = false;
}

static void on_retry(void *arg, const char *what, uint64_t wait_ms)
{
	struct fixture *f = arg;

	if (f->retries++ == 0)
		f->wait_ms = wait_ms;
	strbuf_addf(&f->log, "%s|", what);
	if (f->interrupt_on_retry)
		loop_interrupt(f->l, SIGINT);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->l = loop_new();
	f->body = f->log = STRBUF_INIT;
	f->o = (struct http_options){
		.user_agent = "test/1", .backoff_ms = 1, .on_retry = on_retry, .arg = f};
	f->c = http_client_new(f->l, &f->o);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->c);
	server_stop(f);
	loop_free(f->l);
	strbuf_release(&f->body);
	strbuf_release(&f->log);
	strbuf_release(&f->server.log);
	err_clear(&f->e);
	free(f);
	return 0;
}

static struct http_request get(struct fixture *f)
{
	return (struct http_request){.method = "GET", .url = f->url};
}

static int call(struct fixture *f, const struct http_request *q)
{
	strbuf_reset(&f->body);
	err_clear(&f->e);
	return http_call(f->c, q, &f->body, &f->e);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"

static void look_at_answer(void *arg, const struct http_response *r, struct err *failure)
{
	struct fixture *f = arg;

	assert_null(failure);
	assert_int_equal(r->status, 201);
	assert_true(str_is(r->body, "abc"));
	assert_int_equal(r->tries, 1);
	assert_string_equal(r->content_type, "text/x");
	assert_string_equal(r->header(r, "x-Some-thing"), "a b");
	assert_null(r->header(r, "X-Other"));
	f->retries++;
}

static void no_type(void *arg, const struct http_response *r, struct err *failure)
{
	struct fixture *f = arg;

	assert_null(failure);
	assert_string_equal(r->content_type, "");
	f->retries++;
}

static void answer_has_status_body_and_headers(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f,
	      {"HTTP/1.1 201 Created\r\nContent-Type: text/x\r\nX-Some-Thing:  a b \r\n"
	       "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
	       KEEP},
	      {OK, KEEP});
	q = get(f);
	http_send(f->c, &q, look_at_answer, f);
	assert_int_equal(f->retries, 0);
	loop_run(f->l);
	http_send(f->c, &q, no_type, f);
	loop_run(f->l);
	assert_int_equal(f->retries, 2);
}

static void connection_is_kept_for_the_next_request(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	int i;

	serve(f, {OK, KEEP});
	q = get(f);
	for (i = 0; i < 5; i++)
		assert_int_equal(call(f, &q), 200);
	assert_string_equal(f->body.buf, "ok");
	server_stop(f);
	assert_int_equal(f->server.accepted, 1);
	assert_int_equal(f->server.requests, 5);
}

static void request_is_what_was_asked_for(void **state)
{
	static const struct http_header headers[] = {{"X-A", "1 2"}, {"X-Empty", ""}};
	static const struct {
		struct http_request q;
		const char *has[5], *lacks[4];
	} cases[] = {
		{{.method = "GET"},
		 {"GET /path?q=1 HTTP/1.1\r\n", "Host: 127.0.0.1:", "User-Agent: test/1\r\n"},
		 {"Content-", "Authorization", "Expect"}},
		{{.method = "PUT", .body = {"{}", 2}, .headers = headers, .headers_n = 2},
		 {"PUT /path", "Content-Type: application/json\r\n", "Content-Length: 2\r\n",
		  "X-A: 1 2\r\nX-Empty:", "\r\n\r\n{}"},
		 {"Expect"}},
		{{.method = "POST", .body = {"x", 1}, .content_type = "a/b"},
		 {"Content-Type: a/b\r\n"},
		 {"json"}},
		{{.method = "POST"},
		 {"POST /path", "Content-Length: 0\r\n"},
		 {"Content-Type", "Expect"}},
		{{.method = "DELETE"}, {"DELETE /path"}, {"Content-"}},
		{{.method = "GET", .basic = "user:pass:word"},
		 {"Authorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n"},
		 {NULL}},
		{{.method = "GET", .bearer = "tok.en"},
		 {"Authorization: Bearer tok.en\r\n"},
		 {NULL}},
	};
	struct fixture *f = *state;
	struct http_request q;
	size_t i, j;

	for (i = 0; i < countof(cases); i++) {
		serve(f, {OK, KEEP});
		q = cases[i].q;
		q.url = f->url;
		assert_int_equal(call(f, &q), 200);
		server_stop(f);
		for (j = 0; j < 5 && cases[i].has[j]; j++)
			assert_non_null(strstr(f->server.log.buf, cases[i].has[j]));
		for (j = 0; j < 4 && cases[i].lacks[j]; j++)
			assert_null(strstr(f->server.log.buf, cases[i].lacks[j]));
		strbuf_release(&f->server.log);
	}
}

static void path_is_sent_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct http_request q = get(f);
	char *url;

	serve(f, {OK, KEEP});
	url = xasprintf("http://%s/a/../b/./c", f->name);
	q.url = url;
	assert_int_equal(call(f, &q), 200);
	server_stop(f);
	assert_non_null(strstr(f->server.log.buf, "GET /a/../b/./c HTTP/1.1"));
	free(url);
}

static void head_has_no_body(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n", KEEP});
	q = get(f);
	q.method = "HEAD";
	assert_int_equal(call(f, &q), 200);
	assert_int_equal(f->body.len, 0);
}

static void large_body_goes_out_whole_and_at_once(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	size_t n = (size_t)3 << 20;
	char *big = xmalloc(n);

	memset(big, 'x', n);
	serve(f, {OK, KEEP});
	q = get(f);
	q.method = "PUT";
	q.body = (struct str){big, n};
	assert_int_equal(call(f, &q), 200);
	server_stop(f);
	assert_null(strcasestr(f->server.log.buf, "expect"));
	assert_true(f->server.log.len > n);
	free(big);
}

#define CUT "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n123456789012"

/* requests: how many the server has seen; status -1 is a failure. */
static void what_may_be_repeated_is_repeated(void **state)
{
	static const struct {
		const char *first;
		int then;
		bool repeatable;
		int status;
		unsigned requests;
	} cases[] = {
		{STATUS("408 x"), CLOSE, true, 200, 2},
		{STATUS("429 x"), KEEP, true, 200, 2},
		{STATUS("500 x"), KEEP, true, 200, 2},
		{STATUS("502 x"), KEEP, true, 200, 2},
		{STATUS("503 x"), KEEP, true, 200, 2},
		{STATUS("504 x"), KEEP, true, 200, 2},
		{STATUS("501 x"), KEEP, true, 501, 1},
		{STATUS("404 x"), KEEP, true, 404, 1},
		{STATUS("302 x"), KEEP, true, 302, 1},
		{NULL, RESET, true, 200, 2},
		{NULL, CLOSE, true, 200, 2},
		{CUT, CLOSE, true, 200, 2},
		{CUT, RESET, true, 200, 2},
		{STATUS("503 x"), KEEP, false, 503, 1},
		{NULL, RESET, false, -1, 1},
		{NULL, CLOSE, false, -1, 1},
		{CUT, CLOSE, false, -1, 1},
	};
	struct fixture *f = *state;
	struct http_request q;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		f->retries = 0;
		serve(f, {cases[i].first, cases[i].then}, {OK, KEEP});
		q = get(f);
		q.repeatable = cases[i].repeatable;
		assert_int_equal(call(f, &q), cases[i].status);
		if (cases[i].status < 0)
			assert_int_equal(f->e.code, ERR_NETWORK);
		server_stop(f);
		assert_int_equal(f->server.requests, cases[i].requests);
		assert_int_equal(f->retries, cases[i].requests - 1);
		strbuf_release(&f->server.log);
	}
}

static void tries_are_told_and_the_last_answer_counts(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	char *want;

	serve(f, {STATUS("503 x"), KEEP}, {STATUS("503 x"), KEEP}, {OK, KEEP});
	q = get(f);
	q.repeatable = true;
	assert_int_equal(call(f, &q), 200);
	want = xasprintf("GET %s: status 503|GET %s: status 503|", f->name, f->name);
	assert_string_equal(f->log.buf, want);
	free(want);
	server_stop(f);
	strbuf_release(&f->server.log);
	serve(f, {STATUS("503 x"), KEEP});
	assert_int_equal(call(f, &q), 503);
	server_stop(f);
	assert_int_equal(f->server.requests, 5);
	strbuf_release(&f->server.log);
	serve(f, {NULL, CLOSE});
	assert_int_equal(call(f, &q), -1);
	assert_non_null(strstr(f->e.msg, "(tried 5 times)"));
}

#define AFTER(value) "HTTP/1.1 429 x\r\nContent-Length: 0\r\nRetry-After: " value "\r\n\r\n"

static void server_says_when_to_try_again(void **state)
{
	static const struct {
		const char *answer;
		uint64_t min_ms, max_ms;
	} cases[] = {
		{AFTER("0"), 0, 0},
		{AFTER("7"), 7000, 7000},
		{AFTER("100000"), 60000, 60000},
		{AFTER("99999999999999999999999"), 0, 60000},
		{AFTER("Sun, 06 Nov 1994 08:49:37 GMT"), 0, 0},
		{AFTER("Fri, 01 Jan 2100 00:00:00 GMT"), 60000, 60000},
		{AFTER("soon"), 0, 1},
		{STATUS("429 x"), 0, 1},
	};
	struct fixture *f = *state;
	struct http_request q;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct fixture g = {.l = loop_new(), .interrupt_on_retry = true};

		g.body = g.log = STRBUF_INIT;
		g.o = f->o;
		g.o.arg = &g;
		g.c = http_client_new(g.l, &g.o);
		serve(&g, {cases[i].answer, KEEP});
		q = get(&g);
		q.repeatable = true;
		if (call(&g, &q) < 0)
			assert_int_equal(g.e.code, ERR_CANCELLED);
		assert_true(g.wait_ms >= cases[i].min_ms && g.wait_ms <= cases[i].max_ms);
		http_client_free(g.c);
		server_stop(&g);
		loop_free(g.l);
		strbuf_release(&g.server.log);
		strbuf_release(&g.log);
		err_clear(&g.e);
	}
}

static void failure_says_what_where_and_how(void **state)
{
	static const struct {
		const char *answer;
		int then;
		const char *said;
	} cases[] = {
		{CUT, CLOSE, "the answer was cut short after 12 of 40 bytes"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", CLOSE,
		 "the answer was cut short after 3 bytes"},
		{NULL, CLOSE, "the server closed the connection without an answer"},
		{NULL, RESET, "Connection reset by peer"},
		{"SSH-2.0-x\r\n", CLOSE, "the server does not speak HTTP"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", KEEP,
		 "the answer is larger than 100 bytes"},
		{"HTTP/1.1 200 OK\r\n\r\n"
		 "1234567890123456789012345678901234567890123456789012345678901234567890"
		 "1234567890123456789012345678901",
		 CLOSE, "the answer is larger than 100 bytes"},
		{NULL, KEEP, "nothing came for 0.1 s"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", KEEP,
		 "nothing came for 0.1 s"},
	};
	struct fixture *f = *state;
	struct http_request q;
	char *want;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		serve(f, {cases[i].answer, cases[i].then});
		q = get(f);
		q.max_body = 100;
		q.silence_ms = 100;
		assert_int_equal(call(f, &q), -1);
		assert_int_equal(f->e.code, ERR_NETWORK);
		want = xasprintf("GET %s: ", f->name);
		assert_memory_equal(f->e.msg, want, strlen(want));
		assert_non_null(strstr(f->e.msg, cases[i].said));
		free(want);
		server_stop(f);
		strbuf_release(&f->server.log);
	}
}

static void answer_of_just_the_ceiling_is_taken(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {OK, KEEP}, {"HTTP/1.1 200 OK\r\n\r\nok", CLOSE});
	q = get(f);
	q.max_body = 2;
	assert_int_equal(call(f, &q), 200);
	assert_int_equal(call(f, &q), 200);
	assert_string_equal(f->body.buf, "ok");
}

static void headers_have_a_ceiling(void **state)
{
	struct fixture *f = *state;
	struct strbuf many = STRBUF_INIT;
	struct http_request q;
	int i;

	strbuf_adds(&many, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 3000; i++)
		strbuf_addf(&many, "X-%d: %0100d\r\n", i, i);
	serve(f, {many.buf, KEEP});
	q = get(f);
	assert_int_equal(call(f, &q), -1);
	assert_non_null(strstr(f->e.msg, "headers"));
	server_stop(f);
	strbuf_release(&many);
}

static void one_try_has_a_time_for_the_whole(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {NULL, KEEP});
	q = get(f);
	q.total_ms = 50;
	assert_int_equal(call(f, &q), -1);
	assert_non_null(strstr(f->e.msg, "no whole answer within 0.1 s"));
}

static void silence_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {NULL, KEEP}, {OK, KEEP});
	q = get(f);
	q.silence_ms = 50;
	q.repeatable = true;
	assert_int_equal(call(f, &q), 200);
	assert_int_equal(f->retries, 1);
}

static void refused_connection_is_tried_again_whatever_the_request(void **state)
{
	struct fixture *f = *state;
	int fd = bound_socket(f), repeatable;
	struct http_request q = get(f);

	for (repeatable = 0; repeatable < 2; repeatable++) {
		f->retries = 0;
		q.repeatable = repeatable;
		assert_int_equal(call(f, &q), -1);
		assert_int_equal(f->e.code, ERR_NETWORK);
		assert_int_equal(f->retries, 4);
		assert_non_null(
			strstr(f->e.msg, ": connection refused: is the server running?"));
	}
	(void)close(fd);
}

static void request_on_a_kept_connection_is_not_sent_twice(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {OK, KEEP}, {NULL, CLOSE}, {OK, KEEP});
	q = get(f);
	q.method = "POST";
	assert_int_equal(call(f, &q), 200);
	assert_int_equal(call(f, &q), -1);
	assert_non_null(strstr(f->e.msg, "without an answer"));
	server_stop(f);
	assert_int_equal(f->server.requests, 2);
}

static void count_tries(void *arg, const struct http_response *r, struct err *failure)
{
	((struct fixture *)arg)->retries = failure ? 0 : r->tries;
}

/* curl did that by itself: what the first one asked for may be done all the same. */
static void what_is_sent_again_on_a_kept_connection_counts_as_a_try(void **state)
{
	struct fixture *f = *state;
	struct http_request q = get(f);

	q.repeatable = true;
	serve(f, {OK, KEEP}, {NULL, CLOSE}, {OK, KEEP});
	assert_int_equal(call(f, &q), 200);
	http_send(f->c, &q, count_tries, f);
	loop_run(f->l);
	server_stop(f);
	assert_int_equal(f->retries, 2);
	assert_int_equal(f->server.requests, 3);
}

static void tls_to_a_silent_server_fails(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	char *url;

	http_client_free(f->c);
	f->o.max_tries = 1;
	f->c = http_client_new(f->l, &f->o);
	/* It waits for the empty line at the end of a request, which TLS does not send. */
	serve(f, {NULL, CLOSE});
	url = xasprintf("https://%s/", f->name);
	q = get(f);
	q.url = url;
	q.silence_ms = 50;
	assert_int_equal(call(f, &q), -1);
	assert_int_equal(f->e.code, ERR_NETWORK);
	assert_non_null(strstr(f->e.msg, "nothing came for 0.1 s"));
	free(url);
}

static void count_done(void *arg, const struct http_response *r, struct err *failure)
{
	struct fixture *f = arg;

	if (r)
		strbuf_addf(&f->log, "%d|", r->status);
	else
		strbuf_addf(&f->log, "%s|",
			    failure->code == ERR_CANCELLED ? "cancelled" : "failed");
}

/* The server answers pairs only, and gets by with two connections: two at a time. */
static void requests_in_flight_have_a_bound_and_keep_their_order(void **state)
{
	static const struct step steps[] = {{OK, KEEP}};
	struct fixture *f = *state;
	struct http_request q;
	const char *at, *next;
	char path[32];
	int i;

	http_client_free(f->c);
	f->o.max_in_flight = 2;
	f->c = http_client_new(f->l, &f->o);
	serve_together(f, steps, 1, 2);
	for (i = 0; i < 6; i++) {
		(void)snprintf(f->url, sizeof(f->url), "http://%s/%d", f->name, i / 2);
		q = get(f);
		http_send(f->c, &q, count_done, f);
	}
	loop_run(f->l);
	assert_string_equal(f->log.buf, "200|200|200|200|200|200|");
	server_stop(f);
	assert_int_equal(f->server.accepted, 2);
	at = f->server.log.buf;
	for (i = 0; i < 6; i++) {
		(void)snprintf(path, sizeof(path), "GET /%d ", i / 2);
		next = strstr(at, path);
		assert_non_null(next);
		at = next + 1;
	}
}

static void send_when_done(void *arg, const struct http_response *r, struct err *failure)
{
	struct fixture *f = arg;
	struct http_request q = get(f);

	count_done(arg, r, failure);
	http_send(f->c, &q, count_done, f);
}

static void request_can_follow_from_a_callback(void **state)
{
	struct fixture *f = *state;
	struct http_request q;

	serve(f, {OK, KEEP});
	q = get(f);
	http_send(f->c, &q, send_when_done, f);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "200|200|");
}

static void interrupt(void *arg)
{
	loop_interrupt(arg, SIGINT);
}

static void interruption_ends_all_requests(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	struct loop_timer *t = loop_timer_start(f->l, 20, 0, interrupt, f->l);
	int i;

	http_client_free(f->c);
	f->o.max_in_flight = 2;
	f->c = http_client_new(f->l, &f->o);
	serve(f, {NULL, KEEP});
	q = get(f);
	http_send(f->c, &q, send_when_done, f);
	for (i = 0; i < 3; i++)
		http_send(f->c, &q, count_done, f);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "cancelled|cancelled|cancelled|cancelled|cancelled|");
	assert_int_equal(call(f, &q), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
	loop_timer_stop(t);
}

static void free_ends_all_requests(void **state)
{
	struct fixture *f = *state;
	struct http_request q, bad;

	http_client_free(f->c);
	f->o.max_in_flight = 1;
	f->c = http_client_new(f->l, &f->o);
	serve(f, {NULL, KEEP});
	q = get(f);
	bad = get(f);
	bad.url = "nonsense:";
	http_send(f->c, &q, count_done, f);
	http_send(f->c, &q, count_done, f);
	http_send(f->c, &bad, count_done, f);
	http_client_free(f->c);
	f->c = NULL;
	assert_string_equal(f->log.buf, "cancelled|cancelled|failed|");
}

static void request_that_cannot_be_written_is_refused(void **state)
{
	static const struct http_header line_end = {"X-A", "secret\r\nX-B: 1"},
					bad_name = {"X A", "secret"},
					bad_control = {"X\n", "secret"};
	static const struct {
		struct http_request q;
		const char *said;
	} cases[] = {
		{{.method = "GET", .url = "secret"}, NULL},
		{{.method = "GET", .url = ""}, "address"},
		{{.method = "GET", .url = "ftp://secret/"}, NULL},
		{{.method = "GET", .url = "http://user:secret@127.0.0.1/"}, "user name"},
		{{.method = "GET", .url = "http://127.0.0.1/a b\x01"}, "address"},
		{{.method = "GET", .url = "http://127.0.0.1:1/", .bearer = "secret\n"},
		 "'Authorization'"},
		{{.method = "GET",
		  .url = "http://127.0.0.1:1/",
		  .headers = &line_end,
		  .headers_n = 1},
		 "'X-A'"},
		{{.method = "GET",
		  .url = "http://127.0.0.1:1/",
		  .headers = &bad_name,
		  .headers_n = 1},
		 "'X A'"},
		{{.method = "GET",
		  .url = "http://127.0.0.1:1/",
		  .headers = &bad_control,
		  .headers_n = 1},
		 "'?'"},
		{{.method = "PUT",
		  .url = "http://127.0.0.1:1/",
		  .body = {"", 0},
		  .content_type = "a\nb"},
		 "'Content-Type'"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(call(f, &cases[i].q), -1);
		assert_int_equal(f->e.code, ERR_USAGE);
		if (cases[i].said)
			assert_non_null(strstr(f->e.msg, cases[i].said));
		assert_null(strstr(f->e.msg, "secret"));
	}
}

static void proxy_is_used_but_for_this_machine(void **state)
{
	struct fixture *f = *state;
	struct http_request q;
	char *proxy;

	serve(f, {OK, KEEP});
	proxy = xasprintf("http://%s", f->name);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("no_proxy", "other.test", 1);
	http_client_free(f->c);
	f->c = http_client_new(f->l, &f->o);
	q = get(f);
	assert_int_equal(call(f, &q), 200);
	setenv("http_proxy", proxy, 1);
	q.url = "http://some.test/x";
	assert_int_equal(call(f, &q), 200);
	unsetenv("http_proxy");
	unsetenv("no_proxy");
	server_stop(f);
	assert_non_null(strstr(f->server.log.buf, "GET /path"));
	assert_non_null(strstr(f->server.log.buf, "GET http://some.test/x HTTP/1.1"));
	free(proxy);
}

#define with_client(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_client(answer_has_status_body_and_headers),
		with_client(connection_is_kept_for_the_next_request),
		with_client(request_is_what_was_asked_for),
		with_client(path_is_sent_as_it_is),
		with_client(head_has_no_body),
		with_client(large_body_goes_out_whole_and_at_once),
		with_client(what_may_be_repeated_is_repeated),
		with_client(tries_are_told_and_the_last_answer_counts),
		with_client(server_says_when_to_try_again),
		with_client(failure_says_what_where_and_how),
		with_client(answer_of_just_the_ceiling_is_taken),
		with_client(headers_have_a_ceiling),
		with_client(one_try_has_a_time_for_the_whole),
		with_client(silence_is_tried_again),
		with_client(refused_connection_is_tried_again_whatever_the_request),
		with_client(request_on_a_kept_connection_is_not_sent_twice),
		with_client(what_is_sent_again_on_a_kept_connection_counts_as_a_try),
		with_client(tls_to_a_silent_server_fails),
		with_client(requests_in_flight_have_a_bound_and_keep_their_order),
		with_client(request_can_follow_from_a_callback),
		with_client(interruption_ends_all_requests),
		with_client(free_ends_all_requests),
		with_client(request_that_cannot_be_written_is_refused),
		with_client(proxy_is_used_but_for_this_machine),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
