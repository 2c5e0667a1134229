/* bracket.h - "[a-c[:digit:]]": private to glob/ */
#ifndef GLOB_BRACKET_H
#define GLOB_BRACKET_H
#include "base/str.h"

/* A set of byte values. */
struct byteset {
	uint64_t bits[4];
};

static inline void byteset_add(struct byteset *s, unsigned c)
{
	s->bits[c / 64 % 4] |= UINT64_C(1) << c % 64;
}

static inline bool byteset_has(const struct byteset *s, unsigned c)
{
	return (s->bits[c / 64 % 4] >> c % 64 & 1) != 0;
}

/*
 * p.p[*at] is '['; fills *set and moves *at behind the bracket.  False when it
 * has no end or an unknown class.  Time: the bracket's length.
 */
bool bracket_read(struct str p, size_t *at, struct byteset *set);
#endif
