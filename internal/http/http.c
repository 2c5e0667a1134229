#include "http/http.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "http/client.h"

enum {
	BACKOFF_MAX_MS = 10000,
	SMALL_BYTES = 64 * 1024, /* to and fro; what is larger also takes time to transfer */
};

static void call_free(struct call *k)
{
	loop_timer_stop(k->wait);
	if (k->easy)
		curl_easy_cleanup(k->easy);
	curl_slist_free_all(k->headers);
	strbuf_release(&k->answer);
	err_clear(&k->failure);
	err_clear(&k->unread);
	arena_release(&k->mem);
	free(k);
}

/* Out of whatever it is in; from here on it belongs to the caller alone. */
static void call_detach(struct call *k)
{
	struct http_client *c = k->c;

	if (k->state == CALL_QUEUED) {
		TAILQ_REMOVE(&c->queue, k, queue);
	} else if (k->state == CALL_RUNNING) {
		try_stop(k);
		c->running--;
	}
	loop_timer_stop(k->wait);
	k->wait = NULL;
	k->state = CALL_NEW;
}

static void call_tell(struct call *k, const struct http_response *r, struct err *failure)
{
	struct http_client *c = k->c;

	TAILQ_REMOVE(&c->all, k, all);
	c->calls--;
	c->depth++;
	k->done(k->arg, r, failure);
	c->depth--;
	call_free(k);
}

static void call_fail(struct call *k)
{
	if (k->tries > 1 && k->failure.code == ERR_NETWORK) {
		char *said = k->failure.msg;

		k->failure.msg = xasprintf("%s (tried %u times)", said, k->tries);
		free(said);
	}
	call_tell(k, NULL, &k->failure);
}

static void set_cancelled(struct call *k)
{
	err_set(&k->failure, ERR_CANCELLED, "%s %s: interrupted", k->method, k->server);
}

static void call_cancel(struct call *k)
{
	call_detach(k);
	if (k->failure.code == ERR_OK)
		set_cancelled(k);
	call_fail(k);
}

