#include <stdio.h>

#include "invoking.h"
#include "zipped.h"

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

/* Archives. */
struct file {
	const char *name, *text;
};

static void zip(struct strbuf *out, const struct file *files, size_t n)
{
	struct err e = ERR_INIT;
	struct zip_writer *w = zipped_new(zip_fixed_time(), 0, &e);
	size_t i;

	assert_non_null(w);
	for (i = 0; i < n; i++)
		assert_int_equal(
			zip_add_data(w, files[i].name, false, str_of(files[i].text), &e), 0);
	assert_int_equal(zip_writer_end_whole(w, out, &e), 0);
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
	};

	prefer_system_python();
	return cmocka_run_group_tests_name("python_launcher", tests, NULL, NULL);
}
