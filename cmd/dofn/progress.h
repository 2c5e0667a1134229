/*
 * progress.h - what runs just now, as live lines on a terminal
 *
 * One line for each build and upload under way, with its time or a bar; where
 * err is no terminal there is nothing, and the story alone tells.
 */
#ifndef DOFN_PROGRESS_H
#define DOFN_PROGRESS_H
#include "base/vec.h"
#include "command.h"

struct progress_step;

struct progress {
	struct context *context; /* NULL: not shown */
	struct loop_timer *timer;
	VEC(struct progress_step *) steps; /* in the order they began */
	size_t wanted, done;               /* functions to upload, and those that were */
};

void progress_init(struct progress *p, struct context *c);
void progress_event(struct progress *p, const struct event *ev);
/* Takes the lines away. */
void progress_release(struct progress *p);
/* "[#####-----] 2.0 of 4.0 MB"; in *b. */
void progress_add_bar(struct strbuf *b, uint64_t sent, uint64_t total);
#endif
