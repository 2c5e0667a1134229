#include "fs/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "fs/place.h"

/*
 * Deeper folders are moved up to the top of the tree first, so that neither the
 * stack nor the number of descriptors depends on how deep a tree is.
 */
enum { MAX_LEVELS = 64 };

static int empty_dir(int fd, int top, int level);

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A folder without permissions (build tools make read-only ones) is still ours to remove. */
static int open_to_empty(int at, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat st;
	int fd = openat(at, name, flags);

	if (fd < 0 && errno == EACCES) {
		if (fchmodat(at, name, 0700, AT_SYMLINK_NOFOLLOW) < 0)
			return -1;
		fd = openat(at, name, flags);
	}
	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)fchmod(fd, 0700); /* when it fails, so does the removal, with a reason */
	return fd;
}

static int move_up(int at, const char *name, int top)
{
	char fresh[33];

	random_hex(fresh, 16);
	return renameat(at, name, top, fresh);
}

/* top = -1: the folder is itself the top. */
static int remove_entry(int at, const char *name, int top, int level)
{
	int fd, r, saved;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (level > MAX_LEVELS)
		return move_up(at, name, top);
	fd = open_to_empty(at, name);
	if (fd < 0 && errno == ENOTDIR)
		errno = EPERM; /* a file after all, and one that may not be removed */
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	r = empty_dir(fd, top < 0 ? fd : top, level);
	saved = errno;
	(void)close(fd);
	errno = saved;
	if (r < 0)
		return -1;
	return unlinkat(at, name, AT_REMOVEDIR);
}

/* One pass over the names; *again when there may be more (moved up to here meanwhile). */
static int empty_once(DIR *dir, int fd, int top, int level, bool *again)
{
	const struct dirent *d;

	*again = false;
	for (;;) {
		errno = 0;
		d = readdir(dir);
		if (!d)
			return errno ? -1 : 0;
		if (is_dots(d->d_name))
			continue;
		*again = true;
		if (remove_entry(fd, d->d_name, top, level + 1) < 0)
			return -1;
	}
}

static int empty_dir(int fd, int top, int level)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0, saved;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	bool again = true;

	if (!dir) {
		saved = errno;
		if (copy >= 0)
			(void)close(copy);
		errno = saved;
		return -1;
	}
	while (r == 0 && again) {
		rewinddir(dir);
		r = empty_once(dir, fd, top, level, &again);
	}
	saved = errno;
	closedir(dir);
	errno = saved;
	return r;
}

int fs_remove_tree(int at, const char *path, struct err *e)
{
	char *shown;

	if (remove_entry(at, path, -1, 0) == 0)
		return 0;
	shown = fs_shown(NULL, path);
	err_sys(e, "cannot remove '%s'", shown);
	free(shown);
	return -1;
}
