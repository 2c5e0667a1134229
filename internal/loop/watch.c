#include "loop/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/watch_private.h"

enum { LOOK_MS = 1000 };

bool watch_enters(const struct loop_watch *w, const char *path)
{
	return !w->stopped && (!w->o.enter || w->o.enter(w->o.arg, path));
}

void watch_tell(struct loop_watch *w, const char *path)
{
	if (!w->stopped)
		w->o.changed(w->o.arg, path);
}

void watch_tell_gone(struct loop_watch *w)
{
	if (!w->stopped)
		w->o.gone(w->o.arg);
}

static void release(struct loop_watch *w)
{
	inotify_close(w->inotify);
	looker_close(w->looker);
	free(w);
}

void watch_begin(struct loop_watch *w)
{
	w->busy = true;
}

bool watch_end(struct loop_watch *w)
{
	w->busy = false;
	if (!w->stopped)
		return true;
	release(w);
	return false;
}

bool watch_is_gone(const struct loop_watch *w)
{
	struct stat st;

	return fstat(w->o.root, &st) < 0 || st.st_nlink == 0;
}

DIR *watch_open(int root, const char *path)
{
	int fd = openat(root, *path ? path : ".",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
	    saved;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0) {
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return dir;
}

void watch_join(struct strbuf *out, const char *folder, const char *name)
{
	strbuf_reset(out);
	strbuf_adds(out, folder);
	if (*folder)
		strbuf_addc(out, '/');
	strbuf_adds(out, name);
}

bool watch_is_dir(DIR *dir, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	return fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

void watch_fall_back(struct loop_watch *w, const char *why)
{
	inotify_close(w->inotify);
	w->inotify = NULL;
	w->looks = why;
	w->looker = looker_open(w, w->o.look_ms ? w->o.look_ms : LOOK_MS);
}

struct loop_watch *loop_watch_start(struct loop *l, const struct loop_watch_options *o,
				    struct err *e)
{
	struct loop_watch *w;
	const char *why = "so it was asked for";
	DIR *root = watch_open(o->root, "");

	if (!root) {
		err_sys(e, "cannot watch the folder");
		return NULL;
	}
	closedir(root);
	w = xcalloc(1, sizeof(*w));
	w->loop = l;
	w->o = *o;
	if (!o->look_ms)
		w->inotify = inotify_open(w, &why);
	if (!w->inotify)
		watch_fall_back(w, why);
	return w;
}

const char *loop_watch_looks(const struct loop_watch *w)
{
	return w->looks;
}

void loop_watch_catch_up(struct loop_watch *w)
{
	if (w->inotify)
		inotify_catch_up(w->inotify);
	else
		looker_catch_up(w->looker);
}

void loop_watch_stop(struct loop_watch *w)
{
	if (!w)
		return;
	w->stopped = true;
	if (!w->busy)
		release(w);
}
