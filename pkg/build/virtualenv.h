/*
 * virtualenv.h - installing a Python function's requirements without a script
 *
 * Private to build/.  Makes the folder that the runtime activates (platform.md
 * 3.3): virtualenv/bin/activate_this.py and
 * virtualenv/lib/pythonX.Y/site-packages, X.Y of the function's runtime, with
 * packages for its system whatever this machine is: Linux on x86-64 with the
 * glibc of its image.
 */
#ifndef BUILD_VIRTUALENV_H
#define BUILD_VIRTUALENV_H
#include "build/job.h"

/*
 * The new folder takes the place of the old one when it is complete; one that
 * was not made by dofn (it has no file .dofn) is kept, and a note says so.  ERR_BUILD when pip
 * fails or neither pip nor uv is there.
 */
void virtualenv_build(struct job *job);
#endif
