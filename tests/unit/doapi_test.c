#include "doapi/doapi.h"

#include <stdlib.h>

#include "httpd/httpd.h"
#include "test.h"

/* What the server says next; a status of 0 ends the list. */
struct step {
	int status;
	const char *body;
};

/* A server on the same loop that says what the test wants, and keeps what it was asked. */
struct fixture {
	struct loop *l;
	struct httpd *server;
	struct doapi *d;
	const struct step *steps;
	struct strbuf seen; /* "PUT /v2/... {body}\n" */
	char *authorization;
	/* the end of a request */
	bool done;
	struct json *trigger;
	struct err failure;
};

#define BASE "/v2/functions/namespaces/fn-1/triggers"

static void handle(void *arg, struct httpd_request *q)
{
	struct fixture *f = arg;
	struct str path = httpd_path(q), query = httpd_query(q), body = httpd_body(q);
	const char *authorization = httpd_header(q, "Authorization");

	strbuf_addf(&f->seen, "%s %.*s%s%.*s%s%.*s\n", httpd_method(q), STR_ARG(path),
		    query.n ? "?" : "", STR_ARG(query), body.n ? " " : "", STR_ARG(body));
	free(f->authorization);
	f->authorization = xstrdup(authorization ? authorization : "");
	if (!f->steps->status)
		fail_msg("asked too much: %s", f->seen.buf);
	httpd_add_header(q, "Content-Type", "application/json");
	httpd_add_header(q, "Retry-After", f->steps->status == 429 ? "0" : "");
	httpd_reply(q, f->steps->status, str_of(f->steps->body));
	f->steps++;
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct httpd_options o = {.max_body = 65536, .handler = handle, .arg = f};
	struct doapi_options d = {.token = "t0ken", .namespace = "fn-1", .max_tries = 2};
	struct err e = ERR_INIT;
	char *url;

	f->l = loop_new();
	f->server = httpd_start(f->l, &o, &e);
	assert_non_null(f->server);
	url = xasprintf("http://127.0.0.1:%d", httpd_port(f->server));
	d.api_url = url;
	f->d = doapi_new(f->l, &d, &e);
	assert_non_null(f->d);
	f->seen = STRBUF_INIT;
	free(url);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	doapi_free(f->d);
	httpd_stop(f->server);
	loop_free(f->l);
	strbuf_release(&f->seen);
	json_free(f->trigger);
	err_clear(&f->failure);
	free(f->authorization);
	free(f);
	return 0;
}

static void says(struct fixture *f, const struct step *steps)
{
	f->steps = steps;
	strbuf_reset(&f->seen);
	json_free(f->trigger);
	f->trigger = NULL;
	err_clear(&f->failure);
	f->done = false;
}

static void ended(void *arg, const struct json *trigger, struct err *failure)
{
	struct fixture *f = arg;

	json_free(f->trigger);
	f->trigger = json_clone(trigger);
	if (failure)
		err_move(&f->failure, failure);
	f->done = true;
}

static void wait_for_end(struct fixture *f)
{
	loop_run_until(f->l, &f->done);
	assert_true(f->done);
}

static void expect_text(struct json *j, const char *expected)
{
	struct strbuf text = STRBUF_INIT;

	json_write(&text, j);
	assert_string_equal(text.buf, expected);
	strbuf_release(&text);
}

static void all_pages_are_one_list(void **state)
{
	static const struct step steps[] = {
		{200, "{\"triggers\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
		      "\"links\":{\"pages\":{\"next\":\"http://elsewhere/?page=2\"}}}"},
		{200, "{\"triggers\":[{\"name\":\"c\"}],\"links\":{\"pages\":{}}}"},
		{0},
	};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct json *list;

	says(f, steps);
	list = doapi_list_triggers(f->d, &e);
	expect_text(list, "[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]");
	assert_string_equal(f->seen.buf, "GET " BASE "?page=1&per_page=200\n"
					 "GET " BASE "?page=2&per_page=200\n");
	assert_string_equal(f->authorization, "Bearer t0ken");
	json_free(list);
}

