/*
 * logs.h - the output of one call, by lines, with a ceiling
 *
 * Lines are kept in the order of arrival with the time of it.  An empty line is
 * held back until something follows it on its stream, because the launcher's
 * mark brings one that the function did not write; logs_end_stream() drops it.
 */
#ifndef PLATFORM_LOGS_H
#define PLATFORM_LOGS_H
#include "base/strbuf.h"
#include "base/vec.h"
#include "platform/invoker.h"

struct log_entry {
	uint64_t time_ns;
	bool is_stderr;
	size_t start, n; /* in text */
};

struct log_stream {
	bool cutting; /* inside a line that is too long: the rest of it is dropped */
	bool held;    /* an empty line */
	uint64_t held_ns;
};

struct logs {
	size_t limit; /* bytes of lines with their ends; 0 keeps nothing at all */
	size_t used;
	bool truncated;
	struct strbuf text;
	VEC(struct log_entry) entries;
	VEC(struct log_line) lines; /* what logs_finish() gave out */
	struct log_stream stream[2];
};

void logs_init(struct logs *g, size_t limit);
void logs_release(struct logs *g);
/* A line, or with `more` a piece of one, as proc.h gives it. */
void logs_add(struct logs *g, bool is_stderr, struct str line, bool more, uint64_t now_ns);
/* The mark was seen on this stream. */
void logs_end_stream(struct logs *g, bool is_stderr);
/*
 * The call is over: all lines, then the platform's own: that lines are missing
 * beyond the limit, and `extra` (may be NULL).  Valid until the next logs_...
 */
const struct log_line *logs_finish(struct logs *g, const char *extra, uint64_t now_ns,
				   size_t *n);
/* Empty again, for the next call; what is held back belongs to that one. */
void logs_clear(struct logs *g);
#endif
