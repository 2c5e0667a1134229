#include "fs/stat_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"

/* A table is written at once: what is older than a day will never be one. */
static const int64_t leftover_ns = (int64_t)24 * 3600 * 1000000000;

/* As it is in the file, which no other machine reads. */
struct entry {
	uint64_t path; /* FNV-1a */
	struct fs_stamp stamp;
	unsigned char hash[SHA256_SIZE];
};

static const char magic[16] = "dofn stat 1\n";

struct stat_cache {
	char *folder, *file;     /* NULL: nothing is kept */
	VEC(struct entry) known; /* sorted by path */
	bool *used;              /* of known: asked for in this run */
	size_t used_n;
	VEC(struct entry) fresh;
};

static uint64_t key_of(struct str path)
{
	uint64_t key = 14695981039346656037u;
	size_t i;

	for (i = 0; i < path.n; i++)
		key = (key ^ (unsigned char)path.p[i]) * 1099511628211u;
	return key;
}

/* The whole text, its digest at the end; false when it is not what was written. */
static bool is_whole(struct str text)
{
	size_t rest = sizeof(magic) + SHA256_HEX;
	char hex[SHA256_HEX];

	if (text.n < rest || (text.n - rest) % sizeof(struct entry) != 0 ||
	    memcmp(text.p, magic, sizeof(magic)) != 0)
		return false;
	sha256_of(text.p, text.n - SHA256_HEX, hex);
	return memcmp(text.p + text.n - SHA256_HEX, hex, SHA256_HEX) == 0;
}

static void load(struct stat_cache *c)
{
	const size_t most = STAT_CACHE_FILES * sizeof(struct entry) + 4096;
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t n;

	if (fs_read(AT_FDCWD, c->file, most, &text, &e) == 0 && is_whole(strbuf_str(&text))) {
		n = (text.len - sizeof(magic) - SHA256_HEX) / sizeof(struct entry);
		c->known.v = xreallocarray(NULL, n + 1, sizeof(*c->known.v));
		c->known.n = c->known.cap = n;
		memcpy(c->known.v, text.buf + sizeof(magic), n * sizeof(struct entry));
	}
	c->used = xcalloc(c->known.n + 1, sizeof(*c->used));
	err_clear(&e);
	strbuf_release(&text);
}

struct stat_cache *stat_cache_open(const char *folder, const char *tree)
{
	struct stat_cache *c = xcalloc(1, sizeof(*c));
	char hex[SHA256_HEX];

	if (!folder)
		return c;
	sha256_of(tree, strlen(tree), hex);
	c->folder = xstrdup(folder);
	c->file = xasprintf("%s/%.32s", folder, hex);
	load(c);
	return c;
}

