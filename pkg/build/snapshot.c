#include "build/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "build/leftovers.h"
#include "fs/fs.h"

struct reading {
	struct snapshot *s;
	const struct snapshot *known;
	struct err *e;
	struct strbuf path;
	size_t entries;
	int depth;
};

static int read_dir(struct reading *rd, int fd);

static bool is_unseen(const char *name)
{
	static const char *const names[] = {".",    "..",        ".git",     ".hg",
					    ".svn", ".deployed", ".DS_Store"};
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return leftovers_is_name(name);
}

static bool is_known(const struct snap_file *f, const struct snap_file *known)
{
	return known && !known->target && fs_stamp_equal(&known->stamp, &f->stamp) &&
	       fs_stamp_is_settled(&known->stamp, known->read_ns);
}

static int fail(struct reading *rd, const char *what)
{
	return err_sys(rd->e, "cannot %s '%s'", what, rd->path.buf);
}

static int read_content(struct reading *rd, struct snap_file *f, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint64_t size;
	int rc;

	if (fd < 0)
		return fail(rd, "read");
	f->read_ns = (int64_t)clock_realtime_ns();
	rc = fs_hash_rest(fd, f->digest, &size);
	if (rc < 0)
		fail(rd, "read");
	else if (size != f->stamp.size)
		rc = err_set(rd->e, ERR_SYSTEM, "'%s' changes while it is read", rd->path.buf);
	(void)close(fd);
	return rc;
}

static int read_file(struct reading *rd, struct snap_file *f, int dir, const char *name)
{
	const struct snap_file *known =
		rd->known ? snapshot_find(rd->known, rd->path.buf) : NULL;

	if (!is_known(f, known))
		return read_content(rd, f, dir, name);
	memcpy(f->digest, known->digest, sizeof(f->digest));
	f->read_ns = known->read_ns;
	return 0;
}

static int read_link(struct reading *rd, struct snap_file *f, int dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));
	struct sha256 *h;

	if (n < 0)
		return fail(rd, "read the link");
	f->target = arena_strndup(&rd->s->arena, target, (size_t)n);
	f->mode = 0;
	h = sha256_new();
	sha256_add(h, target, (size_t)n);
	sha256_end(h, f->digest);
	return 0;
}

static int add_file(struct reading *rd, const struct stat *st, int dir, const char *name)
{
	struct snap_file f = {
		.path = arena_strndup(&rd->s->arena, rd->path.buf, rd->path.len),
		.mode = st->st_mode & 0777,
		.stamp = fs_stamp_of(st),
	};
	int rc = S_ISLNK(st->st_mode) ? read_link(rd, &f, dir, name)
				      : read_file(rd, &f, dir, name);

	if (rc == 0)
		vec_push(&rd->s->files, f);
	return rc;
}

static int enter(struct reading *rd, int dir, const char *name)
{
	int fd, rc;

	if (rd->depth >= FS_MAX_DEPTH)
		return err_set(rd->e, ERR_PROJECT, "its folders are more than %d levels deep",
			       FS_MAX_DEPTH);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(rd, "open the folder");
	rd->depth++;
	rc = read_dir(rd, fd);
	rd->depth--;
	return rc;
}

/* FIFOs, sockets and devices are for no artifact. */
static int read_entry(struct reading *rd, int dir, const char *name)
{
	struct stat st;

	if (++rd->entries > FS_MAX_ENTRIES || rd->path.len >= FS_MAX_PATH)
		return err_set(rd->e, ERR_PROJECT,
			       "it has more than %d files, or too long a path", FS_MAX_ENTRIES);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(rd, "look at");
	if (S_ISDIR(st.st_mode))
		return enter(rd, dir, name);
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		return add_file(rd, &st, dir, name);
	return 0;
}

static int read_names(struct reading *rd, DIR *dir)
{
	size_t before = rd->path.len;
	const struct dirent *d;
	int rc = 0;

	for (errno = 0; rc == 0 && (d = readdir(dir)); errno = 0) {
		if (is_unseen(d->d_name))
			continue;
		strbuf_addf(&rd->path, "%s%s", before ? "/" : "", d->d_name);
		rc = read_entry(rd, dirfd(dir), d->d_name);
		rd->path.len = before;
		rd->path.buf[before] = '\0';
	}
	return rc == 0 && errno ? fail(rd, "read the folder") : rc;
}

/* Takes fd. */
static int read_dir(struct reading *rd, int fd)
{
	DIR *dir = fdopendir(fd);
	int rc;

	if (!dir) {
		(void)close(fd);
		return fail(rd, "read the folder");
	}
	rc = read_names(rd, dir);
	(void)closedir(dir);
	return rc;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct snap_file *)a)->path, ((const struct snap_file *)b)->path);
}

