#include "command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "deploying.h"
#include "follower.h"
#include "fs/fs.h"
#include "render.h"
#include "watch/watch.h"

struct watch_options_given {
	struct deploy_flags deploy;
	bool logs, remote_build;
};

static const struct cli_option options[] = {
	DEPLOY_OPTIONS(struct watch_options_given, deploy),
	CLI_OPT(struct watch_options_given, logs, "logs", 0, CLI_FLAG, NULL,
		"show the functions' logs in between"),
	CLI_OPT(struct watch_options_given, remote_build, "remote-build", 0, CLI_FLAG, NULL,
		"build on the platform what needs a build"),
	CLI_END,
};

enum { MAX_NAMED = 5 }; /* functions in a status line */

/* Gets the events of a deploy first. */
struct watcher {
	struct sink sink;
	struct renderer renderer;
	struct context *context;
	const struct watch_options_given *options;
	const char *dir;
	struct watch *watch;
	bool owing;       /* the last deploy failed: the next one is of everything */
	VEC(char *) live; /* functions that this deploy put there */
	VEC(char *)
	built;             /* what it ran builds for, or took from the cache: "p/f",
			      "lib" */
	VEC(char *) files; /* what else the project is made of, NULL at the end */
};

static void drop(char **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i]);
}

static void forget_deploy(struct watcher *w)
{
	drop(w->live.v, w->live.n);
	drop(w->built.v, w->built.n);
	w->live.n = w->built.n = 0;
}

/* ---- events ---- */

/* A cycle has one line of its own; before it only what may matter comes. */
static bool is_told(const struct watcher *w, enum event_type type)
{
	switch (type) {
	case EVENT_BUILD_REUSED:
	case EVENT_PACKED:
	case EVENT_PLAN:
	case EVENT_PLAN_PACKAGE:
	case EVENT_PLANNED:
	case EVENT_UNCHANGED:
	case EVENT_DEPLOYED:
	case EVENT_PACKAGE: return w->context->json || w->context->ui.verbose;
	default: return true;
	}
}

static void on_event(struct sink *s, const struct event *ev)
{
	struct watcher *w = (struct watcher *)s;

	if (ev->type == EVENT_DEPLOYED)
		vec_push(&w->live, xstrdup(ev->function));
	if (ev->type == EVENT_BUILD_STARTED ||
	    (ev->type == EVENT_BUILD_REUSED && str_is(ev->text, "cache")))
		vec_push(&w->built, xstrdup(ev->function));
	if (is_told(w, ev->type))
		sink_emit(&w->renderer.sink, ev);
}

/* Names of functions without a package differ: "default/f" on disk, "f" on the platform. */
static bool has_been_built(void *arg, struct str function)
{
	const struct watcher *w = arg;
	size_t i;

	if (str_starts(function, "default/"))
		function = str_from(function, strlen("default/"));
	for (i = 0; i < w->built.n; i++)
		if (str_is(function, w->built.v[i]))
			return true;
	return false;
}

/* ---- what to watch ---- */

/* Below the project, or it is not watched. */
static void add_file(struct watcher *w, const struct project *p, const char *path)
{
	char *real = path ? realpath(path, NULL) : NULL;
	size_t n = strlen(p->real);

	if (real && strncmp(real, p->real, n) == 0 && real[n] == '/')
		vec_push(&w->files, xstrdup(real + n + 1));
	else if (path)
		ui_warn(&w->context->ui,
			"'%s' is not in the project's folder, so its changes are not noticed",
			path);
	free(real);
}

static void add_sources(struct watcher *w, const struct project *p)
{
	size_t i, j;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++) {
			const struct function *f = p->packages.v[i]->functions.v[j];

			if (f->file && f->source)
				vec_push(&w->files, xstrdup(f->source));
		}
}

static void on_read(void *arg, const struct project *p)
{
	struct watcher *w = arg;
	const struct project_flags *flags = &w->options->deploy.project;

	drop(w->files.v, w->files.n);
	w->files.n = 0;
	add_file(w, p, flags->env);
	add_file(w, p, flags->build_env);
	add_sources(w, p);
	vec_push(&w->files, NULL);
}

