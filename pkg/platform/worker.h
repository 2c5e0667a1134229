/*
 * worker.h - one launcher process and the conversation with it
 *
 * An exchange is a line to the launcher and a line back, with the marks on both
 * log streams between them; the start of the launcher is the first one.  One
 * exchange at a time.  A worker belongs to the loop until its WORKER_ENDED.
 */
#ifndef PLATFORM_WORKER_H
#define PLATFORM_WORKER_H
#include "base/str.h"
#include "base/strbuf.h"
#include "loop/loop.h"
#include "platform/logs.h"

struct worker;

enum worker_event {
	WORKER_ANSWERED, /* the exchange is over; the next may begin from inside the callback */
	WORKER_ENDED, /* the process is gone, and with the return of the callback the worker */
};

/* Why a worker ended. */
enum worker_end {
	WORKER_EXITED, /* by itself */
	WORKER_UNREAD, /* by itself, before it had read the line it was sent */
	WORKER_TIME,   /* killed: the exchange took longer than it may */
	WORKER_MEMORY, /* killed: more memory than it may have */
	WORKER_STOPPED,
};

struct worker_spec {
	const char *program;
	const char *launcher;    /* path of the script */
	const char *const *envp; /* whole environment */
	int cwd;
	size_t log_limit; /* bytes a call */
	uint64_t start_ms;
	void (*on_event)(void *arg, enum worker_event event);
	void *arg;
};

/* The longest answer that is kept whole; of a longer one its beginning. */
enum { WORKER_ANSWER_MAX = 1048576 };

/* The start is under way; its exchange may take start_ms. */
struct worker *worker_start(struct loop *l, const struct worker_spec *spec,
			    struct err *e) NODISCARD;
/* Empty, to be filled with the next line (without its end) for worker_send(). */
struct strbuf *worker_request(struct worker *w);
void worker_send(struct worker *w, uint64_t limit_ms);
/* Of the last exchange, until the next one: the text, and its length before it was cut. */
struct str worker_answer(const struct worker *w);
size_t worker_answer_size(const struct worker *w);
/* Of the last exchanges, until the caller clears them. */
struct logs *worker_logs(struct worker *w);
enum worker_end worker_why(const struct worker *w);
/* False once the process is ending: no exchange can begin. */
bool worker_is_usable(const struct worker *w);
/* To be called every SANDBOX_SAMPLE_MS while an exchange is under way. */
void worker_check_memory(struct worker *w, uint64_t limit);
/* Kills the process group at once; WORKER_ENDED follows, never from inside this call. */
void worker_stop(struct worker *w);
#endif
