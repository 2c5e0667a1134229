/*
 * scheduler.h - calls the stored triggers when they are due
 *
 * One timer for the earliest of them.  Runs that were due while nobody looked
 * (the server was away, the machine slept, the clock was put forward by more
 * than SCHEDULER_LATE_MS) are not made up for.  After the clock was put back,
 * all triggers are due by the new time.  A run does not wait for the one
 * before it.
 */
#ifndef PLATFORM_SCHEDULER_H
#define PLATFORM_SCHEDULER_H
#include "loop/loop.h"
#include "platform/triggers.h"

struct scheduler;

enum {
	SCHEDULER_LATE_MS = 60000, /* a run may be so late */
	SCHEDULER_LOOK_MS = 60000, /* at the clock, which may have been changed */
	SCHEDULER_AGAIN_MS = 250,  /* after a run that could not begin */
};

struct scheduler_options {
	struct loop *loop;
	struct entities *entities;
	/* Milliseconds since 1970. */
	int64_t (*now)(void *arg);
	/* Begins a run; false: it cannot begin yet and is tried again until it is too late. */
	bool (*fire)(void *arg, const struct trigger_row *t);
	void *arg;
};

/* Plans all stored triggers from now on. */
struct scheduler *scheduler_new(const struct scheduler_options *o, struct err *e) NODISCARD;
void scheduler_free(struct scheduler *s); /* NULL is allowed */
int64_t scheduler_now(const struct scheduler *s);
/* The first run behind now_ms, 0 when there is none: what a row's due_ms is to be. */
int64_t scheduler_due(const struct trigger_row *t, int64_t now_ms);
/* Triggers were stored or deleted. */
void scheduler_changed(struct scheduler *s);
/* Looks at the clock and begins what is due, as the timer does. */
void scheduler_wake(struct scheduler *s);
#endif
