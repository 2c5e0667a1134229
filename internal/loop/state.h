/* state.h - what the files of loop/ share; for no one else */
#ifndef LOOP_STATE_H
#define LOOP_STATE_H
#include "base/vec.h"
#include "loop/loop.h"

#include <signal.h>
#include <uv.h>

struct deferred {
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t before_poll; /* keeps the poll from blocking once the run shall end */
	uv_idle_t deferring;      /* active while `deferred` has calls */
	uv_signal_t sigchld;
	uv_async_t wake; /* from the signal handler of interrupt.c */
	VEC(struct deferred) deferred;
	struct loop_child *children;
	struct loop_cancel *cancels; /* newest first */
	size_t works;                /* jobs on worker threads */
	const bool *until;           /* of loop_run_until() */
	bool running, stopped;
	volatile sig_atomic_t interrupted;
};

/* libuv's answer where only a bug of ours (or no memory) makes it fail. */
void loop_must(int rc, const char *what);

void loop_child_init(struct loop *l);
void loop_interrupt_init(struct loop *l);
/* Gives the signals back. */
void loop_interrupt_release(struct loop *l);
#endif
