/* shell.h - running a folder's build.sh; private to build/ */
#ifndef BUILD_SHELL_H
#define BUILD_SHELL_H
#include "build/job.h"

/* As build_all() says of build.sh. */
void shell_build(struct job *job);
#endif
