/*
 * invoker.h - runs functions: warm worker processes, time and memory limits, logs
 *
 * One call at a time per worker; workers belong to one revision of one action
 * and stay warm until idle, replaced, or ended by a developer error.  The
 * outcome table is platform.md 1.10; Python's behaviour 3.3.  The invoker does
 * not know the API, the store or web functions.
 */
#ifndef PLATFORM_INVOKER_H
#define PLATFORM_INVOKER_H
#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "loop/loop.h"
#include "json/json.h"

struct invoker;
struct invocation_end;

struct invoker_options {
	const char *run_dir;  /* for unpacked code and the launcher; emptied at start */
	const char *api_host; /* __OW_API_HOST */
	const char *namespace;
	unsigned max_workers; /* of all actions together; 0 = 2 times the cores, at least 8 */
	uint64_t idle_ms;     /* an idle worker ends after; 0 = 600000 */
};

struct invoker *invoker_new(struct loop *l, const struct invoker_options *o,
			    struct err *e) NODISCARD;
/*
 * Ends every worker; calls under way end with a developer error first.  Runs
 * the loop until the workers are gone, so not from inside a callback.
 */
void invoker_free(struct invoker *v);

/* What to run. Strings are copied where they are kept. */
struct invocation {
	const char *activation_id;
	const char *package; /* "" = default */
	const char *name;
	const char *version;  /* "0.0.3" */
	const char *revision; /* changes with every change of the action or its package: worker
				 identity */
	const char *kind;     /* "python:3.11", resolved */
	const char *main;     /* or NULL */
	const char *transaction_id;
	const char *api_key; /* "" unless provide-api-key */
	bool binary;         /* code is base64 of a zip */
	int64_t timeout_ms, memory_mb, logs_kb;
	struct str payload;     /* JSON object text: merged parameters */
	const struct json *env; /* init parameters: name to string; may be NULL */
	/* Fetches the code when a cold start needs it; 0 or -1. */
	int (*code)(void *arg, struct strbuf *out, struct err *e);
	/* Exactly once, on the loop, not from inside invoker_run(). */
	void (*done)(void *arg, const struct invocation_end *end);
	void *arg;
};

/* In the order of OpenWhisk's status codes. */
enum outcome { OUTCOME_SUCCESS, OUTCOME_APPLICATION, OUTCOME_DEVELOPER, OUTCOME_WHISK };

struct log_line {
	uint64_t time_ns; /* since 1970 */
	bool is_stderr;
	struct str text; /* valid UTF-8, without newline */
};

/* Valid during the call. */
struct invocation_end {
	enum outcome outcome;
	struct str result; /* JSON object text; {"error": ...} unless success */
	size_t size;       /* characters of the runtime's own text */
	bool timed_out;
	bool cold;
	int64_t start_ms, end_ms; /* since 1970; init and run */
	int64_t init_ms;          /* when cold */
	int64_t wait_ms;
	const struct log_line *logs;
	size_t logs_n;
	const char *notice; /* e.g. another Python than asked for, or NULL */
};

void invoker_run(struct invoker *v, const struct invocation *in);
/* The action changed or is gone: idle workers of other revisions end now, busy ones after their
 * call. */
void invoker_retire(struct invoker *v, const char *package, const char *name);
/* Kinds that can run here, as a JSON array of strings with how: for `local status`. */
struct json *invoker_describe(struct invoker *v) NODISCARD;
#endif
