/* Conversations with a builder that a test plays, where no time can be lost. */
#include <signal.h>
#include <stdlib.h>

#include "fs/fs.h"
#include "httpd/httpd.h"
#include "remote/outcome.h"
#include "remote/remote.h"
#include "test.h"

#define RECORD(success, result)                                                     \
	"{\"end\": 1, \"response\": {\"status\": \"x\", \"success\": " success ", " \
	"\"result\": " result "}}"

struct fixture {
	struct sink sink; /* first */
	struct loop *l;
	struct httpd *h;
	struct whisk *w;
	struct strbuf seen; /* "POST getUploadUrl, GET a, ..." */
	struct strbuf told; /* "uploading|building|=line|note:..." */
	const char *build;  /* the record of the build; NULL: there is none yet */
	const char *address;
	unsigned interrupt_at; /* the request at which the user interrupts, from 1 */
	unsigned requests;
	bool done;
	struct err e;
};

static void reply_record(struct httpd_request *q, const char *record)
{
	httpd_reply(q, record ? 200 : 404,
		    str_of(record ? record : "{\"error\": \"not yet\"}"));
}

static void handle(void *arg, struct httpd_request *q)
{
	struct fixture *f = arg;
	struct str path = httpd_path(q), last = path_base(path);

	strbuf_addf(&f->seen, "%s %.*s, ", httpd_method(q), STR_ARG(last));
	if (++f->requests == f->interrupt_at)
		loop_interrupt(f->l, SIGINT);
	if (str_is(last, "getUploadUrl"))
		httpd_reply(q, 202, STR("{\"activationId\": \"a\"}"));
	else if (str_starts(last, "build_"))
		httpd_reply(q, 202, STR("{\"activationId\": \"b\"}"));
	else if (str_is(last, "a"))
		reply_record(q, f->address);
	else if (str_is(last, "b"))
		reply_record(q, f->build);
	else
		httpd_reply(q, 200, STR(""));
}

static void record(struct sink *s, const struct event *ev)
{
	struct fixture *f = (struct fixture *)s;

	if (ev->type == EVENT_REMOTE)
		strbuf_addf(&f->told, "%.*s|", STR_ARG(ev->text));
	else if (ev->type == EVENT_BUILD_LINE)
		strbuf_addf(&f->told, "=%.*s|", STR_ARG(ev->text));
	else if (ev->type == EVENT_NOTE)
		strbuf_addf(&f->told, "note:%.*s|", STR_ARG(ev->text));
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct httpd_options o = {.max_body = 1 << 20, .handler = handle, .arg = f};
	struct whisk_options wo = {.auth = "u:p"};
	char *host;

	f->sink.emit = record;
	f->l = loop_new();
	f->h = httpd_start(f->l, &o, &f->e);
	if (!f->h)
		return -1;
	host = xasprintf("http://127.0.0.1:%d", httpd_port(f->h));
	wo.api_host = host;
	f->w = whisk_new(f->l, &wo, &f->e);
	f->address =
		xasprintf(RECORD("true", "{\"url\": \"%s/put\", \"sliceName\": \"s\"}"), host);
	f->build = RECORD("true", "{\"outcome\": {\"successes\": [1], \"failures\": []}, "
				  "\"transcript\": [\"one\\ntwo\\r\\n\", \"\"]}");
	f->seen = f->told = STRBUF_INIT;
	free(host);
	*state = f;
	return f->w ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char *address;

	memcpy(&address, &f->address, sizeof(address));
	whisk_free(f->w);
	httpd_stop(f->h);
	loop_free(f->l);
	strbuf_release(&f->seen);
	strbuf_release(&f->told);
	err_clear(&f->e);
	free(address);
	free(f);
	return 0;
}

static void on_done(void *arg, struct err *failure)
{
	struct fixture *f = arg;

	assert_false(f->done);
	f->done = true;
	if (failure)
		(void)err_move(&f->e, failure);
}

