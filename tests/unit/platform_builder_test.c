#include "platform/builder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"
#include "tree.h"

enum { MAX_BYTES = 20 };

static const char digits[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct fixture {
	struct tree *tree;
	struct loop *l;
	struct builder *b;
	struct strbuf results;
	enum outcome outcome;
	bool done, timed_out;
	size_t ended;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	void *tree = NULL;

	if (tree_setup(&tree) < 0)
		return -1;
	f->tree = tree;
	f->l = loop_new();
	f->results = STRBUF_INIT;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	builder_free(f->b);
	loop_free(f->l);
	strbuf_release(&f->results);
	err_clear(&f->e);
	free(f);
	return tree_teardown(&tree);
}

/* With a script in place of the program that builds. */
static void open_builder(struct fixture *f, const char *script, uint64_t limit_ms,
			 uint64_t upload_ms)
{
	char *program = xasprintf("%s/program", f->tree->path);
	char *dir = xasprintf("%s/builds", f->tree->path);
	struct builder_options o = {.loop = f->l,
				    .program = program,
				    .dir = dir,
				    .api_host = "http://127.0.0.1:1",
				    .limit_ms = limit_ms,
				    .upload_ms = upload_ms,
				    .max_bytes = MAX_BYTES};

	tree_file(f->tree, "program", script);
	tree_file(f->tree, "builds/left/over", "");
	assert_int_equal(fchmodat(f->tree->fd, "program", 0755, 0), 0);
	f->b = builder_new(&o, &f->e);
	if (!f->b)
		fail_msg("%s", f->e.msg);
	assert_int_not_equal(faccessat(f->tree->fd, "builds/left", F_OK, 0), 0);
	free(program);
	free(dir);
}

static void on_done(void *arg, const struct invocation_end *end)
{
	struct fixture *f = arg;

	strbuf_addf(&f->results, "%.*s|", STR_ARG(end->result));
	f->outcome = end->outcome;
	f->timed_out = end->timed_out;
	f->ended++;
	f->done = true;
}

static void begin(struct fixture *f, const char *slice)
{
	struct build_request q = {.key = digits, .done = on_done, .arg = f};
	char name[BUILDER_NAME];

	assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
	assert_int_equal(builder_take_upload(f->b, name, str_of(slice), &f->e), 0);
	q.slice = name;
	f->done = false;
	builder_build(f->b, &q);
}

static void build(struct fixture *f, const char *slice)
{
	begin(f, slice);
	if (!f->done)
		loop_run_until(f->l, &f->done);
}

static void child_gets_slice_key_and_an_empty_private_folder(void **state)
{
	struct fixture *f = *state;

	open_builder(
		f,
		"#!/bin/sh\n"
		"test \"$*\" = 'local build-slice --apihost http://127.0.0.1:1' || exit 9\n"
		"test -z \"$(ls -A)\" || exit 8\n"
		"printf '{\"line\": \"%s %s %s\"}\\n' \"$(cat <&3)\" \"$(cat <&4 | wc -c)\" "
		"\"$(stat -c %a .)\"\n"
		"echo '{\"outcome\": {\"successes\": []}}'\n",
		0, 0);
	build(f, "bytes");
	assert_int_equal(f->outcome, OUTCOME_SUCCESS);
	assert_string_equal(f->results.buf, "{\"transcript\":[\"bytes 64 700\"],"
					    "\"outcome\":{\"successes\":[]}}|");
}

static void child_without_a_result_is_a_failure_with_its_output(void **state)
{
	static const struct {
		const char *script, *result;
	} table[] = {
		{"#!/bin/sh\necho '{\"error\": \"why\"}'\n",
		 "{\"error\":\"why\",\"transcript\":[]}|"},
		{"#!/bin/sh\necho oops >&2\n",
		 "{\"error\":\"the build ended without a result\",\"transcript\":[\"oops\"]}|"},
		{"#!/bin/sh\necho odd\n[ 1 ]\necho '{\"outcome\": 5}'\n",
		 "{\"error\":\"the build ended without a result\","
		 "\"transcript\":[\"odd\",\"{\\\"outcome\\\": 5}\"]}|"},
		{"#!/bin/sh\nkill -9 $$\n",
		 "{\"error\":\"the build was ended by signal 9\",\"transcript\":[]}|"},
		{"#!/nowhere/sh\n", NULL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(table); i++) {
		builder_free(f->b);
		strbuf_reset(&f->results);
		open_builder(f, table[i].script, 0, 0);
		build(f, "x");
		assert_int_equal(f->outcome, OUTCOME_DEVELOPER);
		if (table[i].result)
			assert_string_equal(f->results.buf, table[i].result);
	}
}

static void build_over_its_time_is_ended(void **state)
{
	struct fixture *f = *state;

	open_builder(f, "#!/bin/sh\necho begun >&2\nexec sleep 60\n", 50, 0);
	build(f, "x");
	assert_true(f->timed_out);
	assert_int_equal(f->outcome, OUTCOME_DEVELOPER);
	assert_non_null(strstr(f->results.buf, "the build took longer than 50 ms"));
}

static void builds_beyond_two_wait_and_a_stop_ends_all(void **state)
{
	struct fixture *f = *state;
	int i;

	open_builder(f, "#!/bin/sh\nexec sleep 60\n", 0, 0);
	for (i = 0; i < 4; i++)
		begin(f, "x");
	assert_int_equal(f->ended, 0);
	builder_free(f->b);
	f->b = NULL;
	assert_int_equal(f->ended, 4);
	assert_non_null(strstr(f->results.buf, "the local platform was stopped"));
}

static void waiting_builds_follow_one_another(void **state)
{
	struct fixture *f = *state;
	int i;

	open_builder(f, "#!/bin/sh\necho \"{\\\"error\\\": \\\"$(cat <&3)\\\"}\"\n", 0, 0);
	for (i = 0; i < 5; i++)
		begin(f, "x");
	while (f->ended < 5) {
		f->done = false;
		loop_run_until(f->l, &f->done);
	}
}

static void address_expires(void **state)
{
	struct fixture *f = *state;
	char name[BUILDER_NAME], first[BUILDER_NAME];

	open_builder(f, "#!/bin/sh\n", 0, 1);
	assert_int_equal(builder_add_upload(f->b, first, &f->e), 0);
	assert_int_equal(builder_take_upload(f->b, first, STR("x"), &f->e), 0);
	loop_run(f->l); /* until no timer is left */
	assert_int_equal(builder_take_upload(f->b, first, STR("x"), &f->e), -1);
	assert_int_equal(f->e.status, 404);
	err_clear(&f->e);
	assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
	assert_string_not_equal(name, first);
}

static void number_of_addresses_is_bounded(void **state)
{
	struct fixture *f = *state;
	char name[BUILDER_NAME];
	int i;

	open_builder(f, "#!/bin/sh\n", 0, 0);
	for (i = 0; i < BUILDER_UPLOADS_MAX; i++)
		assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
	assert_int_equal(builder_add_upload(f->b, name, &f->e), -1);
	assert_int_equal(f->e.status, 429);
}

static void bytes_of_what_waits_are_bounded(void **state)
{
	struct fixture *f = *state;
	const size_t n = BUILDER_SLICE_MAX;
	char *bytes = xcalloc(n + 1, 1), name[BUILDER_NAME];
	int i;

	open_builder(f, "#!/bin/sh\n", 0, 0);
	for (i = 0; i < MAX_BYTES; i++) {
		assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
		assert_int_equal(builder_take_upload(f->b, name, STR("x"), &f->e), 0);
	}
	assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
	assert_int_equal(builder_take_upload(f->b, name, STR("x"), &f->e), -1);
	assert_int_equal(f->e.status, 503);
	err_clear(&f->e);
	assert_int_equal(builder_take_upload(f->b, name, (struct str){bytes, n + 1}, &f->e),
			 -1);
	assert_int_equal(f->e.status, 413);
	free(bytes);
}

static void request_that_cannot_be_met_says_why(void **state)
{
	struct fixture *f = *state;
	struct build_request q = {.slice = digits, .key = digits, .done = on_done, .arg = f};
	char name[BUILDER_NAME];

	open_builder(f, "#!/bin/sh\n", 0, 0);
	builder_build(f->b, &q);
	assert_non_null(strstr(f->results.buf, "no slice of the name"));
	assert_int_equal(builder_add_upload(f->b, name, &f->e), 0);
	q.slice = name;
	builder_build(f->b, &q);
	assert_non_null(strstr(strchr(f->results.buf, '|'), "no slice of the name"));
	strbuf_reset(&f->results);
	q.key = "0123";
	builder_build(f->b, &q);
	assert_non_null(strstr(f->results.buf, "'encryptionKey' is not 64 digits"));
}

#define BUILDER(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUILDER(child_gets_slice_key_and_an_empty_private_folder),
		BUILDER(child_without_a_result_is_a_failure_with_its_output),
		BUILDER(build_over_its_time_is_ended),
		BUILDER(builds_beyond_two_wait_and_a_stop_ends_all),
		BUILDER(waiting_builds_follow_one_another),
		BUILDER(address_expires),
		BUILDER(number_of_addresses_is_bounded),
		BUILDER(bytes_of_what_waits_are_bounded),
		BUILDER(request_that_cannot_be_met_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
