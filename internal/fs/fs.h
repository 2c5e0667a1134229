/*
 * fs.h - files below a directory
 *
 * Everything goes through a directory descriptor (openat), never through the
 * process's working directory.  A relative path here has no empty, "." or ".."
 * component; path_is_below() says so.  Paths are bytes, not text: messages
 * make them printable.
 */
#ifndef FS_FS_H
#define FS_FS_H
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/strbuf.h"

#include <sys/stat.h>
#include <sys/types.h>

/* O_DIRECTORY | O_CLOEXEC; the caller closes. "." for the working directory. */
int fs_open_dir(int at, const char *path, struct err *e) NODISCARD;

/* True when rel stays below its root: not absolute, no empty, "." or ".." component. */
bool path_is_below(struct str rel);
/* a + "/" + b, or b when a is empty. */
char *path_join(struct arena *a, struct str dir, struct str name);
/* "c" of "a/b/c". */
struct str path_base(struct str path);
/* "a/b" of "a/b/c"; empty for "c". */
struct str path_dir(struct str path);
/*
 * Resolves "." and ".." in `rel` (as a user wrote it, '/'-separated) against
 * the directory `base` (below the root): "packages/p/f" and "../../../lib/x"
 * give "lib/x".  NULL when it is absolute or climbs above the root.  Text only;
 * links are the walker's business.
 */
char *path_resolve(struct arena *a, struct str base, struct str rel);

/*
 * The whole of a regular file, at most max bytes.  Refuses what is no regular
 * file (a FIFO cannot block it).  The message names the path.
 */
int fs_read(int at, const char *path, size_t max, struct strbuf *out, struct err *e) NODISCARD;
/*
 * Writes a new file beside it with exactly this mode, syncs, renames over it.
 * After a failure the old file is as it was and no new one is left.
 */
int fs_write_atomic(int at, const char *path, struct str data, mode_t mode,
		    struct err *e) NODISCARD;
/*
 * The same, its bytes from `write`, which puts them into fd and returns -1 with
 * errno when it cannot.  `quick` does not wait for the disk: for what is worth
 * little, as a crash of the machine may leave it damaged.
 */
struct fs_new {
	mode_t mode;
	bool quick;
	int (*write)(void *arg, int fd);
	void *arg;
};

int fs_write_new(int at, const char *path, const struct fs_new *file, struct err *e) NODISCARD;
/* The directory and its parents; existing ones are fine. mode for those it makes. */
int fs_make_dirs(int at, const char *path, mode_t mode, struct err *e) NODISCARD;
/*
 * A file or a whole tree of any depth, folders without permissions included;
 * links are removed, not followed.  Nothing there is fine.
 */
int fs_remove_tree(int at, const char *path, struct err *e) NODISCARD;
/*
 * A new private directory (0700) below `parent`, named prefix + random digits;
 * its path on the heap.  Removed by fs_cleanup() if still there, also when a
 * signal ends the program through main.
 */
char *fs_temp_dir(const char *parent, const char *prefix, struct err *e) NODISCARD;
/* Ends the registration (after the caller removed it or wants to keep it). */
void fs_temp_forget(const char *path);
void fs_cleanup(void);

/* All of data into fd; -1 with errno. */
int fs_write_all(int fd, struct str data) NODISCARD;
/* read(2), again when a signal interrupts it; 0 at the end, -1 with errno. */
ssize_t fs_read_some(int fd, void *p, size_t n) NODISCARD;
/* SHA-256 of what is left to read in fd, and how many bytes that was; -1 with errno. */
int fs_hash_rest(int fd, unsigned char digest[SHA256_SIZE], uint64_t *size) NODISCARD;

enum fs_type { FS_FILE, FS_DIR, FS_LINK, FS_OTHER };

/* By what a file is known to be the same as before, without a look inside. */
struct fs_stamp {
	uint64_t size, dev, ino;
	int64_t mtime_ns, ctime_ns; /* since 1970, of 1677 to 2262: else the nearest */
};

struct fs_stamp fs_stamp_of(const struct stat *st);
bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b);
/*
 * False when the file changed so shortly before read_ns (clock_realtime_ns() before it was
 * opened) that a further change could carry the same time stamp, as git calls it "racily
 * clean": what was read then is not known to be what the stamp stands for.
 */
