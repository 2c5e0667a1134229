/* place.h - the folders of a cache; private to cache/ */
#ifndef CACHE_PLACE_H
#define CACHE_PLACE_H
#include "cache/cache.h"

/*
 * new/ what is being made, locks/, entries/<kind>/<id> (bounded), notes/<kind>/<id>, and the
 * file "generation" once it was cleared.  Beside them, not of this cache, are files/ and for
 * moments spool-*, of pack/.
 */
struct cache {
	int dir;
	char *place; /* its path */
	uint64_t limit;
	char *generation;
};

static inline const char *cache_root_of(const struct cache_kind *kind)
{
	return kind->bounded ? "entries" : "notes";
}

/* cache.c: as cache_try_lock(), of a name in locks/; false also when it cannot be had. */
bool cache_try_lock_named(const struct cache *c, const char *name,
			  struct cache_lock *lock) NODISCARD;

/* sweep.c: the least recently used entries of bounded kinds, until the rest has `limit` bytes.
 */
int cache_sweep(const struct cache *c, uint64_t limit, struct cache_usage *removed,
		struct err *e) NODISCARD;
/* Notes that were not used for long, and what processes that ended early left in new/ and
 * locks/.
 */
int cache_drop_old(const struct cache *c, struct err *e) NODISCARD;
#endif
