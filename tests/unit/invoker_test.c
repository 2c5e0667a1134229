#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "invoking.h"
#include "sandbox/sandbox.h"

static int set_up_one_worker(void **state)
{
	return set_up_with(state, 1, 0);
}

static int set_up_short_idle(void **state)
{
	return set_up_with(state, 0, 30);
}

static const char pid_source[] = "import os\ndef main(e):\n  return {'pid': os.getpid()}";

static int64_t pid_of(const struct job *j)
{
	struct err e = ERR_INIT;
	struct json *result = json_parse(strbuf_str(&j->result), &e);
	int64_t pid = 0;

	assert_true(json_int(json_get(result, "pid"), &pid));
	json_free(result);
	return pid;
}

/* One call of a function that answers with its process id. */
static int64_t ask_pid(struct fixture *f, const char *name, const char *revision, bool cold)
{
	struct job j = {.name = name, .revision = revision, .source = pid_source};
	int64_t pid;

	run(f, &j);
	assert_int_equal(j.outcome, OUTCOME_SUCCESS);
	assert_int_equal(j.cold, cold);
	pid = pid_of(&j);
	release(&j);
	return pid;
}

static void a_second_call_finds_the_worker_warm(void **state)
{
	struct fixture *f = *state;
	int64_t pid = ask_pid(f, "fn", "1", true);

	assert_int_equal(ask_pid(f, "fn", "1", false), pid);
}

static void another_revision_has_a_worker_of_its_own(void **state)
{
	struct fixture *f = *state;
	int64_t pid = ask_pid(f, "fn", "1", true);

	assert_int_not_equal(ask_pid(f, "fn", "2", true), pid);
	assert_int_equal(ask_pid(f, "fn", "1", false), pid);
}

static void an_application_error_keeps_the_worker(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "n = 0\ndef main():\n  global n\n  n += 1\n"
				  "  raise Exception(n)"};

	expect(f, &j, OUTCOME_APPLICATION, "{\"error\": \"1\"}");
	release(&j);
	expect(f, &j, OUTCOME_APPLICATION, "{\"error\": \"2\"}");
	release(&j);
}

static void a_developer_error_ends_the_worker(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "n = 0\ndef main():\n  global n\n  n += 1\n"
				  "  return [n] if n == 1 else {'n': n}"};

	expect(f, &j, OUTCOME_DEVELOPER, NO_DICTIONARY);
	release(&j);
	expect(f, &j, OUTCOME_DEVELOPER, NO_DICTIONARY);
	assert_true(j.cold);
	release(&j);
}

/* Not as a zombie: an orphan stays one for as long as the first process of the system likes. */
static bool lives(int64_t pid)
{
	return sandbox_memory((pid_t)pid) > 0;
}

/* Turns the loop until the process is gone. */
static void wait_until_gone(struct fixture *f, int64_t pid)
{
	uint64_t until = clock_monotonic_ms() + 5000;
	struct loop_timer *t;

	while (lives(pid) && clock_monotonic_ms() < until) {
		t = loop_timer_start(f->l, 2, 0, (void (*)(void *))loop_stop, f->l);
		loop_run(f->l);
		loop_timer_stop(t);
	}
	assert_false(lives(pid));
}

static void retiring_ends_idle_workers(void **state)
{
	struct fixture *f = *state;
	int64_t pid = ask_pid(f, "fn", "1", true);
	int64_t other = ask_pid(f, "other", "1", true);

	invoker_retire(f->v, "pkg", "fn");
	wait_until_gone(f, pid);
	assert_true(lives(other));
}

static void retiring_lets_a_busy_worker_finish(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import os, time\ndef main():\n  time.sleep(0.1)\n"
				  "  return {'pid': os.getpid()}"};
	int64_t pid;

	run(f, &j);
	release(&j);
	start(f->v, &j);
	invoker_retire(f->v, "pkg", "fn");
	loop_run_until(f->l, &j.done);
	assert_int_equal(j.outcome, OUTCOME_SUCCESS);
	assert_false(j.cold);
	pid = pid_of(&j);
	release(&j);
	wait_until_gone(f, pid);
}

