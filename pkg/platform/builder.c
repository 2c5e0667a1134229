#include "platform/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "fs/fs.h"
#include "platform/access.h"
#include "platform/api_call.h"
#include "platform/refuse.h"
#include "platform/transcript.h"
#include "proc/proc.h"
#include "sandbox/sandbox.h"

enum {
	STOP_GRACE_MS = 5000, /* for the child to end what it has started */
	LINE_MAX_BYTES = 1024 * 1024,
	OUTPUT_MAX = 64 * 1024 * 1024,
	KEY_DIGITS = 64,
	MAX_OPEN_FILES = 4096,
};

/* A build that fills the disk takes the user's machine down with it. */
static const uint64_t max_file_bytes = 2048ull * 1024 * 1024;

/* An address that was handed out, and what came there. */
struct upload {
	struct builder *builder;
	char name[BUILDER_NAME];
	int fd; /* -1: nothing yet */
	size_t bytes;
	struct loop_timer *expiry;
};

struct build {
	struct builder *builder;
	struct build_request q;
	struct upload *upload;
	char key[KEY_DIGITS + 1];
	char *folder; /* NULL: it waits */
	struct proc *proc;
	struct loop_timer *limit;
	int64_t start_ms;
	struct strbuf line; /* of stdout, not at its end yet */
	struct transcript transcript;
	struct json *outcome;
	char *error;
	bool timed_out;
};

struct builder {
	struct loop *loop;
	char *program, *dir, *api_host;
	uint64_t limit_ms, upload_ms;
	size_t max_bytes;
	VEC(struct upload *) uploads;
	VEC(struct build *) builds; /* oldest first */
	bool closing, closed;
};

struct builder *builder_new(const struct builder_options *o, struct err *e)
{
	struct builder *b;

	if (fs_remove_tree(AT_FDCWD, o->dir, e) < 0 ||
	    fs_make_dirs(AT_FDCWD, o->dir, 0700, e) < 0)
		return NULL;
	b = xcalloc(1, sizeof(*b));
	b->loop = o->loop;
	b->program = xstrdup(o->program);
	b->dir = xstrdup(o->dir);
	b->api_host = xstrdup(o->api_host);
	b->limit_ms = o->limit_ms ? o->limit_ms : BUILDER_LIMIT_MS;
	b->max_bytes = o->max_bytes ? o->max_bytes : BUILDER_BYTES_MAX;
	b->upload_ms = o->upload_ms ? o->upload_ms : BUILDER_UPLOAD_MS;
	return b;
}

/* ---- uploads ---- */

static void free_upload(struct upload *u)
{
	loop_timer_stop(u->expiry);
	if (u->fd >= 0)
		(void)close(u->fd);
	free(u);
}

static void remove_upload(struct upload *u)
{
	struct builder *b = u->builder;
	size_t i, n = 0;

	for (i = 0; i < b->uploads.n; i++)
		if (b->uploads.v[i] != u)
			b->uploads.v[n++] = b->uploads.v[i];
	b->uploads.n = n;
	free_upload(u);
}

static void on_expiry(void *arg)
{
	remove_upload(arg);
}

static struct upload *find_upload(const struct builder *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->uploads.n; i++)
		if (access_secret_is(b->uploads.v[i]->name, str_of(name)))
			return b->uploads.v[i];
	return NULL;
}

int builder_add_upload(struct builder *b, char name[BUILDER_NAME], struct err *e)
{
	struct upload *u;

	if (b->uploads.n >= BUILDER_UPLOADS_MAX)
		return refuse(e, 429, "Error: %d slices wait to be built; try again later",
			      BUILDER_UPLOADS_MAX);
	u = xcalloc(1, sizeof(*u));
	u->builder = b;
	u->fd = -1;
	random_hex(u->name, (BUILDER_NAME - 1) / 2);
	u->expiry = loop_timer_start(b->loop, b->upload_ms, 0, on_expiry, u);
	vec_push(&b->uploads, u);
	memcpy(name, u->name, BUILDER_NAME);
	return 0;
}

char *builder_upload_url(const struct builder *b, const char *name)
{
	return xasprintf("%s" BUILDER_UPLOADS "/%s", b->api_host, name);
}

static bool has_room(const struct builder *b, size_t bytes)
{
	size_t i, sum = bytes;

	for (i = 0; i < b->uploads.n; i++)
		sum += b->uploads.v[i]->bytes;
	return sum <= b->max_bytes;
}