/* An empty page ends the list, whatever the server says of a next one. */
static void a_list_ends(void **state)
{
	static const char next[] = "\"links\":{\"pages\":{\"next\":\"x\"}}}";
	char *page = xasprintf("{\"triggers\":[{}],%s", next);
	char *empty = xasprintf("{\"triggers\":[],%s", next);
	const struct step steps[] = {{200, empty}, {0}};
	struct step endless[102] = {0};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct json *list;
	size_t i;

	says(f, steps);
	list = doapi_list_triggers(f->d, &e);
	expect_text(list, "[]");
	json_free(list);
	for (i = 0; i + 1 < countof(endless); i++)
		endless[i] = (struct step){200, page};
	says(f, endless);
	assert_null(doapi_list_triggers(f->d, &e));
	assert_string_equal(
		e.msg, "listing the triggers of the namespace 'fn-1': the list does not end");
	err_clear(&e);
	free(page);
	free(empty);
}

static const struct {
	struct step step;
	enum err_code code;
	const char *message;
} list_failures[] = {
	{{401, "{\"id\":\"unauthorized\",\"message\":\"Unable to authenticate you\"}"},
	 ERR_AUTH,
	 "the DigitalOcean API answered 401: Unable to authenticate you; check the token in "
	 "DIGITALOCEAN_ACCESS_TOKEN"},
	{{403, ""},
	 ERR_AUTH,
	 "the DigitalOcean API answered 403; the token needs the scopes function:read, create, "
	 "update and delete"},
	{{404, "{\"message\":\"no\",\"request_id\":\"r-1\"}"},
	 ERR_REMOTE,
	 "the DigitalOcean API answered 404: no (request r-1)"},
	{{418, "<html>"}, ERR_REMOTE, "the DigitalOcean API answered 418"},
	{{200, "{\"triggers\":[{\"name\""},
	 ERR_REMOTE,
	 "the DigitalOcean API's answer is no JSON: line 1, column 21: expected ':', but the "
	 "text "
	 "ends here"},
	{{200, "[]"}, ERR_REMOTE, "the DigitalOcean API's answer has no 'triggers'"},
	{{200, "{\"triggers\":[{},[]]}"}, ERR_REMOTE, "the list has what is no trigger"},
	{{200, "{\"triggers\":[{\"name\":\"..\"}]}"},
	 ERR_REMOTE,
	 "the list has what is no trigger"},
	{{200, "{\"triggers\":[{\"name\":\"a/b\"}]}"},
	 ERR_REMOTE,
	 "the list has what is no trigger"},
	{{200, "{\"triggers\":{}}"},
	 ERR_REMOTE,
	 "the DigitalOcean API's answer has no 'triggers'"},
};

static void failures_of_a_list_are_explained(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(list_failures); i++) {
		const struct step steps[] = {list_failures[i].step, {0}};
		struct err e = ERR_INIT;

		says(f, steps);
		assert_null(doapi_list_triggers(f->d, &e));
		assert_int_equal(e.code, list_failures[i].code);
		if (!str_ends(str_of(e.msg), list_failures[i].message) ||
		    !str_starts(str_of(e.msg),
				"listing the triggers of the namespace 'fn-1': "))
			fail_msg("%s", e.msg);
		err_clear(&e);
	}
}

/* What does not know pages gives all at once; more than a namespace has fills the memory. */
static void a_page_without_end_is_refused(void **state)
{
	struct strbuf page = STRBUF_INIT;
	struct step steps[] = {{200, NULL}, {0}};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct json *list;
	size_t i;

	strbuf_adds(&page, "{\"triggers\":[{}");
	for (i = 1; i < 20000; i++)
		strbuf_adds(&page, ",{}");
	strbuf_adds(&page, "]}");
	steps[0].body = page.buf;
	says(f, steps);
	list = doapi_list_triggers(f->d, &e);
	assert_int_equal(json_count(list), 20000);
	json_free(list);
	page.len -= 2;
	strbuf_adds(&page, ",{}]}");
	steps[0].body = page.buf;
	says(f, steps);
	assert_null(doapi_list_triggers(f->d, &e));
	assert_true(str_ends(str_of(e.msg), ": the list does not end"));
	err_clear(&e);
	strbuf_release(&page);
}

static void of_a_long_reason_the_start_is_told(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct step steps[] = {{400, NULL}, {0}};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	size_t i;

	strbuf_adds(&text, "{\"message\":\"a");
	for (i = 0; i < 100000; i++)
		strbuf_adds(&text, "\xc3\xa4");
	strbuf_adds(&text, "\"}");
	steps[0].body = text.buf;
	says(f, steps);
	assert_null(doapi_list_triggers(f->d, &e));
	assert_true(strlen(e.msg) < 1200);
	assert_true(str_ends(str_of(e.msg), "\xc3\xa4"));
	err_clear(&e);
	strbuf_release(&text);
}

