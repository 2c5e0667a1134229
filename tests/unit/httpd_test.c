#include "httpd/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "test.h"

enum { MAX_BODY = 100000, PATIENCE_MS = 20000 };

enum manner { AT_ONCE, LATER, NEVER };

/* On the same loop as the server. */
struct client {
	int fd;
	struct loop_poll *poll;
	struct str out;   /* still to be sent */
	struct strbuf in; /* what came */
	const char *until;
	bool over; /* the server closed, or broke off */
	bool reset;
	bool done;
};

struct fixture {
	struct loop *l;
	struct httpd *h;
	enum manner manner;
	struct httpd_request *kept; /* by NEVER */
	struct strbuf seen;         /* "METHOD path?query body" of each request, a line each */
	size_t body;                /* of the last request */
	bool arrived;
	struct client clients[4];
};

/* --- the server's side --- */

static void note_header(void *arg, const char *name, const char *value)
{
	if (strncasecmp(name, "x-", 2) == 0)
		strbuf_addf(arg, "%s=%s ", name, value);
}

static void note(struct fixture *f, struct httpd_request *q)
{
	struct str path = httpd_path(q), query = httpd_query(q), body = httpd_body(q);

	strbuf_addf(&f->seen, "%s %.*s", httpd_method(q), STR_ARG(path));
	if (query.p)
		strbuf_addf(&f->seen, "?%.*s", STR_ARG(query));
	strbuf_addc(&f->seen, ' ');
	httpd_each_header(q, note_header, &f->seen);
	if (body.n < 100)
		strbuf_addstr(&f->seen, body);
	strbuf_addc(&f->seen, '\n');
	f->body = body.n;
}

static void answer(void *arg)
{
	struct httpd_request *q = arg;
	struct strbuf b = STRBUF_INIT;

	httpd_add_header(q, "X-Two", "1");
	httpd_add_header(q, "X-Two", "2\r\nX-Three: 3");
	strbuf_addf(&b, "you asked for %.*s", STR_ARG(httpd_path(q)));
	httpd_reply_take(q, 200, &b);
	assert_int_equal(b.len, 0);
}

static void on_request(void *arg, struct httpd_request *q)
{
	struct fixture *f = arg;
	int *state = arena_new(httpd_arena(q), int);

	assert_int_equal(*state, 0);
	note(f, q);
	f->arrived = true;
	if (f->manner == AT_ONCE)
		answer(q);
	else if (f->manner == LATER)
		loop_defer(f->l, answer, q);
	else
		f->kept = q;
}

static void on_too_large(void *arg UNUSED, struct httpd_request *q)
{
	assert_int_equal(httpd_body(q).n, 0);
	httpd_reply(q, 413, STR("our own words"));
}

static struct httpd *start_at(struct fixture *f, uint16_t port, struct err *e)
{
	struct httpd_options o = {
		.port = port, .max_body = MAX_BODY, .handler = on_request, .arg = f};

	return httpd_start(f->l, &o, e);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err e = ERR_INIT;

	f->seen = STRBUF_INIT;
	f->l = loop_new();
	f->h = start_at(f, 0, &e);
	assert_non_null(f->h);
	*state = f;
	return 0;
}

/* --- the client's side --- */

static void read_some(struct client *c)
{
	char buf[65536];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n > 0)
		strbuf_add(&c->in, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		c->over = true;
	if (n < 0 && errno == ECONNRESET)
		c->reset = true;
}

static void write_some(struct client *c)
{
	ssize_t n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL);

	if (n > 0)
		c->out = str_from(c->out, (size_t)n);
	else if (n < 0 && errno != EAGAIN)
		c->out.n =
			0; /* nobody reads it any more; there may be an answer all the same */
	if (c->out.n == 0)
		loop_poll_change(c->poll, LOOP_READ);
}

static void on_client(void *arg, int events)
{
	struct client *c = arg;

	if ((events & LOOP_WRITE) && c->out.n)
		write_some(c);
	if (events & LOOP_READ)
		read_some(c);
	c->done = c->over || (c->until && strstr(c->in.buf, c->until));
	if (c->over)
		loop_poll_change(c->poll, 0);
}

static void open_client(struct client *c, struct fixture *f)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(httpd_port(f->h))};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*c = (struct client){.in = STRBUF_INIT};
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	c->poll = loop_poll_start(f->l, c->fd, LOOP_READ, on_client, c);
}