/* A file without a name, from its start; -1 with errno. */
static int open_nameless(const struct builder *b, const char *name)
{
	char *path = xasprintf("%s/%s", b->dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		(void)unlink(path);
	free(path);
	return fd;
}

int builder_take_upload(struct builder *b, const char *name, struct str slice, struct err *e)
{
	struct upload *u = find_upload(b, name);
	int fd;

	if (!u)
		return refuse(e, 404, "This address for an upload is unknown or has expired.");
	if (u->fd >= 0)
		return refuse(e, 409, "A slice was uploaded to this address already.");
	if (slice.n > BUILDER_SLICE_MAX)
		return refuse(e, 413, "A slice of more than %d bytes is not built.",
			      BUILDER_SLICE_MAX);
	if (!has_room(b, slice.n))
		return refuse(e, 503, "Too many slices wait to be built; try again later.");
	fd = open_nameless(b, u->name);
	if (fd < 0 || fs_write_all(fd, slice) < 0 || lseek(fd, 0, SEEK_SET) != 0) {
		err_sys(e, "cannot store the slice");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	u->fd = fd;
	u->bytes = slice.n;
	return 0;
}

/* ---- builds ---- */

static void start_waiting(struct builder *b);

static struct json *result_of(struct build *k)
{
	struct json *j = json_new_object();

	if (k->outcome) {
		json_set(j, "transcript", transcript_list(&k->transcript));
		json_set(j, "outcome", k->outcome);
	} else {
		json_set(j, "error", json_new_cstr(k->error));
		json_set(j, "transcript", transcript_list(&k->transcript));
	}
	k->outcome = NULL;
	return j;
}

static void free_build(struct build *k)
{
	if (k->upload)
		remove_upload(k->upload);
	transcript_release(&k->transcript);
	strbuf_release(&k->line);
	json_free(k->outcome);
	free(k->error);
	free(k->folder);
	explicit_bzero(k->key, sizeof(k->key));
	free(k);
}

static void remove_build(struct build *k)
{
	struct builder *b = k->builder;
	size_t i, n = 0;

	for (i = 0; i < b->builds.n; i++)
		if (b->builds.v[i] != k)
			b->builds.v[n++] = b->builds.v[i];
	b->builds.n = n;
	free_build(k);
	b->closed = b->closing && n == 0;
	start_waiting(b);
}

/* The last word to the one who asked. */
static void tell(struct build *k)
{
	struct invocation_end end = {
		.outcome = k->outcome ? OUTCOME_SUCCESS : OUTCOME_DEVELOPER,
		.timed_out = k->timed_out,
		.start_ms = k->start_ms,
		.end_ms = (int64_t)clock_realtime_ms(),
	};
	struct strbuf text = STRBUF_INIT;
	struct log_line *logs;
	struct json *result = result_of(k);

	json_write(&text, result);
	end.result = strbuf_str(&text);
	end.size = text.len;
	end.logs_n = transcript_logs(&k->transcript, &logs);
	end.logs = logs;
	k->q.done(k->q.arg, &end);
	free(logs);
	strbuf_release(&text);
	json_free(result);
}

static void set_error(struct build *k, const char *text)
{
	if (!k->error)
		k->error = xstrdup(text);
}

static void remove_folder(void *arg)
{
	struct build *k = arg;
	struct err e = ERR_INIT;

	/* What cannot be removed now goes with the next start of the platform. */
	if (fs_remove_tree(AT_FDCWD, k->folder, &e) < 0)
		err_clear(&e);
}

static void on_removed(void *arg)
{
	remove_build(arg);
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct build *k = arg;

	k->proc = NULL;
	loop_timer_stop(k->limit);
	k->limit = NULL;
	if (k->error) {
		json_free(k->outcome);
		k->outcome = NULL;
	} else if (!k->outcome && end->signum) {
		k->error = xasprintf("the build was ended by signal %d", end->signum);
	} else if (!k->outcome) {
		set_error(k, "the build ended without a result");
	}
	tell(k);
	loop_work(k->builder->loop, remove_folder, on_removed, k);
}

static void on_limit(void *arg)
{
	struct build *k = arg;

	loop_timer_stop(k->limit);
	k->limit = NULL;
	k->timed_out = true;
	k->error = xasprintf("the build took longer than %" PRIu64
			     " ms, the limit of remote builds",
			     k->builder->limit_ms);
	proc_stop(k->proc, STOP_GRACE_MS);
}

/* A whole line of the child's stdout: what to do with it. */
static void take_message(struct build *k, struct str text)
{
	struct err ignored = ERR_INIT;
	struct json *j = json_parse(text, &ignored);

	if (json_is(json_get(j, "line"), JSON_STRING))
		transcript_add(&k->transcript, false, json_str(json_get(j, "line")));
	else if (json_is(json_get(j, "outcome"), JSON_OBJECT) && !k->outcome)
		k->outcome = json_take(j, "outcome");
	else if (json_cstr(json_get(j, "error")))
		set_error(k, json_cstr(json_get(j, "error")));
	else
		transcript_add(&k->transcript, false, text);
	json_free(j);
	err_clear(&ignored);
}

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct build *k = arg;

	if (stream == PROC_STDERR) {
		transcript_add(&k->transcript, true, line);
		return;
	}
	strbuf_addstr(&k->line, line);
	if (more)
		return;
	take_message(k, strbuf_str(&k->line));
	k->line.full = false;
	strbuf_reset(&k->line);
}

/* The read end of a pipe that holds the key and nothing more; -1 with *e. */
static int open_key(const struct build *k, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	if (write(fds[1], k->key, KEY_DIGITS) != KEY_DIGITS)
		err_sys(e, "cannot write to a pipe");
	(void)close(fds[1]);
	if (e->code == ERR_OK)
		return fds[0];
	(void)close(fds[0]);
	return -1;
}

static int start_child(struct build *k, int dir, struct err *e)
{
	const char *const argv[] = {
		"dofn", "local", "build-slice", "--apihost", k->builder->api_host, NULL};
	struct sandbox box = {.max_file = max_file_bytes, .max_files = MAX_OPEN_FILES};
	int key = open_key(k, e), pass[] = {k->upload->fd, key};
	const struct proc_spec spec = {
		.file = k->builder->program,
		.argv = argv,
		.cwd = dir,
		.pass = pass,
		.pass_n = countof(pass),
		.prepare = sandbox_enter,
		.prepare_arg = &box,
		.on_line = on_line,
		.on_end = on_end,
		.arg = k,
		.max_output = OUTPUT_MAX,
	};

	if (key < 0)
		return -1;
	k->proc = proc_start(k->builder->loop, &spec, e);
	(void)close(key);
	return k->proc ? 0 : -1;
}

static int start_build(struct build *k, struct err *e)
{
	int dir, r;

	k->folder = xasprintf("%s/build-%.16s", k->builder->dir, k->upload->name);
	k->start_ms = (int64_t)clock_realtime_ms();
	if (fs_make_dirs(AT_FDCWD, k->folder, 0700, e) < 0)
		return -1;
	dir = fs_open_dir(AT_FDCWD, k->folder, e);
	if (dir < 0)
		return -1;
	r = start_child(k, dir, e);
	(void)close(dir);
	if (r == 0)
		k->limit = loop_timer_start(k->builder->loop, k->builder->limit_ms, 0, on_limit,
					    k);
	return r;
}

/* One that cannot begin. */
static void give_up(struct build *k, const char *why)
{
	set_error(k, why);
	k->start_ms = k->start_ms ? k->start_ms : (int64_t)clock_realtime_ms();
	tell(k);
	if (k->folder)
		remove_folder(k);
	remove_build(k);
}

static size_t count_running(const struct builder *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->builds.n; i++)
		n += b->builds.v[i]->folder != NULL;
	return n;
}

