#include "http/window.h"

#include "base/base.h"
#include "test.h"

enum { SLOW = 50, FAST = 1 };

static void good(struct window *w, unsigned n, uint64_t ms)
{
	while (n--)
		window_good(w, ms, true);
}

static void grows_by_one_for_each_slow_answer_up_to_the_most(void **state UNUSED)
{
	struct window w;

	window_init(&w, 16, 32);
	assert_int_equal(w.size, 16);
	good(&w, 5, SLOW);
	assert_int_equal(w.size, 21);
	good(&w, 100, SLOW);
	assert_int_equal(w.size, 32);
}

static void near_servers_and_large_answers_do_not_make_it_grow(void **state UNUSED)
{
	struct window w;
	size_t i;

	window_init(&w, 16, 32);
	good(&w, 100, FAST);
	for (i = 0; i < 100; i++)
		window_good(&w, SLOW, false);
	assert_int_equal(w.size, 16);
}

static void halves_once_for_what_was_under_way(void **state UNUSED)
{
	struct window w;

	window_init(&w, 16, 32);
	window_overburdened(&w, 100, 200);
	assert_int_equal(w.size, 8);
	window_overburdened(&w, 150, 210);
	assert_int_equal(w.size, 8);
	window_overburdened(&w, 200, 220);
	assert_int_equal(w.size, 4);
	window_overburdened(&w, 300, 400);
	window_overburdened(&w, 500, 600);
	window_overburdened(&w, 700, 800);
	assert_int_equal(w.size, 1);
}

static void grows_back_by_one_a_round_also_near(void **state UNUSED)
{
	struct window w;

	window_init(&w, 4, 6);
	window_overburdened(&w, 0, 1);
	assert_int_equal(w.size, 2);
	good(&w, 1, FAST);
	assert_int_equal(w.size, 2);
	good(&w, 1, FAST);
	assert_int_equal(w.size, 3);
	good(&w, 3, FAST);
	assert_int_equal(w.size, 4);
	good(&w, 100, FAST);
	assert_int_equal(w.size, 4);
	good(&w, 4, SLOW);
	assert_int_equal(w.size, 5);
	good(&w, 100, SLOW);
	assert_int_equal(w.size, 6);
}

static void most_below_the_usual_is_the_usual(void **state UNUSED)
{
	struct window w;

	window_init(&w, 2, 0);
	good(&w, 100, SLOW);
	assert_int_equal(w.size, 2);
	window_init(&w, 1, 0);
	window_overburdened(&w, 0, 1);
	assert_int_equal(w.size, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_by_one_for_each_slow_answer_up_to_the_most),
		cmocka_unit_test(near_servers_and_large_answers_do_not_make_it_grow),
		cmocka_unit_test(halves_once_for_what_was_under_way),
		cmocka_unit_test(grows_back_by_one_a_round_also_near),
		cmocka_unit_test(most_below_the_usual_is_the_usual),
	};

	return cmocka_run_group_tests_name("http_window", tests, NULL, NULL);
}
