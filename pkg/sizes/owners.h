/* owners.h - which package each file belongs to; private to sizes/ */
#ifndef SIZES_OWNERS_H
#define SIZES_OWNERS_H
#include "sizes/sizes.h"

struct owners {
	struct sizes *s;
	const struct sizes_question *q;
	size_t *of; /* of each file: 1 + its package's place in s->packages; 0 = none yet */
	struct str deep; /* the folder of the function's own that holds nearly everything */
};

/* Every file has one after. */
void owners_find(struct owners *o);
void owners_release(struct owners *o);
/* Bytes of the file's name in front of what its kind of package counts from. */
enum sizes_kind owners_kind(struct str name, size_t *head);
#endif
