/*
 * python.h - which Python interpreter runs a kind
 *
 * An interpreter is asked for its version and its real path, because a name in
 * PATH may be a shim that runs something else, or nothing.  Answers are kept;
 * that there is none is asked again, as the user may have installed it since.
 */
#ifndef PLATFORM_PYTHON_H
#define PLATFORM_PYTHON_H
#include "base/str.h"
#include "loop/loop.h"
#include "json/json.h"

struct pythons;

enum python_state {
	PYTHON_UNKNOWN, /* being looked for: `changed` will be called */
	PYTHON_FOUND,
	PYTHON_MISSING,
};

struct python {
	const char *kind;
	enum python_state state;
	const char *program; /* when found: absolute path */
	const char *notice;  /* when it is another version than the kind's, or NULL */
	const char *problem; /* when missing: what to tell the user */
};

/* changed: some kind is no longer unknown; also after pythons_stop(). */
struct pythons *pythons_new(struct loop *l, void (*changed)(void *arg), void *arg);
/* Starts the search when the kind was not asked for before. Valid until pythons_forget(). */
const struct python *pythons_get(struct pythons *all, const char *kind);
/* The next pythons_get() searches again. Not while the state is unknown. */
void pythons_forget(struct pythons *all, const char *kind);
/* One text a kind asked for so far, appended to the array. */
void pythons_describe(const struct pythons *all, struct json *array);
/* Ends searches under way. */
void pythons_stop(struct pythons *all);
bool pythons_are_searching(const struct pythons *all);
/* No search may be under way. */
void pythons_free(struct pythons *all);
#endif
