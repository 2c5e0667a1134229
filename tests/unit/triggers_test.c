#include "platform/triggers.h"

#include "platform/firing.h"
#include "test.h"

static int set_up(void **state)
{
	struct err e = ERR_INIT;

	*state = entities_open(":memory:", &e);
	assert_non_null(*state);
	return 0;
}

static int tear_down(void **state)
{
	entities_close(*state);
	return 0;
}

static void put(struct entities *s, const char *name, const char *function, int64_t due)
{
	struct trigger_row t = {.name = name,
				.function = function,
				.cron = "* * * * *",
				.enabled = true,
				.created_ms = 1,
				.updated_ms = 2,
				.due_ms = due};
	struct err e = ERR_INIT;

	if (triggers_put(s, &t, &e) < 0)
		fail_msg("%s", e.msg);
}

static void put_function(struct entities *s, const char *package, const char *name)
{
	struct json *j = json_new_object();
	struct str code = STR("code");
	struct err e = ERR_INIT;

	json_set(j, "updated", json_new_int(1));
	assert_int_equal(entities_put_package(s, package, j, &e), 0);
	assert_int_equal(entities_put_action(s, package, name, j, &code, &e), 0);
	json_free(j);
}

/* "a b c" */
static void expect_rows(int rc, struct trigger_rows *rows, const char *expected)
{
	struct strbuf names = STRBUF_INIT;
	size_t i;

	assert_int_equal(rc, 0);
	for (i = 0; i < rows->list.n; i++)
		strbuf_addf(&names, "%s%s", i ? " " : "", rows->list.v[i].name);
	assert_string_equal(names.buf, expected);
	strbuf_release(&names);
	vec_release(&rows->list);
}

static void expect_list(struct entities *s, unsigned limit, unsigned skip, const char *expected)
{
	struct arena a = ARENA_INIT;
	struct trigger_rows rows = {0};
	struct err e = ERR_INIT;

	expect_rows(triggers_list(s, limit, skip, &a, &rows, &e), &rows, expected);
	arena_release(&a);
}

static void expect_due(struct entities *s, int64_t now, unsigned limit, const char *expected)
{
	struct arena a = ARENA_INIT;
	struct trigger_rows rows = {0};
	struct err e = ERR_INIT;

	expect_rows(triggers_due(s, now, limit, &a, &rows, &e), &rows, expected);
	arena_release(&a);
}

static void a_trigger_comes_back_whole(void **state)
{
	struct trigger_row t = {.name = "t",
				.function = "p/f",
				.cron = "0 1 2 3 4",
				.body = "{\"n\":1e400,\"u\":\"\\u0000\"}",
				.enabled = false,
				.created_ms = 1,
				.updated_ms = 2,
				.last_ms = 3,
				.due_ms = 4},
			   got;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(triggers_get(*state, "t", &a, &got, &e), 0);
	assert_int_equal(triggers_put(*state, &t, &e), 0);
	assert_int_equal(triggers_get(*state, "t", &a, &got, &e), 1);
	assert_string_equal(got.name, "t");
	assert_string_equal(got.function, "p/f");
	assert_string_equal(got.cron, "0 1 2 3 4");
	assert_string_equal(got.body, t.body);
	assert_false(got.enabled);
	assert_int_equal(got.created_ms, 1);
	assert_int_equal(got.updated_ms, 2);
	assert_int_equal(got.last_ms, 3);
	assert_int_equal(got.due_ms, 4);
	t.body = NULL;
	t.enabled = true;
	assert_int_equal(triggers_put(*state, &t, &e), 0);
	assert_int_equal(triggers_get(*state, "t", &a, &got, &e), 1);
	assert_null(got.body);
	assert_true(got.enabled);
	arena_release(&a);
}

