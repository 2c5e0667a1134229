#include "fs/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "fs/fs.h"

enum { PIECE = 65536 };

void spool_init(struct spool *s, const char *folder, size_t keep)
{
	*s = (struct spool){.memory = STRBUF_INIT, .folder = folder, .keep = keep, .fd = -1};
}

/* A file of `folder` that has lost its name already, or -1 with errno. */
static int open_unlinked(const char *folder)
{
	char digits[17], *path;
	int fd, saved;

	random_hex(digits, 8);
	path = xasprintf("%s/spool-%s", folder, digits);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	saved = errno;
	if (fd >= 0)
		(void)unlink(path);
	free(path);
	errno = saved;
	return fd;
}

/* Best one that never had a name, which a kill cannot leave behind. */
static int open_nameless(const char *folder)
{
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
	return fd >= 0 ? fd : open_unlinked(folder);
}

static int open_in_folder(const char *folder)
{
	struct err e = ERR_INIT;
	int fd = open_nameless(folder);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (fs_make_dirs(AT_FDCWD, folder, 0700, &e) == 0)
		fd = open_nameless(folder);
	err_clear(&e);
	return fd;
}

static int open_file(const struct spool *s, struct err *e)
{
	const char *other = getenv("TMPDIR");
	int fd = s->folder ? open_in_folder(s->folder) : -1;

	if (!other || *other != '/')
		other = "/tmp";
	if (fd < 0)
		fd = open_nameless(other);
	if (fd < 0)
		return err_sys(e, "cannot make a temporary file in '%s' (TMPDIR names another)",
			       other);
	return fd;
}

static int fail_write(struct err *e)
{
	return err_sys(e, "cannot write to a temporary file");
}

/* From here on all of it is in the file. */
static int move_to_file(struct spool *s, struct err *e)
{
	s->fd = open_file(s, e);
	if (s->fd < 0)
		return -1;
	if (fs_write_all(s->fd, strbuf_str(&s->memory)) < 0)
		return fail_write(e);
	strbuf_release(&s->memory);
	return 0;
}

int spool_add(struct spool *s, const void *p, size_t n, struct err *e)
{
	if (s->fd < 0 && s->n + n > s->keep && move_to_file(s, e) < 0)
		return -1;
	if (s->fd < 0)
		strbuf_add(&s->memory, p, n);
	else if (fs_write_all(s->fd, (struct str){p, n}) < 0)
		return fail_write(e);
	s->n += n;
	return 0;
}

static int fail_read(ssize_t got, struct err *e)
{
	if (got < 0)
		return err_sys(e, "cannot read from a temporary file");
	return err_set(e, ERR_SYSTEM, "a temporary file lost its end");
}

int spool_read(const struct spool *s, uint64_t at, void *p, size_t n, struct err *e)
{
	char *to = p;
	ssize_t got;

	if (at > s->n || n > s->n - at)
		bug("reading behind the end of a spool");
	if (s->fd < 0) {
		memcpy(to, s->memory.buf + at, n);
		return 0;
	}
	while (n) {
		got = pread(s->fd, to, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fail_read(got, e);
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

int spool_each(const struct spool *s, uint64_t at, uint64_t n,
	       int (*fn)(void *arg, struct str piece, struct err *e), void *arg, struct err *e)
{
	char buf[PIECE];
	size_t some;

	for (; n; n -= some, at += some) {
		some = n < sizeof(buf) ? (size_t)n : sizeof(buf);
		if (spool_read(s, at, buf, some, e) < 0 ||
		    fn(arg, (struct str){buf, some}, e) < 0)
			return -1;
	}
	return 0;
}

int spool_view(const struct spool *s, uint64_t at, size_t n, struct spool_view *view,
	       struct err *e)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = at / page * page;

	if (at > s->n || n > s->n - at)
		bug("a view behind the end of a spool");
	*view = (struct spool_view){.bytes = {"", 0}};
	if (s->fd < 0) {
		view->bytes = str_from(strbuf_str(&s->memory), at);
		view->bytes.n = n;
		return 0;
	}
	if (n == 0)
		return 0;
	view->mapped_n = n + (size_t)(at - start);
	view->mapped = mmap(NULL, view->mapped_n, PROT_READ, MAP_PRIVATE, s->fd, (off_t)start);
	if (view->mapped == MAP_FAILED) {
		view->mapped = NULL;
		return err_sys(e, "cannot read from a temporary file");
	}
	view->bytes = (struct str){(const char *)view->mapped + (at - start), n};
	return 0;
}

void spool_view_release(struct spool_view *view)
{
	if (view->mapped)
		(void)munmap(view->mapped, view->mapped_n);
	*view = (struct spool_view){.bytes = {"", 0}};
}

void spool_reset(struct spool *s)
{
	strbuf_reset(&s->memory);
	s->n = 0;
	if (s->fd < 0)
		return;
	(void)close(s->fd); /* gives the disk its room back, too */
	s->fd = -1;
}

void spool_release(struct spool *s)
{
	spool_reset(s);
	strbuf_release(&s->memory);
}
