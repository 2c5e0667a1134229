/*
 * runtime.h - tables: kinds, file name extensions, entry files
 *
 * Sources: functions.md 2.2 and 2.6 (extensions, defaults, documented kinds),
 * platform.md 3.3 to 3.6 (entry files).
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H
#include "base/strbuf.h"

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

/*
 * In these four, `kinds` are those that a host lists, NULL at the end; NULL: the
 * table above.
 */

/* One of them, or "<language>:default" of a language that one of them has. */
bool runtime_is_known(struct str kind, const char *const *kinds);
/*
 * The one meant by `kind`, for "did you mean", or NULL: the nearest; of a bare
 * language, or of another name for one ("typescript:default"), one of that language.
 */
const char *runtime_nearest(struct str kind, const char *const *kinds);
/* Appends "python:3.9, python:3.11": those of a language, of all when it is empty. */
void runtime_list(struct strbuf *out, struct str language, const char *const *kinds);
/*
 * Appends "unknown runtime 'go'; did you mean ...? known: ...", with the kinds of the
 * language where it has some.  `shown` stands for the kind when that is not to be told
 * (then kind is empty).
 */
void runtime_describe_unknown(struct strbuf *out, struct str kind, const char *shown,
			      const char *const *kinds);

/* "python" of "python:3.11" and of "python:default". */
struct str runtime_language(struct str kind);
/* "python:default" for "x.py"; NULL when the extension says nothing. */
const char *runtime_of_file(struct str name);
/*
 * The minor version of glibc 2 in the image of a kind or "<language>:default"; 0 = not known.
 * Source: users.md P1 (the images' Dockerfiles).
 */
unsigned runtime_glibc(struct str kind);
/* 11 of "python:3.11" and of "python:default"; 0 for a kind that is not known or another
 * language. */
unsigned runtime_python_minor(struct str kind);
/* True for .zip and .jar: code that is sent as it is. */
bool runtime_is_archive(struct str name);
/* The languages' keywords as doctl prints them, for `status --languages`: "python, py".
 * NULL for another language. */
const char *runtime_keywords(struct str language);
#endif
