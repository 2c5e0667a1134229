#include "history/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"

static const char mark[] = "dofn 1 ";

bool run_read(int fd, uint64_t at, void *p, size_t n)
{
	char *to = p;
	ssize_t got;

	while (n) {
		got = pread(fd, to, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

/* A number of the head, at most so large. */
static bool take_number(struct str *rest, uint64_t most, uint64_t *n)
{
	struct str field;

	return str_next(rest, ' ', &field) && str_to_u64(field, n) && *n <= most;
}

/* "version 5 310 1024 <digest>" */
static bool parse_head(struct str rest, struct run_entry *entry)
{
	uint64_t name_n, meta_n;
	struct str kind;

	if (!str_next(&rest, ' ', &kind) ||
	    !(str_is(kind, "version") || str_is(kind, "again")) ||
	    !take_number(&rest, RUN_MAX_NAME, &name_n) ||
	    !take_number(&rest, RUN_MAX_META, &meta_n) ||
	    !take_number(&rest, RUN_MAX_CODE, &entry->code_n) || rest.n != SHA256_HEX - 1)
		return false;
	entry->again = str_is(kind, "again");
	entry->name_n = (size_t)name_n;
	entry->meta_n = (size_t)meta_n;
	memcpy(entry->sha256, rest.p, rest.n);
	entry->sha256[rest.n] = '\0';
	return true;
}

/* As much of the file as a head and a name can take. */
static size_t read_start(int fd, uint64_t at, char *p, size_t n)
{
	ssize_t got;

	do
		got = pread(fd, p, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

bool run_next(int fd, uint64_t *at, struct run_entry *entry)
{
	char start[RUN_MAX_HEAD + RUN_MAX_NAME];
	size_t got = read_start(fd, *at, start, sizeof(start)), head;
	const char *end = memchr(start, '\n', got < RUN_MAX_HEAD ? got : RUN_MAX_HEAD);
	struct str line;
	struct stat st;

	if (!end || fstat(fd, &st) < 0)
		return false;
	line = (struct str){start, (size_t)(end - start)};
	head = line.n + 1;
	if (!str_starts(line, mark) || !parse_head(str_from(line, sizeof(mark) - 1), entry) ||
	    head + entry->name_n > got)
		return false;
	memcpy(entry->name, start + head, entry->name_n);
	entry->name[entry->name_n] = '\0';
	entry->meta_at = *at + head + entry->name_n;
	entry->code_at = entry->meta_at + entry->meta_n;
	*at = entry->code_at + entry->code_n;
	return *at <= (uint64_t)st.st_size;
}

/* Of both, with a line end between them so that none can be taken for part of the other. */
static void digest_of(struct str name, struct str meta, char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	sha256_add(h, name.p, name.n);
	sha256_add(h, "\n", 1);
	sha256_add(h, meta.p, meta.n);
	sha256_end(h, digest);
	sha256_hex(digest, hex);
}

void run_add_head(struct strbuf *out, bool again, const char *name, struct str meta,
		  uint64_t code_n)
{
	char hex[SHA256_HEX];

	digest_of(str_of(name), meta, hex);
	strbuf_addf(out, "%s%s %zu %zu %llu %s\n%s", mark, again ? "again" : "version",
		    strlen(name), meta.n, (unsigned long long)code_n, hex, name);
	strbuf_addstr(out, meta);
}

struct json *run_read_meta(int fd, const struct run_entry *entry)
{
	struct strbuf meta = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	struct json *j = NULL;
	char hex[SHA256_HEX];

	if (run_read(fd, entry->meta_at, strbuf_reserve(&meta, entry->meta_n + 1),
		     entry->meta_n)) {
		meta.len = entry->meta_n;
		digest_of((struct str){entry->name, entry->name_n}, strbuf_str(&meta), hex);
		if (strcmp(hex, entry->sha256) == 0)
			j = json_parse(strbuf_str(&meta), &ignored);
	}
	err_clear(&ignored);
	strbuf_release(&meta);
	return j;
}

char *run_folder(const struct history_place *p, struct err *e)
{
	struct str host = str_of(p->api_host), ns = str_of(p->namespace);
	char *home = fs_home_dir(FS_STATE, e), *folder = NULL, hex[SHA256_HEX];

	if (home) {
		digest_of(host, ns, hex);
		folder = xasprintf("%s/history/%.32s", home, hex);
	}
	free(home);
	return folder;
}

static int check_owner(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "cannot look at '%s'", path);
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return 0;
	return err_set(e, ERR_SYSTEM,
		       "'%s' is not for you alone; run chmod 700 on it, or remove it", path);
}

int run_open_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "cannot open the folder '%s'", path);
	if (check_owner(fd, path, e) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int latest_first(const void *a, const void *b)
{
	const struct run_file *x = a, *y = b;

	return (x->number < y->number) - (x->number > y->number);
}

static void add_file(int folder, const char *name, struct run_files *files)
{
	char expected[RUN_NAME];
	struct run_file file;
	struct stat st;

	if (!str_to_u64(str_of(name), &file.number) || file.number == UINT64_MAX)
		return;
	run_name(file.number, expected);
	if (strcmp(name, expected) != 0 ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return;
	file.bytes = (uint64_t)st.st_size;
	vec_push(&files->all, file);
}

int run_list(int folder, struct run_files *files, struct err *e)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	*files = (struct run_files){0};
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return err_sys(e, "cannot read what was deployed before");
	}
	while (files->all.n < RUN_MAX_FILES && (entry = readdir(dir)))
		add_file(folder, entry->d_name, files);
	(void)closedir(dir);
	if (files->all.n)
		qsort(files->all.v, files->all.n, sizeof(*files->all.v), latest_first);
	return 0;
}

void run_name(uint64_t number, char name[RUN_NAME])
{
	(void)snprintf(name, RUN_NAME, "%llu", (unsigned long long)number);
}

int run_open(int folder, uint64_t number)
{
	char name[RUN_NAME];

	run_name(number, name);
	return openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}