static void close_client(struct client *c)
{
	if (!c->poll)
		return;
	loop_poll_stop(c->poll);
	c->poll = NULL;
	(void)close(c->fd);
	strbuf_release(&c->in);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(f->clients); i++)
		close_client(&f->clients[i]);
	if (f->h)
		httpd_stop(f->h);
	loop_free(f->l);
	strbuf_release(&f->seen);
	free(f);
	return 0;
}

static void give_up(void *arg)
{
	bool *done = arg;

	*done = true;
}

static void run_until(struct fixture *f, bool *done)
{
	bool late = false;
	struct loop_timer *first = loop_timer_start(f->l, PATIENCE_MS, 0, give_up, &late);
	struct loop_timer *second = loop_timer_start(f->l, PATIENCE_MS, 0, give_up, done);

	loop_run_until(f->l, done);
	loop_timer_stop(first);
	loop_timer_stop(second);
	assert_false(late);
}

/* Sends text and waits until `until` has come, or (NULL) until the server closes. */
static void say(struct fixture *f, struct client *c, struct str text, const char *until)
{
	strbuf_reset(&c->in);
	c->out = text;
	c->until = until;
	c->done = false;
	loop_poll_change(c->poll, LOOP_READ | LOOP_WRITE);
	run_until(f, &c->done);
}

/* Sends text and waits until the handler has the request. */
static void ask(struct fixture *f, struct client *c, struct str text)
{
	c->out = text;
	c->until = "no such text";
	loop_poll_change(c->poll, LOOP_READ | LOOP_WRITE);
	run_until(f, &f->arrived);
}

static void assert_has(const struct client *c, const char *part)
{
	if (!strstr(c->in.buf, part))
		fail_msg("no '%s' in '%s'", part, c->in.buf);
}

