#include "platform/transcript.h"

#include <stdlib.h>

#include "test.h"

static void lines_come_back_in_order_with_their_streams(void **state UNUSED)
{
	struct transcript t = {0};
	struct json *list;
	struct log_line *logs;

	transcript_add(&t, false, STR("one"));
	transcript_add(&t, true, STR(""));
	transcript_add(&t, true,
		       STR("b\xff"
			   "d"));
	list = transcript_list(&t);
	assert_int_equal(json_count(list), 3);
	assert_string_equal(json_cstr(json_at(list, 0)), "one");
	assert_string_equal(json_cstr(json_at(list, 1)), "");
	assert_string_equal(json_cstr(json_at(list, 2)), "b\xef\xbf\xbd"
							 "d");
	assert_int_equal(transcript_logs(&t, &logs), 3);
	assert_false(logs[0].is_stderr);
	assert_true(logs[1].is_stderr && logs[1].text.n == 0);
	assert_true(logs[0].time_ns > 0 && logs[0].time_ns <= logs[2].time_ns);
	free(logs);
	json_free(list);
	transcript_release(&t);
}

static void nothing_is_an_empty_list(void **state UNUSED)
{
	struct transcript t = {0};
	struct json *list = transcript_list(&t);
	struct log_line *logs;

	assert_int_equal(json_count(list), 0);
	assert_int_equal(transcript_logs(&t, &logs), 0);
	assert_null(logs);
	json_free(list);
	transcript_release(&t);
}

static void long_line_is_cut(void **state UNUSED)
{
	struct transcript t = {0};
	const size_t n = (size_t)2 * TRANSCRIPT_LINE_MAX;
	char *line = xmalloc(n);
	struct json *list;

	memset(line, 'x', n);
	transcript_add(&t, false, (struct str){line, n});
	list = transcript_list(&t);
	assert_int_equal(json_str(json_first(list)).n, TRANSCRIPT_LINE_MAX);
	json_free(list);
	free(line);
	transcript_release(&t);
}

static void of_too_much_the_end_is_kept_and_the_rest_counted(void **state UNUSED)
{
	enum { LINES = 300000 };
	struct transcript t = {0};
	struct strbuf line = STRBUF_INIT;
	struct json *list;
	size_t i, n;
	uint64_t left_out = 0;
	struct str head, number;

	for (i = 0; i < LINES; i++) {
		strbuf_reset(&line);
		strbuf_addf(&line, "line %zu", i);
		transcript_add(&t, false, strbuf_str(&line));
	}
	assert_true(t.bytes <= TRANSCRIPT_MAX && t.bytes > TRANSCRIPT_MAX / 2);
	list = transcript_list(&t);
	n = json_count(list);
	head = str_from(json_str(json_first(list)), 1);
	assert_true(str_next(&head, ' ', &number) && str_to_u64(number, &left_out));
	assert_int_equal(left_out + n - 1, LINES);
	assert_string_equal(json_cstr(json_at(list, n - 1)), line.buf);
	assert_true(t.lines.cap < LINES);
	json_free(list);
	strbuf_release(&line);
	transcript_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_back_in_order_with_their_streams),
		cmocka_unit_test(nothing_is_an_empty_list),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(of_too_much_the_end_is_kept_and_the_rest_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
