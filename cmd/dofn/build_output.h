/*
 * build_output.h - what builds print: as it comes, or its end when one failed
 *
 * Builds go on side by side, so each line carries the name of its function.
 */
#ifndef DOFN_BUILD_OUTPUT_H
#define DOFN_BUILD_OUTPUT_H
#include "command.h"
#include "events/events.h"

struct build_tail;
struct build_output {
	bool all; /* every line as it comes */
	VEC(struct build_tail *) tails;
};

/* Takes EVENT_BUILD_STARTED, _LINE, _ENDED and _FAILED. */
void build_output_event(struct build_output *o, struct ui *ui, const struct event *ev);
void build_output_release(struct build_output *o);
#endif
