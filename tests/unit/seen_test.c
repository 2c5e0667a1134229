#include "follow/seen.h"

#include <stdio.h>

#include "test.h"

static struct str id_of(char buf[SEEN_ID + 1], unsigned n)
{
	snprintf(buf, SEEN_ID + 1, "%032x", n);
	return (struct str){buf, SEEN_ID};
}

static void an_id_is_new_once(void **state UNUSED)
{
	struct seen s = {0};
	char buf[SEEN_ID + 1];

	assert_false(seen_has(&s, id_of(buf, 1)));
	assert_true(seen_add(&s, id_of(buf, 1), 10));
	assert_false(seen_add(&s, id_of(buf, 1), 10));
	assert_true(seen_has(&s, id_of(buf, 1)));
	assert_int_equal(s.n, 1);
	seen_release(&s);
}

static void what_is_no_id_is_never_taken(void **state UNUSED)
{
	struct seen s = {0};

	assert_false(seen_add(&s, STR(""), 1));
	assert_false(seen_add(&s, STR("0123456789abcdef"), 1));
	assert_false(
		seen_add(&s, (struct str){"\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", SEEN_ID}, 1));
	assert_int_equal(s.n, 0);
	seen_release(&s);
}

static void many_ids_stay_apart(void **state UNUSED)
{
	struct seen s = {0};
	char buf[SEEN_ID + 1];
	unsigned i;

	for (i = 0; i < 20000; i++)
		assert_true(seen_add(&s, id_of(buf, i), i));
	for (i = 0; i < 20000; i++)
		assert_true(seen_has(&s, id_of(buf, i)));
	assert_false(seen_has(&s, id_of(buf, 20000)));
	assert_int_equal(s.n, 20000);
	seen_release(&s);
}

static void forgetting_keeps_what_started_at_or_after(void **state UNUSED)
{
	struct seen s = {0};
	char buf[SEEN_ID + 1];
	unsigned i;

	seen_forget(&s, 5);
	for (i = 0; i < 1000; i++)
		assert_true(seen_add(&s, id_of(buf, i), i));
	seen_forget(&s, 990);
	assert_int_equal(s.n, 10);
	assert_false(seen_has(&s, id_of(buf, 989)));
	assert_true(seen_has(&s, id_of(buf, 990)));
	assert_true(seen_add(&s, id_of(buf, 3), 2000));
	seen_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_new_once),
		cmocka_unit_test(what_is_no_id_is_never_taken),
		cmocka_unit_test(many_ids_stay_apart),
		cmocka_unit_test(forgetting_keeps_what_started_at_or_after),
	};

	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
