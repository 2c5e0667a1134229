#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/fs.h"
#include "httpd/httpd.h"
#include "platform/api.h"
#include "platform/platform.h"
#include "platform/state.h"

struct server {
	struct loop *loop;
	const struct platform_options *o;
	int dir, lock;
	char *key, *namespace, *api_host;
	struct entities *entities;
	struct httpd *httpd;
	struct invoker *invoker;
	struct builder *builder;
	struct api *api;
	struct loop_cancel *cancel;
};

static void handle(void *arg, struct httpd_request *q)
{
	struct server *s = arg;

	api_handle(s->api, q);
}

static void too_large(void *arg, struct httpd_request *q)
{
	struct server *s = arg;

	api_too_large(s->api, q);
}

static int open_folder(struct server *s, struct err *e)
{
	if (fs_make_dirs(AT_FDCWD, s->o->data, 0700, e) < 0)
		return -1;
	s->dir = fs_open_dir(AT_FDCWD, s->o->data, e);
	if (s->dir < 0)
		return -1;
	if (fchmod(s->dir, 0700) < 0)
		return err_sys(e, "cannot make '%s' private", s->o->data);
	s->lock = state_lock(s->dir, e);
	return s->lock < 0 ? -1 : 0;
}

static int open_entities(struct server *s, struct err *e)
{
	char *path = xasprintf("%s/platform.db", s->o->data);

	s->entities = entities_open(path, e);
	free(path);
	return s->entities ? 0 : -1;
}

static int listen_on(struct server *s, uint16_t port, struct err *e)
{
	struct httpd_options o = {
		.port = port,
		.max_body = BUILDER_SLICE_MAX,
		.handler = handle,
		.on_too_large = too_large,
		.arg = s,
	};

	s->httpd = httpd_start(s->loop, &o, e);
	return s->httpd ? 0 : -1;
}

/* The last port, else ours, else any. */
static int listen_somewhere(struct server *s, struct err *e)
{
	uint16_t candidates[] = {s->o->port, PLATFORM_PORT, 0};
	struct err taken = ERR_INIT;
	size_t i;

	if (candidates[0] == 0)
		candidates[0] = state_last_port(s->dir);
	for (i = 0; i < countof(candidates); i++) {
		if (candidates[i] == 0 && i + 1 < countof(candidates))
			continue;
		err_clear(&taken);
		if (listen_on(s, candidates[i], &taken) == 0)
			return 0;
		if (taken.sys != EADDRINUSE && taken.sys != EACCES)
			break;
	}
	return err_move(e, &taken);
}

static int open_port(struct server *s, struct err *e)
{
	if (!s->o->port_fixed)
		return listen_somewhere(s, e);
	if (listen_on(s, s->o->port, e) < 0)
		return err_wrap(e, "port %d", s->o->port);
	return 0;
}

static int open_invoker(struct server *s, struct err *e)
{
	char *run = xasprintf("%s/run", s->o->data);
	struct invoker_options o = {
		.run_dir = run,
		.api_host = s->api_host,
		.namespace = s->namespace,
	};

	s->invoker = invoker_new(s->loop, &o, e);
	free(run);
	return s->invoker ? 0 : -1;
}

/* Without the path of the program, as in tests, there is no builder. */
static int open_builder(struct server *s, struct err *e)
{
	char *dir = xasprintf("%s/builds", s->o->data);
	struct builder_options o = {
		.loop = s->loop,
		.program = s->o->program,
		.dir = dir,
		.api_host = s->api_host,
		.limit_ms = s->o->build_limit_ms,
	};

	if (o.program)
		s->builder = builder_new(&o, e);
	free(dir);
	return o.program && !s->builder ? -1 : 0;
}