static void converse(struct fixture *f, const struct remote_times *times)
{
	struct remote_request q = {.loop = f->l,
				   .whisk = f->w,
				   .sink = &f->sink,
				   .function = "p/f",
				   .kind = "python:3.11",
				   .key = "00",
				   .times = *times,
				   .done = on_done,
				   .arg = f};
	struct strbuf zip = STRBUF_INIT;

	strbuf_adds(&zip, "slice");
	remote_start(&q, &zip);
	assert_int_equal(zip.len, 0);
	assert_false(f->done);
	loop_run_until(f->l, &f->done);
	assert_true(f->done);
}

static const struct remote_times quick = {
	.poll_ms = 1, .upload_ms = 20, .build_ms = 20, .tick_ms = 5};

static void build_goes_from_address_to_transcript(void **state)
{
	struct fixture *f = *state;

	converse(f, &(struct remote_times){.poll_ms = 1});
	assert_int_equal(f->e.code, ERR_OK);
	assert_string_equal(f->seen.buf, "POST getUploadUrl, GET a, PUT put, "
					 "POST build_python_3.11, GET b, ");
	assert_string_equal(f->told.buf, "uploading|building|=one|=two|=|=|");
}

static void build_without_end_is_given_up(void **state)
{
	struct fixture *f = *state;

	f->build = NULL;
	converse(f, &quick);
	assert_int_equal(f->e.code, ERR_REMOTE);
	assert_non_null(strstr(f->e.msg, "has no result after"));
	assert_non_null(strstr(f->e.msg, "dofn activations get b"));
	assert_non_null(strstr(f->told.buf, "building|building|")); /* it ticked */
}

static void address_that_does_not_come_is_given_up(void **state)
{
	struct fixture *f = *state;
	const char *address = f->address;

	f->address = NULL;
	converse(f, &quick);
	f->address = address;
	assert_int_equal(f->e.code, ERR_REMOTE);
	assert_non_null(strstr(f->e.msg, "no address for the upload in"));
	assert_non_null(strstr(f->told.buf, "waiting|"));
	assert_null(strstr(f->seen.buf, "PUT"));
}

static void interrupted_at(unsigned request)
{
	struct fixture *f;
	void *state = NULL;

	assert_int_equal(set_up(&state), 0);
	f = state;
	if (!f)
		return;
	f->interrupt_at = request;
	converse(f, &(struct remote_times){.poll_ms = 1});
	assert_int_equal(f->e.code, ERR_CANCELLED);
	assert_int_equal(f->requests, request);
	assert_true((strstr(f->told.buf, "note:its remote build goes on") != NULL) ==
		    (request == 5));
	assert_int_equal(tear_down(&state), 0);
}

static void interruption_ends_each_step(void **state UNUSED)
{
	unsigned request;

	for (request = 1; request <= 5; request++)
		interrupted_at(request);
}

static void interruption_between_two_questions_ends_it(void **state)
{
	struct fixture *f = *state;

	f->build = "{}";
	f->interrupt_at = 6;
	converse(f, &(struct remote_times){.poll_ms = 1});
	assert_int_equal(f->e.code, ERR_CANCELLED);
	assert_non_null(strstr(f->told.buf, "note:its remote build goes on"));
}

static void long_transcript_is_cut_at_its_start(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = STRBUF_INIT;
	char *record;
	int i;

	for (i = 0; i < 500; i++)
		strbuf_addf(&text, "%s\"l%d\"", i ? ", " : "", i);
	record = xasprintf(RECORD("false", "{\"error\": \"no\\nmore\", \"transcript\": [%s]}"),
			   text.buf);

	f->build = record;
	converse(f, &(struct remote_times){.poll_ms = 1});
	assert_string_equal(f->e.msg, "the remote build failed: no");
	assert_non_null(strstr(f->told.buf, "note:the last 200 of 500 lines"));
	assert_null(strstr(f->told.buf, "=l299|"));
	assert_non_null(strstr(f->told.buf, "=l300|"));
	assert_non_null(strstr(f->told.buf, "=l499|=more|"));
	free(record);
	strbuf_release(&text);
}

