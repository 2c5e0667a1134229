#include "cache/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cache/place.h"
#include "fs/fs.h"

enum { GENERATION_MAX = 64 };

static const uint64_t default_limit = (uint64_t)2 << 30;

static int find_limit(struct cache *c, struct err *e)
{
	const char *text = getenv("DOFN_CACHE_MAX");

	c->limit = default_limit;
	if (!text || !*text || str_to_bytes(str_of(text), &c->limit))
		return 0;
	return err_set(
		e, ERR_USAGE,
		"DOFN_CACHE_MAX is '%s', which is no size; give it one such as '500M' or "
		"'4G'",
		text);
}

char *cache_find_place(struct err *e)
{
	const char *given = getenv("DOFN_CACHE");

	if (!given || !*given)
		return fs_home_dir(FS_CACHE, e);
	if (*given == '/')
		return xstrdup(given);
	err_set(e, ERR_USAGE, "DOFN_CACHE is '%s'; give it an absolute path", given);
	return NULL;
}

/* What lies in it becomes part of artifacts: nobody else may put anything there. */
static int check_owner(const struct cache *c, struct err *e)
{
	struct stat st;

	if (fstat(c->dir, &st) < 0)
		return err_sys(e, "cannot look at '%s'", c->place);
	if (st.st_uid != geteuid())
		return err_set(e, ERR_SYSTEM,
			       "'%s' belongs to another user; set DOFN_CACHE to a folder of "
			       "your own",
			       c->place);
	if (st.st_mode & 022)
		return err_set(e, ERR_SYSTEM,
			       "others may write to '%s'; run chmod go-w on it, or set "
			       "DOFN_CACHE to another folder",
			       c->place);
	return 0;
}

static int open_place(struct cache *c, struct err *e)
{
	struct str parent = path_dir(str_of(c->place));
	char *above = xstrndup(parent.p, parent.n);
	int rc = *above ? fs_make_dirs(AT_FDCWD, above, 0700, e) : 0;

	free(above);
	if (rc < 0 || fs_make_dirs(AT_FDCWD, c->place, 0700, e) < 0)
		return -1;
	c->dir = fs_open_dir(AT_FDCWD, c->place, e);
	if (c->dir < 0 || check_owner(c, e) < 0 || fs_make_dirs(c->dir, "new", 0700, e) < 0 ||
	    fs_make_dirs(c->dir, "locks", 0700, e) < 0)
		return -1;
	if (faccessat(c->dir, "new", W_OK | X_OK, AT_EACCESS) < 0)
		return err_sys(e, "cannot write to '%s'", c->place);
	return 0;
}

/* One that was never cleared has none. */
static void read_generation(struct cache *c)
{
	struct strbuf text = STRBUF_INIT;
	struct err ignored = ERR_INIT;

	if (fs_read(c->dir, "generation", GENERATION_MAX, &text, &ignored) < 0)
		err_clear(&ignored);
	free(c->generation);
	c->generation = xstrdup(text.buf);
	strbuf_release(&text);
}

struct cache *cache_open(struct err *e)
{
	struct cache *c = xcalloc(1, sizeof(*c));

	c->dir = -1;
	if (find_limit(c, e) == 0)
		c->place = cache_find_place(e);
	if (!c->place || open_place(c, e) < 0) {
		cache_close(c);
		return NULL;
	}
	read_generation(c);
	return c;
}

void cache_close(struct cache *c)
{
	if (!c)
		return;
	if (c->dir >= 0)
		(void)close(c->dir);
	free(c->place);
	free(c->generation);
	free(c);
}

const char *cache_place(const struct cache *c)
{
	return c->place;
}

uint64_t cache_limit(const struct cache *c)
{
	return c->limit;
}

const char *cache_generation(const struct cache *c)
{
	return c->generation;
}

static char *path_of(const struct cache_kind *kind, const char *id)
{
	return xasprintf("%s/%s/%s", cache_root_of(kind), kind->name, id);
}

