#include "platform/invoker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "fs/fs.h"
#include "test.h"
#include "zip/zip.h"

/* The invoker with a folder of its own; each test starts and ends one. */
struct fixture {
	struct loop *l;
	struct invoker *v;
	char *folder;
};

/* A function and how a call of it went. */
struct job {
	struct invoker *v;
	const char *name, *revision, *main, *kind, *payload, *env, *source;
	struct str zip; /* instead of source */
	int64_t timeout_ms, memory_mb, logs_kb;
	bool no_code;
	/* the end */
	bool done;
	enum outcome outcome;
	bool cold, timed_out;
	size_t size;
	int64_t init_ms, took_ms;
	struct strbuf result, logs; /* logs: "stdout: text\n" */
	bool has_notice, in_order;
	unsigned ends;
	struct job *then; /* started from inside done */
};

static int set_up_with(void **state, unsigned max_workers, uint64_t idle_ms)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct invoker_options o = {
		.api_host = "http://127.0.0.1:3233",
		.namespace = "fn-test",
		.max_workers = max_workers,
		.idle_ms = idle_ms,
	};
	struct err e = ERR_INIT;

	f->l = loop_new();
	f->folder = fs_temp_dir("/tmp", "dofn-invoker-", &e);
	assert_non_null(f->folder);
	o.run_dir = f->folder;
	f->v = invoker_new(f->l, &o, &e);
	assert_non_null(f->v);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 0, 0);
}

static int set_up_one_worker(void **state)
{
	return set_up_with(state, 1, 0);
}

static int set_up_short_idle(void **state)
{
	return set_up_with(state, 0, 30);
}

/* Afterwards nothing is left: no worker, no folder of one. */
static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	char *launcher = xasprintf("%s/python.py", f->folder);

	if (f->v)
		invoker_free(f->v);
	assert_int_equal(unlink(launcher), 0);
	assert_int_equal(rmdir(f->folder), 0);
	fs_temp_forget(f->folder);
	loop_free(f->l);
	err_clear(&e);
	free(launcher);
	free(f->folder);
	free(f);
	return 0;
}

static int fetch(void *arg, struct strbuf *out, struct err *e)
{
	struct job *j = arg;

	if (j->no_code)
		return err_set(e, ERR_SYSTEM, "the store is gone");
	if (j->zip.p)
		base64_encode(out, j->zip.p, j->zip.n);
	else
		strbuf_adds(out, j->source);
	return 0;
}

static void start(struct invoker *v, struct job *j);

static void ended(void *arg, const struct invocation_end *end)
{
	struct job *j = arg;
	size_t i;

	j->outcome = end->outcome;
	j->cold = end->cold;
	j->timed_out = end->timed_out;
	j->size = end->size;
	j->init_ms = end->init_ms;
	j->took_ms = end->end_ms - end->start_ms;
	j->has_notice = end->notice != NULL;
	j->in_order = true;
	strbuf_addstr(&j->result, end->result);
	for (i = 0; i < end->logs_n; i++) {
		strbuf_adds(&j->logs, end->logs[i].is_stderr ? "stderr: " : "stdout: ");
		strbuf_addstr(&j->logs, end->logs[i].text);
		strbuf_addc(&j->logs, '\n');
		if (i && end->logs[i].time_ns < end->logs[i - 1].time_ns)
			j->in_order = false;
	}
	assert_true(end->wait_ms >= 0);
	if (j->then)
		start(j->v, j->then);
	j->ends++;
	j->done = true;
}

static void start(struct invoker *v, struct job *j)
{
	struct err e = ERR_INIT;
	struct json *env = j->env ? json_parse(str_of(j->env), &e) : NULL;
	struct invocation in = {
		.activation_id = "0123456789abcdef0123456789abcdef",
		.package = "pkg",
		.name = j->name ? j->name : "fn",
		.version = "0.0.3",
		.revision = j->revision ? j->revision : "1",
		.kind = j->kind ? j->kind : "python:3.11",
		.main = j->main,
		.transaction_id = "fedcba9876543210fedcba9876543210",
		.api_key = "",
		.binary = j->zip.p != NULL,
		.timeout_ms = j->timeout_ms ? j->timeout_ms : 20000,
		.memory_mb = j->memory_mb ? j->memory_mb : 256,
		.logs_kb = j->logs_kb ? j->logs_kb < 0 ? 0 : j->logs_kb : 16,
		.payload = str_of(j->payload ? j->payload : "{}"),
		.env = env,
		.code = fetch,
		.done = ended,
		.arg = j,
	};

	j->v = v;
	j->done = false;
	j->result = j->logs = STRBUF_INIT;
	invoker_run(v, &in);
	json_free(env);
}

