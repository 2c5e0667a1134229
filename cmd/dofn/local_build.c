/* `dofn local build-slice`: what the local platform runs for a remote build. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "builder/builder.h"
#include "command.h"
#include "fs/fs.h"
#include "local_build.h"
#include "remote/remote.h"

/* What the server hands over (platform/builder.h). */
enum { SLICE_FD = 3, KEY_FD = 4 };

struct build_slice_options {
	const char *apihost;
};

static const struct cli_option options[] = {
	CLI_OPT(struct build_slice_options, apihost, "apihost", 0, CLI_STRING, "URL",
		"where to deploy"),
	CLI_END,
};

struct teller {
	struct sink sink;
	struct context *context;
};

/* Takes value. */
static void tell(struct context *c, const char *name, struct json *value)
{
	struct json *j = json_new_object();
	struct strbuf line = STRBUF_INIT;

	json_set(j, name, value);
	json_write(&line, j);
	strbuf_addc(&line, '\n');
	ui_out(&c->ui, strbuf_str(&line));
	strbuf_release(&line);
	json_free(j);
}

static void on_event(struct sink *s, const struct event *ev)
{
	struct teller *t = (struct teller *)s;
	struct strbuf line = STRBUF_INIT;

	switch (ev->type) {
	case EVENT_NOTE: strbuf_addstr(&line, ev->text); break;
	case EVENT_WARNING: strbuf_addf(&line, "warning: %.*s", STR_ARG(ev->text)); break;
	case EVENT_BUILD_STARTED:
		strbuf_addf(&line, "building with %.*s", STR_ARG(ev->text));
		break;
	case EVENT_BUILD_LINE: strbuf_addstr(&line, ev->text); break;
	case EVENT_BUILD_ENDED:
		strbuf_addf(&line, "built in %.1f s", (double)ev->ms / 1000);
		break;
	default: return;
	}
	tell(t->context, "line", json_new_str(strbuf_str(&line)));
	strbuf_release(&line);
}

static int read_all(int fd, size_t max, struct strbuf *out, struct err *e)
{
	ssize_t n;
	char *to;

	for (;;) {
		to = strbuf_reserve(out, 65536);
		n = fs_read_some(fd, to, 65536);
		if (n < 0)
			return err_sys(e, "cannot read descriptor %d", fd);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->buf[out->len] = '\0';
		if (out->len > max)
			return err_set(e, ERR_PROJECT, "the slice is larger than %zu bytes",
				       max);
	}
}

static int read_key(struct strbuf *key, struct err *e)
{
	struct strbuf hex = STRBUF_INIT;
	int r = read_all(KEY_FD, SHA256_HEX, &hex, e);

	if (r == 0 && (hex.len != SHA256_HEX - 1 || !hex_decode(key, strbuf_str(&hex))))
		r = err_set(e, ERR_USAGE, "the encryption key is not %d digits",
			    SHA256_HEX - 1);
	strbuf_release(&hex);
	return r;
}

static int build(struct context *c, const struct build_slice_options *o, struct str slice,
		 struct str key, struct err *e)
{
	struct teller t = {.sink = {on_event}, .context = c};
	struct builder_task task = {
		.loop = context_loop(c),
		.sink = &t.sink,
		.slice = slice,
		.key = (const unsigned char *)key.p,
		.dir = fs_open_dir(AT_FDCWD, ".", e),
		.path = ".",
		.api_host = o->apihost,
	};
	struct json *outcome;

	if (task.dir < 0)
		return -1;
	outcome = builder_run(&task, e);
	(void)close(task.dir);
	if (!outcome)
		return -1;
	tell(c, "outcome", outcome);
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args UNUSED, struct err *e)
{
	const struct build_slice_options *o = opt;
	struct strbuf slice = STRBUF_INIT, key = STRBUF_INIT;
	int r;

	if (!o->apihost)
		return err_set(e, ERR_USAGE, "'dofn local build-slice' needs --apihost URL");
	r = read_key(&key, e);
	if (r == 0)
		r = read_all(SLICE_FD, SLICE_MAX_BYTES, &slice, e);
	if (r == 0)
		r = build(c, o, strbuf_str(&slice), strbuf_str(&key), e);
	if (r < 0 && e->code != ERR_CANCELLED)
		tell(c, "error", json_new_cstr(e->msg));
	strbuf_release(&slice);
	strbuf_release(&key);
	return r;
}

const struct command cmd_build_slice = {
	.name = "build-slice",
	.args = "",
	.summary = "build a slice for the local platform",
	.options = options,
	.options_size = sizeof(struct build_slice_options),
	.run = run,
	.internal = true,
};
