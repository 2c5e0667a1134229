#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "fs/fs.h"
#include "fs/stat_cache.h"
#include "loop/batch.h"
#include "pack/make.h"

/* Fewer bytes than this are read sooner than a thread is woken. */
enum { WORTH_A_THREAD = 256 * 1024 };

struct digest {
	bool known;
	uint64_t began_ns;
	unsigned char hash[SHA256_SIZE];
};

struct reading {
	struct packer *k;
	const struct filter_list *list;
	struct digest *digests; /* of each file */
	struct shard *shards;
	struct err *failures; /* of each shard */
};

static int hash_file(const struct project *p, const struct filter_file *file, struct digest *d,
		     struct err *e)
{
	uint64_t size;
	int fd, rc;

	d->began_ns = clock_realtime_ns();
	fd = shard_open(p, file, e);
	if (fd < 0)
		return -1;
	rc = fs_hash_rest(fd, d->hash, &size);
	if (rc < 0)
		err_sys(e, "cannot read '%s'", file->path.p);
	(void)close(fd);
	return rc;
}

static void hash_shard(void *arg, size_t i)
{
	struct reading *r = arg;
	size_t j;

	for (j = r->shards[i].from; j < r->shards[i].to; j++)
		if (!r->digests[j].known && hash_file(r->k->project, &r->list->files.v[j],
						      &r->digests[j], &r->failures[i]) < 0)
			return;
}

static int remember_shard(void *arg, size_t i, struct err *e)
{
	struct reading *r = arg;
	size_t j;

	if (r->failures[i].code != ERR_OK)
		return err_move(e, &r->failures[i]);
	for (j = r->shards[i].from; j < r->shards[i].to; j++)
		if (!r->digests[j].known)
			stat_cache_add(r->k->known, r->list->files.v[j].path,
				       &r->list->files.v[j].stamp, r->digests[j].hash,
				       r->digests[j].began_ns);
	return 0;
}

/* Fills in what is known already; the bytes that have to be read. */
static uint64_t find_known(struct reading *r)
{
	uint64_t unknown = 0;
	size_t i;

	for (i = 0; i < r->list->files.n; i++) {
		const struct filter_file *file = &r->list->files.v[i];
		struct digest *d = &r->digests[i];

		d->known = stat_cache_find(r->k->known, file->path, &file->stamp, d->hash);
		unknown += d->known ? 0 : file->size + 1;
	}
	return unknown;
}

static int read_unknown(struct reading *r, uint64_t unknown, struct err *e)
{
	struct loop_batch b = {.work = hash_shard, .take = remember_shard, .arg = r};
	size_t i;
	int rc;

	if (unknown == 0)
		return 0;
	r->shards = shards_of(r->list, &b.n);
	r->failures = xcalloc(b.n, sizeof(*r->failures));
	b.threads = unknown < WORTH_A_THREAD ? 1 : r->k->threads;
	rc = loop_run_batch(r->k->loop, &b, e);
	for (i = 0; i < b.n; i++)
		err_clear(&r->failures[i]);
	free(r->failures);
	free(r->shards);
	return rc;
}

static void sum_up(const struct reading *r, char hex[SHA256_HEX])
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 *h = sha256_new();
	size_t i;

	for (i = 0; i < r->list->files.n; i++) {
		const struct filter_file *file = &r->list->files.v[i];

		sha256_add(h, file->name.p, file->name.n);
		sha256_add(h, file->executable ? "\0x" : "\0-", 2);
		sha256_add(h, r->digests[i].hash, SHA256_SIZE);
	}
	sha256_end(h, sum);
	sha256_hex(sum, hex);
}

static void keep_hashes(const struct reading *r, struct artifact *a)
{
	size_t i;

	a->hashes = xcalloc(a->list.files.n, sizeof(*a->hashes));
	for (i = 0; i < a->list.files.n; i++)
		memcpy(a->hashes[i], r->digests[i].hash, SHA256_SIZE);
}

static void open_known(struct packer *k)
{
	char *tables = k->folder ? xasprintf("%s/files", k->folder) : NULL;

	if (!k->known)
		k->known = stat_cache_open(tables, tables ? k->project->real : "");
	free(tables);
}

int content_digest(struct packer *k, struct artifact *a, struct err *e)
{
	struct reading r = {.k = k, .list = &a->list};
	int rc;

	open_known(k);
	r.digests = xcalloc(a->list.files.n, sizeof(*r.digests));
	rc = read_unknown(&r, find_known(&r), e);
	if (rc == 0 && k->bytecode)
		keep_hashes(&r, a);
	if (rc == 0 && a->zipped)
		sum_up(&r, a->content);
	else if (rc == 0)
		sha256_hex(r.digests[0].hash, a->content);
	free(r.digests);
	return rc;
}
