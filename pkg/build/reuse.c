#include "build/reuse.h"

#include <string.h>

#include "build/job.h"
#include "cache/cache.h"

/* Between two looks whether a lock is free. */
enum { WAIT_MS = 50 };

static const char unused[] = "builds go on without the cache";

/* The state of one job. */
struct reuse {
	struct job *job;
	struct past past;
	struct cache_lock folder, key; /* fd -1: not held */
	bool told_waiting;
	int rc; /* of the work on a thread */
	struct err e;
	struct loop_timer *timer;
	struct loop_cancel *cancel;
	void (*again)(struct reuse *r); /* what the timer tries */
	void (*then)(struct job *job);
};

void reuse_run_release(struct reuse_run *run)
{
	cache_close(run->cache);
}

static struct reuse *get(struct job *job)
{
	struct reuse *r = job->reuse;

	if (r)
		return r;
	r = job->reuse = arena_new(&job->arena, struct reuse);
	r->job = job;
	r->folder.fd = r->key.fd = -1;
	return r;
}

struct ledger *reuse_things(struct job *job)
{
	return &get(job)->past.now;
}

/* Once a run: what is wrong with one entry is wrong with the next one. */
static void tell_unusable(const struct job *job, const char *what, struct err *e)
{
	struct reuse_run *run = job->reuse_run;

	if (!run->told)
		sink_warning(job->sink, job->name, "%s: %s", what, e->msg);
	run->told = true;
	err_clear(e);
}

static void release_locks(struct reuse *r)
{
	if (r->key.fd >= 0)
		cache_unlock(r->past.cache, &r->key);
	if (r->folder.fd >= 0)
		cache_unlock(r->past.cache, &r->folder);
}

static void call_then(void *arg)
{
	struct reuse *r = arg;

	r->then(r->job);
}

static void stop_waiting(struct reuse *r)
{
	loop_timer_stop(r->timer);
	loop_cancel_stop(r->cancel);
	r->timer = NULL;
	r->cancel = NULL;
}

static void on_timer(void *arg)
{
	struct reuse *r = arg;

	stop_waiting(r);
	r->again(r);
}

static void on_cancel(void *arg)
{
	struct reuse *r = arg;

	stop_waiting(r);
	err_set(&r->job->e, ERR_CANCELLED, "'%s' was interrupted while it waited",
		r->job->folder);
	call_then(r);
}

static void wait_for(struct reuse *r, const char *whom, void (*again)(struct reuse *r))
{
	struct job *job = r->job;

	if (!r->told_waiting)
		sink_note(job->sink, job->name, "waiting for %s", whom);
	r->told_waiting = true;
	r->again = again;
	r->timer = loop_timer_start(job->loop, WAIT_MS, 0, on_timer, r);
	r->cancel = loop_on_cancel(job->loop, on_cancel, r);
}

/* A build goes on without: nothing will be kept.  Who only asks is told that it cannot be said.
 */
static void do_without(struct job *job, struct err *e)
{
	if (job->reuse_run->why)
		(void)err_move(&job->e, e);
	else
		tell_unusable(job, unused, e);
}

static void give_up(struct reuse *r, struct err *e)
{
	do_without(r->job, e);
	release_locks(r);
	r->past.cache = NULL;
	r->then(r->job);
}

static void build(struct reuse *r)
{
	struct err e = ERR_INIT;

	if (past_note_begun(&r->past, &e) < 0)
		give_up(r, &e);
	else
		r->then(r->job);
}

static void finish(struct reuse *r, const char *from)
{
	const struct event ev = {
		.type = EVENT_BUILD_REUSED, .function = r->job->name, .text = str_of(from)};

	sink_emit(r->job->sink, &ev);
	r->job->reused = true;
	release_locks(r);
	r->then(r->job);
}

static void find_stored(struct reuse *r);

static void restore_on_thread(void *arg)
{
	struct reuse *r = arg;

	r->rc = past_restore(&r->past, &r->e);
}

