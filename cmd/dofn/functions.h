/* functions.h - the subcommands of `dofn functions` that have a file of their own */
#ifndef DOFN_FUNCTIONS_H
#define DOFN_FUNCTIONS_H
#include "command.h"

extern const struct command cmd_functions_get, cmd_functions_invoke;
#endif
