/* target.h - the Python of a runtime, that packages are for; private to build/ */
#ifndef BUILD_TARGET_H
#define BUILD_TARGET_H
#include "build/pythons.h"

struct python_target {
	const char *version; /* "3.11" */
	unsigned glibc;      /* of the runtime's image: the minor version of glibc 2 */
};

/*
 * That of a runtime such as "python:3.11" or "python:default"; NULL is the
 * latter.  Memory is from the arena.  False when the name does not tell it.
 */
bool target_find(struct python_target *t, struct arena *a, const char *runtime);
/* Linux on x86-64 with glibc. */
bool target_is_system_of(const struct python *python);
/* Its system and its version: it installs, and builds, what the target can load. */
bool target_is_native(const struct python_target *t, const struct python *python);
#endif