/* Whatever went wrong, the build makes it right. */
static void restored(void *arg)
{
	struct reuse *r = arg;
	bool damaged = r->rc < 0 && r->e.code == ERR_PROJECT;

	if (r->rc < 0 && r->e.code == ERR_SYSTEM)
		tell_unusable(r->job, "cannot take it from the cache and builds it again",
			      &r->e);
	err_clear(&r->e);
	if (r->rc == 0) {
		finish(r, "cache");
	} else if (damaged) {
		sink_note(r->job->sink, r->job->name,
			  "what the cache had is damaged; building again");
		find_stored(r);
	} else {
		build(r);
	}
}

/* Held only while it is made: then all who wait take it at once. */
static void take_key(struct reuse *r)
{
	struct err e = ERR_INIT;
	int rc = cache_try_lock(r->past.cache, "build", r->past.now.key, &r->key, &e);

	if (rc == 0)
		wait_for(r, "another build of the same", find_stored);
	else if (rc < 0)
		give_up(r, &e);
	else if (past_stored_key(&r->past))
		find_stored(r); /* since a moment ago */
	else
		build(r);
}

static void find_stored(struct reuse *r)
{
	if (r->past.why_not || r->job->reuse_run->again) {
		build(r);
	} else if (past_stored_key(&r->past)) {
		if (r->key.fd >= 0)
			cache_unlock(r->past.cache, &r->key);
		loop_work(r->job->loop, restore_on_thread, restored, r);
	} else {
		take_key(r);
	}
}

static void look_on_thread(void *arg)
{
	struct reuse *r = arg;

	r->rc = past_look(&r->past, &r->e);
}

/* Nothing is to be built: as if it were there. */
static void explain(struct reuse *r)
{
	reuse_explain(r->job, &r->past);
	r->job->reused = true;
	r->then(r->job);
}

static void looked(void *arg)
{
	struct reuse *r = arg;

	if (r->rc < 0)
		give_up(r, &r->e);
	else if (r->job->reuse_run->why)
		explain(r);
	else if (r->past.in_place && !r->job->reuse_run->again)
		finish(r, "folder");
	else
		find_stored(r);
}

static void take_folder(struct reuse *r)
{
	struct past *p = &r->past;
	struct err e = ERR_INIT;
	int rc = 1;

	ledger_id(p->real, p->folder, p->id);
	if (!r->job->reuse_run->why)
		rc = cache_try_lock(p->cache, "folder", p->id, &r->folder, &e);
	if (rc == 0)
		wait_for(r, "another build in the same folder", take_folder);
	else if (rc < 0)
		give_up(r, &e);
	else
		loop_work(r->job->loop, look_on_thread, looked, r);
}

static void begin(void *arg)
{
	struct reuse *r = arg;

	r->told_waiting = false;
	take_folder(r);
}

static void open_cache(struct job *job)
{
	struct reuse_run *run = job->reuse_run;
	struct err e = ERR_INIT;

	if (run->opened)
		return;
	run->opened = true;
	run->cache = cache_open(&e);
	if (!run->cache)
		do_without(job, &e);
}

void reuse_begin(struct job *job, const struct past_scope *scope, void (*then)(struct job *job))
{
	struct reuse *r = get(job);

	open_cache(job);
	r->then = then;
	r->past.cache = job->reuse_run->cache;
	r->past.root = job->root;
	r->past.real = job->real;
	r->past.folder = job->folder;
	r->past.scope = *scope;
	r->past.replace = job->reuse_run->again;
	loop_defer(job->loop, r->past.cache ? begin : call_then, r);
}

static void store_on_thread(void *arg)
{
	struct reuse *r = arg;

	r->rc = past_store(&r->past, &r->e);
}

static void end(void *arg)
{
	struct reuse *r = arg;

	release_locks(r);
	past_release(&r->past);
	r->then(r->job);
}

static void stored(void *arg)
{
	struct reuse *r = arg;

	if (r->rc < 0)
		tell_unusable(r->job, "what was built is not kept in the cache", &r->e);
	end(r);
}

void reuse_end(struct job *job, void (*then)(struct job *job))
{
	struct reuse *r = get(job);

	r->then = then;
	if (r->past.cache && !job->reused && !job->e.code && !job->reuse_run->why)
		loop_work(job->loop, store_on_thread, stored, r);
	else
		end(r);
}
