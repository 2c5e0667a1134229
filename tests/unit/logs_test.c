#include "platform/logs.h"

#include "test.h"

enum { OUT = 0, ERR = 1 };

static void add(struct logs *g, bool is_stderr, const char *line, uint64_t time_ns)
{
	logs_add(g, is_stderr, str_of(line), false, time_ns);
}

/* All lines as "1 out text|2 err text|". */
static char *shown(struct logs *g, const char *extra)
{
	struct strbuf out = STRBUF_INIT;
	const struct log_line *lines;
	size_t i, n;

	lines = logs_finish(g, extra, 99, &n);
	for (i = 0; i < n; i++)
		strbuf_addf(&out, "%d %s %.*s|", (int)lines[i].time_ns,
			    lines[i].is_stderr ? "err" : "out", STR_ARG(lines[i].text));
	return strbuf_detach(&out, NULL);
}

static void expect(struct logs *g, const char *extra, const char *wanted)
{
	char *text = shown(g, extra);

	assert_string_equal(text, wanted);
	free(text);
}

static void lines_come_in_the_order_of_their_arrival(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 1024);
	add(&g, OUT, "a", 1);
	add(&g, ERR, "b", 2);
	add(&g, OUT, "c", 3);
	expect(&g, "note", "1 out a|2 err b|3 out c|99 err note|");
	logs_release(&g);
}

static void an_empty_line_before_the_mark_is_the_launchers(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 1024);
	add(&g, OUT, "a", 1);
	add(&g, OUT, "", 2);
	logs_end_stream(&g, OUT);
	add(&g, ERR, "b", 3);
	logs_end_stream(&g, ERR);
	expect(&g, NULL, "1 out a|3 err b|");
	logs_release(&g);
}

static void an_empty_line_of_the_function_keeps_its_place(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 1024);
	add(&g, OUT, "", 1);
	add(&g, ERR, "b", 2);
	add(&g, ERR, "c", 3);
	add(&g, OUT, "", 4);
	add(&g, OUT, "", 5);
	logs_end_stream(&g, OUT);
	expect(&g, NULL, "1 out |2 err b|3 err c|4 out |");
	logs_release(&g);
}

static void pieces_of_a_long_line_are_dropped_but_the_first(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 1024);
	logs_add(&g, OUT, STR("first"), true, 1);
	add(&g, ERR, "b", 2);
	logs_add(&g, OUT, STR("second"), true, 3);
	logs_add(&g, OUT, STR(""), false, 4);
	logs_end_stream(&g, OUT);
	add(&g, OUT, "next", 5);
	expect(&g, NULL, "1 out first|2 err b|5 out next|");
	logs_release(&g);
}

static void the_limit_counts_lines_with_their_ends(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 4);
	add(&g, OUT, "a", 1);
	add(&g, OUT, "b", 2);
	add(&g, OUT, "", 3);
	logs_end_stream(&g, OUT);
	assert_false(g.truncated);
	add(&g, OUT, "c", 4);
	add(&g, OUT, "d", 5);
	expect(&g, "note",
	       "1 out a|2 out b|99 err Logs were truncated because the total bytes size "
	       "exceeds the limit of 4 bytes.|99 err note|");
	logs_release(&g);
}

static void the_next_call_starts_empty(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 4);
	add(&g, OUT, "too long", 1);
	logs_clear(&g);
	add(&g, OUT, "b", 2);
	expect(&g, NULL, "2 out b|");
	logs_release(&g);
}

static void a_limit_of_zero_keeps_nothing(void **state UNUSED)
{
	struct logs g;

	logs_init(&g, 0);
	add(&g, OUT, "a", 1);
	expect(&g, "note", "");
	logs_release(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_the_order_of_their_arrival),
		cmocka_unit_test(an_empty_line_before_the_mark_is_the_launchers),
		cmocka_unit_test(an_empty_line_of_the_function_keeps_its_place),
		cmocka_unit_test(pieces_of_a_long_line_are_dropped_but_the_first),
		cmocka_unit_test(the_limit_counts_lines_with_their_ends),
		cmocka_unit_test(the_next_call_starts_empty),
		cmocka_unit_test(a_limit_of_zero_keeps_nothing),
	};

	return cmocka_run_group_tests_name("logs", tests, NULL, NULL);
}