static void release(struct job *j)
{
	strbuf_release(&j->result);
	strbuf_release(&j->logs);
}

static void run(struct fixture *f, struct job *j)
{
	start(f->v, j);
	loop_run_until(f->l, &j->done);
	assert_true(j->done);
	assert_true(j->in_order);
}

/* Runs it and expects this outcome and result. */
static void expect(struct fixture *f, struct job *j, enum outcome outcome, const char *result)
{
	run(f, j);
	assert_string_equal(j->result.buf, result);
	assert_int_equal(j->outcome, outcome);
}

static bool logged(const struct job *j, const char *line)
{
	return strstr(j->logs.buf, line) != NULL;
}

struct example {
	const char *source, *payload, *result;
	enum outcome outcome;
	const char *log; /* a part of the logs, or NULL */
};

static void run_examples(struct fixture *f, const struct example *examples, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *name = xasprintf("example%zu", i);
		struct job j = {
			.name = name,
			.source = examples[i].source,
			.payload = examples[i].payload,
		};

		expect(f, &j, examples[i].outcome, examples[i].result);
		assert_true(j.cold);
		if (examples[i].log && !logged(&j, examples[i].log))
			fail_msg("'%s' is not in the logs:\n%s", examples[i].log, j.logs.buf);
		release(&j);
		invoker_retire(f->v, "pkg", name);
		free(name);
	}
}

#define NO_DICTIONARY "{\"error\": \"The function did not return a dictionary.\"}"
#define EXITED "{\"error\": \"command exited\"}"
#define NOT_INITIALIZED "{\"error\": \"The function did not initialize properly.\"}"
#define CANNOT_INITIALIZE "{\"error\": \"Cannot initialize function. Check logs for details.\"}"
#define MISSING_DATA                                                                   \
	"stderr: The action did not initialize or run as expected. Log data might be " \
	"missing.\n"

static void arguments_follow_the_count_of_parameters(void **state)
{
	static const struct example examples[] = {
		{"def main():\n  return {'n': 0}", NULL, "{\"n\": 0}", OUTCOME_SUCCESS, NULL},
		{"def main(e):\n  return e", "{\"a\":1.50}", "{\"a\": 1.5}", OUTCOME_SUCCESS,
		 NULL},
		{"def main(e, c):\n  return {'f': c.function_name, 'v': c.function_version,\n"
		 "  'a': c.activation_id, 'r': c.request_id, 'h': c.api_host, 'k': c.api_key,\n"
		 "  'n': c.namespace, 'd': type(c.deadline).__name__,\n"
		 "  'l': 0 < c.get_remaining_time_in_millis() <= 20000}",
		 NULL,
		 "{\"f\": \"/fn-test/pkg/example2\", \"v\": \"0.0.3\", "
		 "\"a\": \"0123456789abcdef0123456789abcdef\", "
		 "\"r\": \"fedcba9876543210fedcba9876543210\", "
		 "\"h\": \"http://127.0.0.1:3233\", \"k\": \"\", \"n\": \"fn-test\", "
		 "\"d\": \"int\", \"l\": true}",
		 OUTCOME_SUCCESS, NULL},
		{"def main(e, c=None):\n  return {'c': c is not None}", NULL, "{\"c\": true}",
		 OUTCOME_SUCCESS, NULL},
		{"def main(a, b, c):\n  return {}", NULL,
		 "{\"error\": \"main() missing 1 required positional argument: 'c'\"}",
		 OUTCOME_APPLICATION, "stderr: TypeError: main() missing"},
		{"import functools\ndef d(f):\n  @functools.wraps(f)\n"
		 "  def w(*a):\n    return f(*a)\n  return w\n@d\ndef main(e):\n  return {}",
		 NULL, "{\"error\": \"main() missing 1 required positional argument: 'e'\"}",
		 OUTCOME_APPLICATION, NULL},
		{"class M:\n  def __call__(self, e): return {}\nmain = M()", NULL,
		 "{\"error\": \"'M' object has no attribute '__code__'\"}", OUTCOME_APPLICATION,
		 NULL},
	};

	run_examples(*state, examples, countof(examples));
}

