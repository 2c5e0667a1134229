/* transcript.h - the last lines that a build told, up to a ceiling; for builder*.c */
#ifndef PLATFORM_TRANSCRIPT_H
#define PLATFORM_TRANSCRIPT_H
#include "base/vec.h"
#include "platform/invoker.h"

enum {
	TRANSCRIPT_LINE_MAX = 4096, /* bytes; a longer one is cut */
	TRANSCRIPT_MAX = 256 * 1024,
};

struct transcript_line {
	uint64_t time_ns;
	bool is_stderr;
	char *text; /* valid UTF-8 */
	size_t n;
};

struct transcript {
	VEC(struct transcript_line) lines;
	size_t first;   /* those before it were dropped, ... */
	size_t dropped; /* ... and so many all in all */
	size_t bytes;   /* of those that are left */
};

void transcript_add(struct transcript *t, bool is_stderr, struct str line);
/* A list of texts; in place of dropped lines one that says how many. */
struct json *transcript_list(const struct transcript *t) NODISCARD;
/* The same for a record, pointing into t: *logs is the caller's to free. */
size_t transcript_logs(const struct transcript *t, struct log_line **logs);
void transcript_release(struct transcript *t);
#endif
