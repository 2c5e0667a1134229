/* choose.h - what a folder that has no build lacks; private to build/ */
#ifndef BUILD_CHOOSE_H
#define BUILD_CHOOSE_H
#include "build/job.h"

/* A warning when its packages are named only where nobody reads them. */
void choose_tell_unread(const struct job *job);
#endif
