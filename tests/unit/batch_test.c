#include "loop/batch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "test.h"

struct jobs {
	struct loop *l;
	unsigned char *seen; /* per job: 1 = worked, 2 = taken */
	size_t n, taken, fail_at, interrupt_at;
	pthread_mutex_t lock;
	size_t begun, most_ahead;
};

static void work(void *arg, size_t i)
{
	struct jobs *j = arg;

	pthread_mutex_lock(&j->lock);
	j->begun++;
	if (j->begun - j->taken > j->most_ahead)
		j->most_ahead = j->begun - j->taken;
	j->seen[i]++;
	pthread_mutex_unlock(&j->lock);
}

static int take(void *arg, size_t i, struct err *e)
{
	struct jobs *j = arg;

	assert_int_equal(i, j->taken);
	pthread_mutex_lock(&j->lock);
	assert_int_equal(j->seen[i], 1);
	j->seen[i] = 2;
	j->taken++;
	pthread_mutex_unlock(&j->lock);
	if (i == j->interrupt_at)
		loop_interrupt(j->l, SIGINT);
	if (i == j->fail_at)
		return err_set(e, ERR_PROJECT, "job %zu", i);
	return 0;
}

static void begin(struct jobs *j, size_t n)
{
	*j = (struct jobs){.l = loop_new(),
			   .n = n,
			   .fail_at = SIZE_MAX,
			   .interrupt_at = SIZE_MAX,
			   .lock = PTHREAD_MUTEX_INITIALIZER};
	j->seen = xcalloc(n + 1, 1);
}

static int run(struct jobs *j, unsigned threads, unsigned ahead, struct err *e)
{
	const struct loop_batch b = {.n = j->n,
				     .threads = threads,
				     .ahead = ahead,
				     .work = work,
				     .take = take,
				     .arg = j};

	return loop_run_batch(j->l, &b, e);
}

static void end(struct jobs *j)
{
	loop_free(j->l);
	free(j->seen);
}

static void every_job_is_done_once_and_taken_in_order(void **state UNUSED)
{
	static const struct {
		size_t n;
		unsigned threads, ahead;
	} cases[] = {{0, 2, 0},   {1, 2, 0},    {2, 1, 0}, {100, 1, 0},   {100, 2, 0},
		     {100, 8, 3}, {100, 3, 20}, {3, 0, 0}, {100, 0, 1000}};
	struct err e = ERR_INIT;
	struct jobs j;
	size_t i, k;

	for (i = 0; i < countof(cases); i++) {
		begin(&j, cases[i].n);
		assert_int_equal(run(&j, cases[i].threads, cases[i].ahead, &e), 0);
		assert_int_equal(j.taken, j.n);
		for (k = 0; k < j.n; k++)
			assert_int_equal(j.seen[k], 2);
		end(&j);
	}
}

static void no_more_wait_for_their_turn_than_allowed(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct jobs j;

	begin(&j, 500);
	assert_int_equal(run(&j, 2, 5, &e), 0);
	assert_true(j.most_ahead <= 5);
	end(&j);
}

static void a_failure_ends_it_when_all_that_began_has_ended(void **state UNUSED)
{
	static const unsigned threads[] = {1, 2, 8};
	struct err e = ERR_INIT;
	struct jobs j;
	size_t i;

	for (i = 0; i < countof(threads); i++) {
		begin(&j, 1000);
		j.fail_at = 7;
		assert_int_equal(run(&j, threads[i], 0, &e), -1);
		assert_string_equal(e.msg, "job 7");
		assert_int_equal(j.taken, 8);
		assert_true(j.begun <= 8 + 8);
		err_clear(&e);
		end(&j);
	}
}

static void an_interruption_ends_it(void **state UNUSED)
{
	static const unsigned threads[] = {1, 2};
	struct err e = ERR_INIT;
	struct jobs j;
	size_t i;

	for (i = 0; i < countof(threads); i++) {
		begin(&j, 1000);
		j.interrupt_at = 3;
		assert_int_equal(run(&j, threads[i], 0, &e), -1);
		assert_int_equal(e.code, ERR_CANCELLED);
		assert_int_equal(j.taken, 4);
		err_clear(&e);
		end(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_is_done_once_and_taken_in_order),
		cmocka_unit_test(no_more_wait_for_their_turn_than_allowed),
		cmocka_unit_test(a_failure_ends_it_when_all_that_began_has_ended),
		cmocka_unit_test(an_interruption_ends_it),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
