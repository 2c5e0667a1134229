#include "fs/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

enum { MAX_HOPS = 40, MAX_CLIMB = 4096 };

char *fs_shown(const char *prefix, const char *path)
{
	struct strbuf b = STRBUF_INIT;

	if (prefix && *prefix) {
		utf8_add_printable(&b, str_of(prefix));
		if (*path)
			strbuf_addc(&b, '/');
	}
	utf8_add_printable(&b, str_of(path));
	return strbuf_detach(&b, NULL);
}

char *place_shown_link(const struct place *p, const char *prefix, const char *rel)
{
	char *link = xstrndup(rel, p->link_end), *from = fs_shown(prefix, link);
	char *to = fs_shown(NULL, p->target), *both = xasprintf("'%s' -> '%s'", from, to);

	free(link);
	free(from);
	free(to);
	return both;
}

const char *fs_kind(mode_t mode)
{
	if (S_ISREG(mode))
		return "a file";
	if (S_ISDIR(mode))
		return "a folder";
	if (S_ISFIFO(mode))
		return "a FIFO";
	return S_ISSOCK(mode) ? "a socket" : "a device";
}

static void replace_dir(struct place *p, int dir)
{
	if (p->dir >= 0)
		(void)close(p->dir);
	p->dir = dir;
}

static int set_name(struct place *p, const char *name, size_t n)
{
	if (n >= sizeof(p->name))
		return ENAMETOOLONG;
	memcpy(p->name, name, n);
	p->name[n] = '\0';
	return 0;
}

static int read_link(struct place *p, size_t end)
{
	ssize_t n = readlinkat(p->dir, p->name, p->target, sizeof(p->target));

	if (n < 0)
		return errno;
	if ((size_t)n == sizeof(p->target))
		return ENAMETOOLONG;
	p->target[n] = '\0';
	p->via_link = true;
	p->link_end = end;
	return 0;
}

/* Goes into the directory p->name; `end` is where it ends in the whole path. */
static int enter(struct place *p, size_t end)
{
	int fd = openat(p->dir, p->name, PLACE_DIR | O_NOFOLLOW);
	int r;

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		r = read_link(p, end);
		if (r != 0)
			return r == EINVAL ? ENOTDIR : r;
		fd = openat(p->dir, p->name, PLACE_DIR);
	}
	if (fd < 0)
		return errno;
	replace_dir(p, fd);
	return 0;
}

/* Moves to the directory that holds the target of the link p->name. */
static int hop(struct place *p, size_t end)
{
	const char *base;
	char dir[PATH_MAX];
	int r = read_link(p, end), fd;

	if (r != 0)
		return r;
	base = strrchr(p->target, '/');
	base = base ? base + 1 : p->target;
	memcpy(dir, p->target, (size_t)(base - p->target));
	dir[base - p->target] = '\0';
	fd = openat(p->dir, *dir ? dir : ".", PLACE_DIR);
	if (fd < 0)
		return errno;
	replace_dir(p, fd);
	return set_name(p, base, strlen(base));
}

/* A link to a directory, whatever its text: the directory itself is the place. */
static int enter_linked(struct place *p, size_t end)
{
	int r = read_link(p, end), fd;

	if (r != 0)
		return r;
	fd = openat(p->dir, p->name, PLACE_DIR);
	if (fd < 0)
		return errno;
	replace_dir(p, fd);
	if (fstat(fd, &p->st) < 0)
		return errno;
	return set_name(p, ".", 1);
}

