/* seen.h - a set of activation ids with their start times */
#ifndef FOLLOW_SEEN_H
#define FOLLOW_SEEN_H
#include "base/str.h"

enum { SEEN_ID = 32 };

struct seen_entry {
	char id[SEEN_ID]; /* lower-case hex; id[0] == 0: free slot */
	uint64_t start_ms;
};

/* Open addressing, at most half full. */
struct seen {
	struct seen_entry *slots;
	size_t cap, n;
};

/* False when it was there already, or is no id of SEEN_ID characters. */
bool seen_add(struct seen *s, struct str id, uint64_t start_ms);
bool seen_has(const struct seen *s, struct str id);
/* Forgets those that started before since_ms. */
void seen_forget(struct seen *s, uint64_t since_ms);
void seen_release(struct seen *s);
#endif
