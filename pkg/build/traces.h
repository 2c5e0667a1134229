/*
 * traces.h - what installers of Python packages write about this machine; private to build/
 */
#ifndef BUILD_TRACES_H
#define BUILD_TRACES_H
#include "base/err.h"

/*
 * In the folder of installed packages: scripts in bin/ start with
 * "#!/usr/bin/env python3" instead of the path of this machine's Python; what uv
 * keeps for itself (.lock, and uv_cache.json and uv_build.json of a package) is
 * removed; the lists of files (RECORD) say so.  Without this the same packages
 * would make another artifact on every machine.
 */
int traces_remove(int folder, const char *packages, struct err *e) NODISCARD;
#endif
