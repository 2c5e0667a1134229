#include "platform/code.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "fs/fs.h"
#include "zip/zip.h"

static const struct zip_limits limits = {
	.max_bytes = 512ull * 1024 * 1024,
	.max_entries = 100000,
};

struct unpacking {
	int dir;
	bool binary;
	struct strbuf code;
	struct err e;
	void (*done)(void *arg, const struct err *e);
	void *arg;
};

static int write_source(int dir, struct str code, struct err *e)
{
	int rc, fd = openat(dir, "main__.py", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(e, "create main__.py");
	rc = fs_write_all(fd, code);
	if (rc < 0)
		err_sys(e, "write main__.py");
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(e, "write main__.py");
	return rc;
}

static int extract(int dir, struct str code, struct err *e)
{
	struct strbuf archive = STRBUF_INIT;
	int rc;

	if (base64_decode(&archive, code) < 0)
		rc = err_set(e, ERR_PROJECT, "the code is no valid base64");
	else
		rc = zip_extract(strbuf_str(&archive), &limits, dir, e);
	strbuf_release(&archive);
	return rc;
}

static void work(void *arg)
{
	struct unpacking *u = arg;
	struct str code = strbuf_str(&u->code);
	int rc = u->binary ? extract(u->dir, code, &u->e) : write_source(u->dir, code, &u->e);

	(void)rc; /* u->e tells */
	strbuf_release(&u->code);
}

static void finish(void *arg)
{
	struct unpacking *u = arg;

	u->done(u->arg, &u->e);
	err_clear(&u->e);
	free(u);
}

void code_unpack(struct loop *l, int dir, struct strbuf *code, bool binary,
		 void (*done)(void *arg, const struct err *e), void *arg)
{
	struct unpacking *u = xcalloc(1, sizeof(*u));

	*u = (struct unpacking){
		.dir = dir, .binary = binary, .code = *code, .done = done, .arg = arg};
	*code = STRBUF_INIT;
	loop_work(l, work, finish, u);
}
