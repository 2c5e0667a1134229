/* Bodies that are made while they are sent. */
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "test.h"

enum { BODY = 6 << 20 }; /* more than the buffers of a connection hold */

/* What the server does after so many bytes of the next request; ALL: the whole of it. */
enum { ALL = -1 };
struct step {
	long read;
	const char *answer; /* or NULL */
	enum { KEEP, CLOSE, RESET, WAIT, LEAVE } then;
};

struct server {
	int listener, done[2], left; /* left: the connection that was left open, or 0 */
	pthread_t thread;
	const struct step *steps;
	size_t steps_n;
	unsigned whole; /* requests that came whole, and right */
};

struct fixture {
	struct loop *l;
	struct http_client *c;
	struct server server;
	char url[64];
	struct err e;
	unsigned retries;
	uint64_t at, fail_at, size;
	unsigned rewinds;
	bool interrupt;
};

static char byte_at(uint64_t i)
{
	return (char)('a' + i * 7 % 23);
}

static bool read_head(int fd)
{
	char c;
	int ends = 0;

	while (ends < 4) {
		if (read(fd, &c, 1) != 1)
			return false;
		ends = c == "\r\n\r\n"[ends] ? ends + 1 : c == '\r';
	}
	return true;
}

/* n bytes of the body; false when they are not there or not those that were sent. */
static bool read_body(int fd, long n)
{
	char buf[65536];
	long i = 0, k;
	ssize_t got;

	while (i < n) {
		got = read(fd, buf, n - i < (long)sizeof(buf) ? (size_t)(n - i) : sizeof(buf));
		if (got <= 0)
			return false;
		for (k = 0; k < got; k++)
			if (buf[k] != byte_at((uint64_t)(i + k)))
				return false;
		i += got;
	}
	return true;
}

static void end_connection(struct server *s, int fd, int how)
{
	static const struct linger now = {1, 0};
	char c;

	if (how == WAIT)
		(void)!read(s->done[0], &c, 1); /* until server_stop() */
	if (how == LEAVE) {
		s->left = fd;
		return;
	}
	if (how == RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(fd);
}

static void *server_run(void *arg)
{
	struct server *s = arg;
	int fd = -1;
	size_t i;

	for (i = 0; i < s->steps_n; i++) {
		const struct step *step = &s->steps[i];

		if (fd < 0)
			fd = accept(s->listener, NULL, NULL);
		if (fd < 0 || !read_head(fd))
			break;
		if (read_body(fd, step->read == ALL ? BODY : step->read) && step->read == ALL)
			s->whole++;
		if (step->answer)
			(void)!send(fd, step->answer, strlen(step->answer), MSG_NOSIGNAL);
		if (step->then == KEEP)
			continue;
		end_connection(s, fd, step->then);
		fd = -1;
	}
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static void serve_steps(struct fixture *f, const struct step *steps, size_t n)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct server *s = &f->server;
	socklen_t size = sizeof(a);

	*s = (struct server){.steps = steps, .steps_n = n};
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &size), 0);
	assert_int_equal(listen(s->listener, 16), 0);
	assert_int_equal(pipe(s->done), 0);
	(void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/x", ntohs(a.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
}

#define serve(f, ...)                                        \
	serve_steps((f), (const struct step[]){__VA_ARGS__}, \
		    countof(((const struct step[]){__VA_ARGS__})))

/* After the client let go of its connections. */
static void server_stop(struct fixture *f)
{
	http_client_free(f->c);
	f->c = NULL;
	(void)close(f->server.done[1]);
	(void)shutdown(f->server.listener, SHUT_RDWR);
	pthread_join(f->server.thread, NULL);
	if (f->server.left)
		(void)close(f->server.left);
	(void)close(f->server.done[0]);
	(void)close(f->server.listener);
}

static void on_retry(void *arg, const char *what UNUSED, uint64_t wait_ms UNUSED)
{
	struct fixture *f = arg;

	f->retries++;
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	const struct http_options o = {.backoff_ms = 1, .on_retry = on_retry, .arg = f};

	f->l = loop_new();
	f->c = http_client_new(f->l, &o);
	f->fail_at = UINT64_MAX;
	f->size = BODY;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->c);
	loop_free(f->l);
	err_clear(&f->e);
	free(f);
	return 0;
}

static ssize_t make(void *arg, char *p, size_t n, struct err *e)
{
	struct fixture *f = arg;
	size_t i;

	if (f->at >= f->fail_at)
		return err_set(e, ERR_SYSTEM, "the disk is gone");
	if (f->interrupt && f->at > 1000000)
		loop_interrupt(f->l, SIGINT);
	if (n > 10007)
		n = 10007;
	if (n > f->size - f->at)
		n = (size_t)(f->size - f->at);
	for (i = 0; i < n; i++)
		p[i] = byte_at(f->at + i);
	f->at += n;
	return (ssize_t)n;
}

