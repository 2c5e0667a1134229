#include "loop/watch_private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/vec.h"

struct seen {
	char *path;
	mode_t mode;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

struct tree {
	VEC(struct seen) v; /* sorted by path */
};

struct looker {
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct tree tree;
};

static void release_tree(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->v.n; i++)
		free(t->v.v[i].path);
	vec_release(&t->v);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->path, ((const struct seen *)b)->path);
}

/* Of a folder only that it is there: its times tell of changes that are seen anyway. */
static void add_seen(struct tree *t, DIR *dir, const char *name, const char *path)
{
	struct seen s = {0};
	struct stat st;

	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	s.mode = st.st_mode;
	if (!S_ISDIR(st.st_mode)) {
		s.ino = st.st_ino;
		s.size = st.st_size;
		s.written = st.st_mtim;
		s.changed = st.st_ctim;
	}
	s.path = xstrdup(path);
	vec_push(&t->v, s);
}

/* Folders found are in the tree behind this one, and get their turn from there. */
static void look_into(const struct loop_watch *w, const char *folder, struct tree *t)
{
	struct strbuf path = STRBUF_INIT;
	DIR *dir = watch_enters(w, folder) ? watch_open(w->o.root, folder) : NULL;
	const struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		watch_join(&path, folder, d->d_name);
		add_seen(t, dir, d->d_name, path.buf);
	}
	if (dir)
		closedir(dir);
	strbuf_release(&path);
}

static void look(const struct loop_watch *w, struct tree *t)
{
	size_t i;

	look_into(w, "", t);
	for (i = 0; i < t->v.n; i++)
		if (S_ISDIR(t->v.v[i].mode))
			look_into(w, t->v.v[i].path, t);
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof(*t->v.v), compare_paths);
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const struct seen *a, const struct seen *b)
{
	return a->mode == b->mode && a->ino == b->ino && a->size == b->size &&
	       is_same_time(&a->written, &b->written) && is_same_time(&a->changed, &b->changed);
}

static void tell_differences(struct loop_watch *w, const struct tree *old,
			     const struct tree *new)
{
	size_t i = 0, j = 0;
	int order;

	while (i < old->v.n && j < new->v.n) {
		const struct seen *a = &old->v.v[i], *b = &new->v.v[j];

		order = compare_paths(a, b);
		if (order != 0 || !is_same(a, b))
			watch_tell(w, order <= 0 ? a->path : b->path);
		i += order <= 0;
		j += order >= 0;
	}
	while (i < old->v.n)
		watch_tell(w, old->v.v[i++].path);
	while (j < new->v.n)
		watch_tell(w, new->v.v[j++].path);
}

void looker_catch_up(struct looker *k)
{
	struct loop_watch *w = k->watch;
	struct tree now = {0};

	watch_begin(w);
	if (watch_is_gone(w)) {
		loop_timer_stop(k->timer);
		k->timer = NULL;
		watch_tell_gone(w);
	} else {
		look(w, &now);
		tell_differences(w, &k->tree, &now);
		release_tree(&k->tree);
		k->tree = now;
	}
	(void)watch_end(w);
}

static void on_time(void *arg)
{
	looker_catch_up(arg);
}

struct looker *looker_open(struct loop_watch *w, uint64_t ms)
{
	struct looker *k = xcalloc(1, sizeof(*k));

	k->watch = w;
	look(w, &k->tree);
	k->timer = loop_timer_start(w->loop, ms, ms, on_time, k);
	return k;
}

void looker_close(struct looker *k)
{
	if (!k)
		return;
	loop_timer_stop(k->timer);
	release_tree(&k->tree);
	free(k);
}
