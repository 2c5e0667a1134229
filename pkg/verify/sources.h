/* sources.h - the files of a function by name, and their text; for verify/ and sizes/ */
#ifndef VERIFY_SOURCES_H
#define VERIFY_SOURCES_H
#include "verify/verify.h"

/* A source file that is larger is not looked into. */
enum { SOURCE_MAX = 4 * 1024 * 1024 };

/* The first file whose name is not before `name`: files of one prefix stand together. */
size_t sources_lower_bound(const struct filter_list *list, struct str name);
/* The file of this name, or NULL. */
const struct filter_file *sources_find(const struct filter_list *list, struct str name);
/* Whether a file is below the folder, which ends with a slash. */
bool sources_has_folder(const struct filter_list *list, struct str folder);
/* The text of a file in `a`; false when it cannot be read or is too large. */
bool sources_read(const struct verify *v, const struct filter_file *file, struct arena *a,
		  struct str *text);
/* A finding's source, with copies in d's memory. */
const struct diag_source *sources_quote(const struct filter_file *file, struct str text,
					struct diags *d);
#endif
