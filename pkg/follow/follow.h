/*
 * follow.h - new activations as they appear: each once, none lost
 *
 * A list of activations is sorted by their start, but a record appears at its
 * end: one that ran long turns up behind others that were seen already.  So
 * every poll looks at the newest page and asks for the number of records in a
 * window that is longer than any function may run (15 minutes); when the number
 * says that something is missing, the window is read page by page.  Ids seen in
 * the window are remembered, older ones forgotten.
 *
 * A server that does not answer, or answers with 408, 429 or 5xx, is asked
 * again until it does; nothing recorded meanwhile is lost.
 */
#ifndef FOLLOW_FOLLOW_H
#define FOLLOW_FOLLOW_H
#include "loop/loop.h"
#include "whisk/whisk.h"
#include "json/json.h"

struct follow_options {
	const char *function; /* "f" or "p/f", or NULL: all */
	const char *package;  /* or NULL: all */
	uint64_t busy_ms;     /* between polls while there is something */
	uint64_t idle_ms;     /* the longest pause, reached step by step when nothing happens */
	/* What was there is known: what ends from now on is shown. Or NULL. */
	void (*on_ready)(void *arg);
	/* A whole record. Records found by one poll come oldest end first. */
	void (*on_record)(void *arg, const struct json *record);
	/* The server is away (what != NULL, told once) or back (NULL). */
	void (*on_trouble)(void *arg, const char *what);
	void *arg;
};

/*
 * Runs until the loop is interrupted (0) or something that waiting cannot mend
 * happens (-1): wrong credentials, an answer of the wrong kind.  Activations
 * that ended before the call are not shown.
 */
int follow_run(struct loop *l, struct whisk *w, const struct follow_options *o,
	       struct err *e) NODISCARD;

/* "p/f" or "f" from the path annotation of a record or list item, else its name. In *out. */
void activation_function(struct strbuf *out, const struct json *activation);
#endif
