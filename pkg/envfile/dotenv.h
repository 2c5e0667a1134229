/* dotenv.h - lines of NAME=value; private to envfile/ */
#ifndef ENVFILE_DOTENV_H
#define ENVFILE_DOTENV_H
#include "envfile/envfile.h"

/* Appends the variables of text (no NUL in it) as a JSON object, which may hold a name twice.
 */
void dotenv_write_json(struct strbuf *out, struct arena *a, const char *name, struct str text,
		       struct diags *d);
#endif