static void results_are_what_python_makes_of_them(void **state)
{
	static const struct example examples[] = {
		{"def main():\n  return None", NULL, "{}", OUTCOME_SUCCESS, NULL},
		{"def main():\n  return []", NULL, "{}", OUTCOME_SUCCESS, NULL},
		{"def main():\n  return {1: '\\u00e4\\U0001F600', 'b': [1, 2]}", NULL,
		 "{\"1\": \"\xc3\xa4\xf0\x9f\x98\x80\", \"b\": [1, 2]}", OUTCOME_SUCCESS, NULL},
		{"def main():\n  return {'n': 12345678901234567890, 'f': 1e400 - 1e400 == 0}",
		 NULL, "{\"n\": 12345678901234567890, \"f\": false}", OUTCOME_SUCCESS, NULL},
		{"def main():\n  return [1]", NULL, NO_DICTIONARY, OUTCOME_DEVELOPER,
		 MISSING_DATA},
		{"def main():\n  return 'text'", NULL, NO_DICTIONARY, OUTCOME_DEVELOPER, NULL},
		{"def main():\n  return {'n': float('nan')}", NULL, NO_DICTIONARY,
		 OUTCOME_DEVELOPER, NULL},
		{"def main():\n  return {'error': {'statusCode': 418}}", NULL,
		 "{\"error\": {\"statusCode\": 418}}", OUTCOME_APPLICATION, NULL},
		{"def main():\n  return {'a': 1, 'error': 1.10, 'b': 2}", NULL,
		 "{\"error\": 1.1}", OUTCOME_APPLICATION, NULL},
	};

	run_examples(*state, examples, countof(examples));
}

static void failures_have_the_platforms_words(void **state)
{
	static const struct example examples[] = {
		{"def f():\n  raise ValueError('no \"way\"')\ndef main():\n  f()", NULL,
		 "{\"error\": \"no \\\"way\\\"\"}", OUTCOME_APPLICATION,
		 "stderr: ValueError: no \"way\"\n"},
		{"import sys\ndef main():\n  print('bye')\n  sys.exit(3)", NULL, EXITED,
		 OUTCOME_DEVELOPER, "stdout: bye\n" MISSING_DATA},
		{"import os\ndef main():\n  os._exit(0)", NULL, EXITED, OUTCOME_DEVELOPER,
		 NULL},
		{"async def main():\n  return {}", NULL, EXITED, OUTCOME_DEVELOPER,
		 "stderr: TypeError: Object of type coroutine is not JSON serializable\n"},
		{"def main():\n  return {'s': '\\ud800'}", NULL, EXITED, OUTCOME_DEVELOPER,
		 "stderr: UnicodeEncodeError: "},
		{"import nosuchmodule", NULL, NOT_INITIALIZED, OUTCOME_DEVELOPER,
		 "stderr: Invalid function: No module named 'nosuchmodule'\n" MISSING_DATA},
		{"def main(:\n", NULL, NOT_INITIALIZED, OUTCOME_DEVELOPER,
		 "stderr: Invalid function: "},
		{"def other():\n  pass", NULL, NOT_INITIALIZED, OUTCOME_DEVELOPER,
		 "stderr: Invalid function: module 'main__' has no attribute 'main'\n"},
		{"import sys\nsys.exit()", NULL, CANNOT_INITIALIZE, OUTCOME_DEVELOPER, NULL},
		{"import os, signal\ndef main():\n  os.kill(os.getpid(), signal.SIGSEGV)", NULL,
		 EXITED, OUTCOME_DEVELOPER, NULL},
	};

	run_examples(*state, examples, countof(examples));
}

static void a_traceback_shows_only_the_functions_frames(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "def main():\n  raise KeyError('k')"};

	expect(f, &j, OUTCOME_APPLICATION, "{\"error\": \"'k'\"}");
	assert_true(logged(&j, "stderr: Traceback (most recent call last):\n"));
	assert_true(logged(&j, "main__.py\", line 2, in main\n"));
	assert_false(logged(&j, "python.py"));
	release(&j);
}

