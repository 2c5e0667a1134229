/* local_build.h - the child process in which the local platform builds a slice */
#ifndef DOFN_LOCAL_BUILD_H
#define DOFN_LOCAL_BUILD_H
#include "command.h"

extern const struct command cmd_build_slice;
#endif