static size_t count_of(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* --- requests --- */

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

static void requests_arrive_as_they_were_sent(void **state)
{
	static const struct {
		const char *request, *seen;
	} rows[] = {
		{"GET /a HTTP/1.1\r\n" CLOSE, "GET /a \n"},
		{"DELETE / HTTP/1.1\r\n" CLOSE, "DELETE / \n"},
		{"PATCH /p HTTP/1.1\r\nContent-Length: 2\r\n" CLOSE "hi", "PATCH /p hi\n"},
		{"OPTIONS * HTTP/1.1\r\n" CLOSE, "OPTIONS * \n"},
		{"GET /a%2Fb/%41+%zz HTTP/1.1\r\n" CLOSE, "GET /a%2Fb/%41+%zz \n"},
		{"GET /q?a=%20+bc HTTP/1.1\r\n" CLOSE, "GET /q?a=%20+bc \n"},
		{"GET /q? HTTP/1.1\r\n" CLOSE, "GET /q? \n"},
		{"GET /q?a?b=/ HTTP/1.1\r\n" CLOSE, "GET /q?a?b=/ \n"},
		{"GET http://api.example.com/v2/x?y HTTP/1.1\r\n" CLOSE, "GET /v2/x?y \n"},
		{"GET HTTP://h HTTP/1.1\r\n" CLOSE, "GET / \n"},
		{"GET http://h?q HTTP/1.1\r\n" CLOSE, "GET /?q \n"},
		{"GET /x?u=http://h/p HTTP/1.1\r\n" CLOSE, "GET /x?u=http://h/p \n"},
		{"GET x?u=http://h/p HTTP/1.1\r\n" CLOSE, "GET x?u=http://h/p \n"},
		{"GET /h HTTP/1.1\r\nX-A: 1\r\nX-B:  two\r\nx-a: 3\r\n" CLOSE,
		 "GET /h X-A=1 X-B=two x-a=3 \n"},
		{"POST /p HTTP/1.1\r\nContent-Length: 5\r\n" CLOSE "hello", "POST /p hello\n"},
		{"POST /p HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE, "POST /p \n"},
		{"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
		 "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
		 "POST /c abcde\n"},
		{"GET /old HTTP/1.0\r\n\r\n", "GET /old \n"},
	};
	struct fixture *f = *state;
	struct client *c = f->clients;
	size_t i, pass;

	for (i = 0; i < countof(rows) * 2; i++) {
		pass = i / countof(rows);
		f->manner = pass ? LATER : AT_ONCE;
		strbuf_reset(&f->seen);
		open_client(c, f);
		say(f, c, str_of(rows[i % countof(rows)].request), NULL);
		assert_string_equal(f->seen.buf, rows[i % countof(rows)].seen);
		assert_has(c, "HTTP/1.1 200 OK\r\n");
		assert_has(c, "you asked for ");
		close_client(c);
	}
}

static void a_query_that_is_there_but_empty_is_not_null(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	f->manner = NEVER;
	open_client(c, f);
	ask(f, c, STR("GET /? HTTP/1.1\r\n" CLOSE));
	assert_non_null(httpd_query(f->kept).p);
	assert_int_equal(httpd_query(f->kept).n, 0);
	assert_string_equal(httpd_header(f->kept, "HOST"), "x");
	assert_null(httpd_header(f->kept, "Accept"));
	answer(f->kept);
	say(f, c, STR(""), NULL);
	close_client(c);
}

static void repeated_headers_of_the_answer_all_go_out(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c, STR("GET /a HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "\r\nX-Two: 1\r\nX-Two: 2  X-Three: 3\r\n");
	assert_has(c, "\r\nDate: ");
	assert_has(c, "\r\nContent-Length: 16\r\n");
	assert_has(c, "\r\n\r\nyou asked for /a");
	close_client(c);
}

static void head_tells_the_length_and_sends_nothing(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c, STR("HEAD /a HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "Content-Length: 16\r\n");
	assert_true(str_ends(strbuf_str(&c->in), "\r\n\r\n"));
	close_client(c);
}

static void a_connection_serves_many_requests(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;
	int i;

	open_client(c, f);
	for (i = 0; i < 10; i++) {
		f->manner = i % 2 ? LATER : AT_ONCE;
		say(f, c, STR("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "for /a");
		assert_false(c->over);
	}
	say(f, c, STR("GET /b HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "for /b");
	assert_int_equal(count_of(f->seen.buf, "GET /a \n"), 10);
	close_client(c);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	static const char both[] = "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
				   "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /3 HTTP/1.1\r\n" CLOSE;
	struct fixture *f = *state;
	struct client *c = f->clients;

	for (f->manner = AT_ONCE; f->manner <= LATER; f->manner++) {
		open_client(c, f);
		say(f, c, str_of(both), NULL);
		assert_int_equal(count_of(c->in.buf, "HTTP/1.1 200 OK"), 3);
		assert_true(strstr(c->in.buf, "for /1") < strstr(c->in.buf, "for /2"));
		assert_true(strstr(c->in.buf, "for /2") < strstr(c->in.buf, "for /3"));
		close_client(c);
	}
}

static void leave_to_send_a_body_is_given(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c,
	    STR("POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n" CLOSE),
	    "\r\n\r\n");
	assert_has(c, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_false(c->over);
	say(f, c, STR("body"), NULL);
	assert_has(c, "200 OK");
	assert_string_equal(f->seen.buf, "POST /p body\n");
	close_client(c);
}

static struct str filled(struct strbuf *b, const char *head, size_t n)
{
	strbuf_adds(b, head);
	memset(strbuf_reserve(b, n), 'x', n);
	b->len += n;
	b->buf[b->len] = '\0';
	return strbuf_str(b);
}

static void a_long_target_is_taken(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;

	filled(&b, "GET /?", 8192);
	strbuf_adds(&b, " HTTP/1.1\r\n" CLOSE);
	open_client(c, f);
	say(f, c, strbuf_str(&b), NULL);
	assert_has(c, "200 OK");
	assert_int_equal(f->seen.len, strlen("GET /?") + 8192 + 2);
	close_client(c);
	strbuf_release(&b);
}

static void a_query_of_a_thousand_fields_is_taken(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;
	int i;

	open_client(c, f);
	strbuf_adds(&b, "GET /?");
	for (i = 0; i < 1100; i++)
		strbuf_addf(&b, "f%d=1&", i);
	strbuf_adds(&b, " HTTP/1.1\r\n" CLOSE);
	say(f, c, strbuf_str(&b), NULL);
	assert_has(c, "200 OK");
	close_client(c);
	strbuf_release(&b);
}

/* --- bodies at the limit --- */

static void a_body_of_the_largest_size_is_taken(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c, filled(&b, "POST / HTTP/1.1\r\nContent-Length: 100000\r\n" CLOSE, MAX_BODY),
	    NULL);
	assert_has(c, "200 OK");
	assert_int_equal(f->body, MAX_BODY);
	close_client(c);
	strbuf_release(&b);
}

static void a_body_that_is_too_large_gets_413(void **state)
{
	static const char *const heads[] = {
		"POST / HTTP/1.1\r\nContent-Length: 3000000\r\n" CLOSE,
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE "2dc6c0\r\n",
	};
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;
	size_t i;

	for (i = 0; i < countof(heads); i++) {
		strbuf_reset(&b);
		filled(&b, heads[i], 3000000);
		if (i == 1)
			strbuf_adds(&b, "\r\n0\r\n\r\n");
		open_client(c, f);
		say(f, c, strbuf_str(&b), NULL);
		assert_has(c, "HTTP/1.1 413 ");
		assert_has(c, "the request body is too large\n");
		assert_false(c->reset);
		close_client(c);
	}
	assert_int_equal(f->seen.len, 0);
	strbuf_release(&b);
}

static void after_a_413_the_connection_goes_on(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;

	filled(&b, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n",
	       MAX_BODY + 1);
	strbuf_adds(&b, "GET /next HTTP/1.1\r\n" CLOSE);
	open_client(c, f);
	say(f, c, strbuf_str(&b), NULL);
	assert_has(c, "HTTP/1.1 413 ");
	assert_has(c, "for /next");
	close_client(c);
	strbuf_release(&b);
}

static void a_413_comes_before_the_body_where_the_client_waits(void **state)
{
	static const char *const heads[] = {
		"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n" CLOSE,
		"POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n" CLOSE,
		"PATCH / HTTP/1.1\r\nContent-Length: 4000000000\r\n" CLOSE,
	};
	struct fixture *f = *state;
	struct client *c = f->clients;
	size_t i;

	for (i = 0; i < countof(heads); i++) {
		open_client(c, f);
		say(f, c, str_of(heads[i]), NULL);
		assert_has(c, "HTTP/1.1 413 ");
		close_client(c);
	}
	assert_int_equal(f->seen.len, 0);
}

static void the_413_can_have_words_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct httpd_options o = {
		.max_body = 3, .handler = on_request, .on_too_large = on_too_large, .arg = f};
	struct err e = ERR_INIT;
	struct client *c = f->clients;

	httpd_stop(f->h);
	f->h = httpd_start(f->l, &o, &e);
	open_client(c, f);
	say(f, c, STR("PUT / HTTP/1.1\r\nContent-Length: 4\r\n" CLOSE "four"), NULL);
	assert_has(c, "our own words");
	close_client(c);
}

/* --- trouble --- */

static void malformed_requests_harm_nobody(void **state)
{
	static const struct {
		const char *request, *answer;
	} rows[] = {
		{"nonsense\r\n\r\n", NULL},
		{"GET /\r\n\r\n", NULL},
		{"GET / HTTP/1.1\r\nno colon\r\n\r\n", "HTTP/1.1 400 "},
		{"GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 505 "},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", "HTTP/1.1 400 "},
		{"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		 "HTTP/1.1 400 "},
	};
	struct fixture *f = *state;
	struct client *c = f->clients;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		open_client(c, f);
		c->out = str_of(rows[i].request);
		write_some(c);
		assert_int_equal(shutdown(c->fd, SHUT_WR), 0);
		say(f, c, STR(""), NULL);
		if (rows[i].answer && !strstr(c->in.buf, rows[i].answer))
			fail_msg("%s: %s", rows[i].request, c->in.buf);
		close_client(c);
	}
	open_client(c, f);
	say(f, c, STR("GET /alive HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "for /alive");
	close_client(c);
}

static void headers_without_end_are_refused(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c, filled(&b, "GET / HTTP/1.1\r\nX-Long: ", 400000), NULL);
	assert_int_equal(f->seen.len, 0);
	close_client(c);
	strbuf_release(&b);
}

static void an_answer_to_a_client_that_left_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	f->manner = NEVER;
	open_client(c, f);
	ask(f, c, STR("GET / HTTP/1.1\r\n" CLOSE));
	close_client(c);
	answer(f->kept);
	f->manner = AT_ONCE;
	open_client(c, f);
	say(f, c, STR("GET /alive HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "for /alive");
	close_client(c);
}

static void a_client_that_leaves_in_the_middle_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c,
	    STR("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
		"Content-Length: 10\r\n\r\n"),
	    "100 Continue");
	close_client(c);
	open_client(c, f);
	say(f, c, STR("GET /alive HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "for /alive");
	assert_string_equal(f->seen.buf, "GET /alive \n");
	close_client(c);
}

static void a_large_answer_arrives_whole(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;
	struct client *c = f->clients;

	f->manner = NEVER;
	open_client(c, f);
	ask(f, c, STR("GET / HTTP/1.1\r\n" CLOSE));
	httpd_reply(f->kept, 299, filled(&b, "", 8000000));
	say(f, c, STR(""), NULL);
	assert_has(c, "HTTP/1.1 299 ");
	assert_memory_equal(c->in.buf + c->in.len - b.len, b.buf, b.len);
	close_client(c);
	strbuf_release(&b);
}

/* --- start and stop --- */

static void stopping_answers_whoever_still_waits(void **state)
{
	struct fixture *f = *state;
	struct client *c = f->clients, *idle = &f->clients[1];

	f->manner = NEVER;
	open_client(idle, f);
	open_client(c, f);
	ask(f, c, STR("GET / HTTP/1.1\r\n" CLOSE));
	httpd_stop(f->h);
	f->h = NULL;
	say(f, c, STR(""), NULL);
	assert_has(c, "HTTP/1.1 503 ");
	assert_has(c, "the server is stopping");
	assert_false(c->reset);
	close_client(c);
	close_client(idle);
}

static void a_port_in_use_is_told(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	char expected[100];

	assert_null(start_at(f, httpd_port(f->h), &e));
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, EADDRINUSE);
	assert_true(snprintf(expected, sizeof(expected),
			     "cannot listen on 127.0.0.1:%u: ", httpd_port(f->h)) > 0);
	assert_true(str_starts(str_of(e.msg), expected));
	err_clear(&e);
}

static void a_new_server_can_take_the_port_at_once(void **state)
{
	struct fixture *f = *state;
	uint16_t port = httpd_port(f->h);
	struct err e = ERR_INIT;
	struct client *c = f->clients;

	open_client(c, f);
	say(f, c, STR("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "for /a");
	httpd_stop(f->h); /* closes first: its end of the connection stays in TIME_WAIT */
	f->h = start_at(f, port, &e);
	assert_non_null(f->h);
	assert_int_equal(httpd_port(f->h), port);
	close_client(c);
	open_client(c, f);
	say(f, c, STR("GET /again HTTP/1.1\r\n" CLOSE), NULL);
	assert_has(c, "for /again");
	close_client(c);
}

static void more_clients_than_allowed_wait_their_turn(void **state)
{
	struct fixture *f = *state;
	struct httpd_options o = {
		.max_body = 10, .max_connections = 2, .handler = on_request, .arg = f};
	struct err e = ERR_INIT;
	struct client *c = f->clients;
	size_t i;

	httpd_stop(f->h);
	f->h = httpd_start(f->l, &o, &e);
	for (i = 0; i < countof(f->clients); i++)
		open_client(&c[i], f);
	for (i = 0; i < countof(f->clients); i++) {
		say(f, &c[i], STR("GET /a HTTP/1.1\r\n" CLOSE), NULL);
		assert_has(&c[i], "for /a");
		close_client(&c[i]);
	}
}

static void a_silent_connection_is_closed(void **state)
{
	struct fixture *f = *state;
	struct httpd_options o = {
		.max_body = 10, .idle_ms = 1, .handler = on_request, .arg = f};
	struct err e = ERR_INIT;
	struct client *c = f->clients;

	httpd_stop(f->h);
	f->h = httpd_start(f->l, &o, &e);
	open_client(c, f);
	say(f, c, STR("GET /"), NULL);
	assert_int_equal(f->seen.len, 0);
	close_client(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(requests_arrive_as_they_were_sent),
		TEST(a_query_that_is_there_but_empty_is_not_null),
		TEST(repeated_headers_of_the_answer_all_go_out),
		TEST(head_tells_the_length_and_sends_nothing),
		TEST(a_connection_serves_many_requests),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(leave_to_send_a_body_is_given),
		TEST(a_long_target_is_taken),
		TEST(a_query_of_a_thousand_fields_is_taken),
		TEST(a_body_of_the_largest_size_is_taken),
		TEST(a_body_that_is_too_large_gets_413),
		TEST(after_a_413_the_connection_goes_on),
		TEST(a_413_comes_before_the_body_where_the_client_waits),
		TEST(the_413_can_have_words_of_its_own),
		TEST(malformed_requests_harm_nobody),
		TEST(headers_without_end_are_refused),
		TEST(an_answer_to_a_client_that_left_is_dropped),
		TEST(a_client_that_leaves_in_the_middle_is_forgotten),
		TEST(a_large_answer_arrives_whole),
		TEST(stopping_answers_whoever_still_waits),
		TEST(a_port_in_use_is_told),
		TEST(a_new_server_can_take_the_port_at_once),
		TEST(more_clients_than_allowed_wait_their_turn),
		TEST(a_silent_connection_is_closed),
	};

	return cmocka_run_group_tests_name("httpd", tests, NULL, NULL);
}