int cache_get(const struct cache *c, const struct cache_kind *kind, const char *id)
{
	char *path = path_of(kind, id);
	int fd = openat(c->dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	free(path);
	if (fd >= 0)
		(void)futimens(fd, NULL); /* of no use when it fails: it goes earlier */
	return fd;
}

bool cache_read(const struct cache *c, const struct cache_kind *kind, const char *id,
		size_t max, struct strbuf *out)
{
	struct err ignored = ERR_INIT;
	char *path;
	int fd = cache_get(c, kind, id), rc;

	if (fd < 0)
		return false;
	(void)close(fd);
	path = path_of(kind, id);
	rc = fs_read(c->dir, path, max, out, &ignored);
	err_clear(&ignored);
	free(path);
	return rc == 0;
}

void cache_remove(const struct cache *c, const struct cache_kind *kind, const char *id)
{
	char *path = path_of(kind, id);

	(void)unlinkat(c->dir, path, 0);
	free(path);
}

int cache_new_begin(const struct cache *c, struct cache_new *n, struct err *e)
{
	char digits[17];

	random_hex(digits, 8);
	(void)snprintf(n->name, sizeof(n->name), "new/%s", digits);
	n->fd = openat(c->dir, n->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (n->fd < 0)
		return err_sys(e, "cannot write to '%s'", c->place);
	return 0;
}

static int place_new(const struct cache *c, const struct cache_new *n,
		     const struct cache_kind *kind, const char *id, struct err *e)
{
	char *folder = xasprintf("%s/%s", cache_root_of(kind), kind->name);
	char *path = path_of(kind, id);
	int rc = fs_make_dirs(c->dir, folder, 0700, e);

	if (rc == 0 && renameat(c->dir, n->name, c->dir, path) < 0)
		rc = err_sys(e, "cannot write '%s/%s'", c->place, path);
	free(folder);
	free(path);
	return rc;
}

int cache_new_commit(const struct cache *c, struct cache_new *n, const struct cache_kind *kind,
		     const char *id, struct err *e)
{
	int rc = 0;

	if (close(n->fd) < 0) /* what a network file system could not write is told here */
		rc = err_sys(e, "cannot write to '%s'", c->place);
	n->fd = -1;
	if (rc == 0)
		rc = place_new(c, n, kind, id, e);
	if (rc < 0)
		cache_new_abort(c, n);
	return rc;
}

void cache_new_abort(const struct cache *c, struct cache_new *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	(void)unlinkat(c->dir, n->name, 0);
	n->fd = -1;
}

int cache_write(const struct cache *c, const struct cache_kind *kind, const char *id,
		struct str data, struct err *e)
{
	struct cache_new n = {.fd = -1};

	if (cache_new_begin(c, &n, e) < 0)
		return -1;
	if (fs_write_all(n.fd, data) < 0) {
		err_sys(e, "cannot write to '%s'", c->place);
		cache_new_abort(c, &n);
		return -1;
	}
	return cache_new_commit(c, &n, kind, id, e);
}

void cache_alias(const struct cache *c, const struct cache_kind *kind, const char *id,
		 const char *other)
{
	char *from = path_of(kind, id), *to = path_of(kind, other);

	if (linkat(c->dir, from, c->dir, to, 0) < 0 && errno == EEXIST &&
	    unlinkat(c->dir, to, 0) == 0)
		(void)!linkat(c->dir, from, c->dir, to, 0); /* without it, it is made again */
	free(from);
	free(to);
}

/* A name that was removed while we waited for its lock is the lock of nobody. */
static bool is_current(const struct cache *c, const struct cache_lock *lock)
{
	struct stat held, named;

	return fstat(lock->fd, &held) == 0 &&
	       fstatat(c->dir, lock->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* 1 it is ours, 0 someone else's, -1 the file system has no locks; errno. */
static int lock_file(int fd)
{
	int rc;

	do
		rc = flock(fd, LOCK_EX | LOCK_NB);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return 1;
	return errno == EWOULDBLOCK ? 0 : -1;
}

/* Of lock->name. */
static int try_lock(const struct cache *c, struct cache_lock *lock, struct err *e)
{
	int rc;

	for (;;) {
		lock->fd = openat(c->dir, lock->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
				  0600);
		rc = lock->fd < 0 ? -1 : lock_file(lock->fd);
		if (rc < 0)
			err_sys(e, "cannot lock in '%s'", c->place);
		if (rc > 0 && is_current(c, lock))
			return 1;
		if (lock->fd >= 0)
			(void)close(lock->fd);
		lock->fd = -1;
		if (rc <= 0)
			return rc;
	}
}

int cache_try_lock(const struct cache *c, const char *purpose, const char *id,
		   struct cache_lock *lock, struct err *e)
{
	(void)snprintf(lock->name, sizeof(lock->name), "locks/%s-%s", purpose, id);
	return try_lock(c, lock, e);
}

bool cache_try_lock_named(const struct cache *c, const char *name, struct cache_lock *lock)
{
	struct err ignored = ERR_INIT;
	int n = snprintf(lock->name, sizeof(lock->name), "locks/%s", name);
	int rc = n < (int)sizeof(lock->name) ? try_lock(c, lock, &ignored) : 0;

	err_clear(&ignored);
	return rc > 0;
}

void cache_unlock(const struct cache *c, struct cache_lock *lock)
{
	if (lock->fd < 0)
		return;
	(void)unlinkat(c->dir, lock->name, 0);
	(void)close(lock->fd);
	lock->fd = -1;
}

static int new_generation(struct cache *c, struct err *e)
{
	char digits[33];

	random_hex(digits, 16);
	if (fs_write_atomic(c->dir, "generation", str_of(digits), 0600, e) < 0)
		return -1;
	read_generation(c);
	return 0;
}

int cache_clear(struct cache *c, struct cache_usage *removed, struct err *e)
{
	/* First, so that one who stores meanwhile does it under the old one. */
	if (new_generation(c, e) < 0)
		return -1;
	return cache_sweep(c, 0, removed, e);
}

int cache_trim(const struct cache *c, struct cache_usage *removed, struct err *e)
{
	if (cache_sweep(c, c->limit, removed, e) < 0)
		return -1;
	return cache_drop_old(c, e);
}