static void one_trigger_is_got_by_its_name(void **state)
{
	static const struct step steps[] = {{200, "{\"trigger\":{\"name\":\"a b\"}}"},
					    {404, "{\"message\":\"not there\"}"},
					    {0}};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct json *j;

	says(f, steps);
	j = doapi_get_trigger(f->d, "a b", &e);
	expect_text(j, "{\"name\":\"a b\"}");
	json_free(j);
	assert_string_equal(f->seen.buf, "GET " BASE "/a%20b\n");
	assert_null(doapi_get_trigger(f->d, "c", &e));
	assert_int_equal(e.status, 404);
	err_clear(&e);
}

static void what_leads_elsewhere_is_no_name(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(names); i++) {
		struct err e = ERR_INIT;

		assert_null(doapi_get_trigger(f->d, names[i], &e));
		assert_int_equal(e.code, ERR_USAGE);
		err_clear(&e);
	}
}

static void bodies_are_those_of_the_deployer(void **state)
{
	static const struct step steps[] = {{200, "{\"trigger\":{\"a\":1}}"},
					    {200, "{\"trigger\":{\"a\":2}}"},
					    {201, "{\"trigger\":{\"a\":3}}"},
					    {200, "{\"trigger\":{\"a\":4}}"},
					    {204, ""},
					    {0}};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct json *body = json_parse(STR("{\"n\":1e3}"), &e);
	struct doapi_trigger t = {"t1", "p/f", "0 * * * *", body, true};

	says(f, steps);
	doapi_create_trigger(f->d, &t, ended, f);
	wait_for_end(f);
	expect_text(f->trigger, "{\"a\":1}");
	f->done = false;
	doapi_update_trigger(f->d, &t, ended, f);
	wait_for_end(f);
	t.body = NULL;
	t.enabled = false;
	f->done = false;
	doapi_create_trigger(f->d, &t, ended, f);
	wait_for_end(f);
	f->done = false;
	doapi_update_trigger(f->d, &t, ended, f);
	wait_for_end(f);
	f->done = false;
	doapi_delete_trigger(f->d, "t1", ended, f);
	wait_for_end(f);
	assert_string_equal(
		f->seen.buf,
		"POST " BASE " {\"name\":\"t1\",\"function\":\"p/f\",\"is_enabled\":true,"
		"\"type\":\"SCHEDULED\",\"scheduled_details\":{\"cron\":\"0 * * * *\","
		"\"body\":{\"n\":1e3}}}\n"
		"PUT " BASE "/t1 {\"is_enabled\":true,\"scheduled_details\":"
		"{\"cron\":\"0 * * * *\",\"body\":{\"n\":1e3}}}\n"
		"POST " BASE " {\"name\":\"t1\",\"function\":\"p/f\",\"is_enabled\":false,"
		"\"type\":\"SCHEDULED\",\"scheduled_details\":{\"cron\":\"0 * * * *\"}}\n"
		"PUT " BASE "/t1 {\"is_enabled\":false,\"scheduled_details\":"
		"{\"cron\":\"0 * * * *\",\"body\":{}}}\n"
		"DELETE " BASE "/t1\n");
	assert_int_equal(f->failure.code, ERR_OK);
	json_free(body);
}

static void only_the_switch_is_sent_to_enable(void **state)
{
	static const struct step steps[] = {
		{200, "{\"trigger\":{}}"}, {200, "{\"trigger\":{}}"}, {0}};
	struct fixture *f = *state;

	says(f, steps);
	doapi_enable_trigger(f->d, "t", true, ended, f);
	wait_for_end(f);
	f->done = false;
	doapi_enable_trigger(f->d, "t", false, ended, f);
	wait_for_end(f);
	assert_string_equal(f->seen.buf, "PUT " BASE "/t {\"is_enabled\":true}\n"
					 "PUT " BASE "/t {\"is_enabled\":false}\n");
}

static const struct doapi_trigger plain = {"t", "f", "* * * * *", NULL, true};

/* The methods of the requests: "POST PUT ". */
static void expect_methods(struct fixture *f, const char *expected)
{
	struct str rest = strbuf_str(&f->seen), line, method;
	struct strbuf methods = STRBUF_INIT;

	while (rest.n && str_next(&rest, '\n', &line))
		if (str_next(&line, ' ', &method))
			strbuf_addf(&methods, "%.*s ", STR_ARG(method));
	assert_string_equal(methods.buf, expected);
	strbuf_release(&methods);
}

