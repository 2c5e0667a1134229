#include "platform/scheduler.h"

#include <stdlib.h>

#include "cron/cron.h"
#include "platform/entities_store.h"

/* A clock that is put right by less than BACK_MS must not make a run come twice. */
enum { BATCH = 100, BACK_MS = 5000 };

struct scheduler {
	struct scheduler_options o;
	struct loop_timer *timer;
	int64_t seen_ms; /* the clock when it was looked at last */
};

int64_t scheduler_now(const struct scheduler *s)
{
	return s->o.now(s->o.arg);
}

int64_t scheduler_due(const struct trigger_row *t, int64_t now_ms)
{
	struct cron c;
	int64_t next;

	if (!t->enabled || !cron_parse(str_of(t->cron), &c))
		return 0;
	next = cron_next(&c, now_ms / 1000);
	return next < 0 ? 0 : next * 1000;
}

/* Every trigger is due by this time, whatever it was before. */
static int plan_all(struct scheduler *s, int64_t now, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct trigger_rows rows = {0};
	int rc = triggers_list(s->o.entities, 0, 0, &a, &rows, e);
	size_t i;

	for (i = 0; i < rows.list.n && rc == 0; i++) {
		rows.list.v[i].due_ms = scheduler_due(&rows.list.v[i], now);
		rc = triggers_set_times(s->o.entities, &rows.list.v[i], e);
	}
	vec_release(&rows.list);
	arena_release(&a);
	return rc;
}

/* True when the run is over: begun, or too late. */
static bool run_one(struct scheduler *s, struct trigger_row *t, int64_t now)
{
	if (now - t->due_ms < SCHEDULER_LATE_MS) {
		if (!s->o.fire(s->o.arg, t))
			return false;
		t->last_ms = now;
	}
	t->due_ms = scheduler_due(t, now);
	return true;
}

enum due { DUE_NONE, DUE_MORE, DUE_BLOCKED };

static int run_batch(struct scheduler *s, int64_t now, enum due *due, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct trigger_rows rows = {0};
	int rc = triggers_due(s->o.entities, now, BATCH, &a, &rows, e);
	size_t i;

	*due = rows.list.n == BATCH ? DUE_MORE : DUE_NONE;
	for (i = 0; i < rows.list.n && rc == 0; i++) {
		if (!run_one(s, &rows.list.v[i], now)) {
			*due = DUE_BLOCKED;
			break;
		}
		rc = triggers_set_times(s->o.entities, &rows.list.v[i], e);
	}
	vec_release(&rows.list);
	arena_release(&a);
	return rc;
}

static int run_due(struct scheduler *s, int64_t now, enum due *due, struct err *e)
{
	*due = DUE_NONE;
	if (now < s->seen_ms - BACK_MS && plan_all(s, now, e) < 0)
		return -1;
	s->seen_ms = now;
	do
		if (run_batch(s, now, due, e) < 0)
			return -1;
	while (*due == DUE_MORE);
	return 0;
}

/* The changes of one look at the clock are one transaction. */
static int look(struct scheduler *s, enum due *due, struct err *e)
{
	if (store_begin(s->o.entities->store, e) < 0)
		return -1;
	if (run_due(s, scheduler_now(s), due, e) < 0) {
		store_rollback(s->o.entities->store);
		return -1;
	}
	return store_commit(s->o.entities->store, e);
}

static void set_timer(struct scheduler *s, int64_t ms);

static void on_timer(void *arg)
{
	scheduler_wake(arg);
}

static void set_timer(struct scheduler *s, int64_t ms)
{
	if (s->timer)
		loop_timer_again(s->timer, (uint64_t)ms);
	else
		s->timer = loop_timer_start(s->o.loop, (uint64_t)ms, 0, on_timer, s);
}

void scheduler_changed(struct scheduler *s)
{
	struct err e = ERR_INIT;
	int64_t due = 0, wait = SCHEDULER_LOOK_MS;
	int rc = triggers_next_due(s->o.entities, &due, &e);

	err_clear(&e);
	if (rc == 0 && due == 0) {
		loop_timer_stop(s->timer);
		s->timer = NULL;
		return;
	}
	if (rc == 0 && due - scheduler_now(s) < wait)
		wait = due - scheduler_now(s);
	set_timer(s, wait > 0 ? wait : 0);
}

void scheduler_wake(struct scheduler *s)
{
	struct err e = ERR_INIT;
	enum due due = DUE_NONE;

	/* A database that cannot be written now may be so later: a full disk, say. */
	if (look(s, &due, &e) < 0)
		set_timer(s, SCHEDULER_LOOK_MS);
	else if (due == DUE_BLOCKED)
		set_timer(s, SCHEDULER_AGAIN_MS);
	else
		scheduler_changed(s);
	err_clear(&e);
}

static int plan_in_transaction(struct scheduler *s, struct err *e)
{
	if (store_begin(s->o.entities->store, e) < 0)
		return -1;
	if (plan_all(s, s->seen_ms, e) < 0) {
		store_rollback(s->o.entities->store);
		return -1;
	}
	return store_commit(s->o.entities->store, e);
}

struct scheduler *scheduler_new(const struct scheduler_options *o, struct err *e)
{
	struct scheduler *s = xcalloc(1, sizeof(*s));

	s->o = *o;
	s->seen_ms = scheduler_now(s);
	if (plan_in_transaction(s, e) < 0) {
		err_wrap(e, "planning the triggers");
		free(s);
		return NULL;
	}
	scheduler_changed(s);
	return s;
}

void scheduler_free(struct scheduler *s)
{
	if (!s)
		return;
	loop_timer_stop(s->timer);
	free(s);
}
