#include "watch/watch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "loop/watch.h"
#include "project/names.h"
#include "watch/affected.h"
#include "watch/links.h"

enum {
	MAX_PATHS = 10000, /* of one burst; more count as everything */
	MAX_MADE = 100000,
	MAX_ECHOES = 3,
};

struct path {
	char *name;
};

/* Each path once, in the order they came. */
struct paths {
	VEC(struct path *) list;
	struct names names;
};

struct watch {
	struct watch_options o;
	VEC(char *) files; /* NULL at the end */
	struct loop_watch *tree;
	struct loop_timer *timer;
	struct paths changed;
	struct paths made; /* touched by builds */
	uint64_t since_ms, echoes;
	bool unknown; /* more than is in `changed` */
	bool paused, gone, ready;
};

static bool add_path(struct paths *p, const char *name)
{
	struct path *node;

	if (names_find(&p->names, name))
		return false;
	node = xcalloc(1, sizeof(*node));
	node->name = xstrdup(name);
	vec_push(&p->list, node);
	if (names_add(&p->names, node))
		bug("the path '%s' is there twice", name);
	return true;
}

static void clear_paths(struct paths *p)
{
	size_t i;

	names_release(&p->names);
	for (i = 0; i < p->list.n; i++) {
		free(p->list.v[i]->name);
		free(p->list.v[i]);
	}
	vec_release(&p->list);
}

static bool has_changes(const struct watch *w)
{
	return w->unknown || w->changed.list.n > 0;
}

/* ---- what the tree tells ---- */

static bool on_enter(void *arg, const char *path)
{
	const struct watch *w = arg;

	return affected_enters(str_of(path), (const char *const *)w->files.v);
}

static void on_quiet(void *arg)
{
	struct watch *w = arg;

	w->ready = has_changes(w);
}

static void wait_for_quiet(struct watch *w)
{
	uint64_t elapsed = clock_monotonic_ms() - w->since_ms;
	uint64_t left = elapsed < WATCH_LONGEST_MS ? WATCH_LONGEST_MS - elapsed : 0;

	loop_timer_again(w->timer, left < WATCH_QUIET_MS ? left : WATCH_QUIET_MS);
}

static void on_change(void *arg, const char *path)
{
	struct watch *w = arg;
	struct str function;

	if (affected_by(str_of(path), (const char *const *)w->files.v, &function) ==
	    AFFECTED_NOTHING)
		return;
	if (!has_changes(w))
		w->since_ms = clock_monotonic_ms();
	if (*path == '\0' || w->changed.list.n >= MAX_PATHS)
		w->unknown = true;
	else
		add_path(&w->changed, path);
	if (!w->paused)
		wait_for_quiet(w);
}

static void on_gone(void *arg)
{
	struct watch *w = arg;

	w->gone = w->ready = true;
}

static int open_tree(struct watch *w, struct err *e)
{
	struct loop_watch_options o = {
		.root = w->o.root,
		.enter = on_enter,
		.changed = on_change,
		.gone = on_gone,
		.arg = w,
		.look_ms = w->o.look_ms,
	};

	w->tree = loop_watch_start(w->o.loop, &o, e);
	return w->tree ? 0 : -1;
}

/* ---- files ---- */

static bool are_files(const struct watch *w, const char *const *files)
{
	size_t i = 0;

	for (; files && *files; files++, i++)
		if (!w->files.v[i] || strcmp(w->files.v[i], *files) != 0)
			return false;
	return !w->files.v[i];
}

static void release_files(struct watch *w)
{
	size_t i;

	for (i = 0; i < w->files.n; i++)
		free(w->files.v[i]);
	vec_release(&w->files);
}

static void copy_files(struct watch *w, const char *const *files)
{
	release_files(w);
	for (; files && *files; files++)
		vec_push(&w->files, xstrdup(*files));
	vec_push(&w->files, NULL);
}

/* The new tree is there before the old one goes: nothing falls between the two. */
int watch_set_files(struct watch *w, const char *const *files, struct err *e)
{
	struct loop_watch *old = w->tree;

	if (are_files(w, files))
		return 0;
	copy_files(w, files);
	if (open_tree(w, e) < 0) {
		w->tree = old;
		return -1;
	}
	loop_watch_catch_up(old);
	loop_watch_stop(old);
	return 0;
}

/* ---- changes ---- */