static void the_module_is_not_the_main_program(void **state)
{
	static const struct example examples[] = {
		{"import os, sys\nif __name__ == '__main__':\n  sys.exit()\n"
		 "def other():\n  return {'n': __name__, 'p': sys.path[-1] == os.getcwd(),\n"
		 "    'h': os.environ['HOME'] == os.getcwd(), 'i': sys.stdin.read()}\n"
		 "main = other",
		 NULL, "{\"n\": \"main__\", \"p\": true, \"h\": true, \"i\": \"\"}",
		 OUTCOME_SUCCESS, NULL},
	};

	run_examples(*state, examples, countof(examples));
}

static void another_entry_can_be_named(void **state)
{
	struct job j = {.main = "handler", .source = "def handler():\n  return {'h': 1}"};

	expect(*state, &j, OUTCOME_SUCCESS, "{\"h\": 1}");
	release(&j);
}

static void the_environment_holds_what_was_given_and_no_more(void **state)
{
	struct job j = {
		.env = "{\"KEY\":\"v\\u00e4l\",\"EMPTY\":\"\"}",
		.source = "import os\nE = dict(os.environ)\ndef main():\n"
			  "  return {'at_init': [E['KEY'], E['EMPTY'], E['__OW_NAMESPACE']],\n"
			  "    'names': sorted(os.environ), 'version':\n"
			  "    os.environ['__OW_ACTION_VERSION']}",
	};

	expect(*state, &j, OUTCOME_SUCCESS,
	       "{\"at_init\": [\"v\xc3\xa4l\", \"\", \"fn-test\"], \"names\": "
	       "[\"EMPTY\", \"HOME\", \"KEY\", \"LC_CTYPE\", \"PATH\", "
	       "\"__OW_ACTION_NAME\", \"__OW_ACTION_VERSION\", \"__OW_ACTIVATION_ID\", "
	       "\"__OW_API_HOST\", \"__OW_DEADLINE\", \"__OW_NAMESPACE\", "
	       "\"__OW_TRANSACTION_ID\"], \"version\": \"0.0.3\"}");
	release(&j);
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

/* A process with this id that is no zombie, as the loop has to reap it first. */
static bool lives(int64_t pid)
{
	return kill((pid_t)pid, 0) == 0;
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

/* Archives. */
struct file {
	const char *name, *text;
};

static void zip(struct strbuf *out, const struct file *files, size_t n)
{
	struct err e = ERR_INIT;
	struct zip_writer *w = zip_writer_new(zip_fixed_time(), 0, &e);
	size_t i;

	assert_non_null(w);
	for (i = 0; i < n; i++)
		assert_int_equal(
			zip_add_data(w, files[i].name, false, str_of(files[i].text), &e), 0);
	assert_int_equal(zip_writer_end(w, out, &e), 0);
}

static void expect_zip(struct fixture *f, const struct file *files, size_t n,
		       enum outcome outcome, const char *result, const char *log)
{
	struct strbuf archive = STRBUF_INIT;
	struct job j = {0};

	zip(&archive, files, n);
	j.zip = strbuf_str(&archive);
	expect(f, &j, outcome, result);
	if (log)
		assert_true(logged(&j, log));
	release(&j);
	strbuf_release(&archive);
}

static void an_archive_brings_its_files(void **state)
{
	static const struct file files[] = {
		{"__main__.py", "import json\nfrom part import helper\ndef main():\n"
				"  return {'t': open('data/note.txt').read(), 'h': helper.N,\n"
				"    'j': hasattr(json, 'dumps')}"},
		{"data/note.txt", "included"},
		{"json.py", "raise Exception('shadowed')"},
		{"part/helper.py", "N = 7"},
	};

	expect_zip(*state, files, countof(files), OUTCOME_SUCCESS,
		   "{\"t\": \"included\", \"h\": 7, \"j\": true}", NULL);
}

static void an_archive_may_hold_the_inner_name(void **state)
{
	static const struct file files[] = {{"main__.py", "def main():\n  return {'m': 1}"}};

	expect_zip(*state, files, countof(files), OUTCOME_SUCCESS, "{\"m\": 1}", NULL);
}

static void an_archive_without_main_is_refused(void **state)
{
	static const struct file files[] = {{"other.py", ""}};

	expect_zip(*state, files, countof(files), OUTCOME_DEVELOPER, NOT_INITIALIZED,
		   "stderr: Zip file does not include '__main__.py'.\n");
}

static void a_virtualenv_is_activated(void **state)
{
	static const struct file files[] = {
		{"__main__.py", "import dep\ndef main():\n  return {'d': dep.N}"},
		{"virtualenv/bin/activate_this.py",
		 "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname("
		 "os.path.dirname(os.path.abspath(__file__))), 'site'))"},
		{"virtualenv/site/dep.py", "N = 5"},
	};

	expect_zip(*state, files, countof(files), OUTCOME_SUCCESS, "{\"d\": 5}", NULL);
}

static void a_virtualenv_without_activation_is_refused(void **state)
{
	static const struct file files[] = {
		{"__main__.py", "def main():\n  return {}"},
		{"virtualenv/lib/x.py", ""},
	};

	expect_zip(*state, files, countof(files), OUTCOME_DEVELOPER, NOT_INITIALIZED,
		   "stderr: Invalid virtualenv: Zip file does not include "
		   "'activate_this.py'.\n");
}

static void what_is_no_archive_is_refused(void **state)
{
	struct job j = {.zip = STR("this is no zip archive")};

	expect(*state, &j, OUTCOME_DEVELOPER, CANNOT_INITIALIZE);
	assert_true(logged(&j, "stderr: "));
	release(&j);
}

/* Logs. */
static void lines_have_their_stream_and_order(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import sys, time\ndef main():\n  print('one')\n"
				  "  time.sleep(0.01)\n  print('two', file=sys.stderr)\n"
				  "  time.sleep(0.01)\n  print('')\n  print('thr\\u00e4e')"};

	expect(f, &j, OUTCOME_SUCCESS, "{}");
	assert_string_equal(j.logs.buf,
			    "stdout: one\nstderr: two\nstdout: \nstdout: thr\xc3\xa4"
			    "e\n");
	release(&j);
	run(f, &j); /* warm: nothing is left of the call before */
	assert_true(str_starts(strbuf_str(&j.logs), "stdout: one\nstderr: two\n"));
	release(&j);
}

static void an_unterminated_last_line_is_kept(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import sys\ndef main():\n"
				  "  sys.stdout.write('a\\n\\nb')\n"
				  "  sys.stderr.write('c\\n\\n')"};

	expect(f, &j, OUTCOME_SUCCESS, "{}");
	assert_true(logged(&j, "stdout: a\n"));
	assert_true(logged(&j, "stdout: b\n"));
	assert_int_equal(j.logs.len, strlen("stdout: a\nstdout: \nstdout: b\n"
					    "stderr: c\nstderr: \n"));
	release(&j);
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	struct job j = {.source = "import os\ndef main():\n  os.write(1, b'a\\xffb\\n')"};

	expect(*state, &j, OUTCOME_SUCCESS, "{}");
	assert_string_equal(j.logs.buf, "stdout: a\xef\xbf\xbd"
					"b\n");
	release(&j);
}

