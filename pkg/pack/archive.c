#include <stdlib.h>
#include <unistd.h>

#include "bytecode/bytecode.h"
#include "fs/fs.h"
#include "loop/batch.h"
#include "pack/make.h"
#include "zip/zip.h"

enum {
	PART_MEMORY = 1 << 20, /* a part with more goes to a file: one large file is one part */
	PARTS_AHEAD = 16,      /* wait for their turn at most */
};

struct part {
	struct shard shard;
	bool made;
	struct zip_part zip;
	struct err failure;
};

struct zipping {
	struct packer *k;
	const struct filter_list *list;
	struct part *parts;
	size_t n;
	struct zip_options options;
	struct zip_join join;
	struct sha256 *sum;
	uint64_t *packed; /* of pack_measure(): of each file */
};

static int add_file(const struct zipping *z, struct zip_writer *w,
		    const struct filter_file *file, struct err *e)
{
	int fd, rc;

	fd = file->bytecode ? bytecode_open(z->k->bytecode, file)
			    : shard_open(z->k->project, file, e);
	/* The cache may have lost it meanwhile, and the function works without. */
	if (fd < 0)
		return file->bytecode ? 0 : -1;
	rc = zip_add_fd(w, file->name.p, file->executable, fd, file->size, e);
	(void)close(fd);
	return rc;
}

static int write_part(const struct zipping *z, struct part *part)
{
	struct zip_writer *w = zip_writer_new(&z->options, &part->failure);
	size_t i;

	if (!w)
		return -1;
	for (i = part->shard.from; i < part->shard.to; i++)
		if (add_file(z, w, &z->list->files.v[i], &part->failure) < 0) {
			zip_writer_free(w);
			return -1;
		}
	return zip_writer_end(w, &part->zip, &part->failure);
}

static void make_part(void *arg, size_t i)
{
	struct zipping *z = arg;

	z->parts[i].made = write_part(z, &z->parts[i]) == 0;
}

static int join_part(void *arg, size_t i, struct err *e)
{
	struct zipping *z = arg;
	struct part *part = &z->parts[i];
	int rc;

	if (!part->made)
		return err_move(e, &part->failure);
	rc = zip_join_add(&z->join, &part->zip, e);
	zip_part_release(&part->zip);
	part->made = false;
	return rc;
}

static int write_out(void *arg, struct str bytes, struct err *e)
{
	struct zipping *z = arg;

	sha256_add(z->sum, bytes.p, bytes.n);
	return spool_add(&z->k->spool, bytes.p, bytes.n, e);
}

static int measure_part(void *arg, size_t i, struct err *e)
{
	struct zipping *z = arg;
	struct part *part = &z->parts[i];

	if (!part->made)
		return err_move(e, &part->failure);
	zip_part_sizes(&part->zip, z->packed + part->shard.from);
	zip_part_release(&part->zip);
	part->made = false;
	return 0;
}

static void begin(struct zipping *z)
{
	struct shard *shards = shards_of(z->list, &z->n);
	size_t i;

	z->parts = xcalloc(z->n + 1, sizeof(*z->parts));
	for (i = 0; i < z->n; i++)
		z->parts[i].shard = shards[i];
	free(shards);
	z->options = (struct zip_options){.time = zip_fixed_time(),
					  .max = PACK_MAX_BINARY,
					  .folder = z->k->folder,
					  .keep = PART_MEMORY};
	z->join = (struct zip_join){.write = write_out, .arg = z, .max = PACK_MAX_BINARY};
}

static int run(struct zipping *z, struct err *e)
{
	const struct loop_batch b = {.n = z->n,
				     .threads = z->k->threads,
				     .ahead = PARTS_AHEAD,
				     .work = make_part,
				     .take = join_part,
				     .arg = z};

	if (loop_run_batch(z->k->loop, &b, e) < 0)
		return -1;
	return zip_join_end(&z->join, e);
}

static void release(struct zipping *z)
{
	size_t i;

	for (i = 0; i < z->n; i++) {
		if (z->parts[i].made)
			zip_part_release(&z->parts[i].zip);
		err_clear(&z->parts[i].failure);
	}
	zip_join_release(&z->join);
	free(z->parts);
}

int archive_make(struct packer *k, struct artifact *a, struct err *e)
{
	struct zipping z = {.k = k, .list = &a->list};
	unsigned char sum[SHA256_SIZE];
	int rc;

	begin(&z);
	z.sum = sha256_new();
	a->at = k->spool.n;
	rc = run(&z, e);
	a->bytes = k->spool.n - a->at;
	sha256_end(z.sum, sum);
	sha256_hex(sum, a->digest);
	release(&z);
	return rc;
}

int pack_measure(struct packer *k, const struct filter_list *list, uint64_t *packed,
		 uint64_t *whole, struct err *e)
{
	struct zipping z = {.k = k, .list = list, .packed = packed};
	struct loop_batch b = {.threads = k->threads,
			       .ahead = PARTS_AHEAD,
			       .work = make_part,
			       .take = measure_part,
			       .arg = &z};
	size_t i;
	int rc;

	begin(&z);
	z.options.max = 0; /* how far it is over the limit is asked */
	b.n = z.n;
	rc = loop_run_batch(k->loop, &b, e);
	release(&z);
	*whole = zip_end_size(list->files.n);
	for (i = 0; rc == 0 && i < list->files.n; i++)
		*whole += packed[i];
	return rc;
}
