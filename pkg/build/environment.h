/* environment.h - what of the user's environment a build script gets to see */
#ifndef BUILD_ENVIRONMENT_H
#define BUILD_ENVIRONMENT_H
#include "base/arena.h"
#include "base/strbuf.h"

struct json;

/*
 * The variables of `all` (NULL at the end) but credentials and what changes
 * how bash starts, plus PIP_NO_COMPILE=0, which means --no-compile, unless it is set: bytecode
 * from the build holds times and paths of this machine, which the runtime takes for stale and
 * which make every build another archive.  Those of `more` (an object of strings, or NULL)
 * are there in any case, in place of others of their names: a user listed them for builds.
 * The names in `pass` (NULL at the end, or NULL) are not withheld.
 * All memory is from the arena or of `all`.
 */
const char *const *build_environment(struct arena *a, char *const *all, const struct json *more,
				     const char *const *pass);
/* Appends "A_TOKEN, B_KEY": the names of `all` that build_environment() leaves out. */
void environment_list_withheld(struct strbuf *out, char *const *all, const struct json *more,
			       const char *const *pass);
/* The value of `name`, or NULL. */
const char *environment_value(const char *const *env, const char *name);
#endif
