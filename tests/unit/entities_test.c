#include "platform/entities.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "platform/entities_store.h"
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

static struct json *entity(int64_t updated, const char *version)
{
	struct json *j = json_new_object();

	json_set(j, "version", json_new_cstr(version));
	json_set(j, "updated", json_new_int(updated));
	return j;
}

static void put_action(struct entities *s, const char *package, const char *name,
		       int64_t updated, const char *code)
{
	struct err e = ERR_INIT;
	struct json *j = entity(updated, "0.0.1");
	struct str text = str_of(code);

	if (entities_put_action(s, package, name, j, code ? &text : NULL, &e) < 0)
		fail_msg("%s", e.msg);
	json_free(j);
}

static void put_package(struct entities *s, const char *name, int64_t updated)
{
	struct err e = ERR_INIT;
	struct json *j = entity(updated, "0.0.1");

	assert_int_equal(entities_put_package(s, name, j, &e), 0);
	json_free(j);
}

static void expect_code(struct entities *s, const char *package, const char *name,
			const char *expected)
{
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;

	assert_int_equal(entities_get_code(s, package, name, &out, &e), 0);
	assert_string_equal(out.buf, expected);
	strbuf_release(&out);
}

static int64_t number(struct entities *s, const char *sql)
{
	struct err e = ERR_INIT;
	struct store_stmt *q = store_query(s->store, sql);
	int64_t n;

	assert_int_equal(store_step(q, &e), 1);
	n = store_column_i64(q, 0);
	store_done(q);
	return n;
}

/* "pkg/name pkg/name ..." of a list; frees it. */
static void expect_names(struct json *list, const char *expected)
{
	struct strbuf b = STRBUF_INIT;
	const struct json *item;

	assert_non_null(list);
	for (item = json_first(list); item; item = json_next(item))
		strbuf_addf(&b, "%s%s/%s", b.len ? " " : "",
			    json_get(item, "package") ? json_cstr(json_get(item, "package"))
						      : "",
			    json_cstr(json_get(item, "name")));
	assert_string_equal(b.buf, expected);
	strbuf_release(&b);
	json_free(list);
}

static void package_comes_back_as_it_was_put(void **state)
{
	struct err e = ERR_INIT;
	struct json *j = entity(5, "0.0.7"), *back;

	json_set(j, "big", json_new_number(STR("12345678901234567890.10")));
	assert_int_equal(entities_put_package(*state, "p", j, &e), 0);
	back = entities_get_package(*state, "p", &e);
	assert_true(json_equal(j, back));
	json_free(j);
	json_free(back);
}

static void missing_entity_is_no_error(void **state)
{
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;

	assert_null(entities_get_package(*state, "p", &e));
	assert_null(entities_get_action(*state, "", "f", &e));
	assert_int_equal(entities_delete_package(*state, "p", &e), 0);
	assert_int_equal(entities_delete_action(*state, "p", "f", &e), 0);
	assert_int_equal(entities_get_activation(*state, "no", &out, &e), 0);
	assert_int_equal(e.code, ERR_OK);
	assert_int_equal(entities_get_code(*state, "p", "f", &out, &e), -1);
	assert_string_equal(e.msg, "the function 'p/f' is gone");
	err_clear(&e);
}

static void same_name_in_two_packages_is_two_actions(void **state)
{
	struct err e = ERR_INIT;

	put_action(*state, "", "f", 1, "one");
	put_action(*state, "p", "f", 2, "two");
	expect_code(*state, "", "f", "one");
	expect_code(*state, "p", "f", "two");
	assert_int_equal(entities_delete_action(*state, "", "f", &e), 1);
	expect_code(*state, "p", "f", "two");
}

