#include "history/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/run.h"

static uint64_t whole_number(const struct json *j)
{
	int64_t n;

	return json_int(j, &n) && n > 0 ? (uint64_t)n : 0;
}

/* Takes meta.  NULL when it does not say what it should. */
static struct history_entry *entry_of(struct arena *a, const struct run_entry *run,
				      struct json *meta)
{
	struct history_entry *entry = arena_new(a, struct history_entry);
	struct str sha256 = json_str(json_get(meta, "sha256"));

	entry->at_ms = whole_number(json_get(meta, "time"));
	entry->version = arena_str(a, json_str(json_get(meta, "version"))).p;
	entry->remote = json_is_true(json_get(meta, "remote"));
	entry->again = whole_number(json_get(meta, "again"));
	entry->binary = json_is_true(json_get(meta, "binary"));
	entry->code_at = run->code_at;
	entry->bytes = run->code_n;
	entry->has_code = sha256.n == SHA256_HEX - 1;
	if (entry->has_code)
		memcpy(entry->sha256, sha256.p, sha256.n);
	if (!entry->again)
		entry->body = json_take(meta, "body");
	json_free(meta);
	if (run->again ? entry->again != 0 : json_is(entry->body, JSON_OBJECT))
		return entry;
	json_free(entry->body);
	return NULL;
}

/* Of several of one name in a file, which nobody writes, the first. */
static void read_run(struct history *h, int fd, uint64_t number, const char *function)
{
	struct run_entry run;
	struct history_entry *entry;
	struct json *meta;
	uint64_t at = 0;

	while (run_next(fd, &at, &run)) {
		if (strcmp(run.name, function) != 0)
			continue;
		meta = run_read_meta(fd, &run);
		entry = meta ? entry_of(&h->arena, &run, meta) : NULL;
		if (entry) {
			entry->number = number;
			vec_push(&h->entries, entry);
		}
		return;
	}
}

static size_t count_versions(const struct history *h)
{
	size_t i, n = 0;

	for (i = 0; i < h->entries.n; i++)
		n += !h->entries.v[i]->again;
	return n;
}

static int read_runs(struct history *h, int folder, const char *function, struct err *e)
{
	struct run_files files;
	size_t i;
	int fd;

	if (run_list(folder, &files, e) < 0)
		return -1;
	for (i = 0; i < files.all.n && count_versions(h) < HISTORY_VERSIONS; i++) {
		fd = run_open(folder, files.all.v[i].number);
		if (fd < 0)
			continue;
		read_run(h, fd, files.all.v[i].number, function);
		(void)close(fd);
	}
	vec_release(&files.all);
	return 0;
}

/* -1 with *e, and *none when there is no folder. */
static int open_folder(const struct history_place *p, bool *none, struct err *e)
{
	char *path = run_folder(p, e);
	int fd = path ? run_open_folder(path, e) : -1;

	*none = fd < 0 && e->sys == ENOENT;
	free(path);
	return fd;
}

int history_read(const struct history_place *p, const char *function, struct history *h,
		 struct err *e)
{
	bool none;
	int folder, rc;

	*h = (struct history){.arena = ARENA_INIT, .place = *p};
	folder = open_folder(p, &none, e);
	if (none) {
		err_clear(e);
		return 0;
	}
	if (folder < 0)
		return -1;
	rc = read_runs(h, folder, function, e);
	(void)close(folder);
	return rc;
}

static int copy(int fd, const struct history_entry *entry, struct spool *to, struct err *e)
{
	struct sha256 *hash = sha256_new();
	unsigned char digest[SHA256_SIZE];
	uint64_t at = entry->code_at, left = entry->bytes;
	char piece[65536], hex[SHA256_HEX];
	int rc = 0;

	while (rc == 0 && left) {
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (!run_read(fd, at, piece, n))
			break;
		sha256_add(hash, piece, n);
		rc = spool_add(to, piece, n, e);
		at += n;
		left -= n;
	}
	sha256_end(hash, digest);
	sha256_hex(digest, hex);
	if (rc == 0 && (left || strcmp(hex, entry->sha256) != 0))
		rc = err_set(e, ERR_SYSTEM, "what was kept of its code is damaged");
	return rc;
}

int history_read_code(const struct history *h, const struct history_entry *entry,
		      struct spool *to, struct err *e)
{
	bool none;
	int folder = open_folder(&h->place, &none, e), fd, rc;

	if (folder < 0)
		return -1;
	fd = run_open(folder, entry->number);
	if (fd < 0)
		rc = err_sys(e, "cannot read what was kept of its code");
	else
		rc = copy(fd, entry, to, e);
	if (fd >= 0)
		(void)close(fd);
	(void)close(folder);
	return rc;
}

const struct history_entry *history_find(const struct history *h, uint64_t number)
{
	size_t i;

	for (i = 0; i < h->entries.n; i++)
		if (h->entries.v[i]->number == number && !h->entries.v[i]->again)
			return h->entries.v[i];
	return NULL;
}

void history_release(struct history *h)
{
	size_t i;

	for (i = 0; i < h->entries.n; i++)
		json_free(h->entries.v[i]->body);
	vec_release(&h->entries);
	arena_release(&h->arena);
}
