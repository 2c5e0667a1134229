/* replay.c - gives a fuzz target every file of the folders named: replay FOLDER... */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "fs/fs.h"
#include "fuzz.h"

enum { INPUT_MAX = 1024 * 1024 };

struct replay {
	int dir;
	size_t inputs;
};

/* In memory of exactly its size, so that a sanitizer sees a read behind the end. */
static int replay_file(void *arg, const struct fs_entry *entry, struct err *e)
{
	struct replay *r = arg;
	struct strbuf text = STRBUF_INIT;
	uint8_t *data;

	if (entry->type != FS_FILE)
		return 0;
	if (fs_read(r->dir, entry->path.p, INPUT_MAX, &text, e) < 0)
		return -1;
	data = xmalloc(text.len);
	memcpy(data, text.buf, text.len);
	(void)LLVMFuzzerTestOneInput(data, text.len);
	r->inputs++;
	free(data);
	strbuf_release(&text);
	return 0;
}

static int replay_folder(const char *path, size_t *inputs, struct err *e)
{
	struct replay r = {.dir = fs_open_dir(AT_FDCWD, path, e)};
	struct fs_walk w = {
		.root = r.dir, .boundary = -1, .visit = replay_file, .arg = &r, .shown = path};
	int rc;

	if (r.dir < 0)
		return -1;
	rc = fs_walk(&w, e);
	*inputs += r.inputs;
	(void)close(r.dir);
	return rc;
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	size_t inputs = 0;
	int i;

	for (i = 1; i < argc; i++) {
		if (replay_folder(argv[i], &inputs, &e) < 0) {
			(void)fprintf(stderr, "%s\n", e.msg);
			err_clear(&e);
			return 1;
		}
	}
	printf("%zu inputs\n", inputs);
	return inputs ? 0 : 1;
}