static void go_back(void *arg)
{
	struct fixture *f = arg;

	f->at = 0;
	f->rewinds++;
}

static int put(struct fixture *f, uint64_t silence_ms)
{
	const struct http_source source = {
		.size = f->size, .read = make, .rewind = go_back, .arg = f};
	const struct http_request q = {.method = "PUT",
				       .url = f->url,
				       .source = &source,
				       .repeatable = true,
				       .silence_ms = silence_ms};

	err_clear(&f->e);
	return http_call(f->c, &q, NULL, &f->e);
}

#define ANSWER(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"

static void body_comes_whole_also_on_a_kept_connection(void **state)
{
	struct fixture *f = *state;

	serve(f, {ALL, ANSWER("200 OK"), KEEP}, {ALL, ANSWER("201 OK"), KEEP});
	assert_int_equal(put(f, 0), 200);
	assert_int_equal(put(f, 0), 201);
	server_stop(f);
	assert_int_equal(f->server.whole, 2);
	assert_int_equal(f->retries, 0);
}

static void empty_body_is_a_body(void **state)
{
	struct fixture *f = *state;

	serve(f, {0, ANSWER("200 OK"), KEEP});
	f->size = 0;
	assert_int_equal(put(f, 0), 200);
	server_stop(f);
}

static void body_is_sent_again_from_its_start(void **state)
{
	static const struct step firsts[] = {
		{100000, NULL, RESET},
		{100000, NULL, CLOSE},
		{0, NULL, RESET},
		{ALL, NULL, CLOSE},
		{ALL, ANSWER("503 x"), KEEP},
		{ALL, ANSWER("429 x\r\nConnection: close"), CLOSE},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(firsts); i++) {
		void *next = f;

		serve(f, firsts[i], {ALL, ANSWER("200 OK"), KEEP});
		assert_int_equal(put(f, 0), 200);
		assert_int_equal(f->retries, 1);
		assert_true(f->rewinds >= 2);
		server_stop(f);
		assert_int_equal(f->server.whole, 1 + (firsts[i].read == ALL));
		assert_int_equal(tear_down(&next), 0);
		assert_int_equal(set_up(state), 0);
		f = *state;
	}
}

/* The server need not take what it will refuse anyway. */
static void refusal_before_the_end_is_an_answer(void **state)
{
	static const char *const answers[] = {ANSWER("413 x"), ANSWER("401 x")};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(answers); i++) {
		void *next = f;

		serve(f, {100000, answers[i], WAIT});
		assert_int_equal(put(f, 0), i ? 401 : 413);
		assert_int_equal(f->retries, 0);
		assert_true(f->at < BODY);
		server_stop(f);
		assert_int_equal(tear_down(&next), 0);
		assert_int_equal(set_up(state), 0);
		f = *state;
	}
}

static void server_that_stops_reading_is_silent(void **state)
{
	struct fixture *f = *state;

	serve(f, {100000, NULL, LEAVE}, {ALL, ANSWER("200 OK"), KEEP});
	assert_int_equal(put(f, 200), 200);
	assert_int_equal(f->retries, 1);
	server_stop(f);
	assert_int_equal(f->server.whole, 1);
}

static void failure_of_the_source_ends_the_request(void **state)
{
	static const uint64_t places[] = {0, 1000000};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(places); i++) {
		void *next = f;

		serve(f, {ALL, NULL, CLOSE});
		f->fail_at = places[i];
		assert_int_equal(put(f, 0), -1);
		assert_int_equal(f->e.code, ERR_SYSTEM);
		assert_string_equal(f->e.msg, "the disk is gone");
		assert_int_equal(f->retries, 0);
		server_stop(f);
		assert_int_equal(f->server.whole, 0);
		assert_int_equal(tear_down(&next), 0);
		assert_int_equal(set_up(state), 0);
		f = *state;
	}
}

static void interruption_ends_it_in_the_middle(void **state)
{
	struct fixture *f = *state;

	serve(f, {ALL, ANSWER("200 OK"), KEEP});
	f->interrupt = true;
	assert_int_equal(put(f, 0), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
	server_stop(f);
	assert_int_equal(f->server.whole, 0);
}

#define with_client(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_client(body_comes_whole_also_on_a_kept_connection),
		with_client(empty_body_is_a_body),
		with_client(body_is_sent_again_from_its_start),
		with_client(refusal_before_the_end_is_an_answer),
		with_client(server_that_stops_reading_is_silent),
		with_client(failure_of_the_source_ends_the_request),
		with_client(interruption_ends_it_in_the_middle),
	};

	return cmocka_run_group_tests_name("http_source", tests, NULL, NULL);
}
