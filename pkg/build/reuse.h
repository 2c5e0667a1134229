/*
 * reuse.h - not running a build whose outcome is known; private to build/
 *
 * What a build made is kept in the cache (cache.h) by everything that it saw, and reused by any
 * folder whose build would see the same.  A builder does
 *
 *	struct past_scope scope = {...};
 *	seen_...(reuse_things(job), ...);     what it sees besides files
 *	reuse_begin(job, &scope, then);
 *
 * and in `then`, when job->reused, only job_end().  The end of the job keeps what it made.
 *
 * One folder is built by one process at a time, as is what is the same in two folders: the
 * second waits, says so, and takes what the first one made.  Without a cache that works builds
 * go on without it, with one warning a run.
 */
#ifndef BUILD_REUSE_H
#define BUILD_REUSE_H
#include "build/past.h"
#include "cache/cache.h"

struct job;
struct build_why;

/* What the builds of a run share. */
struct reuse_run {
	struct cache *cache; /* opened by the first one */
	bool opened, told;
	bool again;            /* --no-cache: nothing is taken, what is made is kept */
	struct build_why *why; /* not NULL: nothing is built, only this is found out */
	struct arena *why_arena;
};

void reuse_run_release(struct reuse_run *run);

/* Where to add what the job sees besides files. */
struct ledger *reuse_things(struct job *job);
/*
 * `then` comes soon, not from inside this call: with job->reused when what the build would make
 * is in its place, with job->e when it was interrupted or cannot go on.
 */
void reuse_begin(struct job *job, const struct past_scope *scope,
		 void (*then)(struct job *job));
/* After the build's end, well or not; for a job that never came to reuse_begin(), too. */
void reuse_end(struct job *job, void (*then)(struct job *job));

/* why.c: fills the run's build_why from what was found out. */
void reuse_explain(const struct job *job, struct past *past);
#endif