static void only_times_are_set(void **state)
{
	struct trigger_row t = {.name = "t", .last_ms = 30, .due_ms = 40}, got;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	put(*state, "t", "p/f", 10);
	assert_int_equal(triggers_set_times(*state, &t, &e), 0);
	assert_int_equal(triggers_get(*state, "t", &a, &got, &e), 1);
	assert_string_equal(got.function, "p/f");
	assert_int_equal(got.updated_ms, 2);
	assert_int_equal(got.last_ms, 30);
	assert_int_equal(got.due_ms, 40);
	arena_release(&a);
}

static void lists_are_sorted_and_come_in_pages(void **state)
{
	struct err e = ERR_INIT;
	int64_t n = -1;

	expect_list(*state, 0, 0, "");
	put(*state, "c", "p/f", 0);
	put(*state, "a", "p/f", 0);
	put(*state, "b", "p/f", 0);
	expect_list(*state, 0, 0, "a b c");
	expect_list(*state, 2, 0, "a b");
	expect_list(*state, 2, 2, "c");
	expect_list(*state, 2, 4, "");
	assert_int_equal(triggers_count(*state, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_int_equal(triggers_delete(*state, "b", &e), 1);
	assert_int_equal(triggers_delete(*state, "b", &e), 0);
	expect_list(*state, 0, 0, "a c");
}

static void the_longest_due_come_first(void **state)
{
	struct err e = ERR_INIT;
	int64_t due = -1;

	assert_int_equal(triggers_next_due(*state, &due, &e), 0);
	assert_int_equal(due, 0);
	put(*state, "never", "p/f", 0);
	put(*state, "late", "p/f", 300);
	put(*state, "b", "p/f", 100);
	put(*state, "a", "p/f", 100);
	put(*state, "first", "p/f", 50);
	expect_due(*state, 49, 10, "");
	expect_due(*state, 100, 10, "first a b");
	expect_due(*state, 100, 2, "first a");
	expect_due(*state, 1000, 10, "first a b late");
	assert_int_equal(triggers_next_due(*state, &due, &e), 0);
	assert_int_equal(due, 50);
}

static void triggers_go_with_their_function(void **state)
{
	struct err e = ERR_INIT;

	put_function(*state, "p", "f");
	put_function(*state, "p", "g");
	put_function(*state, "q", "f");
	put(*state, "pf", "p/f", 0);
	put(*state, "pf2", "p/f", 0);
	put(*state, "pg", "p/g", 0);
	put(*state, "qf", "q/f", 0);
	put(*state, "f", "f", 0);
	assert_int_equal(entities_delete_action(*state, "p", "f", &e), 1);
	expect_list(*state, 0, 0, "f pg qf");
	assert_int_equal(entities_delete_package(*state, "p", &e), 1);
	expect_list(*state, 0, 0, "f qf");
	assert_int_equal(entities_delete_package(*state, "default", &e), 0);
	expect_list(*state, 0, 0, "f qf");
}

static void names_of_functions_are_split(void **state UNUSED)
{
	static const struct {
		const char *function, *package, *name; /* NULL: none */
	} cases[] = {
		{"p/f", "p", "f"},     {"f", "", "f"},          {"default/f", "", "f"},
		{"p/f/g", NULL, NULL}, {"/f", NULL, NULL},      {"p/", NULL, NULL},
		{"", NULL, NULL},      {"/ns/p/f", NULL, NULL}, {" p/f", NULL, NULL},
	};
	struct arena a = ARENA_INIT;
	const char *package, *name;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		if (firing_split(&a, cases[i].function, &package, &name) !=
		    (cases[i].name != NULL))
			fail_msg("'%s'", cases[i].function);
		if (!cases[i].name)
			continue;
		assert_string_equal(package, cases[i].package);
		assert_string_equal(name, cases[i].name);
	}
	arena_release(&a);
}

int main(void)
{
#define with(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with(a_trigger_comes_back_whole),
		with(only_times_are_set),
		with(lists_are_sorted_and_come_in_pages),
		with(the_longest_due_come_first),
		with(triggers_go_with_their_function),
		cmocka_unit_test(names_of_functions_are_split),
	};

	return cmocka_run_group_tests_name("triggers", tests, NULL, NULL);
}
