#include "build/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"

enum { BLOCK = 128 * 1024, LIST_MAX = 256 * 1024 * 1024 };

/* In front: what it is, the digest of the list, and its length in bytes. */
static const char magic[] = "dofn bundle 2\n";
enum { MAGIC = sizeof(magic) - 1, LENGTH = 16, HEAD = MAGIC + SHA256_HEX - 1 + LENGTH };

/* Copying of the content of one file, with its digest. */
struct copy {
	int from, to;
	char *block;                  /* BLOCK bytes */
	struct bundle_search *search; /* or NULL */
	struct strbuf tail;           /* what was searched last, and may be a beginning */
};

static bool read_all(int fd, char *p, size_t n)
{
	while (n) {
		ssize_t got = fs_read_some(fd, p, n);

		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* What begins in one block and ends in the next is found, too. */
static void look_for(struct copy *c, const char *p, size_t n)
{
	size_t keep;

	if (!c->search || c->search->found)
		return;
	strbuf_add(&c->tail, p, n);
	c->search->found = memmem(c->tail.buf, c->tail.len, c->search->text,
				  strlen(c->search->text)) != NULL;
	keep = strlen(c->search->text) - 1;
	if (c->tail.len > keep)
		strbuf_consume(&c->tail, c->tail.len - keep);
}

/* 1 the content was the file's, 0 it was not, -1 and errno: it could not be written. */
static int copy_content(struct copy *c, const struct snap_file *f)
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();
	uint64_t left = f->stamp.size;
	ssize_t got = 0;
	int rc = 0;

	while (left && rc == 0) {
		got = fs_read_some(c->from, c->block, left < BLOCK ? (size_t)left : BLOCK);
		if (got <= 0)
			break;
		sha256_add(h, c->block, (size_t)got);
		rc = fs_write_all(c->to, (struct str){c->block, (size_t)got});
		look_for(c, c->block, (size_t)got);
		left -= (uint64_t)got;
	}
	sha256_end(h, digest);
	if (rc < 0)
		return -1;
	return left == 0 && memcmp(digest, f->digest, SHA256_SIZE) == 0;
}

static void make_head(struct strbuf *out, struct str list)
{
	char hex[SHA256_HEX];

	sha256_of(list.p, list.n, hex);
	strbuf_addf(out, "%s%s%0*zx", magic, hex, LENGTH, list.n);
}

static void make_list(struct strbuf *out, const struct snapshot *s)
{
	struct strbuf list = STRBUF_INIT;

	snapshot_write(&list, s, true);
	make_head(out, strbuf_str(&list));
	strbuf_addstr(out, strbuf_str(&list));
	strbuf_release(&list);
}

uint64_t bundle_size(const struct snapshot *s)
{
	struct strbuf list = STRBUF_INIT;
	uint64_t bytes;
	size_t i;

	make_list(&list, s);
	bytes = list.len;
	for (i = 0; i < s->files.n; i++)
		if (s->files.v[i].output && !s->files.v[i].target)
			bytes += s->files.v[i].stamp.size;
	strbuf_release(&list);
	return bytes;
}

static int put_file(struct copy *c, int folder, const struct snap_file *f, struct err *e)
{
	int rc;

	c->from = openat(folder, f->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (c->from < 0)
		return err_sys(e, "cannot read '%s'", f->path);
	strbuf_reset(&c->tail);
	rc = copy_content(c, f);
	(void)close(c->from);
	if (rc < 0)
		return err_sys(e, "cannot store '%s'", f->path);
	return rc ? 0 : err_set(e, ERR_SYSTEM, "'%s' changed while it was stored", f->path);
}

/* A link has no content but its target, which the list holds. */
static int put(struct copy *c, int folder, const struct snap_file *f, struct err *e)
{
	if (!f->target)
		return put_file(c, folder, f, e);
	strbuf_reset(&c->tail);
	look_for(c, f->target, strlen(f->target));
	return 0;
}

int bundle_write(int fd, int folder, const struct snapshot *s, struct bundle_search *search,
		 struct err *e)
{
	struct strbuf list = STRBUF_INIT;
	struct copy c = {.to = fd, .search = search, .tail = STRBUF_INIT};
	size_t i;
	int rc;

	make_list(&list, s);
	rc = fs_write_all(fd, strbuf_str(&list));
	if (rc < 0)
		err_sys(e, "cannot write the list of files");
	strbuf_release(&list);
	c.block = xmalloc(BLOCK);
	for (i = 0; rc == 0 && i < s->files.n; i++)
		if (s->files.v[i].output)
			rc = put(&c, folder, &s->files.v[i], e);
	free(c.block);
	strbuf_release(&c.tail);
	return rc;
}

static int damaged(struct err *e)
{
	return err_set(e, ERR_PROJECT, "the entry of the cache is damaged");
}

static int read_list(int fd, struct snapshot *s, struct err *e)
{
	struct strbuf list = STRBUF_INIT, wanted = STRBUF_INIT;
	char head[HEAD + 1] = {0}, *end = NULL;
	unsigned long long n = 0;
	char *to;
	bool right = read_all(fd, head, HEAD);

	if (right)
		n = strtoull(head + HEAD - LENGTH, &end, 16);
	right = right && end == head + HEAD && n <= LIST_MAX;
	to = right ? strbuf_reserve(&list, (size_t)n + 1) : NULL;
	if (to && read_all(fd, to, (size_t)n)) {
		list.len = (size_t)n;
		make_head(&wanted, strbuf_str(&list));
		right = memcmp(wanted.buf, head, HEAD) == 0 &&
			snapshot_parse(s, strbuf_str(&list));
	} else {
		right = false;
	}
	strbuf_release(&list);
	strbuf_release(&wanted);
	return right ? 0 : damaged(e);
}

static int make_parent(int into, const char *path, struct err *e)
{
	struct str dir = path_dir(str_of(path));
	char *name = dir.n ? xstrndup(dir.p, dir.n) : NULL;
	int rc = name ? fs_make_dirs(into, name, 0755, e) : 0;

	free(name);
	return rc;
}

static int take_content(struct copy *c, int into, const struct snap_file *f, struct err *e)
{
	int rc, right;

	c->to = openat(into, f->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (c->to < 0)
		return err_sys(e, "cannot write '%s'", f->path);
	right = copy_content(c, f);
	rc = right < 0 || fchmod(c->to, f->mode) < 0 ? err_sys(e, "cannot write '%s'", f->path)
						     : 0;
	if (close(c->to) < 0 && rc == 0)
		rc = err_sys(e, "cannot write '%s'", f->path);
	return rc == 0 && !right ? damaged(e) : rc;
}

static int take_file(struct copy *c, int into, const struct snap_file *f, struct err *e)
{
	if (!f->target)
		return take_content(c, into, f, e);
	if (symlinkat(f->target, into, f->path) < 0)
		return err_sys(e, "cannot make the link '%s'", f->path);
	return 0;
}

/* True when what is at the path would lie in another entry, which is no folder. */
static bool is_below_entry(const struct snapshot *s, const char *path)
{
	char *prefix = xstrdup(path), *slash = strrchr(prefix, '/');
	bool below = false;

	for (; slash && !below; slash = strrchr(prefix, '/')) {
		*slash = '\0';
		below = snapshot_find(s, prefix) != NULL;
	}
	free(prefix);
	return below;
}

static int take(struct copy *c, int into, const struct snapshot *s, const struct snap_file *f,
		struct err *e)
{
	if (f->target && is_below_entry(s, f->path))
		return damaged(e);
	if (make_parent(into, f->path, e) < 0)
		return -1;
	return take_file(c, into, f, e);
}

/* Links come last, so that no path leads through one. */
int bundle_read(int fd, int into, struct snapshot *s, struct err *e)
{
	struct copy c = {.from = fd, .tail = STRBUF_INIT};
	size_t i;
	int links, rc;

	*s = (struct snapshot){0};
	rc = read_list(fd, s, e);
	c.block = xmalloc(BLOCK);
	for (links = 0; links < 2; links++)
		for (i = 0; rc == 0 && i < s->files.n; i++)
			if ((s->files.v[i].target != NULL) == links)
				rc = take(&c, into, s, &s->files.v[i], e);
	free(c.block);
	return rc;
}
