/*
 * envfile.h - variables from a file: lines of NAME=value, or a JSON object
 *
 * Lines are read as dotenv 16 reads them (functions.md 1.8): "export " in front
 * is fine, "NAME: value" too, '#' begins a comment outside of quotes, a value
 * in single, double or back quotes may go over several lines, and in double
 * quotes "\n" and "\r" are line breaks.  Not so here: only ASCII white space
 * is white space.
 *
 * Values may be secrets: they never get into a message.
 */
#ifndef ENVFILE_ENVFILE_H
#define ENVFILE_ENVFILE_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "diag/diag.h"

struct json;

enum {
	ENVFILE_MAX_BYTES = 1024 * 1024, /* for whoever reads the file */
	ENVFILE_MAX_NAMES = 10000,
};

/*
 * The text as an object, to be freed; of equal names the last value counts.  From
 * lines all values are strings; a JSON object stays as it is.  What dotenv
 * would leave out or misread without a word is a warning about `name` in d,
 * whose memory is from a.  NULL with ERR_PROJECT, which does not say the name.
 */
struct json *envfile_parse(struct arena *a, const char *name, struct str text, struct diags *d,
			   struct err *e) NODISCARD;

struct envfile {
	struct json *values; /* object of strings without NUL */
	VEC(const struct json *) sorted;
};

/* The same, with values that are no strings as their JSON text. */
int envfile_read(struct envfile *env, struct arena *a, const char *name, struct str text,
		 struct diags *d, struct err *e) NODISCARD;
/* NULL when there is none of that name. */
const char *envfile_get(const struct envfile *env, const char *name);
size_t envfile_count(const struct envfile *env);
/* The object of strings, to be freed; *env is empty after. */
struct json *envfile_detach(struct envfile *env) NODISCARD;
void envfile_release(struct envfile *env);
#endif