static void an_idle_worker_ends_after_its_time(void **state)
{
	struct fixture *f = *state;

	wait_until_gone(f, ask_pid(f, "fn", "1", true));
}

static void a_worker_that_died_between_calls_is_replaced(void **state)
{
	struct fixture *f = *state;
	int64_t pid = ask_pid(f, "fn", "1", true);

	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	/* Not known yet: the loop has not turned, the call goes to the dead one first. */
	assert_int_not_equal(ask_pid(f, "fn", "1", true), pid);
}

static void two_calls_at_once_have_two_workers(void **state)
{
	struct fixture *f = *state;
	const char *source = "import os, time\ndef main():\n  time.sleep(0.1)\n"
			     "  return {'pid': os.getpid()}";
	struct job a = {.source = source}, b = {.source = source};

	start(f->v, &a);
	start(f->v, &b);
	loop_run_until(f->l, &a.done);
	loop_run_until(f->l, &b.done);
	assert_int_not_equal(pid_of(&a), pid_of(&b));
	release(&a);
	release(&b);
}

static void calls_beyond_the_workers_wait_in_order(void **state)
{
	struct fixture *f = *state;
	const char *source = "n = 0\ndef main():\n  global n\n  n += 1\n  return {'n': n}";
	struct job a = {.source = source}, b = {.source = source}, c = {.source = source};

	start(f->v, &a);
	start(f->v, &b);
	start(f->v, &c);
	loop_run_until(f->l, &c.done);
	assert_string_equal(a.result.buf, "{\"n\": 1}");
	assert_string_equal(b.result.buf, "{\"n\": 2}");
	assert_string_equal(c.result.buf, "{\"n\": 3}");
	release(&a);
	release(&b);
	release(&c);
}

static void an_idle_worker_makes_room_for_another_function(void **state)
{
	struct fixture *f = *state;
	int64_t pid = ask_pid(f, "first", "1", true);

	ask_pid(f, "second", "1", true);
	wait_until_gone(f, pid);
	ask_pid(f, "first", "1", true);
}

static void a_call_may_be_started_from_the_end_of_another(void **state)
{
	struct fixture *f = *state;
	struct job second = {.source = "def main():\n  return {'n': 2}"};
	struct job first = {.source = second.source, .then = &second};

	start(f->v, &first);
	loop_run_until(f->l, &second.done);
	assert_true(first.done);
	assert_false(second.cold);
	assert_string_equal(second.result.buf, "{\"n\": 2}");
	release(&first);
	release(&second);
}

static void the_time_limit_ends_a_run(void **state)
{
	struct job j = {.timeout_ms = 150,
			.source = "import time\ndef main():\n  print('before')\n"
				  "  time.sleep(30)"};

	expect(*state, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"The action exceeded its time limits of 150 milliseconds.\"}");
	assert_true(j.timed_out);
	assert_true(j.took_ms >= 150);
	assert_string_equal(j.logs.buf, "stdout: before\n" MISSING_DATA);
	release(&j);
}

static void the_time_limit_ends_an_initialization(void **state)
{
	struct job j = {.timeout_ms = 150, .source = "while True: pass"};

	expect(*state, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"The action exceeded its time limits of 150 milliseconds during "
	       "initialization.\"}");
	assert_true(j.timed_out);
	release(&j);
}

static void the_time_limit_counts_from_each_call(void **state)
{
	struct fixture *f = *state;
	struct job j = {.timeout_ms = 400,
			.source = "import time\ndef main():\n  time.sleep(0.15)\n  return {}"};
	int i;

	for (i = 0; i < 4; i++) {
		expect(f, &j, OUTCOME_SUCCESS, "{}");
		release(&j);
	}
}

