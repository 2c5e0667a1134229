/*
 * place.h - where a name really is: private to fs/
 *
 * A place is a directory descriptor and a last component that is no link.
 * Whether it lies below another directory is told by climbing ".." and
 * comparing device and inode, so no path text has to be trusted.
 */
#ifndef FS_PLACE_H
#define FS_PLACE_H
#include "base/err.h"
#include "fs/fs.h"

#include <fcntl.h>
#include <limits.h>

/* To go through a directory; reading its names needs another open. */
#ifdef O_PATH
enum { PLACE_DIR = O_PATH | O_DIRECTORY | O_CLOEXEC };
#else
enum { PLACE_DIR = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
#endif

struct place {
	int dir;                 /* owned; -1 when there is none */
	char name[NAME_MAX + 1]; /* "." for dir itself */
	struct stat st;          /* of name, which is no link */
	bool via_link;
	size_t link_end;       /* the last link followed ends at this byte of rel */
	char target[PATH_MAX]; /* its text */
};

/* rel below root, as in path_is_below(), or "". Returns 0 or an errno; release it after both.
 */
int place_find(int root, const char *rel, struct place *p) NODISCARD;
void place_release(struct place *p);
/* The place, or for a directory itself: 1, 0, or -1 with errno set. */
int place_is_below(const struct place *p, int boundary) NODISCARD;
/* A descriptor for what is there, which must still be no link; -1 with errno set. */
int place_open(const struct place *p, int flags) NODISCARD;
void place_fill(const struct place *p, struct str path, struct fs_entry *entry);
void fs_fill_entry(const struct stat *st, struct str path, bool via_link,
		   struct fs_entry *entry);

/* Both ends of the last link followed: "'a/b' -> '../c'". On the heap. */
char *place_shown_link(const struct place *p, const char *prefix, const char *rel) NODISCARD;
/* "a FIFO", "a folder" ... */
const char *fs_kind(mode_t mode);
/* prefix "/" path for a message; control characters made visible. On the heap. */
char *fs_shown(const char *prefix, const char *path) NODISCARD;
#endif
