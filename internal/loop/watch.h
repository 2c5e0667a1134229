/*
 * watch.h - changes of files below a folder, as they happen
 *
 * For trees in which people, editors and version control work: a file replaced
 * by rename, a folder that appears with files in it, a tree moved in or out,
 * thousands of changes at once.  What is told is a path and not what happened
 * to it; the caller looks.  One change may be told more than once.
 *
 * inotify where the system has it and lets us (its limit of watches), else the
 * tree is looked through at intervals.  Links are not followed, and file
 * systems that other machines write to are seen only by looking.
 */
#ifndef LOOP_WATCH_H
#define LOOP_WATCH_H
#include "loop/loop.h"

struct loop_watch;

struct loop_watch_options {
	int root; /* directory descriptor; the caller closes it after the stop */
	/* Whether what is in this folder matters; "" is the root.  NULL: all do. */
	bool (*enter)(void *arg, const char *path);
	/*
	 * The file or folder was made, written to its end, removed, renamed, or
	 * got another mode.  "": so much happened that it could be anything.
	 */
	void (*changed)(void *arg, const char *path);
	/* The root is gone, and with it the watch; it is still to be stopped. */
	void (*gone)(void *arg);
	void *arg;
	uint64_t look_ms; /* look at intervals in any case; 0: only where it must be, every
			     second */
};

/* ERR_SYSTEM when the root cannot be read.  What is there at the start is not told. */
struct loop_watch *loop_watch_start(struct loop *l, const struct loop_watch_options *o,
				    struct err *e) NODISCARD;
/* Why it looks at intervals ("..."), or NULL: the system tells. */
const char *loop_watch_looks(const struct loop_watch *w);
/* Tells now what has happened so far, and not only when the loop runs. */
void loop_watch_catch_up(struct loop_watch *w);
void loop_watch_stop(struct loop_watch *w); /* frees w; NULL is allowed */
#endif