/* The first one of this path, or the place where it would be. */
static size_t first_of(const struct stat_cache *c, uint64_t key)
{
	size_t low = 0, high = c->known.n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->known.v[middle].path < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool stat_cache_find(struct stat_cache *c, struct str path, const struct fs_stamp *stamp,
		     unsigned char hash[SHA256_SIZE])
{
	uint64_t key = key_of(path);
	size_t i;

	for (i = first_of(c, key); i < c->known.n && c->known.v[i].path == key; i++) {
		if (!fs_stamp_equal(&c->known.v[i].stamp, stamp))
			continue;
		c->used_n += !c->used[i];
		c->used[i] = true;
		memcpy(hash, c->known.v[i].hash, SHA256_SIZE);
		return true;
	}
	return false;
}

void stat_cache_add(struct stat_cache *c, struct str path, const struct fs_stamp *stamp,
		    const unsigned char hash[SHA256_SIZE], uint64_t began_ns)
{
	struct entry entry = {.path = key_of(path), .stamp = *stamp};

	if (!c->file || !fs_stamp_is_settled(stamp, (int64_t)began_ns) ||
	    c->fresh.n >= STAT_CACHE_FILES)
		return;
	memcpy(entry.hash, hash, SHA256_SIZE);
	vec_push(&c->fresh, entry);
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->path < y->path ? -1 : x->path > y->path;
}

static bool has_fresh(const struct stat_cache *c, uint64_t key)
{
	const struct entry wanted = {.path = key};

	return bsearch(&wanted, c->fresh.v, c->fresh.n, sizeof(wanted), by_path) != NULL;
}

/*
 * Everything of this run, and of earlier runs (a part of a project may have been
 * deployed) as long as it is not the most of the table.
 */
static void merge(struct stat_cache *c)
{
	size_t i, fresh = c->fresh.n, room = 2 * (c->used_n + fresh) + 1024;
	bool *keep = c->used;

	if (room > STAT_CACHE_FILES)
		room = STAT_CACHE_FILES;
	qsort(c->fresh.v, fresh, sizeof(*c->fresh.v), by_path);
	for (i = 0; i < c->known.n; i++)
		if (!keep[i] && c->used_n + fresh < room && !has_fresh(c, c->known.v[i].path)) {
			keep[i] = true;
			c->used_n++;
		}
	for (i = 0; i < c->known.n && c->fresh.n < STAT_CACHE_FILES; i++)
		if (keep[i])
			vec_push(&c->fresh, c->known.v[i]);
	qsort(c->fresh.v, c->fresh.n, sizeof(*c->fresh.v), by_path);
}

struct listing {
	size_t tables;
	char *oldest; /* the table that was written longest ago; heap */
	int64_t oldest_ns;
};

/* A table, or what a run that was killed while it wrote one has left. */
static void look_at(struct listing *l, int folder, const char *name, int64_t now_ns)
{
	struct stat st;
	int64_t then;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return;
	then = fs_stamp_of(&st).mtime_ns;
	if (*name == '.') {
		if (then < now_ns - leftover_ns)
			(void)unlinkat(folder, name, 0);
		return;
	}
	l->tables++;
	if (l->oldest && then >= l->oldest_ns)
		return;
	free(l->oldest);
	l->oldest = xstrdup(name);
	l->oldest_ns = then;
}

static void tidy(const char *folder)
{
	int64_t now_ns = (int64_t)clock_realtime_ns();
	DIR *dir = opendir(folder);
	struct listing l = {0};
	const struct dirent *d;

	if (!dir)
		return;
	while ((d = readdir(dir)) != NULL)
		look_at(&l, dirfd(dir), d->d_name, now_ns);
	if (l.tables > STAT_CACHE_TABLES)
		(void)unlinkat(dirfd(dir), l.oldest, 0);
	free(l.oldest);
	(void)closedir(dir);
}

static int write_table(void *arg, int fd)
{
	return fs_write_all(fd, strbuf_str(arg));
}

static void save(struct stat_cache *c)
{
	struct strbuf text = STRBUF_INIT;
	const struct fs_new file = {
		.mode = 0600, .quick = true, .write = write_table, .arg = &text};
	struct err e = ERR_INIT;
	char hex[SHA256_HEX];

	strbuf_add(&text, magic, sizeof(magic));
	strbuf_add(&text, c->fresh.v, c->fresh.n * sizeof(*c->fresh.v));
	sha256_of(text.buf, text.len, hex);
	strbuf_add(&text, hex, sizeof(hex));
	/* A folder that cannot be written to only makes the next run slower. */
	if (fs_make_dirs(AT_FDCWD, c->folder, 0700, &e) == 0 &&
	    fs_write_new(AT_FDCWD, c->file, &file, &e) == 0)
		tidy(c->folder);
	err_clear(&e);
	strbuf_release(&text);
}

void stat_cache_close(struct stat_cache *c)
{
	if (!c)
		return;
	if (c->fresh.n) {
		merge(c);
		save(c);
	}
	vec_release(&c->known);
	vec_release(&c->fresh);
	free(c->used);
	free(c->folder);
	free(c->file);
	free(c);
}
