#include "loop/watch_private.h"

#include <errno.h>
#include <stdlib.h>

#ifdef __linux__
#include <search.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/vec.h"

enum {
	/* IN_CLOSE_WRITE and not IN_MODIFY: half a file is of no use. */
	WHAT = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
	       IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
	BUFFER_SIZE = 64 * 1024,
	STILL_THERE_MS = 300,
};

struct folder {
	int id; /* of the system */
	LIST_ENTRY(folder) all;
	char *path;
};

LIST_HEAD(folder_list, folder);

struct inotify {
	struct loop_watch *watch;
	int fd;
	struct loop_poll *poll;
	struct loop_timer *still_there;
	void *by_id; /* tsearch */
	struct folder_list folders;
	struct strbuf path;
};

static int compare_ids(const void *a, const void *b)
{
	int x = ((const struct folder *)a)->id, y = ((const struct folder *)b)->id;

	return (x > y) - (x < y);
}

static struct folder *find_folder(const struct inotify *n, int id)
{
	const struct folder key = {.id = id};
	struct folder *const *found = tfind(&key, &n->by_id, compare_ids);

	return found ? *found : NULL;
}

static void forget(struct inotify *n, struct folder *f)
{
	tdelete(f, &n->by_id, compare_ids);
	LIST_REMOVE(f, all);
	free(f->path);
	free(f);
}

/* One that was moved here comes with the number it had. */
static void remember(struct inotify *n, int id, const char *path)
{
	struct folder *f = find_folder(n, id);

	if (f) {
		free(f->path);
	} else {
		f = xcalloc(1, sizeof(*f));
		f->id = id;
		LIST_INSERT_HEAD(&n->folders, f, all);
		if (!tsearch(f, &n->by_id, compare_ids))
			bug("no memory for a watch");
	}
	f->path = xstrdup(path);
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* What is moved away is no longer ours, and its paths are wrong. */
static void forget_tree(struct inotify *n, const char *path)
{
	struct folder *f, *next;

	for (f = LIST_FIRST(&n->folders); f; f = next) {
		next = LIST_NEXT(f, all);
		if (!is_below(f->path, path))
			continue;
		(void)inotify_rm_watch(n->fd, f->id);
		forget(n, f);
	}
}

struct path_list {
	VEC(char *) paths;
};

/* Its folders go to the end of the list; all of it is told when asked for. */
static void read_folder(struct inotify *n, DIR *dir, const char *folder, struct path_list *todo,
			bool tell)
{
	struct strbuf path = STRBUF_INIT;
	const struct dirent *d;

	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		watch_join(&path, folder, d->d_name);
		if (tell)
			watch_tell(n->watch, path.buf);
		if (watch_is_dir(dir, d))
			vec_push(&todo->paths, xstrdup(path.buf));
	}
	strbuf_release(&path);
}

/*
 * The watch comes before the reading, so that nothing falls between the two.
 * By the descriptor: the path may lead to something else by now.
 */
static int add_folder(struct inotify *n, const char *path, struct path_list *todo, bool tell)
{
	struct strbuf name = STRBUF_INIT;
	DIR *dir;
	int id, error;

	if (!watch_enters(n->watch, path))
		return 0;
	dir = watch_open(n->watch->o.root, path);
	if (!dir)
		return 0; /* it is gone, or not for us to read */
	strbuf_addf(&name, "/proc/self/fd/%d", dirfd(dir));
	id = inotify_add_watch(n->fd, name.buf, WHAT);
	error = errno;
	strbuf_release(&name);
	if (id >= 0) {
		remember(n, id, path);
		read_folder(n, dir, path, todo, tell);
	}
	closedir(dir);
	errno = error;
	return id < 0 ? -1 : 0;
}

static int add_tree(struct inotify *n, const char *path, bool tell)
{
	struct path_list todo = {0};
	int r = 0, saved;
	size_t i;

	vec_push(&todo.paths, xstrdup(path));
	for (i = 0; i < todo.paths.n; i++) {
		if (r == 0)
			r = add_folder(n, todo.paths.v[i], &todo, tell);
		saved = errno;
		free(todo.paths.v[i]);
		errno = saved;
	}
	vec_release(&todo.paths);
	return r;
}

static const char *explain(int error)
{
	switch (error) {
	case ENOSPC:
		return "the limit of watches is reached; raise it with 'sysctl "
		       "fs.inotify.max_user_watches=524288'";
	case EMFILE:
		return "the limit of watching programs is reached; raise it with 'sysctl "
		       "fs.inotify.max_user_instances=512'";
	default: return "the system does not tell of changes here";
	}
}