/* ---- telling ---- */

static void add_functions(struct strbuf *b, const struct watcher *w)
{
	size_t i;

	if (w->live.n > MAX_NAMED) {
		strbuf_addf(b, "%zu functions", w->live.n);
		return;
	}
	for (i = 0; i < w->live.n; i++)
		strbuf_addf(b, "%s%s", i ? ", " : "", w->live.v[i]);
}

static void tell_text(struct watcher *w, const struct watch_changes *changes, uint64_t ms,
		      bool failed)
{
	struct strbuf line = STRBUF_INIT;

	if (changes->paths > 1)
		strbuf_addf(&line, "%s and %zu more: ", changes->path, changes->paths - 1);
	else
		strbuf_addf(&line, "%s: ", *changes->path ? changes->path : "many files");
	if (failed)
		strbuf_adds(&line, "not deployed; waiting for the next change");
	else if (w->live.n == 0)
		strbuf_adds(&line, "nothing to deploy");
	else
		add_functions(&line, w);
	if (!failed && w->live.n)
		strbuf_addf(&line, " live after %.2f s", (double)ms / 1000);
	ui_say(&w->context->ui, "%s", line.buf);
	strbuf_release(&line);
}

static void tell_json(struct watcher *w, const struct watch_changes *changes, uint64_t ms,
		      const struct err *failure)
{
	struct json *j = json_new_object(), *live = json_new_array();
	struct strbuf line = STRBUF_INIT;
	size_t i;

	for (i = 0; i < w->live.n; i++)
		json_push(live, json_new_cstr(w->live.v[i]));
	json_set(j, "event", json_new_cstr("cycle"));
	json_set(j, "changed", json_new_cstr(changes->path));
	json_set(j, "files", json_new_int((int64_t)changes->paths));
	json_set(j, "deployed", live);
	json_set(j, "ms", json_new_int((int64_t)ms));
	if (failure->code != ERR_OK)
		json_set(j, "error", json_new_cstr(failure->msg));
	json_write(&line, j);
	strbuf_addc(&line, '\n');
	ui_out(&w->context->ui, strbuf_str(&line));
	strbuf_release(&line);
	json_free(j);
}

static void tell_cycle(struct watcher *w, const struct watch_changes *changes,
		       const struct err *failure)
{
	uint64_t ms = clock_monotonic_ms() - changes->since_ms;
	bool failed = failure->code != ERR_OK;

	if (w->context->json) {
		tell_json(w, changes, ms, failure);
		return;
	}
	if (failed)
		ui_error(&w->context->ui, "%s", failure->msg);
	tell_text(w, changes, ms, failed);
}

/* ---- cycles ---- */

/* Those that the user did not choose from, if one can choose. */
static bool is_chosen(const struct watcher *w)
{
	const struct project_flags *flags = &w->options->deploy.project;

	return flags->include.items.n || flags->exclude.items.n;
}

static int deploy_changes(struct watcher *w, const struct watch_changes *changes, struct err *e)
{
	struct deploy_flags flags = w->options->deploy;
	struct deploy_run d = {.context = w->context,
			       .flags = &flags,
			       .dir = w->dir,
			       .remote_build = w->options->remote_build,
			       .sink = &w->sink,
			       .on_read = on_read,
			       .arg = w};
	bool some = !changes->all && !w->owing && !is_chosen(w);
	size_t i;
	int r;

	for (i = 0; some && i < changes->functions.n; i++)
		vec_push(&flags.project.include.items, changes->functions.v[i]);
	renderer_init(&w->renderer, w->context);
	w->renderer.build_output.all = flags.build.verbose;
	r = deploy_run(&d, e);
	w->owing = r < 0;
	renderer_release(&w->renderer);
	if (some)
		vec_release(&flags.project.include.items);
	return r;
}

