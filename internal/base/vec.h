/*
 * vec.h - a typed growing array
 *
 *	VEC(struct entry) entries = {0};
 *	vec_push(&entries, e);            copies e to the end
 *	for (i = 0; i < entries.n; i++) use(&entries.v[i]);
 *	vec_release(&entries);            frees the array, not what items point to
 *
 * Pointers into v are valid until the next push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H
#include "base/base.h"

#include <stdlib.h>

#define VEC(T)                 \
	struct {               \
		T *v;          \
		size_t n, cap; \
	}

/* v with room for one more item than n; *cap follows. */
static inline void *vec_grow(void *v, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 8;
	return xreallocarray(v, *cap, size);
}

#define vec_push(vec, item)                                                       \
	((vec)->v = vec_grow((vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)), \
	 (vec)->v[(vec)->n++] = (item))

#define vec_release(vec)                   \
	do {                               \
		free((vec)->v);            \
		(vec)->v = NULL;           \
		(vec)->n = (vec)->cap = 0; \
	} while (0)

#endif
