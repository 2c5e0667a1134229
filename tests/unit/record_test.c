#include "platform/record.h"

#include "test.h"

static const struct record_subject packaged = {
	.id = "0123456789abcdef0123456789abcdef",
	.namespace = "ns",
	.package = "p",
	.name = "f",
	.version = "0.0.3",
	.kind = "python:3.11",
	.timeout_ms = 3000,
	.memory_mb = 256,
	.logs_kb = 16,
};

static struct invocation_end ended(void)
{
	return (struct invocation_end){
		.outcome = OUTCOME_SUCCESS,
		.result = STR("{\"n\": 1.50}"),
		.size = 11,
		.start_ms = 100,
		.end_ms = 107,
		.wait_ms = 2,
	};
}

/* The record's text; the list form's in *summary when wanted. Both are to be valid JSON. */
static struct json *write_record(const struct record_subject *of,
				 const struct invocation_end *end, struct strbuf *text,
				 struct json **summary)
{
	struct strbuf list_text = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct json *j;

	record_write(text, &list_text, of, end);
	j = json_parse(strbuf_str(text), &e);
	*summary = json_parse(strbuf_str(&list_text), &e);
	assert_non_null(j);
	assert_non_null(*summary);
	strbuf_release(&list_text);
	return j;
}

static void result_goes_in_as_it_came(void **state UNUSED)
{
	struct invocation_end end = ended();
	struct strbuf text = STRBUF_INIT;
	struct json *summary, *j = write_record(&packaged, &end, &text, &summary);
	int64_t n;

	assert_non_null(strstr(text.buf,
			       "\"response\":{\"status\":\"success\",\"success\":true,"
			       "\"result\":{\"n\": 1.50},\"size\":11}"));
	assert_true(json_int(json_get(j, "duration"), &n) && n == 7);
	assert_null(json_get(summary, "response"));
	assert_null(json_get(summary, "logs"));
	assert_true(json_int(json_get(summary, "statusCode"), &n) && n == 0);
	assert_non_null(strstr(text.buf,
			       "\"annotations\":[{\"key\":\"path\",\"value\":\"ns/p/f\"},"
			       "{\"key\":\"waitTime\",\"value\":2},{\"key\":\"kind\","
			       "\"value\":\"python:3.11\"},{\"key\":\"timeout\",\"value\":"
			       "false},{\"key\":\"limits\",\"value\":{\"concurrency\":1,"
			       "\"logs\":16,\"memory\":256,\"timeout\":3000}}]"));
	json_free(j);
	json_free(summary);
	strbuf_release(&text);
}

static void log_lines_have_a_stamp_of_thirty_characters(void **state UNUSED)
{
	const struct log_line logs[] = {
		{1652454791580825656, false, STR("a \"quoted\" line")},
		{1652454791000000001, true, STR("")},
	};
	struct invocation_end end = ended();
	struct strbuf text = STRBUF_INIT;
	struct json *summary, *j;

	end.logs = logs;
	end.logs_n = countof(logs);
	j = write_record(&packaged, &end, &text, &summary);
	assert_string_equal(json_cstr(json_at(json_get(j, "logs"), 0)),
			    "2022-05-13T15:13:11.580825656Z stdout: a \"quoted\" line");
	assert_string_equal(json_cstr(json_at(json_get(j, "logs"), 1)),
			    "2022-05-13T15:13:11.000000001Z stderr: ");
	json_free(j);
	json_free(summary);
	strbuf_release(&text);
}

static void cold_timed_out_web_call_says_all_that(void **state UNUSED)
{
	struct record_subject of = packaged;
	struct invocation_end end = ended();
	struct strbuf text = STRBUF_INIT;
	struct json *summary, *j;

	of.package = "";
	of.web = true;
	end.outcome = OUTCOME_DEVELOPER;
	end.result = STR("{\"error\":\"x\"}");
	end.timed_out = end.cold = true;
	end.init_ms = 4;
	end.notice = "python 3.12";
	j = write_record(&of, &end, &text, &summary);
	assert_non_null(strstr(text.buf, "{\"key\":\"path\",\"value\":\"ns/f\"}"));
	assert_non_null(strstr(text.buf, "{\"key\":\"timeout\",\"value\":true}"));
	assert_non_null(strstr(text.buf, "{\"key\":\"initTime\",\"value\":4}"));
	assert_non_null(strstr(text.buf, "{\"key\":\"web\",\"value\":true}"));
	assert_non_null(
		strstr(text.buf, "{\"key\":\"dofn-notice\",\"value\":\"python 3.12\"}"));
	assert_non_null(
		strstr(text.buf, "\"status\":\"action developer error\",\"success\":false"));
	assert_true(json_equal(json_get(j, "annotations"), json_get(summary, "annotations")));
	json_free(j);
	json_free(summary);
	strbuf_release(&text);
}

static void sequence_lists_its_calls_and_adds_their_times(void **state UNUSED)
{
	struct record_subject of = packaged;
	struct invocation_end end = ended();
	struct strbuf text = STRBUF_INIT;
	struct json *summary, *j, *calls = json_new_array();
	int64_t n;

	json_push(calls, json_new_cstr("id1"));
	json_push(calls, json_new_cstr("id2"));
	of.kind = "sequence";
	of.calls = calls;
	of.duration_ms = 4;
	j = write_record(&of, &end, &text, &summary);
	assert_true(json_equal(json_get(j, "logs"), calls));
	assert_true(json_int(json_get(j, "duration"), &n) && n == 4);
	assert_null(json_get(j, "cause"));
	assert_non_null(strstr(text.buf, "{\"key\":\"topmost\",\"value\":true}"));
	assert_null(strstr(text.buf, "\"timeout\",\"value\""));
	json_free(j);
	json_free(summary);
	json_free(calls);
	strbuf_release(&text);
}

static void call_by_a_sequence_through_a_binding_says_so(void **state UNUSED)
{
	struct record_subject of = packaged;
	struct invocation_end end = ended();
	struct strbuf text = STRBUF_INIT;
	struct json *summary, *j;

	of.cause = "id0";
	of.binding = "b";
	j = write_record(&of, &end, &text, &summary);
	assert_string_equal(json_cstr(json_get(j, "cause")), "id0");
	assert_string_equal(json_cstr(json_get(summary, "cause")), "id0");
	assert_non_null(strstr(text.buf, "{\"key\":\"causedBy\",\"value\":\"sequence\"}"));
	assert_non_null(strstr(text.buf, "{\"key\":\"binding\",\"value\":\"ns/b\"}"));
	assert_null(strstr(text.buf, "topmost"));
	json_free(j);
	json_free(summary);
	strbuf_release(&text);
}

static void outcomes_have_their_names(void **state UNUSED)
{
	assert_string_equal(record_status(OUTCOME_SUCCESS), "success");
	assert_string_equal(record_status(OUTCOME_APPLICATION), "application error");
	assert_string_equal(record_status(OUTCOME_DEVELOPER), "action developer error");
	assert_string_equal(record_status(OUTCOME_WHISK), "whisk internal error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result_goes_in_as_it_came),
		cmocka_unit_test(log_lines_have_a_stamp_of_thirty_characters),
		cmocka_unit_test(cold_timed_out_web_call_says_all_that),
		cmocka_unit_test(sequence_lists_its_calls_and_adds_their_times),
		cmocka_unit_test(call_by_a_sequence_through_a_binding_says_so),
		cmocka_unit_test(outcomes_have_their_names),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
