/*
 * loop.h - the event loop: timers, descriptors, interruption, children, worker threads
 *
 * One loop per process, owned by the main thread, which owns all state.  Every
 * callback runs on that thread from inside loop_run() or loop_run_until().
 * Handles belong to the caller until stopped; stopping is allowed inside the
 * handle's own callback, and nothing is called for a handle after its stop.
 * Built on libuv; no libuv type leaves this module.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H
#include "base/err.h"

#include <sys/types.h>

struct loop;

struct loop *loop_new(void) NODISCARD;
/*
 * Everything started must have been stopped or have ended; a left-over handle
 * is a bug().  Deferred calls that still wait are made here.
 */
void loop_free(struct loop *l);

/*
 * Until nothing is active or loop_stop(), which also counts when it was called
 * before.  Runs do not nest: neither this nor loop_run_until() (nor what is
 * built on them, such as http_call()) may be called from inside a callback.
 */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Until *done, whatever loop_stop() says; also returns when nothing is active any more. */
void loop_run_until(struct loop *l, const bool *done);

/* Timers.  ms from now; with repeat_ms > 0 again every repeat_ms.  Stop one that fired, too. */
struct loop_timer;
struct loop_timer *loop_timer_start(struct loop *l, uint64_t ms, uint64_t repeat_ms,
				    void (*fn)(void *arg), void *arg) NODISCARD;
void loop_timer_again(struct loop_timer *t, uint64_t ms); /* from now, also after it fired */
void loop_timer_stop(struct loop_timer *t);               /* frees t; NULL is allowed */

/*
 * Readiness of a descriptor (socket, pipe, terminal, epoll; no regular file),
 * level-triggered.  The descriptor stays the caller's, and becomes non-blocking.
 * One watch for each descriptor.  An error or hang-up counts as readiness.
 */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
struct loop_poll;
struct loop_poll *loop_poll_start(struct loop *l, int fd, int events,
				  void (*fn)(void *arg, int events), void *arg) NODISCARD;
void loop_poll_change(struct loop_poll *p, int events); /* 0 pauses */
void loop_poll_stop(struct loop_poll *p); /* frees p; NULL is allowed; before close(fd) */

/*
 * The end of a child process, reaped by the loop: fn gets the wait status.
 * Exactly one call, after which the handle is gone.
 */
struct loop_child;
struct loop_child *loop_child_watch(struct loop *l, pid_t pid,
				    void (*fn)(void *arg, int status), void *arg) NODISCARD;

/*
 * CPU work on a worker thread.  `work` runs there and owns what arg points to;
 * `done` runs on the loop thread afterwards, always, exactly once.
 */
void loop_work(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg);

/* fn soon, on the loop thread, not from inside this call. */
void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg);

/*
 * Cancellation.  loop_catch_interrupt() turns SIGINT, SIGTERM and SIGHUP into
 * a flag and calls the registered functions, newest first, once.  The caller
 * that unwinds because of it returns ERR_CANCELLED; main re-raises the signal
 * (after loop_free(), which restores the dispositions found at the start).
 * A second SIGINT or SIGTERM ends the process at once.  A signal that was
 * ignored at the start (nohup) stays ignored.
 */
void loop_catch_interrupt(struct loop *l);
/* The signal that interrupted, or 0; up to date also between turns of the loop. */
int loop_interrupted(const struct loop *l);
/* As if signum had arrived; for tests and for a second way to stop. */
void loop_interrupt(struct loop *l, int signum);
/* fn is called soon when the interruption has already been. */
struct loop_cancel;
struct loop_cancel *loop_on_cancel(struct loop *l, void (*fn)(void *arg), void *arg) NODISCARD;
void loop_cancel_stop(struct loop_cancel *c); /* frees c; NULL is allowed */
#endif
