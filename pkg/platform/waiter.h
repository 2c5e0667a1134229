/* waiter.h - who waits for the end of a call, and for how long; private to invoking */
#ifndef PLATFORM_WAITER_H
#define PLATFORM_WAITER_H
#include "platform/invoke.h"

struct waiter {
	struct loop_timer *timer; /* or NULL */
	const char *id;
	invoke_answer_fn *answer; /* NULL when nobody waits, or no more */
	void *arg;
};

/* id lives as long as the waiter. */
void waiter_start(struct waiter *w, struct loop *l, const struct invoke_request *q,
		  const char *id);
/* To be called at the end of the call in any case. */
void waiter_tell(struct waiter *w, const struct invoke_answer *a);
#endif