static bool exists(const struct watch *w, const char *path)
{
	struct stat st;

	return fstatat(w->o.root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool function_exists(const struct watch *w, const char *path, struct str function)
{
	struct strbuf folder = STRBUF_INIT;
	bool r;

	strbuf_addf(&folder, "packages/%.*s", STR_ARG(function));
	r = exists(w, folder.buf) || exists(w, path);
	strbuf_release(&folder);
	return r;
}

/* A function that is gone is none to name. */
static void classify(const struct watch *w, const char *path, struct watch_changes *c)
{
	struct str function;
	char *name;
	size_t i;

	if (affected_by(str_of(path), (const char *const *)w->files.v, &function) !=
		    AFFECTED_FUNCTION ||
	    !function_exists(w, path, function)) {
		c->all = true;
		return;
	}
	for (i = 0; i < c->functions.n; i++)
		if (str_is(function, c->functions.v[i]))
			return;
	name = xstrndup(function.p, function.n);
	vec_push(&c->functions, name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop_functions(struct watch_changes *c)
{
	size_t i;

	for (i = 0; i < c->functions.n; i++)
		free(c->functions.v[i]);
	vec_release(&c->functions);
}

/* The last that is there: what an editor had in between is not. */
static const char *shown_path(const struct watch *w)
{
	size_t i;

	for (i = w->changed.list.n; i > 0; i--)
		if (exists(w, w->changed.list.v[i - 1]->name))
			return w->changed.list.v[i - 1]->name;
	return w->changed.list.n ? w->changed.list.v[0]->name : "";
}

static void take_changes(struct watch *w, struct watch_changes *c)
{
	size_t i;

	c->all = w->unknown;
	c->paths = w->changed.list.n;
	c->path = xstrdup(shown_path(w));
	c->since_ms = w->since_ms;
	for (i = 0; i < w->changed.list.n && !c->all; i++)
		classify(w, w->changed.list.v[i]->name, c);
	c->all = c->all || links_exist(w->o.root);
	if (c->all)
		drop_functions(c);
	else
		qsort(c->functions.v, c->functions.n, sizeof(*c->functions.v), compare_names);
	clear_paths(&w->changed);
	w->unknown = false;
}

void watch_changes_release(struct watch_changes *c)
{
	drop_functions(c);
	free(c->path);
	*c = (struct watch_changes){0};
}

static void on_cancel(void *arg)
{
	struct watch *w = arg;

	w->ready = true;
}

int watch_wait(struct watch *w, struct watch_changes *changes, struct err *e)
{
	struct loop_cancel *cancel = loop_on_cancel(w->o.loop, on_cancel, w);

	*changes = (struct watch_changes){0};
	w->ready = w->gone;
	if (has_changes(w))
		wait_for_quiet(w);
	loop_run_until(w->o.loop, &w->ready);
	loop_cancel_stop(cancel);
	if (loop_interrupted(w->o.loop))
		return err_set(e, ERR_CANCELLED, "interrupted");
	if (w->gone)
		return err_set(e, ERR_SYSTEM, "the project's folder is gone");
	take_changes(w, changes);
	return 0;
}

/* ---- builds ---- */

void watch_pause(struct watch *w)
{
	w->paused = true;
}

static bool is_of_build(const struct watch *w, const char *path,
			bool (*built)(void *arg, struct str function), void *arg)
{
	struct str function = STR("");

	if (affected_by(str_of(path), (const char *const *)w->files.v, &function) ==
	    AFFECTED_FUNCTION)
		return built(arg, function);
	return str_starts(str_of(path), "lib/") && built(arg, STR("lib"));
}

/* Also false for what a build touched before. */
static bool is_saved_meanwhile(struct watch *w, const char *path)
{
	bool fresh;

	if (w->made.list.n >= MAX_MADE)
		clear_paths(&w->made);
	fresh = add_path(&w->made, path);
	return fresh && exists(w, path);
}

static bool is_kept(struct watch *w, const char *path,
		    bool (*built)(void *arg, struct str function), void *arg, bool *echo)
{
	if (!is_of_build(w, path, built, arg))
		return true;
	if (!is_saved_meanwhile(w, path) || w->echoes >= MAX_ECHOES)
		return false;
	*echo = true;
	return true;
}

void watch_resume(struct watch *w, bool (*built)(void *arg, struct str function), void *arg)
{
	struct paths kept = {0};
	bool echo;
	size_t i;

	loop_watch_catch_up(w->tree);
	w->unknown = w->unknown && w->echoes < MAX_ECHOES;
	echo = w->unknown;
	for (i = 0; i < w->changed.list.n; i++)
		if (is_kept(w, w->changed.list.v[i]->name, built, arg, &echo))
			add_path(&kept, w->changed.list.v[i]->name);
	w->echoes = echo ? w->echoes + 1 : 0;
	clear_paths(&w->changed);
	w->changed = kept;
	w->paused = false;
}

/* ---- life ---- */

struct watch *watch_new(const struct watch_options *o, struct err *e)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->o = *o;
	copy_files(w, o->files);
	w->timer = loop_timer_start(o->loop, WATCH_LONGEST_MS, 0, on_quiet, w);
	if (open_tree(w, e) < 0) {
		watch_free(w);
		return NULL;
	}
	return w;
}

const char *watch_looks(const struct watch *w)
{
	return loop_watch_looks(w->tree);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	loop_watch_stop(w->tree);
	loop_timer_stop(w->timer);
	clear_paths(&w->changed);
	clear_paths(&w->made);
	release_files(w);
	free(w);
}
