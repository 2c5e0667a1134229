/*
 * runtime.h - tables: kinds, file name extensions, entry files
 *
 * Sources: functions.md 2.2 and 2.6 (extensions, defaults, documented kinds),
 * platform.md 3.3 to 3.6 (entry files).
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H
#include "base/str.h"

struct runtime {
	const char *kind;     /* "python:3.11" */
	const char *language; /* "python" */
	/*
	 * Of its language.  A server resolves "<language>:default" itself; this is
	 * what the local platform takes and `status` shows.  The documentation names
	 * no defaults: go, nodejs and php have those that doctl and its deployer show;
	 * python has 3.11, which the local platform runs.
	 */
	bool is_default;
	bool deprecated;
};

/* Every kind the current documentation lists, NULL kind at the end. */
extern const struct runtime runtimes[];

/* An exact kind or "<language>:default"; NULL when unknown. */
const struct runtime *runtime_find(struct str kind);
/* The nearest kind for "did you mean" (of a bare language its default), or NULL. */
const char *runtime_nearest(struct str kind);
/* "python" of "python:3.11" and of "python:default". */
struct str runtime_language(struct str kind);
/* "python:default" for "x.py"; NULL when the extension says nothing. */
const char *runtime_of_file(struct str name);
/* True for .zip and .jar: code that is sent as it is. */
bool runtime_is_archive(struct str name);
/* The languages' keywords as doctl prints them, for `status --languages`: "python, py".
 * NULL for another language. */
const char *runtime_keywords(struct str language);
#endif
