/* modules.h - which files are modules, and where their bytecode lies; private to bytecode/ */
#ifndef BYTECODE_MODULES_H
#define BYTECODE_MODULES_H
#include "base/arena.h"
#include "filter/filter.h"

/* "3.11" of "python:3.11" and of "python:default"; NULL for another language. */
const char *modules_version(struct arena *a, const char *runtime);
/*
 * The file i can be imported: of the function's own, or in the site-packages of its virtualenv
 * that the runtime activates.
 */
bool modules_has(const struct filter_list *list, size_t i, const char *version);
/* "a/__pycache__/b.cpython-311.pyc" of "a/b.py". */
const char *modules_bytecode_name(struct arena *a, struct str name, const char *version);
#endif