/* ---- what records say ---- */

static void outcomes_are_what_records_say(void **state UNUSED)
{
	static const struct {
		const char *record, *why; /* NULL: it was deployed */
	} table[] = {
		{RECORD("true", "{\"outcome\": {\"successes\": [{}], \"failures\": []}}"),
		 NULL},
		{RECORD("true", "{\"outcome\": {\"successes\": [{}]}}"), NULL},
		{RECORD("true", "{\"outcome\": {\"successes\": [{}], \"failures\": [{}]}}"),
		 "the builder gave no reason"},
		{RECORD("true", "{\"outcome\": {\"failures\": [\"text\"]}}"), "text"},
		{RECORD("true", "{\"outcome\": {\"failures\": [{\"message\": \" m \"}]}}"),
		 "m"},
		{RECORD("true", "{\"outcome\": 5}"),
		 "the builder's result does not say that it deployed"},
		{RECORD("true", "null"), "the builder's result does not say that it deployed"},
		{RECORD("false", "{\"error\": \"TypeError: a Error:  b\"}"), "b"},
		{RECORD("false", "{\"error\": {\"message\": \"Error:\"}}"),
		 "the builder ended without a result"},
		{RECORD("false", "[]"), "the builder ended without a result"},
		{"{}", "the builder ended without a result"},
		{"{\"response\": 5}", "the builder ended without a result"},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(table); i++) {
		struct json *j = json_parse(str_of(table[i].record), &e);
		int r = outcome_build(j, &e);

		assert_int_equal(r, table[i].why ? -1 : 0);
		assert_string_equal(e.msg ? e.msg : "", table[i].why ? table[i].why : "");
		err_clear(&e);
		json_free(j);
	}
}

static void only_a_record_of_an_end_is_final(void **state UNUSED)
{
	static const struct {
		const char *record;
		bool final;
	} table[] = {
		{"{\"end\": 5}", true},
		{"{\"response\": {\"status\": \"success\"}}", true},
		{"{\"response\": {\"status\": 5}}", false},
		{"{\"end\": null}", false},
		{"{\"start\": 5}", false},
		{"[]", false},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(table); i++) {
		struct json *j = json_parse(str_of(table[i].record), &e);

		assert_true(outcome_is_final(j) == table[i].final);
		json_free(j);
	}
}

static void transcript_is_the_results_or_else_the_logs(void **state UNUSED)
{
	static const struct {
		const char *record, *first;
	} table[] = {
		{"{\"response\": {\"result\": {\"transcript\": [\"t\"]}}, \"logs\": [\"l\"]}",
		 "t"},
		{"{\"response\": {\"result\": {\"transcript\": []}}, \"logs\": [\"l\"]}", "l"},
		{"{\"response\": {\"result\": {\"transcript\": \"x\"}}, \"logs\": [\"l\"]}",
		 "l"},
		{"{\"logs\": 5}", NULL},
		{"{}", NULL},
	};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(table); i++) {
		struct json *j = json_parse(str_of(table[i].record), &e);
		const struct json *lines = outcome_transcript(j);

		if (table[i].first)
			assert_string_equal(json_cstr(json_first(lines)), table[i].first);
		else
			assert_null(lines);
		json_free(j);
	}
}

#define TALK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(build_goes_from_address_to_transcript),
		TALK(build_without_end_is_given_up),
		TALK(address_that_does_not_come_is_given_up),
		cmocka_unit_test(interruption_ends_each_step),
		TALK(interruption_between_two_questions_ends_it),
		TALK(long_transcript_is_cut_at_its_start),
		cmocka_unit_test(outcomes_are_what_records_say),
		cmocka_unit_test(only_a_record_of_an_end_is_final),
		cmocka_unit_test(transcript_is_the_results_or_else_the_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