static const char *header_of(const struct http_response *r, const char *name)
{
	const struct call *k = r->internal;
	struct curl_header *h;

	if (curl_easy_header(k->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
		return NULL;
	return h->value;
}

static void call_answer(struct call *k, int status)
{
	struct http_response r = {.status = status,
				  .body = strbuf_str(&k->answer),
				  .tries = k->tries + k->resends,
				  .header = header_of,
				  .internal = k};

	r.content_type = header_of(&r, "Content-Type");
	if (!r.content_type)
		r.content_type = "";
	call_tell(k, &r, NULL);
}

/* Starts as many as there are free places. */
static void start_queued(struct http_client *c)
{
	struct call *k;

	while (c->running < c->window.size && (k = TAILQ_FIRST(&c->queue))) {
		TAILQ_REMOVE(&c->queue, k, queue);
		k->state = CALL_RUNNING;
		k->tries++;
		c->running++;
		k->started_ms = clock_monotonic_ms();
		try_start(k);
	}
}

static void enqueue(struct call *k)
{
	k->state = CALL_QUEUED;
	TAILQ_INSERT_TAIL(&k->c->queue, k, queue);
	start_queued(k->c);
}

static void on_wait_over(void *arg)
{
	struct call *k = arg;

	call_detach(k);
	if (k->failure.code != ERR_OK)
		call_fail(k);
	else
		enqueue(k);
}

static void call_wait(struct call *k, uint64_t ms)
{
	k->state = CALL_WAITING;
	k->wait = loop_timer_start(k->c->l, ms, 0, on_wait_over, k);
}

/* Doubles with each try; the upper half is left to chance, so that many do not come as one. */
static uint64_t backoff(const struct call *k)
{
	uint64_t ms = k->c->o.backoff_ms;
	uint32_t chance;
	unsigned i;

	for (i = 1; i < k->tries && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	random_bytes(&chance, sizeof(chance));
	return ms / 2 + chance % (ms - ms / 2 + 1);
}

static void call_again(struct call *k, const char *what)
{
	struct http_client *c = k->c;
	uint64_t ms;

	if (!try_retry_after(k, &ms))
		ms = backoff(k);
	if (c->o.on_retry) {
		c->depth++;
		c->o.on_retry(c->o.arg, what, ms);
		c->depth--;
	}
	call_wait(k, ms);
}

static bool may_pass(int status)
{
	static const int statuses[] = {408, 429, 500, 502, 503, 504};
	size_t i;

	for (i = 0; i < countof(statuses); i++)
		if (status == statuses[i])
			return true;
	return false;
}

static bool is_overburdened(long status)
{
	return status == 429 || status == 503;
}

/* What the end of a try says about how much the server bears. */
static void learn(struct call *k, CURLcode rc)
{
	uint64_t now = clock_monotonic_ms();
	long status = 0;

	if (rc == CURLE_OK)
		curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	if (k->went_silent || rc == CURLE_OPERATION_TIMEDOUT || is_overburdened(status))
		window_overburdened(&k->c->window, k->started_ms, now);
	else if (rc == CURLE_OK)
		window_good(&k->c->window, now - k->started_ms, k->moved <= SMALL_BYTES);
}

static void answered(struct call *k)
{
	long status = 0;
	char *what;

	curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!k->repeatable || !may_pass((int)status) || k->tries >= k->c->o.max_tries) {
		call_answer(k, (int)status);
		return;
	}
	what = xasprintf("%s %s: status %ld", k->method, k->server, status);
	call_again(k, what);
	free(what);
}

static void failed(struct call *k, CURLcode rc)
{
	try_explain(k, rc, &k->failure);
	if (k->tries >= k->c->o.max_tries || !try_may_repeat(k, rc)) {
		call_fail(k);
		return;
	}
	call_again(k, k->failure.msg);
	err_clear(&k->failure);
}

void call_try_ended(struct call *k, CURLcode rc)
{
	struct http_client *c = k->c;

	learn(k, rc);
	call_detach(k);
	if (rc == CURLE_OK)
		answered(k);
	else
		failed(k, rc);
	start_queued(c);
}

static void cancel_calls(struct http_client *c, size_t n)
{
	struct call *k;

	while (n-- && (k = TAILQ_FIRST(&c->all)))
		/* The analyzer does not see that the removal moves the head of the list. */
		call_cancel(k); /* NOLINT(clang-analyzer-unix.Malloc) */
}

static void on_interrupt(void *arg)
{
	struct http_client *c = arg;

	/* Those that are here now: what their owners send in answer fails by itself. */
	cancel_calls(c, c->calls);
}

/* The user's exceptions hold, and this machine is never asked for through a proxy. */
static char *no_proxy(void)
{
	const char *user = getenv("no_proxy");

	if (!user)
		user = getenv("NO_PROXY");
	if (user && strcmp(user, "*") == 0)
		return xstrdup(user);
	return xasprintf("127.0.0.1,localhost,::1%s%s", user ? "," : "", user ? user : "");
}

struct http_client *http_client_new(struct loop *l, const struct http_options *o)
{
	struct http_client *c = xcalloc(1, sizeof(*c));

	c->l = l;
	c->o = *o;
	c->o.max_in_flight = o->max_in_flight ? o->max_in_flight : 16;
	window_init(&c->window, c->o.max_in_flight, o->most_in_flight);
	c->o.connect_ms = o->connect_ms ? o->connect_ms : 10000;
	c->o.silence_ms = o->silence_ms ? o->silence_ms : 60000;
	c->o.max_tries = o->max_tries ? o->max_tries : 5;
	c->o.backoff_ms = o->backoff_ms ? o->backoff_ms : 250;
	c->user_agent = o->user_agent ? xstrdup(o->user_agent) : NULL;
	c->no_proxy = no_proxy();
	TAILQ_INIT(&c->all);
	TAILQ_INIT(&c->queue);
	c->cancel = loop_on_cancel(l, on_interrupt, c);
	return c;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	if (c->depth)
		bug("http_client_free inside a callback of its request");
	cancel_calls(c, SIZE_MAX);
	loop_cancel_stop(c->cancel);
	multi_close(c);
	free(c->no_proxy);
	free(c->user_agent);
	free(c);
}

void http_send(struct http_client *c, const struct http_request *q, http_done_fn *done,
	       void *arg)
{
	struct call *k = xcalloc(1, sizeof(*k));

	k->c = c;
	k->mem = ARENA_INIT;
	k->done = done;
	k->arg = arg;
	TAILQ_INSERT_TAIL(&c->all, k, all);
	c->calls++;
	if (call_prepare(k, q, &k->failure) == 0 && loop_interrupted(c->l))
		set_cancelled(k);
	if (k->failure.code == ERR_OK)
		enqueue(k);
	else
		call_wait(k, 0); /* not told from inside this call */
}

bool http_has_room(const struct http_client *c)
{
	return c->calls < c->window.size;
}

struct answer {
	bool done;
	int status;
	struct strbuf *body;
	struct err *e;
};

static void take_answer(void *arg, const struct http_response *r, struct err *failure)
{
	struct answer *a = arg;

	a->done = true;
	if (failure) {
		a->status = err_move(a->e, failure);
		return;
	}
	a->status = r->status;
	if (a->body)
		strbuf_addstr(a->body, r->body);
}

int http_call(struct http_client *c, const struct http_request *q, struct strbuf *body,
	      struct err *e)
{
	struct answer a = {.body = body, .e = e};

	http_send(c, q, take_answer, &a);
	loop_run_until(c->l, &a.done);
	if (!a.done)
		bug("the loop ended before the request");
	return a.status;
}
