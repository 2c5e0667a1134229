/*
 * cache.h - a bounded store of files on disk that can be made again
 *
 * $DOFN_CACHE, else $XDG_CACHE_HOME/dofn.  An entry is one file, named by its kind (what uses
 * it) and its id (64 hexadecimal digits, mostly a digest of what it was made of).  It appears
 * at once and complete, or not at all; who has it open goes on reading it whatever becomes of
 * its name.  Nothing is synced to the disk: what an entry holds must be checkable by its
 * reader, who removes what is damaged.
 *
 * Several processes may use one cache at once.  Losing it loses time, never anything else.
 * Functions may be called from any thread; each object belongs to one at a time,
 * but cache_get() may be called by several at once.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

struct cache;

/* A kind of entries; one a user of the cache. */
struct cache_kind {
	const char *name; /* a folder's name: letters */
	/* False: goes when it was not used for long, and does not count for the limit: small
	 * notes about places, without which nothing is wrong but slower. */
	bool bounded;
};

/*
 * Makes the folders that are missing, readable for the user only.  ERR_SYSTEM when it cannot be
 * written, or the folder is another user's, or others may write to it; ERR_USAGE for a
 * $DOFN_CACHE that is not absolute and a $DOFN_CACHE_MAX that is no size.
 */
struct cache *cache_open(struct err *e) NODISCARD;
void cache_close(struct cache *c); /* NULL is allowed */
const char *cache_place(const struct cache *c);
/* The folder it would be in, which may be missing; heap. ERR_USAGE, ERR_SYSTEM when there is
 * none.
 */
char *cache_find_place(struct err *e) NODISCARD;
/* Ceiling in bytes of the bounded kinds: $DOFN_CACHE_MAX ("500M", "4G"; 1K = 1024), 2 GiB
 * without. */
uint64_t cache_limit(const struct cache *c);
/* Changes with every cache_clear(): part of what is made must not be taken for unchanged
 * after it. */
const char *cache_generation(const struct cache *c);

/* The entry for reading, used now; the caller closes. -1 when there is none. */
int cache_get(const struct cache *c, const struct cache_kind *kind, const char *id) NODISCARD;
/* The same, read whole; false when there is none, or more than max bytes. */
struct strbuf;
bool cache_read(const struct cache *c, const struct cache_kind *kind, const char *id,
		size_t max, struct strbuf *out) NODISCARD;
void cache_remove(const struct cache *c, const struct cache_kind *kind, const char *id);

/* An entry in the making. */
struct cache_new {
	int fd; /* to be written to */
	char name[40];
};

int cache_new_begin(const struct cache *c, struct cache_new *n, struct err *e) NODISCARD;
/* Puts it in its place, and ends it also on failure. */
int cache_new_commit(const struct cache *c, struct cache_new *n, const struct cache_kind *kind,
		     const char *id, struct err *e) NODISCARD;
void cache_new_abort(const struct cache *c, struct cache_new *n);
/* All at once. */
int cache_write(const struct cache *c, const struct cache_kind *kind, const char *id,
		struct str data, struct err *e) NODISCARD;
/* The entry also under another id; takes no more room. Does nothing when there is none. */
void cache_alias(const struct cache *c, const struct cache_kind *kind, const char *id,
		 const char *other);

/*
 * Locks, among processes and within one.  A dead owner's lock is none.  1 and *lock, 0 when it
 * is someone else's now, -1.
 */
struct cache_lock {
	int fd;
	char name[SHA256_HEX + 16];
};
int cache_try_lock(const struct cache *c, const char *purpose, const char *id,
		   struct cache_lock *lock, struct err *e) NODISCARD;
void cache_unlock(const struct cache *c, struct cache_lock *lock);

struct cache_usage {
	uint64_t bytes;
	size_t entries;
};

/* Of the bounded kinds. */
int cache_usage(const struct cache *c, struct cache_usage *usage, struct err *e) NODISCARD;
/*
 * Removes what was used least recently of all bounded kinds until they fit the limit, and
 * leftovers of processes that ended early.  *removed counts entries of bounded kinds.
 */
int cache_trim(const struct cache *c, struct cache_usage *removed, struct err *e) NODISCARD;
/* Removes all entries of bounded kinds and begins a new generation. */
int cache_clear(struct cache *c, struct cache_usage *removed, struct err *e) NODISCARD;
#endif
