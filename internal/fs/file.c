#include "fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/place.h"

static int read_all(int fd, size_t max, struct strbuf *out)
{
	size_t left = max + 1;
	ssize_t n;
	char *to;

	for (;;) {
		size_t ask = left < 65536 ? left : 65536;

		to = ask ? strbuf_reserve(out, ask) : NULL;
		if (!to)
			return EFBIG;
		n = fs_read_some(fd, to, ask);
		if (n < 0)
			return errno;
		out->len += (size_t)n;
		out->buf[out->len] = '\0';
		left -= (size_t)n;
		if (n == 0)
			return left ? 0 : EFBIG;
	}
}

static int read_open(int fd, const char *shown, size_t max, struct strbuf *out, struct err *e)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "cannot read '%s'", shown);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_PROJECT, "'%s' is %s, not a file", shown,
			       fs_kind(st.st_mode));
	r = (uint64_t)st.st_size > max ? EFBIG : read_all(fd, max, out);
	if (r == EFBIG)
		return err_set(e, ERR_PROJECT, "'%s' is too large: at most %zu bytes are read",
			       shown, max);
	if (r != 0) {
		errno = r;
		return err_sys(e, "cannot read '%s'", shown);
	}
	return 0;
}

/* Takes fd; after a failure *out is as it was before. */
static int read_and_close(int fd, const char *shown, size_t max, struct strbuf *out,
			  struct err *e)
{
	size_t before = out->len;
	int r = read_open(fd, shown, max, out, e);

	(void)close(fd);
	if (r < 0 && out->len > before) {
		out->len = before;
		out->buf[before] = '\0';
	}
	return r;
}

int fs_read(int at, const char *path, size_t max, struct strbuf *out, struct err *e)
{
	char *shown = fs_shown(NULL, path);
	int fd = openat(at, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r;

	if (fd >= 0)
		r = read_and_close(fd, shown, max, out, e);
	else if (errno == ENXIO) /* what opening a socket gives */
		r = err_set(e, ERR_PROJECT, "'%s' is a socket or device, not a file", shown);
	else
		r = err_sys(e, "cannot read '%s'", shown);
	free(shown);
	return r;
}

int fs_read_below(int root, int boundary, const char *rel, size_t max, struct strbuf *out,
		  struct err *e)
{
	struct stat st;
	int fd = fs_open_file(root, boundary, rel, &st, e), r;
	char *shown;

	if (fd < 0)
		return -1;
	shown = fs_shown(NULL, rel);
	r = read_and_close(fd, shown, max, out, e);
	free(shown);
	return r;
}

int fs_write_all(int fd, struct str data)
{
	ssize_t n;

	while (data.n) {
		n = write(fd, data.p, data.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data = str_from(data, (size_t)n);
	}
	return 0;
}

ssize_t fs_read_some(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

int fs_hash_rest(int fd, unsigned char digest[SHA256_SIZE], uint64_t *size)
{
	struct sha256 *h = sha256_new();
	char buf[65536];
	ssize_t n;

	*size = 0;
	while ((n = fs_read_some(fd, buf, sizeof(buf))) > 0) {
		sha256_add(h, buf, (size_t)n);
		*size += (uint64_t)n;
	}
	sha256_end(h, digest);
	return n < 0 ? -1 : 0;
}

/* Fills and syncs the new file; closes fd in any case. */
static int fill_new(int fd, const struct fs_new *file)
{
	int saved;

	if (file->write(file->arg, fd) < 0 || fchmod(fd, file->mode) < 0 ||
	    (!file->quick && fsync(fd) < 0)) {
		saved = errno;
		(void)close(fd);
		errno = saved;
		return -1;
	}
	return close(fd);
}

/* So that the rename itself survives a crash; file systems that cannot do it are fine. */
static void sync_dir(int at, const char *path)
{
	struct str dir = path_dir(str_of(path));
	char *name = dir.n ? xstrndup(dir.p, dir.n) : xstrdup(*path == '/' ? "/" : ".");
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(name);
}

int fs_write_new(int at, const char *path, const struct fs_new *file, struct err *e)
{
	int dir = (int)(path_base(str_of(path)).p - path);
	char digits[17], *fresh, *shown;
	int fd, saved, r = 0;

	random_hex(digits, 8);
	fresh = xasprintf("%.*s.new-%s", dir, path, digits);
	fd = openat(at, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fill_new(fd, file) < 0 || renameat(at, fresh, at, path) < 0) {
		saved = errno;
		if (fd >= 0)
			(void)unlinkat(at, fresh, 0);
		errno = saved;
		shown = fs_shown(NULL, path);
		r = err_sys(e, "cannot write '%s'", shown);
		free(shown);
	} else if (!file->quick) {
		sync_dir(at, path);
	}
	free(fresh);
	return r;
}

static int write_text(void *arg, int fd)
{
	const struct str *data = arg;

	return fs_write_all(fd, *data);
}

int fs_write_atomic(int at, const char *path, struct str data, mode_t mode, struct err *e)
{
	const struct fs_new file = {.mode = mode, .write = write_text, .arg = &data};

	return fs_write_new(at, path, &file, e);
}

static bool is_dir(int at, const char *path)
{
	struct stat st;

	return fstatat(at, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int make_one(int at, const char *path, mode_t mode)
{
	if (mkdirat(at, path, mode) == 0)
		return 0;
	/* Also when the file system is read-only or the parent is not ours: it may be there. */
	if (errno == EEXIST)
		errno = ENOTDIR;
	return is_dir(at, path) ? 0 : -1;
}

int fs_make_dirs(int at, const char *path, mode_t mode, struct err *e)
{
	char *copy = xstrdup(path), *shown, *end;
	int r = 0;

	for (end = copy; r == 0 && *end; end++) {
		if (*end != '/' || end == copy)
			continue;
		*end = '\0';
		r = make_one(at, copy, mode);
		*end = '/';
	}
	if (r == 0)
		r = make_one(at, copy, mode);
	if (r < 0) {
		shown = fs_shown(NULL, path);
		err_sys(e, "cannot make the folder '%s'", shown);
		free(shown);
	}
	free(copy);
	return r;
}