/* Follows links until p->name is none. */
static int settle(struct place *p, size_t end)
{
	int hops, r;

	for (hops = 0; hops < MAX_HOPS; hops++) {
		if (fstatat(p->dir, p->name, &p->st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno;
		if (!S_ISLNK(p->st.st_mode))
			return 0;
		if (fstatat(p->dir, p->name, &p->st, 0) < 0) {
			/* Both ends are wanted for the message. */
			r = errno;
			return read_link(p, end) == 0 ? r : errno;
		}
		if (S_ISDIR(p->st.st_mode))
			return enter_linked(p, end);
		r = hop(p, end);
		if (r != 0)
			return r;
	}
	return ELOOP;
}

int place_find(int root, const char *rel, struct place *p)
{
	const char *slash;
	size_t end = 0, n;
	int r;

	p->dir = openat(root, ".", PLACE_DIR);
	p->via_link = false;
	p->link_end = 0;
	p->target[0] = p->name[0] = '\0';
	if (p->dir < 0)
		return errno;
	for (;; end++) {
		slash = strchr(rel + end, '/');
		n = slash ? (size_t)(slash - rel) - end : strlen(rel + end);
		r = n ? set_name(p, rel + end, n) : set_name(p, ".", 1);
		end += n;
		if (r == 0)
			r = slash ? enter(p, end) : settle(p, end);
		if (r != 0 || !slash)
			return r;
	}
}

void place_release(struct place *p)
{
	replace_dir(p, -1);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Climbs from *fd, which is replaced on the way. */
static int climb_to(int *fd, const struct stat *top)
{
	struct stat now, up;
	int steps, next;

	if (fstat(*fd, &now) < 0)
		return -1;
	for (steps = 0; steps < MAX_CLIMB; steps++) {
		if (is_same(&now, top))
			return 1;
		next = openat(*fd, "..", PLACE_DIR);
		if (next < 0)
			return -1;
		(void)close(*fd);
		*fd = next;
		if (fstat(next, &up) < 0)
			return -1;
		if (is_same(&up, &now))
			return 0; /* the root of the file system */
		now = up;
	}
	errno = ELOOP;
	return -1;
}

int place_is_below(const struct place *p, int boundary)
{
	struct stat top;
	int fd, r, saved;

	if (fstat(boundary, &top) < 0)
		return -1;
	fd = openat(p->dir, S_ISDIR(p->st.st_mode) ? p->name : ".", PLACE_DIR | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	r = climb_to(&fd, &top);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return r;
}

int place_open(const struct place *p, int flags)
{
	return openat(p->dir, p->name, flags | O_NOFOLLOW | O_CLOEXEC);
}

static enum fs_type type_of(mode_t mode)
{
	if (S_ISREG(mode))
		return FS_FILE;
	if (S_ISDIR(mode))
		return FS_DIR;
	return S_ISLNK(mode) ? FS_LINK : FS_OTHER;
}

/* File systems take years that do not fit: they are as far away as can be said. */
static int64_t in_ns(struct timespec t)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)t.tv_sec, (int64_t)1000000000, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)t.tv_nsec, &ns))
		return t.tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

struct fs_stamp fs_stamp_of(const struct stat *st)
{
	return (struct fs_stamp){
		.size = (uint64_t)st->st_size,
		.dev = (uint64_t)st->st_dev,
		.ino = (uint64_t)st->st_ino,
		.mtime_ns = in_ns(st->st_mtim),
		.ctime_ns = in_ns(st->st_ctim),
	};
}

/*
 * Time stamps are as coarse as the kernel's tick, at most 10 ms; a file system
 * whose stamps are whole seconds has steps of up to two of them.
 */
bool fs_stamp_is_settled(const struct fs_stamp *s, int64_t read_ns)
{
	const int64_t fine_step_ns = 100000000, coarse_step_ns = 3000000000;
	bool coarse = s->mtime_ns % 1000000000 == 0 && s->ctime_ns % 1000000000 == 0;
	int64_t latest = s->mtime_ns > s->ctime_ns ? s->mtime_ns : s->ctime_ns;

	return latest < read_ns - (coarse ? coarse_step_ns : fine_step_ns);
}

bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b)
{
	return a->size == b->size && a->dev == b->dev && a->ino == b->ino &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

void fs_fill_entry(const struct stat *st, struct str path, bool via_link,
		   struct fs_entry *entry)
{
	*entry = (struct fs_entry){
		.path = path,
		.type = type_of(st->st_mode),
		.via_link = via_link,
		.mode = st->st_mode & 07777,
		.size = (uint64_t)st->st_size,
		.stamp = fs_stamp_of(st),
		.dev = st->st_dev,
		.ino = st->st_ino,
	};
}

void place_fill(const struct place *p, struct str path, struct fs_entry *entry)
{
	fs_fill_entry(&p->st, path, p->via_link, entry);
}
