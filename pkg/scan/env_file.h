/*
 * env_file.h - values for ${NAME} from the project's .env
 *
 * Lines of NAME=value as dotenv reads them: "export " in front is fine, '#'
 * begins a comment, a value in single, double or back quotes is taken whole
 * and only in double quotes "\n" is a line break.  A value stays in its line.
 */
#ifndef SCAN_ENV_FILE_H
#define SCAN_ENV_FILE_H
#include "base/arena.h"
#include "base/vec.h"
#include "diag/diag.h"

enum { ENV_FILE_MAX_BYTES = 1024 * 1024 };

struct env_variable {
	struct str name;
	const char *value;
};

struct env_file {
	VEC(struct env_variable) variables;
};

/* A line that is none of these is a warning in d without its text, which may be a secret. */
void env_file_parse(struct env_file *env, struct arena *a, const struct diag_source *source,
		    struct diags *d);
/* The last value of that name, or NULL. */
const char *env_file_get(const struct env_file *env, const char *name);
void env_file_release(struct env_file *env);
#endif
