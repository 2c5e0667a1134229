/* watch_private.h - what the files of a watch share; for no one else */
#ifndef LOOP_WATCH_PRIVATE_H
#define LOOP_WATCH_PRIVATE_H
#include "base/strbuf.h"
#include "loop/watch.h"

#include <dirent.h>

struct inotify;
struct looker;

struct loop_watch {
	struct loop *loop;
	struct loop_watch_options o;
	struct inotify *inotify; /* or NULL */
	struct looker *looker;   /* or NULL */
	const char *looks;
	bool busy, stopped; /* stopped inside a callback: freed behind it */
};

/* The caller's callbacks; nothing is called after the stop. */
bool watch_enters(const struct loop_watch *w, const char *path);
void watch_tell(struct loop_watch *w, const char *path);
void watch_tell_gone(struct loop_watch *w);
/* watch_begin() before callbacks may come; false of watch_end(): the watch is gone. */
void watch_begin(struct loop_watch *w);
bool watch_end(struct loop_watch *w);
/* From now on by looking: `why` lives as long as the program. */
void watch_fall_back(struct loop_watch *w, const char *why);

bool watch_is_gone(const struct loop_watch *w);
/* The folder as a stream, or NULL with errno; a link is none. */
DIR *watch_open(int root, const char *path);
/* Puts folder + "/" + name into *out. */
void watch_join(struct strbuf *out, const char *folder, const char *name);
bool watch_is_dir(DIR *dir, const struct dirent *d);

/* watch_inotify.c: NULL and *why when the system does not let us. */
struct inotify *inotify_open(struct loop_watch *w, const char **why) NODISCARD;
void inotify_catch_up(struct inotify *n);
void inotify_close(struct inotify *n);

/* watch_look.c */
struct looker *looker_open(struct loop_watch *w, uint64_t ms) NODISCARD;
void looker_catch_up(struct looker *k);
void looker_close(struct looker *k);
#endif
