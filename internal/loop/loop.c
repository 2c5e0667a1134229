#include "loop/loop.h"

#include <stdlib.h>
#include <uv.h>

#include "loop/state.h"

struct loop_timer {
	uv_timer_t uv;
	void (*fn)(void *arg);
	void *arg;
};

struct loop_poll {
	uv_poll_t uv;
	int events; /* asked for */
	void (*fn)(void *arg, int events);
	void *arg;
};

struct work {
	uv_work_t uv;
	struct loop *l;
	void (*run)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

void loop_must(int rc, const char *what)
{
	if (rc < 0)
		bug("%s: %s", what, uv_strerror(rc));
}

static bool shall_end(const struct loop *l)
{
	return l->until ? *l->until : l->stopped;
}

/* A timer or a deferred call may have ended the run: then the poll must not wait. */
static void check_end(uv_prepare_t *h)
{
	if (shall_end(h->data))
		uv_stop(h->loop);
}

/* Calls what was there at the start; what these calls defer has its turn next time. */
static void call_deferred(struct loop *l)
{
	struct deferred *v = l->deferred.v;
	size_t i, n = l->deferred.n;

	l->deferred.v = NULL;
	l->deferred.n = l->deferred.cap = 0;
	for (i = 0; i < n; i++)
		v[i].fn(v[i].arg);
	free(v);
}

static void on_idle(uv_idle_t *h)
{
	struct loop *l = h->data;

	call_deferred(l);
	if (l->deferred.n == 0)
		loop_must(uv_idle_stop(h), "uv_idle_stop");
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	loop_must(uv_loop_init(&l->uv), "uv_loop_init");
	loop_must(uv_prepare_init(&l->uv, &l->before_poll), "uv_prepare_init");
	l->before_poll.data = l;
	loop_must(uv_prepare_start(&l->before_poll, check_end), "uv_prepare_start");
	uv_unref((uv_handle_t *)&l->before_poll);
	loop_must(uv_idle_init(&l->uv, &l->deferring), "uv_idle_init");
	l->deferring.data = l;
	loop_child_init(l);
	loop_interrupt_init(l);
	return l;
}

static void refuse_left_over(uv_handle_t *h, void *arg UNUSED)
{
	if (!uv_is_closing(h))
		bug("loop_free with a %s handle left over", uv_handle_type_name(h->type));
}

void loop_free(struct loop *l)
{
	if (l->running)
		bug("loop_free inside a run");
	while (l->deferred.n)
		call_deferred(l);
	vec_release(&l->deferred);
	if (l->children || l->cancels || l->works)
		bug("loop_free with a %s left over", l->children  ? "child"
						     : l->cancels ? "cancel function"
								  : "worker job");
	loop_interrupt_release(l);
	uv_close((uv_handle_t *)&l->before_poll, NULL);
	uv_close((uv_handle_t *)&l->deferring, NULL);
	uv_close((uv_handle_t *)&l->sigchld, NULL);
	uv_close((uv_handle_t *)&l->wake, NULL);
	uv_walk(&l->uv, refuse_left_over, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	loop_must(uv_loop_close(&l->uv), "uv_loop_close");
	free(l);
}

static void run(struct loop *l, const bool *until)
{
	if (l->running)
		bug("the loop is run from inside one of its callbacks");
	l->running = true;
	l->until = until;
	while (!shall_end(l) && uv_loop_alive(&l->uv))
		uv_run(&l->uv, UV_RUN_ONCE);
	l->until = NULL;
	l->running = false;
}

void loop_run(struct loop *l)
{
	run(l, NULL);
	l->stopped = false;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}

void loop_run_until(struct loop *l, const bool *done)
{
	run(l, done);
}

void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	vec_push(&l->deferred, ((struct deferred){fn, arg}));
	loop_must(uv_idle_start(&l->deferring, on_idle), "uv_idle_start");
}

static void free_closed(uv_handle_t *h)
{
	free(h->data);
}

/* libuv needs the handle's memory until the loop has turned once more. */
static void close_and_free(uv_handle_t *h)
{
	uv_close(h, free_closed);
}

static void on_timer(uv_timer_t *h)
{
	struct loop_timer *t = h->data;

	t->fn(t->arg);
}

struct loop_timer *loop_timer_start(struct loop *l, uint64_t ms, uint64_t repeat_ms,
				    void (*fn)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof(*t));

	t->fn = fn;
	t->arg = arg;
	loop_must(uv_timer_init(&l->uv, &t->uv), "uv_timer_init");
	t->uv.data = t;
	/* The loop's idea of now is as old as the event it is working on. */
	uv_update_time(&l->uv);
	loop_must(uv_timer_start(&t->uv, on_timer, ms, repeat_ms), "uv_timer_start");
	return t;
}

void loop_timer_again(struct loop_timer *t, uint64_t ms)
{
	uv_update_time(t->uv.loop);
	loop_must(uv_timer_start(&t->uv, on_timer, ms, uv_timer_get_repeat(&t->uv)),
		  "uv_timer_start");
}

void loop_timer_stop(struct loop_timer *t)
{
	if (t)
		close_and_free((uv_handle_t *)&t->uv);
}

static void on_poll(uv_poll_t *h, int status, int ready);

static void poll_update(struct loop_poll *p)
{
	int events = (p->events & LOOP_READ ? UV_READABLE : 0) |
		     (p->events & LOOP_WRITE ? UV_WRITABLE : 0);

	loop_must(events ? uv_poll_start(&p->uv, events, on_poll) : uv_poll_stop(&p->uv),
		  "uv_poll_start");
}

static void on_poll(uv_poll_t *h, int status, int ready)
{
	struct loop_poll *p = h->data;
	int events =
		(ready & UV_READABLE ? LOOP_READ : 0) | (ready & UV_WRITABLE ? LOOP_WRITE : 0);

	if (status < 0) {
		/*
		 * An error waits on the descriptor and libuv has stopped watching.
		 * To the owner that is readiness: read() or write() tells the error.
		 */
		events = p->events;
		poll_update(p);
	}
	p->fn(p->arg, events);
}

struct loop_poll *loop_poll_start(struct loop *l, int fd, int events,
				  void (*fn)(void *arg, int events), void *arg)
{
	struct loop_poll *p = xcalloc(1, sizeof(*p));

	p->fn = fn;
	p->arg = arg;
	p->events = events;
	loop_must(uv_poll_init(&l->uv, &p->uv, fd), "uv_poll_init");
	p->uv.data = p;
	poll_update(p);
	return p;
}

void loop_poll_change(struct loop_poll *p, int events)
{
	p->events = events;
	poll_update(p);
}

void loop_poll_stop(struct loop_poll *p)
{
	if (p)
		close_and_free((uv_handle_t *)&p->uv);
}

static void on_work(uv_work_t *w)
{
	struct work *k = w->data;

	k->run(k->arg);
}

static void on_work_done(uv_work_t *w, int status)
{
	struct work *k = w->data;

	loop_must(status, "worker job");
	k->l->works--;
	k->done(k->arg);
	free(k);
}

void loop_work(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	struct work *k = xcalloc(1, sizeof(*k));

	*k = (struct work){.l = l, .run = work, .done = done, .arg = arg};
	k->uv.data = k;
	loop_must(uv_queue_work(&l->uv, &k->uv, on_work, on_work_done), "uv_queue_work");
	l->works++;
}