/* The first time everything, and with the whole story. */
static int deploy_first(struct watcher *w, struct err *e)
{
	struct deploy_run d = {.context = w->context,
			       .flags = &w->options->deploy,
			       .dir = w->dir,
			       .remote_build = w->options->remote_build,
			       .on_read = on_read,
			       .arg = w};

	return deploy_run(&d, e);
}

static int go_on(struct watcher *w, struct err *e)
{
	int r = 0;

	watch_resume(w->watch, has_been_built, w);
	if (w->files.n)
		r = watch_set_files(w->watch, (const char *const *)w->files.v, e);
	forget_deploy(w);
	return r;
}

/*
 * 1 for Ctrl-C, which is the way to end it.  A mistake in the project or a
 * server that is away is no reason to end.
 */
static int cycle(struct watcher *w, struct err *e)
{
	struct watch_changes changes;
	struct err failure = ERR_INIT;
	int r;

	if (watch_wait(w->watch, &changes, &failure) < 0) {
		if (failure.code != ERR_CANCELLED)
			return err_move(e, &failure);
		err_clear(&failure);
		return 1;
	}
	watch_pause(w->watch);
	if (deploy_changes(w, &changes, &failure) < 0 && failure.code == ERR_CANCELLED) {
		r = err_move(e, &failure);
	} else {
		tell_cycle(w, &changes, &failure);
		r = go_on(w, e);
	}
	watch_changes_release(&changes);
	err_clear(&failure);
	return r;
}

/* The first deploy's mistakes are waited for like later ones. */
static int begin(struct watcher *w, struct err *e)
{
	struct err failure = ERR_INIT;

	watch_pause(w->watch);
	if (deploy_first(w, &failure) < 0) {
		if (failure.code == ERR_CANCELLED || failure.code == ERR_USAGE ||
		    failure.code == ERR_AUTH)
			return err_move(e, &failure);
		ui_error(&w->context->ui, "%s", failure.msg);
		err_clear(&failure);
		w->owing = true;
	}
	return go_on(w, e);
}

static void say_watching(struct watcher *w)
{
	const char *looks = watch_looks(w->watch);

	if (looks)
		ui_warn(&w->context->ui, "looking for changes every second: %s", looks);
	ui_say(&w->context->ui, "watching '%s'; Ctrl-C ends", w->dir);
}

static int watch_on(struct watcher *w, struct err *e)
{
	struct follower *follower = NULL;
	int r = begin(w, e);

	if (r == 0 && w->options->logs) {
		follower = follower_start(w->context, &w->options->deploy.connection, e);
		r = follower ? 0 : -1;
	}
	if (r == 0) {
		say_watching(w);
		while ((r = cycle(w, e)) == 0) {
		}
	}
	follower_stop(follower);
	return r < 0 ? -1 : 0;
}

static void release(struct watcher *w)
{
	watch_free(w->watch);
	forget_deploy(w);
	drop(w->files.v, w->files.n);
	vec_release(&w->files);
	vec_release(&w->live);
	vec_release(&w->built);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct watcher w = {.sink.emit = on_event,
			    .context = c,
			    .options = opt,
			    .dir = args->items.n ? args->items.v[0] : "."};
	struct watch_options o = {.loop = context_loop(c)};
	int r = -1;

	o.root = fs_open_dir(AT_FDCWD, w.dir, e);
	if (o.root < 0)
		return -1;
	w.watch = watch_new(&o, e);
	if (w.watch)
		r = watch_on(&w, e);
	release(&w);
	(void)close(o.root);
	return r;
}

const struct command cmd_watch = {
	.name = "watch",
	.args = "[DIR]",
	.summary = "deploy the project in DIR, and again whenever its files change",
	.help = "DIR is the folder with packages/ and project.yml, by default the current "
		"one.\n"
		"Only functions that a change concerns are built and uploaded.  Mistakes are\n"
		"shown, and the next change is waited for; Ctrl-C ends.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct watch_options_given),
	.run = run,
};
