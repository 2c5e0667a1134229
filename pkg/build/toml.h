/*
 * toml.h - what a pyproject.toml says about the packages it needs; private to build/
 *
 * Reads TOML 1.0 as far as that takes: keys, tables, strings and the nesting of
 * values; numbers and dates are passed over.  pip's own parser reads the file
 * when something is installed, and says what is wrong with it; here reading
 * ends at what is no TOML.
 */
#ifndef BUILD_TOML_H
#define BUILD_TOML_H
#include "base/str.h"

struct toml_dependencies {
	bool listed;  /* project.dependencies has an item */
	bool dynamic; /* project.dynamic has "dependencies": another file lists them */
	bool poetry;  /* tool.poetry.dependencies has a package, not only "python" */
};

struct toml_dependencies toml_dependencies(struct str text);
#endif