static void the_memory_limit_ends_a_run(void **state)
{
	struct job j = {.memory_mb = 128,
			.source = "import time\ndef main():\n  x = b'x' * (400 << 20)\n"
				  "  time.sleep(10)\n  return {'n': len(x)}"};

	expect(*state, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"The action exhausted its memory and was aborted.\"}");
	assert_false(j.timed_out);
	assert_true(j.took_ms < 9000);
	release(&j);
}

static void memory_of_child_processes_counts(void **state)
{
	struct job j = {.memory_mb = 128,
			.source = "import subprocess, sys\ndef main():\n"
				  "  subprocess.run([sys.executable, '-c', 'import time; "
				  "x = b\"x\" * (400 << 20); time.sleep(10)'])\n  return {}"};

	expect(*state, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"The action exhausted its memory and was aborted.\"}");
	assert_true(j.took_ms < 9000);
	release(&j);
}

static void child_processes_end_with_the_worker(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import subprocess\ndef main():\n"
				  "  p = subprocess.Popen(['sleep', '1000'])\n"
				  "  return {'pid': p.pid}"};
	int64_t pid;

	run(f, &j);
	pid = pid_of(&j);
	release(&j);
	assert_true(lives(pid));
	invoker_free(f->v);
	f->v = NULL;
	wait_until_gone(f, pid);
}

static void children_end_with_a_worker_that_exits(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import subprocess, os\ndef main():\n"
				  "  p = subprocess.Popen(['sleep', '1000'])\n"
				  "  print(p.pid, flush=True)\n  os._exit(1)"};
	uint64_t pid;

	expect(f, &j, OUTCOME_DEVELOPER, EXITED);
	assert_true(str_to_u64(
		str_trim((struct str){j.logs.buf + 8, strcspn(j.logs.buf + 8, "\n")}), &pid));
	release(&j);
	wait_until_gone(f, (int64_t)pid);
}

/* Sizes. */
static void a_large_payload_and_result_pass(void **state)
{
	struct strbuf payload = STRBUF_INIT, wanted = STRBUF_INIT;
	struct job j = {.source = "def main(e):\n  return e"};
	size_t i;

	strbuf_adds(&payload, "{\"a\":\"");
	for (i = 0; i < 1000000; i++)
		strbuf_addc(&payload, 'x');
	strbuf_adds(&payload, "\"}");
	strbuf_adds(&wanted, "{\"a\": ");
	strbuf_addstr(&wanted, str_from(strbuf_str(&payload), 5));
	j.payload = payload.buf;
	expect(*state, &j, OUTCOME_SUCCESS, wanted.buf);
	assert_int_equal(j.size, wanted.len);
	release(&j);
	strbuf_release(&payload);
	strbuf_release(&wanted);
}

static void a_result_beyond_the_limit_is_cut(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "n = 0\ndef main():\n  global n\n  n += 1\n"
				  "  return {'a': '\\u00e4' * 1000000 if n == 1 else n}"};
	const char *start_of_text =
		"{\"error\": \"The action produced a response that exceeded the allowed "
		"length: 2000009 > 1048576 bytes. The truncated response was: {\\\"a\\\": "
		"\\\"\xc3\xa4\xc3\xa4";

	run(f, &j);
	assert_int_equal(j.outcome, OUTCOME_APPLICATION);
	assert_true(str_starts(strbuf_str(&j.result), start_of_text));
	assert_true(str_ends(strbuf_str(&j.result), "\xc3\xa4\"}"));
	release(&j);
	expect(f, &j, OUTCOME_SUCCESS, "{\"a\": 2}"); /* the worker was kept */
	release(&j);
}

static void the_size_is_counted_in_characters(void **state)
{
	struct job j = {.source = "def main():\n  return {'a': '\\u00e4\\U0001F600'}"};

	run(*state, &j);
	assert_int_equal(j.size, strlen("{\"a\": \"") + 1 + 2 + strlen("\"}"));
	release(&j);
}

