/*
 * The signals that interrupt have a handler of their own instead of libuv's:
 * the flag is up at once, also while the loop thread computes, and whoever
 * insists with a second signal is obeyed even when the loop no longer turns.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "loop/loop.h"
#include "loop/state.h"

struct loop_cancel {
	struct loop *l;
	struct loop_cancel *next;
	bool called;
	void (*fn)(void *arg);
	void *arg;
};

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction before[countof(signals)];
/* A handler has no argument: the one loop that catches. */
static struct loop *catching;

static void handle(int signum)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	int saved = errno;

	if (!catching->interrupted) {
		catching->interrupted = signum;
		uv_async_send(&catching->wake);
	} else if (signum != SIGHUP) {
		/* Terminals and shells both send SIGHUP: its repetition insists on nothing. */
		sigaction(signum, &dfl, NULL);
		raise(signum);
	}
	errno = saved;
}

static struct loop_cancel *next_uncalled(const struct loop *l)
{
	struct loop_cancel *c = l->cancels;

	while (c && c->called)
		c = c->next;
	return c;
}

static void call_cancels(void *arg)
{
	struct loop *l = arg;
	struct loop_cancel *c;

	while ((c = next_uncalled(l))) {
		c->called = true;
		c->fn(c->arg);
	}
}

static void on_wake(uv_async_t *h)
{
	call_cancels(h->data);
}

void loop_interrupt_init(struct loop *l)
{
	loop_must(uv_async_init(&l->uv, &l->wake, on_wake), "uv_async_init");
	l->wake.data = l;
	uv_unref((uv_handle_t *)&l->wake);
}

void loop_catch_interrupt(struct loop *l)
{
	struct sigaction sa = {.sa_handler = handle, .sa_flags = SA_RESTART};
	size_t i;

	if (catching)
		bug("interrupts are caught already");
	catching = l;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < countof(signals); i++) {
		sigaction(signals[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
}

void loop_interrupt_release(struct loop *l)
{
	size_t i;

	if (catching != l)
		return;
	for (i = 0; i < countof(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	catching = NULL;
}

int loop_interrupted(const struct loop *l)
{
	return l->interrupted;
}

void loop_interrupt(struct loop *l, int signum)
{
	if (l->interrupted)
		return;
	l->interrupted = signum;
	loop_defer(l, call_cancels, l);
}

struct loop_cancel *loop_on_cancel(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_cancel *c = xcalloc(1, sizeof(*c));

	*c = (struct loop_cancel){.l = l, .next = l->cancels, .fn = fn, .arg = arg};
	l->cancels = c;
	if (l->interrupted)
		loop_defer(l, call_cancels, l);
	return c;
}

void loop_cancel_stop(struct loop_cancel *c)
{
	struct loop_cancel **link;

	if (!c)
		return;
	for (link = &c->l->cancels; *link != c; link = &(*link)->next)
		;
	*link = c->next;
	free(c);
}
