/*
 * window.h - how many requests a server bears at a time: pure
 *
 * Begins with `usual`, which keeps a near server busy.  Answers that are slow to
 * come, and good, let it grow up to `most`: where each takes its time on the
 * way, more of them under way cost the server nothing.  A server that has too
 * much to do halves it, once for all that was under way then; afterwards it
 * grows back by one for each full round of good answers.
 */
#ifndef HTTP_WINDOW_H
#define HTTP_WINDOW_H
#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_SLOW_MS = 10 }; /* an answer that takes so long is on a long way */

struct window {
	unsigned usual, most;
	unsigned size;      /* requests that may be under way now; at least 1 */
	unsigned good;      /* answers since the last change */
	bool halved;        /* ever */
	uint64_t halved_ms; /* when, the last time */
};

void window_init(struct window *w, unsigned usual, unsigned most);
/* A good answer after ms milliseconds; small: hardly anything but the way took the time. */
void window_good(struct window *w, uint64_t ms, bool small);
/* The server is overburdened, says one that was sent at sent_ms, or did not say. */
void window_overburdened(struct window *w, uint64_t sent_ms, uint64_t now_ms);
#endif