/* For tests: milliseconds by which the clock of triggers is ahead of the machine's. */
static int clock_shift(int64_t *ms, struct err *e)
{
	static const char name[] = "DOFN_LOCAL_CLOCK_SHIFT";
	const char *given = getenv(name);

	if (!given || !*given || str_to_i64(str_of(given), ms))
		return 0;
	return err_set(e, ERR_USAGE, "%s is '%s'; set it to a number of milliseconds", name,
		       given);
}

static int open_api(struct server *s, struct err *e)
{
	struct api_options o = {
		.loop = s->loop,
		.entities = s->entities,
		.invoker = s->invoker,
		.builder = s->builder,
		.auth = s->key,
		.namespace = s->namespace,
	};

	if (clock_shift(&o.clock_shift_ms, e) < 0)
		return -1;
	s->api = api_new(&o);
	return api_start_triggers(s->api, e);
}

static int open_all(struct server *s, struct err *e)
{
	if (open_folder(s, e) < 0)
		return -1;
	s->key = state_make_key(s->dir, e);
	if (!s->key)
		return -1;
	s->namespace = state_namespace(s->key);
	if (open_entities(s, e) < 0 || open_port(s, e) < 0)
		return -1;
	s->api_host = xasprintf("http://127.0.0.1:%d", httpd_port(s->httpd));
	if (open_invoker(s, e) < 0 || open_builder(s, e) < 0 || open_api(s, e) < 0)
		return -1;
	return state_write_server(s->dir, httpd_port(s->httpd), s->o->version, e);
}

/*
 * The calls under way end first, so that they are recorded and answered; the
 * lock goes last, since whoever waits for it may remove the folder.
 */
static void close_all(struct server *s)
{
	loop_cancel_stop(s->cancel);
	if (s->dir >= 0 && s->lock >= 0)
		state_remove_server(s->dir);
	if (s->api)
		api_stop_triggers(s->api);
	if (s->invoker)
		invoker_free(s->invoker);
	builder_free(s->builder);
	if (s->httpd)
		httpd_stop(s->httpd);
	api_free(s->api);
	entities_close(s->entities);
	free(s->key);
	free(s->namespace);
	free(s->api_host);
	if (s->lock >= 0)
		(void)close(s->lock);
	if (s->dir >= 0)
		(void)close(s->dir);
}

/* Where platform_start() listens, or -1; the functions' processes must not see it. */
static int take_ready_fd(void)
{
	struct str text = str_of(getenv(STATE_READY_VARIABLE));
	uint64_t fd;
	bool given = text.n > 0 && str_to_u64(text, &fd) && fd > 2 && fd < 1024;

	unsetenv(STATE_READY_VARIABLE);
	if (!given || fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return (int)fd;
}

static void tell(int fd, const struct server *s, const struct err *failure)
{
	struct strbuf line = STRBUF_INIT;

	if (fd < 0)
		return;
	if (failure->code != ERR_OK)
		strbuf_addf(&line, "error %s\n", failure->msg);
	else
		strbuf_addf(&line, "ready %d\n", httpd_port(s->httpd));
	(void)!write(fd, line.buf, line.len);
	(void)close(fd);
	strbuf_release(&line);
}

static void on_cancel(void *arg)
{
	struct server *s = arg;

	loop_stop(s->loop);
}

int platform_serve(struct loop *l, const struct platform_options *o, struct err *e)
{
	struct server s = {.loop = l, .o = o, .dir = -1, .lock = -1};
	struct err failure = ERR_INIT;
	int ready_fd = take_ready_fd();

	if (ready_fd >= 0 && chdir("/") < 0) /* in the background, keep no folder busy */
		return err_sys(e, "cannot change to '/'");
	s.cancel = loop_on_cancel(l, on_cancel, &s);
	(void)!open_all(&s, &failure);
	tell(ready_fd, &s, &failure);
	if (failure.code == ERR_OK) {
		if (o->ready)
			o->ready(o->arg, httpd_port(s.httpd));
		if (!loop_interrupted(l))
			loop_run(l);
	}
	close_all(&s);
	return failure.code == ERR_OK ? 0 : err_move(e, &failure);
}