/* Interpreters. */
static void another_language_says_what_runs_here(void **state)
{
	struct fixture *f = *state;
	struct job j = {.kind = "nodejs:18", .source = ""};
	struct json *kinds;
	bool said = false;
	const struct json *k;

	expect(f, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"the local platform runs only Python functions so far, not "
	       "'nodejs:18'\"}");
	release(&j);
	kinds = invoker_describe(f->v);
	for (k = json_first(kinds); k; k = json_next(k))
		said |= str_is(json_str(k), "the local platform runs only Python functions so "
					    "far");
	assert_true(said);
	json_free(kinds);
}

static void a_version_that_is_missing_gets_the_nearest_and_a_notice(void **state)
{
	struct job j = {.kind = "python:3.99", .source = "def main():\n  return {'n': 1}"};

	expect(*state, &j, OUTCOME_SUCCESS, "{\"n\": 1}");
	assert_true(j.has_notice);
	release(&j);
}

static void without_any_python_the_package_is_named(void **state)
{
	struct fixture *f = *state;
	char *path = xstrdup(getenv("PATH"));
	struct job j = {.kind = "python:3.98", .source = ""};

	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	expect(f, &j, OUTCOME_DEVELOPER,
	       "{\"error\": \"there is no Python in PATH to run 'python:3.98': install it (on "
	       "Debian the package python3)\"}");
	assert_int_equal(setenv("PATH", path, 1), 0);
	release(&j);
	j.source = "def main():\n  return {'n': 1}";
	expect(f, &j, OUTCOME_SUCCESS, "{\"n\": 1}"); /* asked again */
	release(&j);
	free(path);
}

static void code_that_cannot_be_fetched_is_the_platforms_fault(void **state)
{
	struct job j = {.no_code = true};

	expect(*state, &j, OUTCOME_WHISK, "{\"error\": \"the store is gone\"}");
	release(&j);
}

static void closing_ends_calls_under_way(void **state)
{
	struct fixture *f = *state;
	const char *source = "import time\ndef main():\n  time.sleep(30)";
	struct job j[3] = {{.source = source}, {.source = source}, {.source = source}};
	size_t i;

	for (i = 0; i < countof(j); i++)
		start(f->v, &j[i]);
	invoker_free(f->v);
	f->v = NULL;
	for (i = 0; i < countof(j); i++) {
		assert_int_equal(j[i].ends, 1);
		assert_int_equal(j[i].outcome, OUTCOME_DEVELOPER);
		release(&j[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with(a_second_call_finds_the_worker_warm),
		with(another_revision_has_a_worker_of_its_own),
		with(an_application_error_keeps_the_worker),
		with(a_developer_error_ends_the_worker),
		with(retiring_ends_idle_workers),
		with(retiring_lets_a_busy_worker_finish),
		cmocka_unit_test_setup_teardown(an_idle_worker_ends_after_its_time,
						set_up_short_idle, tear_down),
		with(a_worker_that_died_between_calls_is_replaced),
		with(two_calls_at_once_have_two_workers),
		cmocka_unit_test_setup_teardown(calls_beyond_the_workers_wait_in_order,
						set_up_one_worker, tear_down),
		cmocka_unit_test_setup_teardown(an_idle_worker_makes_room_for_another_function,
						set_up_one_worker, tear_down),
		with(a_call_may_be_started_from_the_end_of_another),
		with(the_time_limit_ends_a_run),
		with(the_time_limit_ends_an_initialization),
		with(the_time_limit_counts_from_each_call),
		with(the_memory_limit_ends_a_run),
		with(memory_of_child_processes_counts),
		with(child_processes_end_with_the_worker),
		with(children_end_with_a_worker_that_exits),
		with(a_large_payload_and_result_pass),
		with(a_result_beyond_the_limit_is_cut),
		with(the_size_is_counted_in_characters),
		with(another_language_says_what_runs_here),
		with(a_version_that_is_missing_gets_the_nearest_and_a_notice),
		with(without_any_python_the_package_is_named),
		with(code_that_cannot_be_fetched_is_the_platforms_fault),
		with(closing_ends_calls_under_way),
	};

	prefer_system_python();
	return cmocka_run_group_tests_name("invoker", tests, NULL, NULL);
}
