#include "fs/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/place.h"

/* A directory on the way from the root to the current one. */
struct frame {
	const struct frame *up;
	dev_t dev;
	ino_t ino;
	int depth;
	bool via_link;
	const char *link; /* both ends of the nearest link on the way, for messages; or NULL */
};

struct walker {
	const struct fs_walk *w;
	int boundary;
	struct strbuf path;
	size_t left; /* how many entries more there may be */
	struct err *e;
};

/* The names of one directory, sorted. */
struct names {
	struct strbuf text;
	const char **list;
	size_t n;
};

static int walk_dir(struct walker *k, int fd, const struct frame *frame);

/* "cannot ... 'path'" with errno. */
static int fail_sys(struct walker *k, const char *what)
{
	int saved = errno;
	char *shown = fs_shown(k->w->shown, k->path.buf);

	errno = saved;
	err_sys(k->e, "cannot %s '%s'", what, shown);
	free(shown);
	return -1;
}

static int fail_link(struct walker *k, const char *ends, const char *why)
{
	return err_set(k->e, ERR_PROJECT, "the link %s %s", ends, why);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void release_names(struct names *names)
{
	strbuf_release(&names->text);
	free(names->list);
}

/* Of more than `most` names no more than one is read. */
static int read_names(DIR *dir, size_t most, struct names *names)
{
	const struct dirent *d;
	const char *name;
	size_t i;

	errno = 0;
	while (names->n <= most) {
		errno = 0;
		d = readdir(dir);
		if (!d)
			break;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		strbuf_add(&names->text, d->d_name, strlen(d->d_name) + 1);
		names->n++;
	}
	if (errno != 0)
		return -1;
	names->list = xreallocarray(NULL, names->n + 1, sizeof(*names->list));
	for (i = 0, name = names->text.buf; i < names->n; i++, name += strlen(name) + 1)
		names->list[i] = name;
	qsort(names->list, names->n, sizeof(*names->list), compare_names);
	return 0;
}

/* Leaves fd as it is: a stream of its own reads the names. */
static int list_names(int fd, size_t most, struct names *names)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r, saved;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		saved = errno;
		if (copy >= 0)
			(void)close(copy);
		errno = saved;
		return -1;
	}
	r = read_names(dir, most, names);
	saved = errno;
	closedir(dir);
	errno = saved;
	return r;
}

static const struct frame *find_frame(const struct frame *frame, const struct fs_entry *entry)
{
	while (frame && (frame->dev != entry->dev || frame->ino != entry->ino))
		frame = frame->up;
	return frame;
}

/* The caller of the walk may go on behind a folder that cannot be read. */
static int fail_folder(struct walker *k, const char *what)
{
	fail_sys(k, what);
	if (!k->w->unreadable)
		return -1;
	return k->w->unreadable(k->w->arg, strbuf_str(&k->path), k->e);
}

/* Goes into the directory at *fd (closed here) for which visit said yes. */
static int descend(struct walker *k, const struct frame *up, const struct fs_entry *entry,
		   int fd, const char *link)
{
	struct frame frame = {up, entry->dev, entry->ino, up->depth + 1, entry->via_link, link};
	int r;

	if (fd < 0)
		return fail_folder(k, "open the folder");
	if (frame.depth > FS_MAX_DEPTH) {
		char *shown = fs_shown(k->w->shown, k->path.buf);

		r = err_set(k->e, ERR_PROJECT,
			    "the folder '%.200s...' is more than %d levels deep", shown,
			    FS_MAX_DEPTH);
		free(shown);
	} else {
		r = walk_dir(k, fd, &frame);
	}
	(void)close(fd);
	return r;
}

/* What cannot be followed: the visitor may leave it out, otherwise the walk ends. */
static int offer_bad_link(struct walker *k, const struct stat *st, const char *ends,
			  const char *why)
{
	char *message = xasprintf("the link %s %s", ends, why);
	struct fs_entry entry;
	int r;

	fs_fill_entry(st, strbuf_str(&k->path), true, &entry);
	entry.type = FS_LINK;
	entry.broken = message;
	r = k->w->visit(k->w->arg, &entry, k->e);
	if (r == 0)
		r = err_set(k->e, ERR_PROJECT, "%s", message);
	free(message);
	return r < 0 ? -1 : 0;
}

