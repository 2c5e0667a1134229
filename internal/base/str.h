/*
 * str.h - slices: bytes with a length, owned by someone else
 *
 * A slice may hold NUL bytes and need not be terminated.  {NULL, 0} is the
 * empty slice.
 */
#ifndef BASE_STR_H
#define BASE_STR_H
#include "base/base.h"

#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For printf's "%.*s". */
#define STR_ARG(s) ((int)((s).n > 65535 ? 65535 : (s).n)), ((s).p ? (s).p : "")

static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}

bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *literal);
/* Byte order; a prefix comes before the longer one. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
/* Without the ASCII white space at both ends. */
struct str str_trim(struct str s);
/* s from byte `from` on; empty when from > s.n. */
struct str str_from(struct str s, size_t from);
/*
 * Takes the part of *rest before the next `sep` (or all of it) and moves
 * *rest behind the separator.  False once nothing is left; an empty last
 * field ("a," -> "a", "") is returned.  Start with a non-NULL p.
 */
bool str_next(struct str *rest, char sep, struct str *field);
/* Decimal, digits only, whole slice; false when it is none or does not fit. */
bool str_to_u64(struct str s, uint64_t *out);
/* The same with an optional leading '-'. */
bool str_to_i64(struct str s, int64_t *out);
/* A size: decimal digits and perhaps a unit, K, M, G or T in either case, 1K being 1024 bytes.
 */
bool str_to_bytes(struct str s, uint64_t *out);
/*
 * The candidate nearest to `word` (optimal string alignment distance), or NULL
 * when none is near enough for "did you mean".  `candidates` ends with NULL.
 */
const char *str_nearest(struct str word, const char *const *candidates);
#endif
