/*
 * ledger.h - what is known of the last build in a folder; private to build/
 *
 * Kept in the cache, by the folder's place.  Says which of the files there a build made, what
 * the build saw, and so what changed since.
 */
#ifndef BUILD_LEDGER_H
#define BUILD_LEDGER_H
#include "build/snapshot.h"

struct cache;

enum { LEDGER_MAX = 512 * 1024 * 1024 }; /* bytes */

/* One thing that a build sees: "file x.py", "variable X", "tool npm", "runtime". */
struct seen_thing {
	const char *name;
	unsigned char digest[SHA256_SIZE]; /* of its content, value or version */
};

struct ledger {
	struct arena arena;
	/* Of the finished build whose outputs are there; "" when one was begun and did not end,
	 * and when it cannot be reused. */
	char key[SHA256_HEX];
	const char *why_not; /* it cannot be reused; NULL when it can, or is not known */
	VEC(struct seen_thing) things; /* by name */
	struct snapshot files;         /* after it */
	struct snapshot lib;           /* of the project, for a build that sees it */
};

/* The id of a folder's ledger. */
void ledger_id(const char *project, const char *folder, char id[SHA256_HEX]);
/* Empty when there is none; release it in any case. */
void ledger_read(struct ledger *r, const struct cache *c, const char *id);
int ledger_write(const struct ledger *r, const struct cache *c, const char *id,
		 struct err *e) NODISCARD;
void ledger_release(struct ledger *r);

/* As it lies in the cache. */
void ledger_encode(struct strbuf *out, const struct ledger *r);
bool ledger_decode(struct ledger *r, struct str text) NODISCARD;

/* Adds a thing; its name is copied. */
void ledger_add(struct ledger *r, const char *name, const void *value, size_t n);
void ledger_add_digest(struct ledger *r, const char *name,
		       const unsigned char digest[SHA256_SIZE]);
/* Sorts the things and makes the key of them all. */
void ledger_make_key(struct ledger *r);
/* The names of the things that differ, with "+" in front of one that only b has, "-" of one
 * that only a has, "~" of others; in a's arena. Both sorted. */
struct ledger_changes {
	VEC(const char *) names;
};
void ledger_compare(struct ledger *a, const struct ledger *b, struct ledger_changes *changes);
#endif