/* The answer to a POST may be lost after the trigger was made. */
static void a_trigger_made_by_a_lost_try_is_brought_up_to_date(void **state)
{
	static const struct step steps[] = {{500, ""},
					    {422, "{\"message\":\"exists\"}"},
					    {200, "{\"trigger\":{\"b\":1}}"},
					    {0}};
	static const struct step gone[] = {
		{500, ""}, {422, "{\"message\":\"limit reached\"}"}, {404, ""}, {0}};
	static const struct step once[] = {{422, "{\"message\":\"exists\"}"}, {0}};
	struct fixture *f = *state;

	says(f, steps);
	doapi_create_trigger(f->d, &plain, ended, f);
	wait_for_end(f);
	expect_methods(f, "POST POST PUT ");
	expect_text(f->trigger, "{\"b\":1}");
	says(f, gone);
	doapi_create_trigger(f->d, &plain, ended, f);
	wait_for_end(f);
	expect_methods(f, "POST POST PUT ");
	assert_string_equal(f->failure.msg, "the DigitalOcean API answered 422: limit reached");
	says(f, once);
	doapi_create_trigger(f->d, &plain, ended, f);
	wait_for_end(f);
	expect_methods(f, "POST ");
	assert_string_equal(f->failure.msg, "the DigitalOcean API answered 422: exists");
}

static void one_deleted_by_a_lost_try_is_deleted(void **state)
{
	static const struct step steps[] = {{503, ""}, {404, ""}, {0}},
				 once[] = {{404, ""}, {0}};
	struct fixture *f = *state;

	says(f, steps);
	doapi_delete_trigger(f->d, "t", ended, f);
	wait_for_end(f);
	expect_text(f->trigger, "{}");
	says(f, once);
	doapi_delete_trigger(f->d, "t", ended, f);
	wait_for_end(f);
	assert_int_equal(f->failure.status, 404);
}

static void failures_of_changes_are_told(void **state)
{
	static const struct step busy[] = {
		{429, ""}, {429, "{\"message\":\"slow down\"}"}, {0}};
	static const struct step wrong[] = {{200, "{\"trigger\":[]}"}, {0}};
	struct fixture *f = *state;

	says(f, busy);
	doapi_update_trigger(f->d, &plain, ended, f);
	wait_for_end(f);
	assert_string_equal(f->failure.msg, "the DigitalOcean API answered 429: slow down; try "
					    "again in a minute");
	assert_null(f->trigger);
	says(f, wrong);
	doapi_create_trigger(f->d, &plain, ended, f);
	wait_for_end(f);
	assert_string_equal(f->failure.msg, "the DigitalOcean API's answer has no 'trigger'");
}

static void an_address_that_is_none_is_refused(void **state)
{
	struct fixture *f = *state;
	struct doapi_options o = {.api_url = "http://", .token = "t", .namespace = "n"};
	struct err e = ERR_INIT;

	assert_null(doapi_new(f->l, &o, &e));
	assert_int_equal(e.code, ERR_USAGE);
	err_clear(&e);
	doapi_free(NULL);
}

static void changes_end_with_the_client(void **state)
{
	static const struct step steps[] = {{200, "{}"}, {0}};
	struct fixture *f = *state;

	says(f, steps);
	doapi_create_trigger(f->d, &plain, ended, f);
	doapi_free(f->d);
	f->d = NULL;
	assert_true(f->done);
	assert_int_equal(f->failure.code, ERR_CANCELLED);
}

int main(void)
{
#define with(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with(all_pages_are_one_list),
		with(a_list_ends),
		with(failures_of_a_list_are_explained),
		with(a_page_without_end_is_refused),
		with(of_a_long_reason_the_start_is_told),
		with(one_trigger_is_got_by_its_name),
		with(what_leads_elsewhere_is_no_name),
		with(bodies_are_those_of_the_deployer),
		with(only_the_switch_is_sent_to_enable),
		with(a_trigger_made_by_a_lost_try_is_brought_up_to_date),
		with(one_deleted_by_a_lost_try_is_deleted),
		with(failures_of_changes_are_told),
		with(an_address_that_is_none_is_refused),
		with(changes_end_with_the_client),
	};

	return cmocka_run_group_tests_name("doapi", tests, NULL, NULL);
}
