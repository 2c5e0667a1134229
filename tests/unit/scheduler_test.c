#include "platform/scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/entities_store.h"
#include "test.h"

/* A scheduler whose clock stands still until the test moves it, and what it began. */
struct fixture {
	struct loop *l;
	struct entities *entities;
	struct scheduler *s;
	int64_t now;
	unsigned room; /* runs that may still begin */
	struct strbuf runs;
	bool done; /* after a run that the loop waits for */
};

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static int64_t noon; /* 2026-11-23 12:00:00, a Monday */

static int64_t now_of(void *arg)
{
	return ((struct fixture *)arg)->now;
}

static bool fire(void *arg, const struct trigger_row *t)
{
	struct fixture *f = arg;

	if (f->room == 0)
		return false;
	f->room--;
	strbuf_addf(&f->runs, "%s(%s) ", t->name, t->body ? t->body : "");
	f->done = true;
	return true;
}

static void start(struct fixture *f)
{
	struct scheduler_options o = {f->l, f->entities, now_of, fire, f};
	struct err e = ERR_INIT;

	f->s = scheduler_new(&o, &e);
	if (!f->s)
		fail_msg("%s", e.msg);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct tm tm = {.tm_year = 126, .tm_mon = 10, .tm_mday = 23, .tm_hour = 12};
	struct err e = ERR_INIT;

	noon = (int64_t)timegm(&tm) * 1000;
	f->l = loop_new();
	f->entities = entities_open(":memory:", &e);
	assert_non_null(f->entities);
	f->now = noon;
	f->room = 100000;
	f->runs = STRBUF_INIT;
	start(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	scheduler_free(f->s);
	entities_close(f->entities);
	loop_free(f->l);
	strbuf_release(&f->runs);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *name, const char *cron, bool enabled)
{
	struct trigger_row t = {
		.name = name,
		.function = "p/f",
		.cron = cron,
		.enabled = enabled,
		.created_ms = 1,
		.updated_ms = 1,
	};
	struct err e = ERR_INIT;

	t.due_ms = scheduler_due(&t, f->now);
	if (triggers_put(f->entities, &t, &e) < 0)
		fail_msg("%s", e.msg);
	scheduler_changed(f->s);
}

static struct trigger_row get(struct fixture *f, const char *name, struct arena *a)
{
	struct trigger_row t = {0};
	struct err e = ERR_INIT;

	assert_int_equal(triggers_get(f->entities, name, a, &t, &e), 1);
	return t;
}

/* The clock shows noon + ms, and the scheduler looks at it: these runs begin. */
static void expect_at(struct fixture *f, int64_t ms, const char *runs)
{
	strbuf_reset(&f->runs);
	f->now = noon + ms;
	scheduler_wake(f->s);
	assert_string_equal(f->runs.buf, runs);
}

static void due_triggers_run_once(void **state)
{
	struct fixture *f = *state;

	put(f, "b", "* * * * *", true);
	put(f, "a", "*/2 * * * *", true);
	expect_at(f, MINUTE - 1, "");
	expect_at(f, MINUTE, "b() ");
	expect_at(f, MINUTE, "");
	expect_at(f, MINUTE + 30000, "");
	expect_at(f, 2 * MINUTE + 10, "a() b() ");
	expect_at(f, 3 * MINUTE, "b() ");
}

static void times_of_a_run_are_kept(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;

	put(f, "t", "30 * * * *", true);
	assert_int_equal(get(f, "t", &a).last_ms, 0);
	assert_int_equal(get(f, "t", &a).due_ms, noon + 30 * MINUTE);
	expect_at(f, 30 * MINUTE + 5, "t() ");
	assert_int_equal(get(f, "t", &a).last_ms, noon + 30 * MINUTE + 5);
	assert_int_equal(get(f, "t", &a).due_ms, noon + 90 * MINUTE);
	arena_release(&a);
}

static void disabled_and_impossible_ones_never_run(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;

	put(f, "off", "* * * * *", false);
	put(f, "never", "0 0 30 2 *", true);
	assert_int_equal(get(f, "off", &a).due_ms, 0);
	assert_int_equal(get(f, "never", &a).due_ms, 0);
	expect_at(f, MINUTE, "");
	expect_at(f, 400LL * DAY, "");
	put(f, "off", "* * * * *", true);
	expect_at(f, 400LL * DAY + MINUTE, "off() ");
	arena_release(&a);
}

/* From 2026 to the next 29th of February are more than 15 months. */
static void a_year_without_a_match_is_waited_for(void **state)
{
	struct fixture *f = *state;
	struct tm tm = {.tm_year = 128, .tm_mon = 1, .tm_mday = 29};
	int64_t leap_day = (int64_t)timegm(&tm) * 1000 - noon;

	put(f, "t", "0 0 29 2 *", true);
	expect_at(f, 365LL * DAY, "");
	expect_at(f, leap_day - 1, "");
	expect_at(f, leap_day, "t() ");
	expect_at(f, leap_day + 365LL * DAY, "");
}

static void missed_runs_are_not_made_up(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;

	put(f, "t", "*/10 * * * *", true);
	expect_at(f, 10 * MINUTE + 59999, "t() ");
	expect_at(f, 21 * MINUTE, ""); /* a whole minute late */
	assert_int_equal(get(f, "t", &a).due_ms, noon + 30 * MINUTE);
	expect_at(f, 5 * DAY + 5 * MINUTE, ""); /* the machine slept */
	expect_at(f, 5 * DAY + 10 * MINUTE, "t() ");
	arena_release(&a);
}

static void a_restart_plans_anew(void **state)
{
	struct fixture *f = *state;

	put(f, "t", "*/10 * * * *", true);
	scheduler_free(f->s);
	f->now = noon + 10 * MINUTE + 1; /* within a minute, but nobody was there */
	start(f);
	expect_at(f, 10 * MINUTE + 2, "");
	expect_at(f, 20 * MINUTE, "t() ");
}

static void a_clock_put_back_counts_from_the_new_time(void **state)
{
	struct fixture *f = *state;

	put(f, "t", "*/10 * * * *", true);
	expect_at(f, 10 * MINUTE, "t() ");
	expect_at(f, -3 * HOUR - MINUTE, "");
	expect_at(f, -3 * HOUR, "t() ");
	expect_at(f, -3 * HOUR + 10 * MINUTE, "t() ");
}

/* As NTP does it. */
static void a_clock_put_right_by_little_repeats_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "t", "*/10 * * * *", true);
	expect_at(f, 10 * MINUTE, "t() ");
	expect_at(f, 10 * MINUTE - 4000, "");
	expect_at(f, 10 * MINUTE, "");
	expect_at(f, 20 * MINUTE, "t() ");
}

