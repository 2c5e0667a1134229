/* script.h - which lines go and which come; private to linediff/ */
#ifndef LINEDIFF_SCRIPT_H
#define LINEDIFF_SCRIPT_H
#include "base/base.h"

#include <stdint.h>

/* One of the texts; lines that are equal have the same number, also across both. */
struct lines {
	const uint32_t *ids;
	size_t n;
	bool *changed; /* of the first text: it goes; of the second: it comes */
};

/*
 * Marks what is changed.  What stays, in order, is the same in both.  `effort`: steps
 * for one stretch, past which it is marked as a whole.
 */
void script_find(struct lines *before, struct lines *after, size_t effort);
#endif
