/*
 * call.h - one invocation from its arrival to its end, and the lines it sends to
 * a launcher
 */
#ifndef PLATFORM_CALL_H
#define PLATFORM_CALL_H
#include "base/arena.h"
#include "platform/invoker.h"

struct call {
	struct call *next;
	struct arena arena;
	struct invocation in; /* copies, in the arena */
	struct json *env;
	int64_t arrived_ms;
	int64_t start_ms; /* of init, or of run when warm */
	int64_t init_ms;
	bool cold;
	bool again; /* was given back by a worker that had not read it */
};

struct call *call_new(const struct invocation *in) NODISCARD;
void call_free(struct call *c);
/* The launcher's request lines, without their ends; `ns` is the namespace. */
void call_write_init(const struct call *c, const char *ns, struct strbuf *out);
void call_write_run(const struct call *c, const char *ns, struct strbuf *out);
#endif