/* NULL when the link can be followed. */
static const char *why_not(const struct walker *k, const struct frame *frame, int error,
			   const struct place *p)
{
	struct fs_entry entry;
	int below;

	if (error == ENOENT || error == ENOTDIR)
		return "leads to nothing; remove it";
	if (error == ELOOP)
		return "leads back to itself; remove it";
	if (error != 0) {
		errno = error;
		return "cannot be followed";
	}
	below = place_is_below(p, k->boundary);
	if (below < 0)
		return "cannot be followed";
	if (below == 0)
		return "leads outside; put a copy in its place";
	place_fill(p, strbuf_str(&k->path), &entry);
	if (entry.type == FS_DIR && find_frame(frame, &entry))
		return "leads back to a folder that it is in; remove it";
	return NULL;
}

/* p is the place of the link at the current path, error what place_find() gave. */
static int step_found_link(struct walker *k, const struct frame *frame, const struct stat *st,
			   const struct place *p, int error)
{
	const char *why = why_not(k, frame, error, p);
	char *ends = place_shown_link(p, k->w->shown, k->path.buf);
	struct fs_entry entry;
	int r;

	if (why) {
		r = offer_bad_link(k, st, ends, why);
	} else {
		place_fill(p, strbuf_str(&k->path), &entry);
		r = k->w->visit(k->w->arg, &entry, k->e);
		if (r == 0 && entry.type == FS_DIR)
			r = descend(k, frame, &entry, place_open(p, O_RDONLY | O_DIRECTORY),
				    ends);
	}
	free(ends);
	return r < 0 ? -1 : 0;
}

static int step_link(struct walker *k, const struct frame *frame, int fd, const char *name,
		     const struct stat *st)
{
	struct place *p = xcalloc(1, sizeof(*p));
	int error = place_find(fd, name, p), r;

	/* place_find() knows the component only; messages show the path from the root. */
	p->link_end = k->path.len;
	r = step_found_link(k, frame, st, p, error);
	place_release(p);
	free(p);
	return r;
}

static int step_plain(struct walker *k, const struct frame *frame, int fd, const char *name,
		      const struct stat *st)
{
	struct fs_entry entry;
	int r;

	fs_fill_entry(st, strbuf_str(&k->path), frame->via_link, &entry);
	r = k->w->visit(k->w->arg, &entry, k->e);
	if (r != 0 || entry.type != FS_DIR)
		return r < 0 ? -1 : 0;
	if (frame->via_link && find_frame(frame, &entry))
		return fail_link(k, frame->link,
				 "leads back to a folder that it is in; remove it");
	return descend(k, frame, &entry,
		       openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
		       frame->link);
}

static int step(struct walker *k, const struct frame *frame, int fd, const char *name)
{
	struct stat st;

	if (k->path.len >= FS_MAX_PATH) {
		char *shown = fs_shown(k->w->shown, k->path.buf);

		err_set(k->e, ERR_PROJECT, "the path '%.200s...' is longer than %d bytes",
			shown, FS_MAX_PATH - 1);
		free(shown);
		return -1;
	}
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		/* Removed since the folder was read: as if it had never been there. */
		return errno == ENOENT ? 0 : fail_sys(k, "look at");
	if (S_ISLNK(st.st_mode))
		return step_link(k, frame, fd, name, &st);
	return step_plain(k, frame, fd, name, &st);
}

static int fail_number(struct walker *k)
{
	return err_set(k->e, ERR_PROJECT, "more than %zu files and folders in '%s'",
		       k->w->most ? k->w->most : FS_MAX_ENTRIES,
		       k->w->shown ? k->w->shown : ".");
}

static int walk_dir(struct walker *k, int fd, const struct frame *frame)
{
	struct names names = {.text = STRBUF_INIT};
	size_t i, before = k->path.len;
	int r = 0;

	if (list_names(fd, k->left, &names) < 0) {
		r = fail_folder(k, "read the folder");
		names.n = 0; /* a part of them has no list */
	} else if (names.n > k->left) {
		r = fail_number(k);
	} else {
		k->left -= names.n;
	}
	for (i = 0; r == 0 && i < names.n; i++) {
		if (before)
			strbuf_addc(&k->path, '/');
		strbuf_adds(&k->path, names.list[i]);
		r = step(k, frame, fd, names.list[i]);
		k->path.len = before;
		k->path.buf[before] = '\0';
	}
	release_names(&names);
	return r;
}

int fs_walk(const struct fs_walk *w, struct err *e)
{
	struct walker k = {
		.w = w,
		.boundary = w->boundary < 0 ? w->root : w->boundary,
		.path = STRBUF_INIT,
		.left = w->most ? w->most : FS_MAX_ENTRIES,
		.e = e,
	};
	struct frame top = {0};
	struct stat st;
	int r;

	if (fstat(w->root, &st) < 0)
		return fail_sys(&k, "look at");
	top.dev = st.st_dev;
	top.ino = st.st_ino;
	r = walk_dir(&k, w->root, &top);
	strbuf_release(&k.path);
	return r;
}
