#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "fs/fs.h"
#include "history/run.h"

enum {
	LOOK_EVERY = 8,          /* runs, to see what of them is too old */
	AT_ONCE = 64 * 1024,     /* code that is written together with its head */
	TRIES_FOR_A_NUMBER = 100 /* as other processes may be faster */
};

static const uint64_t default_limit = (uint64_t)512 << 20;

struct history_writer {
	char *path; /* of the folder */
	uint64_t limit;
	int folder, fd; /* -1 before the first entry */
	uint64_t number;
	uint64_t whole; /* bytes of the file that are entries */
	struct err failure;
};

static int find_limit(uint64_t *limit, struct err *e)
{
	const char *text = getenv("DOFN_HISTORY_MAX");

	*limit = default_limit;
	if (!text || !*text || str_to_bytes(str_of(text), limit))
		return 0;
	return err_set(
		e, ERR_USAGE,
		"DOFN_HISTORY_MAX is '%s', which is no size; give it one such as '500M', "
		"or 0",
		text);
}

struct history_writer *history_writer_new(const struct history_place *p, struct err *e)
{
	struct history_writer *w;
	uint64_t limit;

	if (find_limit(&limit, e) < 0 || limit == 0)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	*w = (struct history_writer){.limit = limit, .folder = -1, .fd = -1};
	w->path = run_folder(p, &w->failure);
	return w;
}

static int make_file(struct history_writer *w, uint64_t number)
{
	char name[RUN_NAME];

	run_name(number, name);
	w->number = number;
	w->fd = openat(w->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	return w->fd;
}

static int begin_file(struct history_writer *w, struct err *e)
{
	struct run_files files;
	uint64_t last;
	int i;

	if (run_list(w->folder, &files, e) < 0)
		return -1;
	last = files.all.n ? files.all.v[0].number : 0;
	vec_release(&files.all);
	for (i = 0; i < TRIES_FOR_A_NUMBER; i++)
		if (make_file(w, ++last) >= 0 || errno != EEXIST)
			break;
	return w->fd >= 0 ? 0 : err_sys(e, "cannot write to '%s'", w->path);
}

static int begin(struct history_writer *w, struct err *e)
{
	if (w->fd >= 0)
		return 0;
	if (fs_make_dirs(AT_FDCWD, w->path, 0700, e) < 0)
		return -1;
	w->folder = run_open_folder(w->path, e);
	return w->folder < 0 ? -1 : begin_file(w, e);
}

static void set_bool(struct json *j, const char *name, bool value)
{
	if (value)
		json_set(j, name, json_new_bool(true));
}

/* The body is text already, and goes in as it is. */
static void add_meta(struct strbuf *out, const struct history_new *n)
{
	struct json *j = json_new_object();

	json_set(j, "time", json_new_int((int64_t)clock_realtime_ms()));
	json_set(j, "version", json_new_cstr(n->version ? n->version : ""));
	set_bool(j, "remote", n->remote);
	if (n->again)
		json_set(j, "again", json_new_int((int64_t)n->again));
	if (n->spool) {
		json_set(j, "sha256", json_new_cstr(n->sha256));
		set_bool(j, "binary", n->binary);
	}
	json_write(out, j);
	json_free(j);
	if (!n->again) {
		out->len--;
		strbuf_adds(out, ",\"body\":");
		strbuf_addstr(out, n->body);
		strbuf_addc(out, '}');
	}
}

static int write_text(const struct history_writer *w, struct str text, struct err *e)
{
	return fs_write_all(w->fd, text) == 0 ? 0 : err_sys(e, "cannot write to '%s'", w->path);
}

static int write_piece(void *arg, struct str piece, struct err *e)
{
	return write_text(arg, piece, e);
}

static int add_piece(void *arg, struct str piece, struct err *e UNUSED)
{
	strbuf_addstr(arg, piece);
	return 0;
}

static int write_entry(struct history_writer *w, const struct history_new *n, struct err *e)
{
	uint64_t code_n = n->spool ? n->bytes : 0;
	struct strbuf meta = STRBUF_INIT, head = STRBUF_INIT;
	bool small = code_n <= AT_ONCE;
	int rc = 0;

	add_meta(&meta, n);
	run_add_head(&head, n->again != 0, n->function, strbuf_str(&meta), code_n);
	if (meta.len > RUN_MAX_META || strlen(n->function) > RUN_MAX_NAME ||
	    code_n > RUN_MAX_CODE)
		rc = err_set(e, ERR_PROJECT, "'%s' is too large to be kept", n->function);
	if (rc == 0 && code_n && small)
		rc = spool_each(n->spool, n->at, code_n, add_piece, &head, e);
	if (rc == 0)
		rc = write_text(w, strbuf_str(&head), e);
	if (rc == 0 && !small)
		rc = spool_each(n->spool, n->at, code_n, write_piece, w, e);
	if (rc == 0)
		w->whole += head.len + (small ? 0 : code_n);
	strbuf_release(&meta);
	strbuf_release(&head);
	return rc;
}

void history_keep(struct history_writer *w, const struct history_new *n)
{
	if (!w || w->failure.code != ERR_OK)
		return;
	if (begin(w, &w->failure) < 0 || write_entry(w, n, &w->failure) == 0)
		return;
	/* Behind half of an entry nothing else would be found. */
	if (ftruncate(w->fd, (off_t)w->whole) < 0)
		return;
}

const char *history_writer_failure(const struct history_writer *w)
{
	return w && w->failure.code != ERR_OK ? w->failure.msg : NULL;
}

void history_writer_free(struct history_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0) {
		(void)close(w->fd);
		run_sweep(w->folder, w->limit, w->number % LOOK_EVERY == 0);
	}
	if (w->folder >= 0)
		(void)close(w->folder);
	err_clear(&w->failure);
	free(w->path);
	free(w);
}
