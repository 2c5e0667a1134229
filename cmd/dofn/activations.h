/* activations.h - what the subcommands of `dofn activations` share */
#ifndef DOFN_ACTIVATIONS_H
#define DOFN_ACTIVATIONS_H
#include "command.h"

enum { ACTIVATIONS_MAX = 200 }; /* a server lists at most so many at once */

extern const struct command cmd_activations_get, cmd_activations_logs, cmd_activations_result;

/* "=== ID STATUS DATE FUNCTION:VERSION", the end time in the local zone. */
void activation_print_banner(struct context *c, const struct json *activation);
/* One line each; stripped of time and stream when asked. */
void activation_print_logs(struct context *c, const struct json *lines, bool stripped);
#endif