/* -1: there are more folders than the system lets us watch. */
static int take_folder_event(struct inotify *n, const struct inotify_event *ev)
{
	if (ev->mask & (IN_DELETE | IN_MOVED_FROM))
		forget_tree(n, n->path.buf);
	else if (ev->mask & (IN_CREATE | IN_MOVED_TO))
		return add_tree(n, n->path.buf, true);
	return 0;
}

static int take_event(struct inotify *n, const struct inotify_event *ev)
{
	struct folder *f = find_folder(n, ev->wd);
	bool root;
	int r = 0;

	if (ev->mask & IN_Q_OVERFLOW) {
		r = add_tree(n, "", false);
		watch_tell(n->watch, "");
		return r;
	}
	if (!f)
		return 0;
	root = *f->path == '\0' && ev->len == 0;
	if (ev->mask & IN_IGNORED) {
		forget(n, f);
		return 0;
	}
	if (root && (ev->mask & IN_MOVE_SELF))
		watch_tell_gone(n->watch);
	if (ev->len == 0)
		return 0;
	watch_join(&n->path, f->path, ev->name);
	watch_tell(n->watch, n->path.buf);
	if (ev->mask & IN_ISDIR)
		r = take_folder_event(n, ev);
	return r;
}

static int take_events(struct inotify *n, const char *p, const char *end)
{
	const struct inotify_event *ev;

	for (; p < end && !n->watch->stopped; p += sizeof(*ev) + ev->len) {
		ev = (const void *)p; /* the kernel aligns each */
		if (take_event(n, ev) < 0)
			return -1;
	}
	return 0;
}

/* What happened until the first look is not known. */
static void fall_back(struct loop_watch *w, int error)
{
	watch_fall_back(w, explain(error));
	watch_begin(w);
	watch_tell(w, "");
	(void)watch_end(w);
}

/*
 * The end of the root is no event, as its descriptor is open, but it follows
 * the removal of what was in it.
 */
static void on_quiet(void *arg)
{
	struct inotify *n = arg;

	if (!watch_is_gone(n->watch))
		return;
	watch_begin(n->watch);
	watch_tell_gone(n->watch);
	(void)watch_end(n->watch);
}

/* True when there was something and there may be more. */
static bool read_events(struct inotify *n)
{
	struct loop_watch *w = n->watch;
	_Alignas(struct inotify_event) char buffer[BUFFER_SIZE];
	ssize_t got = read(n->fd, buffer, sizeof(buffer));
	int r, error;

	if (got <= 0)
		return false;
	loop_timer_again(n->still_there, STILL_THERE_MS);
	watch_begin(w);
	r = take_events(n, buffer, buffer + got);
	error = errno;
	if (!watch_end(w))
		return false;
	if (r < 0)
		fall_back(w, error);
	return r == 0;
}

static void on_readable(void *arg, int events UNUSED)
{
	(void)read_events(arg);
}

void inotify_catch_up(struct inotify *n)
{
	while (read_events(n)) {
	}
}

struct inotify *inotify_open(struct loop_watch *w, const char **why)
{
	struct inotify *n = xcalloc(1, sizeof(*n));

	n->watch = w;
	n->path = STRBUF_INIT;
	LIST_INIT(&n->folders);
	n->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (n->fd < 0 || add_tree(n, "", false) < 0) {
		*why = explain(errno);
		inotify_close(n);
		return NULL;
	}
	n->still_there = loop_timer_start(w->loop, STILL_THERE_MS, 0, on_quiet, n);
	n->poll = loop_poll_start(w->loop, n->fd, LOOP_READ, on_readable, n);
	return n;
}

void inotify_close(struct inotify *n)
{
	if (!n)
		return;
	loop_poll_stop(n->poll);
	loop_timer_stop(n->still_there);
	while (!LIST_EMPTY(&n->folders))
		forget(n, LIST_FIRST(&n->folders));
	if (n->fd >= 0)
		(void)close(n->fd);
	strbuf_release(&n->path);
	free(n);
}

#else

struct inotify *inotify_open(struct loop_watch *w UNUSED, const char **why)
{
	*why = "this system has no inotify";
	return NULL;
}

void inotify_catch_up(struct inotify *n UNUSED)
{
}

void inotify_close(struct inotify *n UNUSED)
{
}
#endif
