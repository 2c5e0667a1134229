/*
 * batch.h - many small jobs on worker threads, their results taken in order
 *
 *	work(arg, i)   on some worker thread, for every i; must touch only what is
 *	               i's own, or what nobody changes meanwhile
 *	take(arg, i)   on the loop thread, in the order of i, each after its work
 *
 * At most `ahead` jobs behind the one whose turn it is are begun, so that what
 * waits for its turn is bounded.  What `take` does may not depend on the number of
 * threads, and then nothing does.
 */
#ifndef LOOP_BATCH_H
#define LOOP_BATCH_H
#include "loop/loop.h"

struct loop_batch {
	size_t n;
	unsigned threads; /* at most so many at once; 0 = one for each processor */
	unsigned ahead;   /* 0 = threads */
	void (*work)(void *arg, size_t i);
	int (*take)(void *arg, size_t i, struct err *e); /* -1 with *e: no more are begun */
	void *arg;
};

/*
 * Returns when every work that was begun has ended: 0, or -1 with the failure of
 * `take`; ERR_CANCELLED "interrupted".  Runs the loop, so not from inside a
 * callback; a single job, or all of one thread, are done without it.
 */
int loop_run_batch(struct loop *l, const struct loop_batch *b, struct err *e) NODISCARD;
/* Processors that this process may use. */
unsigned loop_processors(void);
#endif
