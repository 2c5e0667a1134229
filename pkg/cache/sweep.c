#include "cache/place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/vec.h"
#include "fs/fs.h"

/* Seconds. */
enum { NOTE_LIFE = 90 * 24 * 3600, NEW_LIFE = 24 * 3600 };

struct entry {
	const char *path; /* below the root that was walked */
	uint64_t bytes;   /* its part, when it has several names */
	struct timespec used;
};

struct listing {
	struct arena arena;
	int dir; /* the root that is walked */
	VEC(struct entry) entries;
	uint64_t bytes;
};

/* The walk follows no link here: what is one was not made by us and is left alone. */
static int visit(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	struct listing *l = arg;
	struct entry one;
	struct stat st;

	if (entry->via_link)
		return 1;
	if (entry->type != FS_FILE)
		return entry->type == FS_DIR ? 0 : 1;
	if (fstatat(l->dir, entry->path.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* removed meanwhile */
	one = (struct entry){
		.path = arena_strndup(&l->arena, entry->path.p, entry->path.n),
		.bytes = (uint64_t)st.st_size / (st.st_nlink ? (uint64_t)st.st_nlink : 1),
		.used = st.st_mtim,
	};
	l->bytes += one.bytes;
	vec_push(&l->entries, one);
	return 0;
}

static int list(struct listing *l, const struct cache *c, const char *root, struct err *e)
{
	struct fs_walk walk = {.boundary = -1, .shown = c->place, .visit = visit, .arg = l};

	*l = (struct listing){.dir = -1};
	if (fs_make_dirs(c->dir, root, 0700, e) < 0)
		return -1;
	l->dir = walk.root = fs_open_dir(c->dir, root, e);
	return l->dir < 0 ? -1 : fs_walk(&walk, e);
}

static void release(struct listing *l)
{
	if (l->dir >= 0)
		(void)close(l->dir);
	vec_release(&l->entries);
	arena_release(&l->arena);
}

static int compare_used(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void drop(const struct listing *l, const struct entry *one, struct cache_usage *removed)
{
	if (unlinkat(l->dir, one->path, 0) < 0)
		return; /* another process was first */
	removed->entries++;
	removed->bytes += one->bytes;
}

int cache_sweep(const struct cache *c, uint64_t limit, struct cache_usage *removed,
		struct err *e)
{
	struct listing l;
	int rc = list(&l, c, "entries", e);
	size_t i;

	*removed = (struct cache_usage){0};
	if (rc == 0 && l.entries.n)
		qsort(l.entries.v, l.entries.n, sizeof(*l.entries.v), compare_used);
	for (i = 0; rc == 0 && i < l.entries.n; i++) {
		if (limit > 0 && l.bytes <= limit)
			break;
		drop(&l, &l.entries.v[i], removed);
		l.bytes -= l.entries.v[i].bytes;
	}
	release(&l);
	return rc;
}

static int drop_older(const struct cache *c, const char *root, time_t life, struct err *e)
{
	struct cache_usage ignored = {0};
	struct timespec now;
	struct listing l;
	int rc = list(&l, c, root, e);
	size_t i;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (i = 0; rc == 0 && i < l.entries.n; i++)
		if (l.entries.v[i].used.tv_sec < now.tv_sec - life)
			drop(&l, &l.entries.v[i], &ignored);
	release(&l);
	return rc;
}

/* The names of locks whose owners were killed.  One that is held is not touched. */
static int drop_locks(const struct cache *c, struct err *e)
{
	time_t now = time(NULL);
	struct cache_lock lock;
	struct listing l;
	int rc = list(&l, c, "locks", e);
	size_t i;

	for (i = 0; rc == 0 && i < l.entries.n; i++)
		if (l.entries.v[i].used.tv_sec < now - NEW_LIFE &&
		    cache_try_lock_named(c, l.entries.v[i].path, &lock))
			cache_unlock(c, &lock);
	release(&l);
	return rc;
}

int cache_drop_old(const struct cache *c, struct err *e)
{
	if (drop_older(c, "new", NEW_LIFE, e) < 0 || drop_locks(c, e) < 0)
		return -1;
	return drop_older(c, "notes", NOTE_LIFE, e);
}

int cache_usage(const struct cache *c, struct cache_usage *usage, struct err *e)
{
	struct listing l;
	int rc = list(&l, c, "entries", e);

	*usage = (struct cache_usage){.bytes = l.bytes, .entries = l.entries.n};
	release(&l);
	return rc;
}