static void logs_end_at_their_ceiling(void **state)
{
	struct job j = {.logs_kb = 1,
			.source = "def main():\n  for i in range(300): print('0123456')"};

	expect(*state, &j, OUTCOME_SUCCESS, "{}");
	/* 128 lines of 8 bytes fill it exactly */
	assert_int_equal(j.logs.len,
			 128 * strlen("stdout: 0123456\n") +
				 strlen("stderr: Logs were truncated because the total bytes "
					"size exceeds the limit of 1024 bytes.\n"));
	assert_true(str_ends(strbuf_str(&j.logs), "exceeds the limit of 1024 bytes.\n"));
	release(&j);
}

static void a_ceiling_of_zero_keeps_no_logs(void **state)
{
	struct job j = {.logs_kb = -1, .source = "def main():\n  print('x')\n  return [1]"};

	expect(*state, &j, OUTCOME_DEVELOPER, NO_DICTIONARY);
	assert_int_equal(j.logs.len, 0);
	release(&j);
}

static void a_flood_of_logs_does_not_hang(void **state)
{
	struct job j = {.source = "import sys\ndef main():\n"
				  "  for i in range(20):\n"
				  "    sys.stderr.write('y\\n' * 100000)\n"
				  "    sys.stdout.write('x' * 1000000)\n"
				  "  return {'n': 1}"};

	expect(*state, &j, OUTCOME_SUCCESS, "{\"n\": 1}");
	assert_true(logged(&j, "stderr: y\n"));
	assert_true(logged(&j, "Logs were truncated"));
	release(&j);
}

