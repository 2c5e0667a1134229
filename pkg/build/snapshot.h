/*
 * snapshot.h - the files of a folder with their contents' digests; private to build/
 *
 * Links are themselves, never what they lead to.  Contents are read only where the file's
 * stamp (fs.h) is not that of an earlier snapshot, as git's index does it; what had not settled
 * when it was read is read again the next time.  What no build sees is left out:
 * .git, .hg, .svn, .deployed, .DS_Store, and dofn's own temporary folders.
 */
#ifndef BUILD_SNAPSHOT_H
#define BUILD_SNAPSHOT_H
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fs/fs.h"

struct snap_file {
	const char *path;                  /* below the folder */
	const char *target;                /* of a link; NULL for a file */
	mode_t mode;                       /* permission bits; 0 for a link */
	unsigned char digest[SHA256_SIZE]; /* of the content, or of the target */
	struct fs_stamp stamp;             /* when it was read */
	int64_t read_ns;                   /* when that was, since 1970 */
	bool output;                       /* a build made it */
};

struct snapshot {
	struct arena arena;
	VEC(struct snap_file) files; /* by path, in byte order */
};

/*
 * Fills *s, to be released also after -1.  `only` names the one file or folder of it to look
 * at, or NULL.  Digests of `known` (or NULL) are taken where they must still be right. No file
 * is an output.  ERR_SYSTEM, ERR_PROJECT for what cannot be read; no finding of a build, but a
 * reason not to reuse one.
 */
int snapshot_read(struct snapshot *s, int folder, const char *only,
		  const struct snapshot *known, struct err *e) NODISCARD;
void snapshot_release(struct snapshot *s);
/* NULL when there is none. */
struct snap_file *snapshot_find(const struct snapshot *s, const char *path);
/* The same content; for files also the same execute bit. */
bool snap_file_equal(const struct snap_file *a, const struct snap_file *b);

/* As text with NULs; only those that are outputs when asked. */
void snapshot_write(struct strbuf *out, const struct snapshot *s, bool only_outputs);
/* The opposite.  False when it is none: damaged, or a path that leads out of a folder. */
bool snapshot_parse(struct snapshot *s, struct str text) NODISCARD;
/* 64 lower-case digits. */
bool snapshot_parse_digest(struct str hex, unsigned char digest[SHA256_SIZE]) NODISCARD;
#endif
