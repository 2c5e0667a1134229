/*
 * diag.h - findings about user files
 *
 * A finding has a file, a place and a text; the printed form shows the source
 * line and a caret.  Reading goes on after a finding, so that one run shows
 * them all.  Messages follow the house style: lower case, no full stop, the
 * thing in quotes, the way out.
 */
#ifndef DIAG_DIAG_H
#define DIAG_DIAG_H
#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

/* Line and column count from 1; the column counts characters, not bytes. line 0 = the file as a
 * whole. */
struct pos {
	uint32_t line, col;
};

/* A user file as text; what a finding quotes. */
struct diag_source {
	const char *name; /* as the user would write it: "project.yml" */
	struct str text;
};

enum diag_level { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag {
	enum diag_level level;
	const struct diag_source *source; /* NULL: only `path` is known */
	const char *path;                 /* name shown; never NULL */
	struct pos pos;
	const char *text;
};

struct diags {
	struct arena arena;
	VEC(struct diag) list;
	size_t errors, warnings;
};

#define DIAGS_INIT ((struct diags){0})
enum { DIAGS_MAX = 1000 }; /* findings kept; further ones are only counted */

void diags_add(struct diags *d, enum diag_level level, const struct diag_source *source,
	       struct pos pos, const char *fmt, ...) PRINTF(5, 6);
/* About a path without a place. */
void diags_add_path(struct diags *d, enum diag_level level, const char *path, const char *fmt,
		    ...) PRINTF(4, 5);
/* All findings of `from`, with memory of their own. */
void diags_copy(struct diags *to, const struct diags *from);
/* By file, line and column; findings of one place keep their order, and each comes once. */
void diags_sort(struct diags *d);
/*
 * "project.yml:12:9: error: unknown key 'functons'; did you mean 'functions'?"
 * and, when the source is known, the line and a caret under the place.  Tabs
 * are kept so that the caret lines up; control characters are made visible;
 * a long line is cut around the place.  `colour` adds SGR sequences.
 */
void diag_write(struct strbuf *out, const struct diag *d, bool colour);
/* 0, or -1 with ERR_PROJECT "N errors in the project" when there are errors. */
int diags_check(const struct diags *d, struct err *e);
void diags_release(struct diags *d);
#endif