static void update_without_code_keeps_it(void **state)
{
	struct err e = ERR_INIT;
	struct json *j;

	put_action(*state, "p", "f", 1, "one");
	put_action(*state, "p", "f", 2, NULL);
	expect_code(*state, "p", "f", "one");
	j = entity(1, "0.0.1");
	assert_int_equal(entities_put_action(*state, "p", "new", j, NULL, &e), -1);
	err_clear(&e);
	json_free(j);
	assert_int_equal(number(*state, "SELECT count(*) FROM action"), 1);
}

static void equal_code_is_stored_once_and_removed_with_its_last_user(void **state)
{
	struct err e = ERR_INIT;

	put_action(*state, "p", "a", 1, "same");
	put_action(*state, "p", "b", 1, "same");
	assert_int_equal(number(*state, "SELECT count(*) FROM code"), 1);
	put_action(*state, "p", "a", 2, "other");
	assert_int_equal(number(*state, "SELECT count(*) FROM code"), 2);
	assert_int_equal(entities_delete_action(*state, "p", "b", &e), 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM code"), 1);
	put_action(*state, "p", "a", 3, "other");
	expect_code(*state, "p", "a", "other");
	assert_int_equal(number(*state, "SELECT count(*) FROM code"), 1);
}

static void deleted_package_takes_its_actions_along(void **state)
{
	struct err e = ERR_INIT;
	int64_t n;

	put_package(*state, "p", 1);
	put_action(*state, "p", "a", 1, "x");
	put_action(*state, "", "a", 1, "y");
	assert_int_equal(entities_delete_package(*state, "p", &e), 1);
	assert_int_equal(entities_count_actions(*state, NULL, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM code"), 1);
}

static void newest_update_is_listed_first(void **state)
{
	struct err e = ERR_INIT;
	struct entities *s = *state;
	int64_t n;

	put_action(s, "p", "a", 10, "x");
	put_action(s, "", "b", 20, "x");
	put_action(s, "p", "c", 30, "x");
	put_action(s, "p", "a", 40, NULL);
	expect_names(entities_list_actions(s, NULL, 10, 0, &e), "p/a p/c /b");
	expect_names(entities_list_actions(s, NULL, 1, 1, &e), "p/c");
	expect_names(entities_list_actions(s, NULL, 0, 1, &e), "p/c /b");
	expect_names(entities_list_actions(s, "p", 10, 0, &e), "p/a p/c");
	expect_names(entities_list_actions(s, "", 10, 0, &e), "/b");
	assert_int_equal(entities_count_actions(s, "p", &n, &e), 0);
	assert_int_equal(n, 2);
	put_package(s, "q", 2);
	put_package(s, "p", 1);
	expect_names(entities_list_packages(s, 10, 0, &e), "/q /p");
	assert_int_equal(entities_count_packages(s, &n, &e), 0);
	assert_int_equal(n, 2);
}

static void add_activation(struct entities *s, const char *id, const char *function,
			   int64_t start)
{
	struct err e = ERR_INIT;
	char *summary = xasprintf("\"%s\"", id), *record = xasprintf("{\"id\":\"%s\"}", id);
	struct activation_row row = {
		.id = id,
		.function = function,
		.start_ms = start,
		.summary = str_of(summary),
		.record = str_of(record),
	};

	if (entities_add_activation(s, &row, &e) < 0)
		fail_msg("%s", e.msg);
	free(summary);
	free(record);
}

static void expect_activations(struct entities *s, struct activation_filter f, int64_t count,
			       const char *expected)
{
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;
	int64_t n;

	f.limit = f.limit ? f.limit : 200;
	assert_int_equal(entities_list_activations(s, &f, &out, &e), 0);
	assert_string_equal(out.buf, expected);
	assert_int_equal(entities_count_activations(s, &f, &n, &e), 0);
	assert_int_equal(n, count);
	strbuf_release(&out);
}

static void activations_are_filtered_and_newest_first(void **state)
{
	struct entities *s = *state;
	int64_t now = (int64_t)clock_realtime_ms();
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;

	add_activation(s, "a", "f", now);
	add_activation(s, "c", "p/f", now + 2);
	add_activation(s, "b", "p/f", now + 1);
	expect_activations(s, (struct activation_filter){0}, 3, "[\"c\",\"b\",\"a\"]");
	expect_activations(s, (struct activation_filter){.docs = true, .limit = 1}, 3,
			   "[{\"id\":\"c\"}]");
	expect_activations(s, (struct activation_filter){.skip = 2}, 3, "[\"a\"]");
	expect_activations(s, (struct activation_filter){.skip = 3}, 3, "[]");
	expect_activations(s, (struct activation_filter){.function = "p/f"}, 2,
			   "[\"c\",\"b\"]");
	expect_activations(s, (struct activation_filter){.function = "f", .docs = true}, 1,
			   "[{\"id\":\"a\"}]");
	expect_activations(s, (struct activation_filter){.since_ms = now + 1}, 2,
			   "[\"c\",\"b\"]");
	expect_activations(s, (struct activation_filter){.since_ms = now, .upto_ms = now + 1},
			   2, "[\"b\",\"a\"]");
	assert_int_equal(entities_get_activation(s, "b", &out, &e), 1);
	assert_string_equal(out.buf, "{\"id\":\"b\"}");
	strbuf_release(&out);
}

static void too_old_and_too_many_activations_are_dropped(void **state)
{
	struct entities *s = *state;
	int64_t now = (int64_t)clock_realtime_ms();
	struct err e = ERR_INIT;
	char id[16];
	int i;

	add_activation(s, "old", "f", now - (int64_t)ACTIVATIONS_HOURS * 3600000 - 1);
	add_activation(s, "young", "f", now);
	assert_int_equal(activations_prune(s, &e), 0);
	expect_activations(s, (struct activation_filter){0}, 1, "[\"young\"]");
	assert_int_equal(store_begin(s->store, &e), 0);
	for (i = 0; i < ACTIVATIONS_MAX + 250; i++) {
		(void)snprintf(id, sizeof(id), "%d", i);
		add_activation(s, id, "f", now + i);
	}
	assert_int_equal(store_commit(s->store, &e), 0);
	assert_in_range(number(s, "SELECT count(*) FROM activation"), ACTIVATIONS_MAX - 100,
			ACTIVATIONS_MAX);
	assert_int_equal(number(s, "SELECT count(*) FROM activation WHERE activation = '0'"),
			 0);
}

/* What `activations logs --follow` asks all the time must not read the records. */
static void counting_reads_only_an_index(void **state)
{
	struct entities *s = *state;
	struct err e = ERR_INIT;
	static const char *const plans[] = {
		"EXPLAIN QUERY PLAN SELECT count(*) FROM activation"
		" WHERE start BETWEEN ?1 AND ?2",
		"EXPLAIN QUERY PLAN SELECT count(*) FROM activation WHERE function = ?3"
		" AND start BETWEEN ?1 AND ?2",
	};
	struct store_stmt *q;
	size_t i;

	for (i = 0; i < countof(plans); i++) {
		q = store_query(s->store, plans[i]);
		assert_int_equal(store_step(q, &e), 1);
		assert_non_null(strstr(store_column_str(q, 3).p, "USING COVERING INDEX"));
		store_done(q);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(package_comes_back_as_it_was_put),
		TEST(missing_entity_is_no_error),
		TEST(same_name_in_two_packages_is_two_actions),
		TEST(update_without_code_keeps_it),
		TEST(equal_code_is_stored_once_and_removed_with_its_last_user),
		TEST(deleted_package_takes_its_actions_along),
		TEST(newest_update_is_listed_first),
		TEST(activations_are_filtered_and_newest_first),
		TEST(too_old_and_too_many_activations_are_dropped),
		TEST(counting_reads_only_an_index),
	};

	return cmocka_run_group_tests_name("entities", tests, NULL, NULL);
}
