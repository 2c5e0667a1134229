/* invoking.h - an invoker with a folder of its own, and functions to run in it */
#ifndef TESTS_INVOKING_H
#define TESTS_INVOKING_H
#include <unistd.h>

#include "base/base64.h"
#include "fs/fs.h"
#include "platform/invoker.h"
#include "test.h"

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

static inline int set_up_with(void **state, unsigned max_workers, uint64_t idle_ms)
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

static inline int set_up(void **state)
{
	return set_up_with(state, 0, 0);
}

/* Afterwards nothing is left: no worker, no folder of one. */
static inline int tear_down(void **state)
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

static inline int fetch(void *arg, struct strbuf *out, struct err *e)
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

static inline void start(struct invoker *v, struct job *j);

static inline void ended(void *arg, const struct invocation_end *end)
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

static inline void start(struct invoker *v, struct job *j)
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

static inline void release(struct job *j)
{
	strbuf_release(&j->result);
	strbuf_release(&j->logs);
}

static inline void run(struct fixture *f, struct job *j)
{
	start(f->v, j);
	loop_run_until(f->l, &j->done);
	assert_true(j->done);
	assert_true(j->in_order);
}

/* Runs it and expects this outcome and result. */
static inline void expect(struct fixture *f, struct job *j, enum outcome outcome,
			  const char *result)
{
	run(f, j);
	assert_string_equal(j->result.buf, result);
	assert_int_equal(j->outcome, outcome);
}

static inline bool logged(const struct job *j, const char *line)
{
	return strstr(j->logs.buf, line) != NULL;
}

#define NO_DICTIONARY "{\"error\": \"The function did not return a dictionary.\"}"
#define EXITED "{\"error\": \"command exited\"}"
#define NOT_INITIALIZED "{\"error\": \"The function did not initialize properly.\"}"
#define CANNOT_INITIALIZE "{\"error\": \"Cannot initialize function. Check logs for details.\"}"
#define MISSING_DATA                                                                   \
	"stderr: The action did not initialize or run as expected. Log data might be " \
	"missing.\n"

#define with(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The system's Python where there is one: shims of version managers are slow to ask. */
static inline void prefer_system_python(void)
{
	if (access("/usr/bin/python3", X_OK) == 0)
		assert_int_equal(setenv("PATH", "/usr/bin:/bin", 1), 0);
}
#endif
