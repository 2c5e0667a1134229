/*
 * past.h - a folder to build and what earlier builds leave of use; private to build/
 *
 * The work of reuse.c that reads and writes files, fit for a worker thread: nothing here tells
 * anything to anyone.
 *
 * A build leaves its products among the sources.  The ledger of the folder (ledger.h) says
 * which files a build made: those are its outputs, all others are what it sees.  An output that
 * someone changed since is seen, too: what the build makes of it is not known.
 */
#ifndef BUILD_PAST_H
#define BUILD_PAST_H
#include "build/ledger.h"

struct cache;

/* What of the project a build sees, and where it puts what it makes. */
struct past_scope {
	/* The files of the folder that it sees, NULL at the end; NULL: all of them, and lib/.
	 */
	const char *const *files;
	/* Everything below this folder of the folder is made by it; replaced as a whole. NULL:
	 * what it makes may lie anywhere. */
	const char *whole;
	bool only_whole;     /* and it makes nothing else */
	const char *why_not; /* to reuse it: "requirements.txt names folders", or NULL */
};

struct past {
	const struct cache *cache;
	int root;           /* the project's */
	const char *real;   /* its absolute path */
	const char *folder; /* below the root */
	struct past_scope scope;
	struct ledger now; /* things: what else the build sees, filled by the caller; completed
			      by past_look(): all that it sees, and its key */

	struct ledger last;     /* of the last build there */
	struct snapshot before; /* the folder as it is; outputs are marked */
	struct snapshot lib;    /* if the build sees it */
	bool replace;           /* what is stored already, too */
	bool in_place;          /* what a build would make is there already */
	/* Of what is good for this folder only, as the folder's path is in it. */
	char own_key[SHA256_HEX];
	const char *why_not; /* it cannot be reused, in the arena of `now`; or NULL */
	char id[SHA256_HEX]; /* of the ledger */
};

/* Compares the folder with its ledger. ERR_SYSTEM, ERR_PROJECT when it cannot be read. */
int past_look(struct past *p, struct err *e) NODISCARD;
/* The key by which the cache has what the build makes, or NULL. */
const char *past_stored_key(const struct past *p);
/*
 * Puts what the cache has in its place and notes it.  ERR_PROJECT when the entry was damaged:
 * it is removed.  ERR_BUILD when files of an earlier build are in the way, which is for the
 * build to decide, or another command removed the entry meanwhile.  After both nothing in the
 * folder was touched; after another failure it may hold a part: the next run puts all of it in
 * place, or builds.
 */
int past_restore(struct past *p, struct err *e) NODISCARD;
/* Notes that a build begins, so that nobody takes half of its outputs for all of them. */
int past_note_begun(struct past *p, struct err *e) NODISCARD;
/*
 * After a build: finds out what it made, stores it and notes it.  After 0, why_not says why
 * nobody will reuse it, if so.
 */
int past_store(struct past *p, struct err *e) NODISCARD;
void past_release(struct past *p);

/* For the files of past only. */
extern const struct cache_kind past_entries;
/* Everything that the build sees, with these files, into *r. */
void past_see(struct past *p, struct ledger *r, const struct snapshot *files);
bool past_is_input(const struct past *p, const struct snap_file *f);
void past_own_key(const struct past *p, const char *key, char own_key[SHA256_HEX]);
bool past_is_in_whole(const struct past *p, const char *path);
/* The folder's, to be closed. */
int past_open(const struct past *p, struct err *e) NODISCARD;
#endif
