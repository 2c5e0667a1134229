/*
 * watch.h - waits for changes of a project's files, and tells which functions they concern
 *
 *	w = watch_new(&options, e);
 *	while (watch_wait(w, &changes, e) == 0) {
 *		watch_pause(w);
 *		... deploy changes.functions, or everything ...
 *		watch_resume(w, has_been_built, arg);
 *		watch_changes_release(&changes);
 *	}
 *	watch_free(w);
 *
 * Changes that come together are told together: a burst is over when nothing
 * came for WATCH_QUIET_MS, or after WATCH_LONGEST_MS.  Products of builds
 * (virtualenv, node_modules, __pycache__) and what never goes into an artifact
 * are not watched.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H
#include "base/str.h"
#include "base/vec.h"
#include "loop/loop.h"

enum { WATCH_QUIET_MS = 40, WATCH_LONGEST_MS = 1000 };

struct watch;

struct watch_options {
	struct loop *loop;
	int root; /* the project's; the caller's, open until the end */
	/*
	 * Paths below the root outside of packages/ and lib/ that matter, NULL at
	 * the end: a file of variables, sources that project.yml names.  Copied.
	 */
	const char *const *files;
	uint64_t look_ms; /* as in loop_watch_options */
};

struct watch_changes {
	bool all;              /* it may concern every function */
	VEC(char *) functions; /* "p/f", sorted, each once; empty when `all` */
	char *path;            /* the last that changed, for people; "" when nobody knows */
	size_t paths;          /* how many did */
	uint64_t since_ms;     /* clock_monotonic_ms() of the first change */
};

struct watch *watch_new(const struct watch_options *o, struct err *e) NODISCARD;
/* Why the files are looked at in intervals, or NULL: the system tells of changes. */
const char *watch_looks(const struct watch *w);
/* Other files than at the start matter: as in the options. */
int watch_set_files(struct watch *w, const char *const *files, struct err *e) NODISCARD;

/*
 * 0 with *changes, to be released; -1 with ERR_CANCELLED, or ERR_SYSTEM when
 * the project's folder is gone.  *changes is empty then.
 */
int watch_wait(struct watch *w, struct watch_changes *changes, struct err *e) NODISCARD;
void watch_changes_release(struct watch_changes *changes);

/*
 * Between the two a deploy runs, and what it builds changes files.  Those of
 * functions that `built` tells of ("p/f", "lib") count as made by the build
 * when they are gone again or a build touched them before; others are changes
 * like all.  So a build whose products are always others is not answered by a
 * build for ever, and a file saved in the meantime is not lost.
 */
void watch_pause(struct watch *w);
void watch_resume(struct watch *w, bool (*built)(void *arg, struct str function), void *arg);
void watch_free(struct watch *w); /* NULL is allowed */
#endif
