/* affected.h - which functions the change of a path concerns: pure; private to watch/ */
#ifndef WATCH_AFFECTED_H
#define WATCH_AFFECTED_H
#include "base/str.h"

enum affected {
	AFFECTED_NOTHING,
	AFFECTED_FUNCTION, /* one, whose name is then in *function */
	AFFECTED_ALL,
};

/*
 * path is below the project's root; "" means any.  files: what else the project
 * takes things from (paths below the root, folders too), NULL at the end, or
 * NULL.  *function is a slice of path: "p/f", "default/f".
 */
enum affected affected_by(struct str path, const char *const *files, struct str *function);
/* A folder of products of builds and installers, and of what Python leaves beside sources. */
bool affected_is_product(struct str name);
/* Whether anything in this folder ("" is the root) can matter. */
bool affected_enters(struct str folder, const char *const *files);
#endif
