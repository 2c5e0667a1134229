#include "fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/place.h"

int fs_open_dir(int at, const char *path, struct err *e)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *shown;

	if (fd >= 0)
		return fd;
	shown = fs_shown(NULL, path);
	err_sys(e, "cannot open the folder '%s'", shown);
	free(shown);
	return -1;
}

/* What place_find() and place_is_below() found to be wrong with rel; error 0 = outside. */
static int refuse(const char *rel, const struct place *p, int error, struct err *e)
{
	char *shown = fs_shown(NULL, rel), *ends;

	if (error == 0) {
		ends = place_shown_link(p, NULL, rel);
		err_set(e, ERR_PROJECT, "the link %s leads outside; put a copy in its place",
			ends);
		free(ends);
	} else {
		errno = error;
		err_sys(e, "cannot open '%s'", shown);
	}
	free(shown);
	return -1;
}

/* The place of rel when it is below boundary; released by the caller only after 0. */
static int find_below(int root, int boundary, const char *rel, struct place *p, struct err *e)
{
	int r = place_find(root, rel, p), below = 1;

	if (r == 0 && p->via_link)
		below = place_is_below(p, boundary < 0 ? root : boundary);
	if (r == 0 && below == 1)
		return 0;
	if (below < 0)
		r = errno;
	refuse(rel, p, r, e);
	place_release(p);
	return -1;
}

static int refuse_kind(const char *rel, mode_t mode, const char *wanted, struct err *e)
{
	char *shown = fs_shown(NULL, rel);

	err_set(e, ERR_PROJECT, "'%s' is %s, not a %s", shown, fs_kind(mode), wanted);
	free(shown);
	return -1;
}

int fs_open_file(int root, int boundary, const char *rel, struct stat *st, struct err *e)
{
	struct place p;
	int fd = -1;

	if (find_below(root, boundary, rel, &p, e) < 0)
		return -1;
	if (!S_ISREG(p.st.st_mode)) {
		refuse_kind(rel, p.st.st_mode, "file", e);
		goto out;
	}
	fd = place_open(&p, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, st) < 0) {
		refuse(rel, &p, errno, e);
	} else if (!S_ISREG(st->st_mode)) {
		refuse_kind(rel, st->st_mode, "file", e);
	} else {
		place_release(&p);
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
out:
	place_release(&p);
	return -1;
}

int fs_open_below(int root, int boundary, const char *rel, struct err *e)
{
	struct place p;
	int fd = -1;

	if (find_below(root, boundary, rel, &p, e) < 0)
		return -1;
	if (!S_ISDIR(p.st.st_mode)) {
		refuse_kind(rel, p.st.st_mode, "folder", e);
	} else {
		fd = place_open(&p, O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			refuse(rel, &p, errno, e);
	}
	place_release(&p);
	return fd;
}

int fs_lookup(int root, int boundary, const char *rel, struct fs_entry *entry, struct err *e)
{
	struct place p;
	int r = place_find(root, rel, &p), below;

	if (r == ENOENT || r == ELOOP || r == ENOTDIR) {
		place_release(&p);
		return FS_NOTHING;
	}
	below = r == 0 ? place_is_below(&p, boundary < 0 ? root : boundary) : -1;
	if (below < 0)
		refuse(rel, &p, r ? r : errno, e);
	else if (below)
		place_fill(&p, str_of(rel), entry);
	place_release(&p);
	if (below < 0)
		return -1;
	return below ? FS_FOUND : FS_OUTSIDE;
}
