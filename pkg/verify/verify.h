/*
 * verify.h - whether the files that are about to be packed make a function that starts
 *
 * Looks at the files as they would go into the artifact, after any build, and
 * runs nothing.  What certainly keeps the function from starting is an error,
 * what may is a warning; where the files do not tell, nothing is said.
 * Sources: platform.md 3.2 to 3.6 (what the runtimes do with the files),
 * functions.md 2.6 and 6.5, users.md P1, python-runtime-page.md.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H
#include "diag/diag.h"
#include "filter/filter.h"
#include "project/project.h"

struct verify {
	int root; /* the project's folder, which the paths of the list are below */
	const struct function *function;
	const struct filter_list *list;
	const char *runtime; /* kind: "python:3.11", "python:default" */
};

/*
 * Adds findings to d and touches nothing else: may run in any thread that owns
 * d.  A file that cannot be read or is too large to look into is passed over:
 * the packer says so.
 */
void verify_function(const struct verify *v, struct diags *d);
#endif
