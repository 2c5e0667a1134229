#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "fs/fs.h"
#include "pack/make.h"

/* Small enough that several wait in memory, large enough that a thread is worth it. */
enum { SHARD_BYTES = 512 * 1024, SHARD_FILES = 128 };

static size_t end_of(const struct filter_list *list, size_t from)
{
	uint64_t bytes = list->files.v[from].size;
	size_t to = from + 1;

	while (to < list->files.n && to - from < SHARD_FILES &&
	       bytes + list->files.v[to].size <= SHARD_BYTES)
		bytes += list->files.v[to++].size;
	return to;
}

struct shard *shards_of(const struct filter_list *list, size_t *n)
{
	VEC(struct shard) shards = {0};
	struct shard s = {0};

	while (s.to < list->files.n) {
		s = (struct shard){s.to, end_of(list, s.to)};
		vec_push(&shards, s);
	}
	*n = shards.n;
	return shards.v;
}

/*
 * Opens what has that path now.  The links on the way were followed, and judged,
 * when the list was made: it is the same file, or its stamp is another one.
 */
static int open_listed(const struct project *p, const struct filter_file *file, struct err *e)
{
	struct stat st;
	int fd = openat(p->root_fd, file->path.p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	/* Else the way of lists says what is wrong. */
	return fd >= 0 ? fd : fs_open_file(p->root_fd, -1, file->path.p, &st, e);
}

int shard_open(const struct project *p, const struct filter_file *file, struct err *e)
{
	struct strbuf shown = STRBUF_INIT;
	struct fs_stamp now;
	struct stat st;
	int fd = open_listed(p, file, e);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		memset(&st, 0, sizeof(st));
	now = fs_stamp_of(&st);
	if (S_ISREG(st.st_mode) && fs_stamp_equal(&now, &file->stamp))
		return fd;
	(void)close(fd);
	utf8_add_printable(&shown, file->path);
	err_set(e, ERR_PROJECT,
		"'%s' changed while it was read; try again when nothing writes to it",
		shown.buf);
	strbuf_release(&shown);
	return -1;
}
