/*
 * spool.h - bytes on their way: in memory while they are few, then in a file
 *
 * The file loses its name as soon as it is made, so no byte of it is left whatever
 * happens.  After a failure to add it can only be reset or released.  One thread
 * at a time may add; reading is for any thread while nobody adds.
 */
#ifndef FS_SPOOL_H
#define FS_SPOOL_H
#include "base/err.h"
#include "base/strbuf.h"

struct spool {
	struct strbuf memory; /* all of it while fd is -1 */
	const char *folder;   /* of the file; the caller's, made when it is missing */
	size_t keep;          /* bytes that stay in memory */
	uint64_t n;           /* bytes in it */
	int fd;
};

/* folder NULL: $TMPDIR or /tmp; so too when it cannot be written to. */
void spool_init(struct spool *s, const char *folder, size_t keep);
int spool_add(struct spool *s, const void *p, size_t n, struct err *e) NODISCARD;
/* Exactly n bytes from offset `at`, all of which are there. */
int spool_read(const struct spool *s, uint64_t at, void *p, size_t n, struct err *e) NODISCARD;
/* All n bytes from `at` on to fn, piece by piece. */
int spool_each(const struct spool *s, uint64_t at, uint64_t n,
	       int (*fn)(void *arg, struct str piece, struct err *e), void *arg,
	       struct err *e) NODISCARD;

/* The bytes from `at` on as if they were in memory, until released and nobody adds. */
struct spool_view {
	struct str bytes;
	void *mapped;
	size_t mapped_n;
};

int spool_view(const struct spool *s, uint64_t at, size_t n, struct spool_view *view,
	       struct err *e) NODISCARD;
void spool_view_release(struct spool_view *view); /* also a second time */

/* Empty again: its memory is kept, its file gives the disk its room back; then without both. */
void spool_reset(struct spool *s);
void spool_release(struct spool *s);
#endif
