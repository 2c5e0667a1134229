/* make.h - what the files of pack/ share; for no one else */
#ifndef PACK_MAKE_H
#define PACK_MAKE_H
#include "pack/pack.h"

/* Code that waits for its upload in memory, for all functions together. */
enum { PACK_MEMORY = 4 << 20 };

/* pack.c */
int pack_fail_size(const struct project *p, const struct function *f,
		   const struct filter_list *list, struct err *e);

/* single.c: the only file into the spool, judged by its bytes: a->binary too. */
int single_make(struct project *p, const struct function *f, const struct filter_list *list,
		struct spool *spool, struct artifact *a, struct err *e) NODISCARD;
/* content.c: a->content */
int content_digest(struct packer *k, struct artifact *a, struct err *e) NODISCARD;
/* archive.c: the zip into k->spool.  ERR_PROJECT with sys EFBIG when it is too large. */
int archive_make(struct packer *k, struct artifact *a, struct err *e) NODISCARD;

/*
 * shard.c: lists are worked on in shards, neighbours in the list, whose borders
 * depend on nothing but the list.
 */
struct shard {
	size_t from, to;
};

/* shards of the list; the caller frees.  None for an empty list. */
struct shard *shards_of(const struct filter_list *list, size_t *n) NODISCARD;
/* For a worker thread: opens the file, which must be what the list says; else ERR_PROJECT. */
int shard_open(const struct project *p, const struct filter_file *file,
	       struct err *e) NODISCARD;
#endif
