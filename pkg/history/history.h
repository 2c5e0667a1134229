/*
 * history.h - what this machine deployed last, so that it can be put back
 *
 * "$XDG_STATE_HOME/dofn/history/<digest of API host and namespace>/<number>", one file a
 * run, for its user only: it holds the values of parameters and environment, which may be
 * secrets.  A file is a run of entries, each of which is written once its function is live:
 *
 *	dofn 1 <kind> <bytes of name> <of meta> <of code> <SHA-256 of name, line end, meta>\n
 *	name, meta (JSON), code
 *
 * Of the kinds, a "version" is a function as it was sent, and "again" says that an older
 * one was put back, by its number.
 *
 * What is damaged, cut off or changed is no entry, and neither is what is behind a damaged
 * head.  Of a function the last HISTORY_VERSIONS are of use; files that hold nothing else go,
 * and so do the oldest ones of a namespace that has more than $DOFN_HISTORY_MAX (512 MiB
 * without; 0: nothing is kept).  Nothing is synced to the disk: losing it loses only the way
 * back.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H
#include "base/arena.h"
#include "base/hash.h"
#include "base/vec.h"
#include "fs/spool.h"
#include "json/json.h"

enum { HISTORY_VERSIONS = 5 };

/* Where a function is live. */
struct history_place {
	const char *api_host, *namespace;
};

/* ---- keeping ---- */

/* A function that is live now. */
struct history_new {
	const char *function;      /* "p/f" */
	const char *version;       /* the server's */
	struct str body;           /* of the request, JSON, with an empty exec.code */
	bool remote;               /* built on the platform: what runs is not known here */
	const struct spool *spool; /* NULL: it has no code */
	uint64_t at, bytes;
	bool binary;
	const char *sha256; /* of the code */
	uint64_t again;     /* instead of body and code: the number of an older one */
};

struct history_writer;

/*
 * Strings are copied.  NULL without an error when nothing is to be kept.  ERR_USAGE for a
 * $DOFN_HISTORY_MAX that is no size.  Nothing is written before the first entry.
 */
struct history_writer *history_writer_new(const struct history_place *p,
					  struct err *e) NODISCARD;
/* NULL does nothing, and so does one that failed before. */
void history_keep(struct history_writer *w, const struct history_new *n);
/* Why entries are missing, or NULL. */
const char *history_writer_failure(const struct history_writer *w);
/* Drops what is too old or too much, and frees. */
void history_writer_free(struct history_writer *w);

/* ---- reading ---- */

struct history_entry {
	uint64_t number; /* of its run: later ones are larger */
	uint64_t at_ms;  /* since 1970 */
	const char *version;
	struct json *body; /* NULL with `again` */
	bool remote;
	uint64_t again;
	bool has_code, binary;
	uint64_t code_at, bytes; /* in the file */
	char sha256[SHA256_HEX]; /* of the code */
};

struct history {
	struct arena arena;
	struct history_place place;          /* as given; must live as long */
	VEC(struct history_entry *) entries; /* of the function, the latest first */
};

/* None is no failure.  *h is to be released in any case. */
int history_read(const struct history_place *p, const char *function, struct history *h,
		 struct err *e) NODISCARD;
/* Adds the code to the spool. ERR_SYSTEM when it is not what it was. */
int history_read_code(const struct history *h, const struct history_entry *entry,
		      struct spool *to, struct err *e) NODISCARD;
/* The one of that number with something to put back, or NULL. */
const struct history_entry *history_find(const struct history *h, uint64_t number);
void history_release(struct history *h);
#endif
