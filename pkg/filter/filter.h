/*
 * filter.h - which files of a function go into its artifact, under which name
 *
 * .ignore is gitignore relative to the function's folder, case-sensitive.
 * .include is a list of paths: nothing else goes in; an item resolves inside
 * the function's folder or the project's lib/.  Both: functions.md 2.3 to 2.5
 * with design decision 4.  A function has at most one of the two.
 */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "diag/diag.h"

/* One line of an .ignore file, or a built-in rule (line 0). */
struct filter_rule {
	struct str text;    /* as written */
	struct str pattern; /* without '!', anchoring slash and trailing slash */
	uint32_t line;
	bool negated, directory_only, anchored;
};

/* gitignore(5) over one folder; parse keeps slices of text. */
struct ignore {
	VEC(struct filter_rule) rules;
};

enum { IGNORE_MAX_BYTES = 1024 * 1024 };

void ignore_init(struct ignore *ig);
void ignore_parse(struct ignore *ig, struct str text);
void ignore_release(struct ignore *ig);
/*
 * The last rule that matches path itself (relative, no leading slash), or
 * NULL.  Whether a parent directory is left out is the walker's business, as
 * in git: a file below an ignored directory is never asked for.
 */
const struct filter_rule *ignore_match(const struct ignore *ig, struct str path,
				       bool directory);

/* Names that never go in, wherever they are (functions.md 2.4): NULL, or why not. */
const char *filter_never(struct str path, bool directory);

/* A file of the artifact. */
struct filter_file {
	struct str path; /* below the project's root, to open it */
	struct str name; /* in the artifact */
	bool executable;
	uint64_t size;
	struct timespec mtime;
};

struct filter_list {
	VEC(struct filter_file) files; /* sorted by name bytes; names are unique */
	VEC(const char *) notes;       /* warnings for the user, in a's memory */
};

/*
 * The artifact's files of the function folder `folder` (below the project's
 * root).  Reads .include or .ignore there.  Strings are from a.  *e is
 * ERR_PROJECT with the path in it: no files, an include item that is missing,
 * absolute, outside, or two items of one name; whatever fs_walk() refuses.
 * A FIFO, socket or device in the folder that is not ignored is an error too.
 */
int filter_collect(struct arena *a, int root, const char *folder, struct filter_list *list,
		   struct err *e) NODISCARD;
void filter_list_release(struct filter_list *list);
#endif