static void a_long_line_is_cut(void **state)
{
	struct job j = {.logs_kb = 256,
			.source = "def main():\n  print('x' * 200000)\n  print('after')"};

	expect(*state, &j, OUTCOME_SUCCESS, "{}");
	assert_int_equal(j.logs.len, strlen("stdout: \n") + 65536 + strlen("stdout: after\n"));
	release(&j);
}

static void output_between_calls_belongs_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct job j = {.source = "import threading, os, time\nready = threading.Event()\n"
				  "def late():\n  ready.wait()\n  time.sleep(0.02)\n"
				  "  os.write(1, b'late\\n')\n"
				  "threading.Thread(target=late, daemon=True).start()\n"
				  "def main(e):\n  ready.set()\n  if e: time.sleep(0.1)\n"
				  "  return {}"};

	expect(f, &j, OUTCOME_SUCCESS, "{}");
	release(&j);
	j.payload = "{\"wait\":true}";
	expect(f, &j, OUTCOME_SUCCESS, "{}");
	assert_string_equal(j.logs.buf, "stdout: late\n");
	release(&j);
}

/* What functions do to the descriptors they were born with. */
static void descriptors_may_be_abused(void **state)
{
	static const char *const sources[] = {
		"import os\ndef main():\n  os.write(3, b'{\"fake\": 1}\\n')\n  return {'n': 1}",
		"import sys\nn = 0\ndef main():\n  sys.stdout.close()\n  return {'n': 1}",
		"import os\nn = 0\ndef main():\n  os.closerange(0, 4)\n  return {'n': 1}",
		"import io, sys\nn = 0\ndef main():\n  sys.stdout = io.StringIO()\n"
		"  sys.stderr = None\n  print('x')\n  return {'n': 1}",
		"import os\ndef main():\n  if os.fork() == 0: return {'child': 1}\n"
		"  os.wait()\n  return {'n': 1}",
		"import json, os\ndef main():\n  json.dumps = os.read = os.write = None\n"
		"  return {'n': 1}",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(sources); i++) {
		char *name = xasprintf("abuse%zu", i);
		struct job j = {.name = name, .source = sources[i]};

		expect(f, &j, OUTCOME_SUCCESS, "{\"n\": 1}");
		release(&j);
		run(f, &j);
		assert_false(j.cold);
		release(&j);
		free(name);
	}
}

static void a_function_that_closes_everything_fails(void **state)
{
	struct job j = {.source = "import os\ndef main():\n  os.closerange(3, 1024)\n"
				  "  return {'n': 1}"};

	expect(*state, &j, OUTCOME_DEVELOPER, EXITED);
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

#define with(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with(arguments_follow_the_count_of_parameters),
		with(results_are_what_python_makes_of_them),
		with(failures_have_the_platforms_words),
		with(a_traceback_shows_only_the_functions_frames),
		with(the_module_is_not_the_main_program),
		with(another_entry_can_be_named),
		with(the_environment_holds_what_was_given_and_no_more),
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
		with(an_archive_brings_its_files),
		with(an_archive_may_hold_the_inner_name),
		with(an_archive_without_main_is_refused),
		with(a_virtualenv_is_activated),
		with(a_virtualenv_without_activation_is_refused),
		with(what_is_no_archive_is_refused),
		with(lines_have_their_stream_and_order),
		with(an_unterminated_last_line_is_kept),
		with(bytes_that_are_no_text_are_replaced),
		with(logs_end_at_their_ceiling),
		with(a_ceiling_of_zero_keeps_no_logs),
		with(a_flood_of_logs_does_not_hang),
		with(a_long_line_is_cut),
		with(output_between_calls_belongs_to_the_next),
		with(descriptors_may_be_abused),
		with(a_function_that_closes_everything_fails),
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

	return cmocka_run_group_tests_name("invoker", tests, NULL, NULL);
}
