#include "bytecode/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "fs/fs.h"
#include "proc/proc.h"

/* Bytes of bytecode, of 5 MiB of source at most; a process that is still busy after so long is
 * given up. */
enum { RECORD_MAX = 64 << 20, RECORD_HEAD = 8, RUN_MS = 10 * 60 * 1000 };

const struct cache_kind compile_entries = {.name = "bytecode", .bounded = true};

static bool write_list(const struct compile *c, int fd)
{
	struct strbuf list = STRBUF_INIT;
	char hex[SHA256_HEX];
	bool good;
	size_t i;

	for (i = 0; i < c->n; i++) {
		sha256_hex(c->sources[i].hash, hex);
		strbuf_addf(&list, "%s ", hex);
		strbuf_add(&list, c->sources[i].path.p, c->sources[i].path.n);
		strbuf_addc(&list, '\0');
	}
	good = fs_write_all(fd, strbuf_str(&list)) == 0 && lseek(fd, 0, SEEK_SET) == 0;
	strbuf_release(&list);
	return good;
}

/* An environment that is the same everywhere: what is compiled must not depend on it, and the
 * order of sets does on the seed. */
static void run_python(const struct compile *c, int list, int records)
{
	static const char *const env[] = {"PYTHONHASHSEED=0", "LC_ALL=C", NULL};
	char jobs[16];
	const char *argv[] = {c->python->program,   "-sSB", "-Wignore", "-c",
			      interpreter_script(), jobs,   NULL};
	const int pass[] = {list, records};
	const struct proc_spec spec = {.file = c->python->program,
				       .argv = argv,
				       .envp = env,
				       .cwd = c->root,
				       .pass = pass,
				       .pass_n = countof(pass)};
	struct proc_end end = {0};
	struct err ignored = ERR_INIT;

	(void)snprintf(jobs, sizeof(jobs), "%u", c->jobs);
	if (proc_capture(c->loop, &spec, NULL, RUN_MS, &end, &ignored) < 0)
		err_clear(&ignored); /* what it wrote until then is whole */
}

static bool read_all(int fd, uint64_t at, void *p, size_t n)
{
	char *to = p;
	ssize_t got;

	while (n > 0) {
		got = pread(fd, to, n, (off_t)at);
		if (got <= 0)
			return false;
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

static size_t get32(const unsigned char *p)
{
	return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* The record at *at, which moves behind it; false at the end and when it is none. */
static bool store_next(const struct compile *c, int fd, uint64_t *at, struct strbuf *data)
{
	unsigned char head[RECORD_HEAD];
	struct err ignored = ERR_INIT;
	size_t place, n;

	if (!read_all(fd, *at, head, sizeof(head)))
		return false;
	place = get32(head);
	n = get32(head + 4);
	if (place >= c->n || n > RECORD_MAX)
		return false;
	strbuf_reset(data);
	if (!read_all(fd, *at + RECORD_HEAD, strbuf_reserve(data, n), n))
		return false;
	data->len = n;
	*at += RECORD_HEAD + n;
	if (cache_write(c->cache, &compile_entries, c->sources[place].id, strbuf_str(data),
			&ignored) == 0)
		return true;
	err_clear(&ignored);
	return false;
}

static void store_all(const struct compile *c, int fd)
{
	struct strbuf data = STRBUF_INIT;
	uint64_t at = 0;

	while (store_next(c, fd, &at, &data))
		continue;
	strbuf_release(&data);
}

void compile_run(const struct compile *c)
{
	struct cache_new list, records;
	struct err ignored = ERR_INIT;

	if (cache_new_begin(c->cache, &list, &ignored) < 0) {
		err_clear(&ignored);
		return;
	}
	if (cache_new_begin(c->cache, &records, &ignored) == 0) {
		if (write_list(c, list.fd)) {
			run_python(c, list.fd, records.fd);
			store_all(c, records.fd);
		}
		cache_new_abort(c->cache, &records);
	}
	cache_new_abort(c->cache, &list);
	err_clear(&ignored);
}