int snapshot_read(struct snapshot *s, int folder, const char *only,
		  const struct snapshot *known, struct err *e)
{
	struct reading rd = {.s = s, .known = known, .e = e, .path = STRBUF_INIT};
	int rc;

	*s = (struct snapshot){0};
	strbuf_adds(&rd.path, only ? only : "");
	rc = only ? read_entry(&rd, folder, only) : enter(&rd, folder, ".");
	if (rc == 0 && s->files.n)
		qsort(s->files.v, s->files.n, sizeof(*s->files.v), compare_paths);
	strbuf_release(&rd.path);
	return rc;
}

void snapshot_release(struct snapshot *s)
{
	vec_release(&s->files);
	arena_release(&s->arena);
}

struct snap_file *snapshot_find(const struct snapshot *s, const char *path)
{
	const struct snap_file wanted = {.path = path};

	if (s->files.n == 0)
		return NULL;
	return bsearch(&wanted, s->files.v, s->files.n, sizeof(*s->files.v), compare_paths);
}

bool snap_file_equal(const struct snap_file *a, const struct snap_file *b)
{
	return !a->target == !b->target && (a->mode & 0100) == (b->mode & 0100) &&
	       memcmp(a->digest, b->digest, SHA256_SIZE) == 0;
}

static void write_state(struct strbuf *out, const struct snap_file *f)
{
	const struct fs_stamp *t = &f->stamp;
	char hex[SHA256_HEX];

	sha256_hex(f->digest, hex);
	strbuf_addf(out, "%c%c %s %u", f->target ? 'l' : 'f', f->output ? 'o' : '-', hex,
		    (unsigned)f->mode);
	strbuf_addf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64, t->size, t->dev, t->ino);
	strbuf_addf(out, " %" PRId64 " %" PRId64 " %" PRId64, t->mtime_ns, t->ctime_ns,
		    f->read_ns);
}

void snapshot_write(struct strbuf *out, const struct snapshot *s, bool only_outputs)
{
	size_t i;

	for (i = 0; i < s->files.n; i++) {
		const struct snap_file *f = &s->files.v[i];

		if (only_outputs && !f->output)
			continue;
		write_state(out, f);
		strbuf_addc(out, '\0');
		strbuf_add(out, f->path, strlen(f->path) + 1);
		if (f->target)
			strbuf_add(out, f->target, strlen(f->target) + 1);
	}
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool snapshot_parse_digest(struct str hex, unsigned char digest[SHA256_SIZE])
{
	size_t i;

	if (hex.n != SHA256_HEX - 1)
		return false;
	for (i = 0; i < SHA256_SIZE; i++) {
		int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool parse_times(struct str *line, struct snap_file *f)
{
	int64_t *const times[] = {&f->stamp.mtime_ns, &f->stamp.ctime_ns, &f->read_ns};
	struct str field;
	size_t i;

	for (i = 0; i < countof(times); i++)
		if (!str_next(line, ' ', &field) || !str_to_i64(field, times[i]))
			return false;
	return true;
}

/* "f- <digest> <numbers>" */
static bool parse_state(struct str line, struct snap_file *f)
{
	uint64_t mode = 0, *const numbers[] = {&mode, &f->stamp.size, &f->stamp.dev,
					       &f->stamp.ino};
	struct str field;
	size_t i;

	if (!str_next(&line, ' ', &field) || field.n != 2)
		return false;
	f->output = field.p[1] == 'o';
	if (!str_next(&line, ' ', &field) || !snapshot_parse_digest(field, f->digest))
		return false;
	for (i = 0; i < countof(numbers); i++)
		if (!str_next(&line, ' ', &field) || !str_to_u64(field, numbers[i]))
			return false;
	f->mode = (mode_t)mode;
	return mode <= 0777 && parse_times(&line, f) && line.n == 0;
}

/* One file; *rest begins with it. */
static bool parse_file(struct snapshot *s, struct str *rest)
{
	struct snap_file f = {0};
	struct str state, path, target;

	if (!str_next(rest, '\0', &state) || !parse_state(state, &f) ||
	    !str_next(rest, '\0', &path) || !path_is_below(path) || path.n >= FS_MAX_PATH)
		return false;
	f.path = arena_strndup(&s->arena, path.p, path.n);
	if (*state.p == 'l') {
		if (!str_next(rest, '\0', &target) || target.n == 0 || target.n >= PATH_MAX)
			return false;
		f.target = arena_strndup(&s->arena, target.p, target.n);
	}
	if (s->files.n && strcmp(s->files.v[s->files.n - 1].path, f.path) >= 0)
		return false;
	vec_push(&s->files, f);
	return *state.p == 'l' || *state.p == 'f';
}

bool snapshot_parse(struct snapshot *s, struct str text)
{
	*s = (struct snapshot){0};
	if (text.n && text.p[text.n - 1] != '\0')
		return false;
	if (text.n)
		text.n--; /* what ends the last field is no separator */
	while (text.n)
		if (!parse_file(s, &text))
			return false;
	return true;
}