static void start_waiting(struct builder *b)
{
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < b->builds.n && count_running(b) < BUILDER_AT_ONCE && !b->closing; i++) {
		if (b->builds.v[i]->folder)
			continue;
		if (start_build(b->builds.v[i], &e) == 0)
			continue;
		give_up(b->builds.v[i], e.msg);
		err_clear(&e);
		return; /* give_up() has started the next one */
	}
}

static const char *why_not(const struct builder *b, const struct build_request *q,
			   const struct upload *u)
{
	size_t i;

	if (b->closing)
		return "the local platform stops";
	if (strlen(q->key) != KEY_DIGITS ||
	    strspn(q->key, "0123456789abcdefABCDEF") != KEY_DIGITS)
		return "'encryptionKey' is not 64 digits";
	if (!u || u->fd < 0)
		return "no slice of the name in 'toBuild' was uploaded, or it has expired";
	for (i = 0; i < b->builds.n; i++)
		if (b->builds.v[i]->upload == u)
			return "the slice in 'toBuild' is being built already";
	return NULL;
}

void builder_build(struct builder *b, const struct build_request *q)
{
	struct build *k = xcalloc(1, sizeof(*k));
	struct upload *u = find_upload(b, q->slice);
	const char *why = why_not(b, q, u);

	k->builder = b;
	k->q = *q;
	k->line = STRBUF_MAX(LINE_MAX_BYTES);
	vec_push(&b->builds, k);
	if (why) {
		give_up(k, why);
		return;
	}
	k->upload = u;
	loop_timer_stop(u->expiry);
	u->expiry = NULL;
	memcpy(k->key, q->key, sizeof(k->key));
	start_waiting(b);
}

void builder_free(struct builder *b)
{
	static const char why[] = "the local platform was stopped during the build";
	size_t i;

	if (!b)
		return;
	b->closing = true;
	b->closed = b->builds.n == 0;
	for (i = b->builds.n; i-- > 0;) {
		if (b->builds.v[i]->proc) {
			set_error(b->builds.v[i], why);
			proc_stop(b->builds.v[i]->proc, STOP_GRACE_MS);
		} else if (!b->builds.v[i]->folder) {
			give_up(b->builds.v[i], why);
		}
	}
	if (!b->closed)
		loop_run_until(b->loop, &b->closed);
	while (b->uploads.n)
		free_upload(b->uploads.v[--b->uploads.n]);
	vec_release(&b->uploads);
	vec_release(&b->builds);
	free(b->program);
	free(b->dir);
	free(b->api_host);
	free(b);
}
