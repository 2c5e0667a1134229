/*
 * bundle.h - what a build made, as one file; private to build/
 *
 * A list of files with their digests, and their contents one behind the other.
 */
#ifndef BUILD_BUNDLE_H
#define BUILD_BUNDLE_H
#include "build/snapshot.h"

/* Bytes that the outputs of s will take. */
uint64_t bundle_size(const struct snapshot *s);
/* What to look for in the contents while they are written. */
struct bundle_search {
	const char *text; /* not empty */
	bool found;
};
/*
 * Writes the outputs of s, which lie below `folder`, to fd.  ERR_SYSTEM also when one of them
 * is not any more what s says.
 */
int bundle_write(int fd, int folder, const struct snapshot *s, struct bundle_search *search,
		 struct err *e) NODISCARD;
/*
 * Unpacks into the empty folder `into` and fills *s with what was in it, to be released also
 * after -1.  ERR_PROJECT when the bundle is damaged: what was unpacked is of no use.
 */
int bundle_read(int fd, int into, struct snapshot *s, struct err *e) NODISCARD;
#endif