bool fs_stamp_is_settled(const struct fs_stamp *s, int64_t read_ns);

struct fs_entry {
	struct str path;   /* relative to the walk's root, NUL-terminated */
	enum fs_type type; /* FS_LINK only for links that were not followed */
	bool via_link;     /* reached through at least one link */
	mode_t mode;       /* permission bits of what is stored */
	uint64_t size;
	struct fs_stamp stamp;
	dev_t dev;
	ino_t ino;
	const char *broken; /* FS_LINK: the message that the walk would end with; else NULL */
};

/*
 * A sorted walk.  `visit` gets every entry, a directory before its contents,
 * names of one directory in byte order (so "a/b" comes before "a.c" when the
 * folder "a" does); returning 0 goes on, 1 leaves the entry out, -1 stops with
 * *e set.  An entry's path is valid during the call only.
 *
 * Links are followed when their target lies below `boundary` (a directory
 * descriptor; links may leave the walk's root but not the boundary), and come
 * as what they lead to.  A link that cannot be followed (it leaves the
 * boundary, dangles, or leads back to a directory on the way to itself) comes
 * as FS_LINK: when visit leaves it out, the walk goes on; otherwise it ends
 * with an error (ERR_PROJECT) that names both ends.  Other errors: a path of
 * FS_MAX_PATH bytes or more, more than FS_MAX_DEPTH levels or FS_MAX_ENTRIES
 * entries, an unreadable directory that visit did not leave out (`unreadable`,
 * when given, gets it with *e set: 0 with *e clear goes on behind it, -1 ends).
 * FIFOs, sockets and devices come as FS_OTHER and are never opened.
 */
enum { FS_MAX_PATH = 4096, FS_MAX_DEPTH = 100, FS_MAX_ENTRIES = 1000000 };

struct fs_walk {
	int root;          /* directory descriptor to walk, open for reading */
	int boundary;      /* see above, the root or a folder above it; -1 = root */
	const char *shown; /* prefix of paths in messages: "packages/p/f"; NULL or "" = none */
	int (*visit)(void *arg, const struct fs_entry *entry, struct err *e);
	int (*unreadable)(void *arg, struct str path, struct err *e); /* or NULL */
	void *arg;
	size_t most; /* entries; 0 = FS_MAX_ENTRIES */
};

int fs_walk(const struct fs_walk *w, struct err *e) NODISCARD;

/*
 * Opens rel below root for reading when it is a regular file whose real place
 * lies below boundary (the root or a folder above it; -1 = root); links on the
 * way are checked like in fs_walk().  Fills *st.  Never blocks on a FIFO.
 */
int fs_open_file(int root, int boundary, const char *rel, struct stat *st,
		 struct err *e) NODISCARD;
/* Opens like that and reads like fs_read(). */
int fs_read_below(int root, int boundary, const char *rel, size_t max, struct strbuf *out,
		  struct err *e) NODISCARD;
/* Opens a directory like that ("" = root itself); the descriptor can be read and walked. */
int fs_open_below(int root, int boundary, const char *rel, struct err *e) NODISCARD;
/*
 * What is at rel below root, links followed.  `boundary` may be any directory
 * here: FS_OUTSIDE when the real place is not below it.  FS_NOTHING for a
 * missing file, a dangling link, a link loop, a path through a file.  Fills
 * *entry for FS_FOUND only; its path is rel.  -1 when it cannot be told.
 */
enum fs_found { FS_FOUND, FS_NOTHING, FS_OUTSIDE };
int fs_lookup(int root, int boundary, const char *rel, struct fs_entry *entry,
	      struct err *e) NODISCARD;

/*
 * $XDG_CONFIG_HOME, $XDG_DATA_HOME, $XDG_CACHE_HOME or $XDG_STATE_HOME, or the default
 * below $HOME (.config, .local/share, .cache, .local/state), plus "/dofn"; on the heap.  Values
 * that are not absolute count as unset (XDG Base Directory Specification).
 * ERR_SYSTEM when neither is set.
 */
enum fs_home { FS_CONFIG, FS_DATA, FS_CACHE, FS_STATE };
char *fs_home_dir(enum fs_home which, struct err *e) NODISCARD;
#endif
