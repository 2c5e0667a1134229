/* spawn.h - fork and exec for proc.c; for no one else */
#ifndef PROC_SPAWN_H
#define PROC_SPAWN_H
#include "proc/proc.h"

/*
 * The child of `spec` with both ends of its output in out[]: the reading ends,
 * to be closed by the caller.  The pid, or -1 and *e when it does not run.
 */
pid_t proc_spawn(const struct proc_spec *spec, int out[2], struct err *e) NODISCARD;
#endif
