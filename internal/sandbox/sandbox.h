/*
 * sandbox.h - containment of a child process in layers
 *
 * Containment of mistakes, not a boundary against hostile code.  Each layer is
 * probed at run time; sandbox_describe() tells which are in use.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H
#include "base/err.h"
#include "base/strbuf.h"

#include <sys/types.h>

struct sandbox {
	uint64_t max_file;  /* RLIMIT_FSIZE in bytes, 0 = none */
	unsigned max_files; /* RLIMIT_NOFILE, 0 = as is */
};

/* How often the memory of a running call is to be looked at. */
enum { SANDBOX_SAMPLE_MS = 20 };

/* For proc_spec.prepare: async-signal-safe; arg is a struct sandbox. No core dumps, no new
 * privileges. */
int sandbox_enter(void *arg);

/*
 * Memory of a process and its descendants, in bytes: proportional set size
 * where the kernel tells it, else resident set size.  0 when the process is gone.
 */
uint64_t sandbox_memory(pid_t pid);
/*
 * The question whether that is more than `limit`, answered from the resident
 * sizes alone where they suffice: they are many times cheaper to read, and
 * not smaller.
 */
bool sandbox_memory_above(pid_t pid, uint64_t limit);

/* One line a layer: "memory: sampled every 20 ms (PSS), killed above the limit". */
void sandbox_describe(struct strbuf *out);
#endif