static void what_cannot_begin_is_tried_again_until_it_is_late(void **state)
{
	struct fixture *f = *state;
	struct arena a = ARENA_INIT;

	put(f, "a", "* * * * *", true);
	put(f, "b", "* * * * *", true);
	f->room = 1;
	expect_at(f, MINUTE, "a() ");
	expect_at(f, MINUTE + 300, "");
	f->room = 1;
	expect_at(f, MINUTE + 600, "b() ");
	expect_at(f, 2 * MINUTE, "");
	assert_int_equal(get(f, "a", &a).due_ms, noon + 2 * MINUTE);
	f->room = 100;
	expect_at(f, 3 * MINUTE, ""); /* those of a minute ago are over, the next is not yet */
	expect_at(f, 4 * MINUTE, "a() b() ");
	arena_release(&a);
}

static void thousands_are_run_in_one_look(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	int64_t due = 0;
	char name[16];
	int i;

	assert_int_equal(store_begin(f->entities->store, &e), 0);
	for (i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "t%04d", i);
		put(f, name, i % 3 ? "0 0 1 1 *" : "* * * * *", true);
	}
	assert_int_equal(store_commit(f->entities->store, &e), 0);
	f->now = noon + MINUTE;
	scheduler_wake(f->s);
	assert_int_equal(f->room, 100000 - 1000);
	assert_int_equal(triggers_next_due(f->entities, &due, &e), 0);
	assert_int_equal(due, noon + 2 * MINUTE);
}

/* The timer itself, with a run that is due at once. */
static void the_timer_looks_by_itself(void **state)
{
	struct fixture *f = *state;

	put(f, "t", "* * * * *", true);
	f->now = noon + MINUTE;
	scheduler_changed(f->s);
	loop_run_until(f->l, &f->done);
	assert_string_equal(f->runs.buf, "t() ");
}

static void the_body_comes_along(void **state)
{
	struct fixture *f = *state;
	struct trigger_row t = {.name = "t",
				.function = "p/f",
				.cron = "* * * * *",
				.body = "{\"a\":1}",
				.enabled = true,
				.due_ms = noon + MINUTE};
	struct err e = ERR_INIT;

	assert_int_equal(triggers_put(f->entities, &t, &e), 0);
	expect_at(f, MINUTE, "t({\"a\":1}) ");
}

static void a_broken_database_is_told_at_the_start(void **state)
{
	struct fixture *f = *state;
	struct scheduler_options o = {f->l, f->entities, now_of, fire, f};
	struct err e = ERR_INIT;

	put(f, "t", "* * * * *", true);
	assert_int_equal(store_exec(store_query(f->entities->store,
						"CREATE TRIGGER no BEFORE UPDATE ON schedule"
						" BEGIN SELECT raise(ABORT, 'no'); END"),
				    &e),
			 0);
	assert_null(scheduler_new(&o, &e));
	assert_non_null(strstr(e.msg, "planning the triggers: "));
	err_clear(&e);
	/* and later: nothing is known of the run, but it goes on */
	expect_at(f, MINUTE, "t() ");
	assert_int_equal(store_exec(store_query(f->entities->store, "DROP TRIGGER no"), &e), 0);
	expect_at(f, 2 * MINUTE, "");
	expect_at(f, 3 * MINUTE, "t() ");
}

int main(void)
{
#define with(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with(due_triggers_run_once),
		with(times_of_a_run_are_kept),
		with(disabled_and_impossible_ones_never_run),
		with(a_year_without_a_match_is_waited_for),
		with(missed_runs_are_not_made_up),
		with(a_restart_plans_anew),
		with(a_clock_put_back_counts_from_the_new_time),
		with(a_clock_put_right_by_little_repeats_nothing),
		with(what_cannot_begin_is_tried_again_until_it_is_late),
		with(thousands_are_run_in_one_look),
		with(the_timer_looks_by_itself),
		with(the_body_comes_along),
		with(a_broken_database_is_told_at_the_start),
	};

	return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
