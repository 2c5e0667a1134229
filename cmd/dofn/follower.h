/*
 * follower.h - the logs of functions beside something else that runs
 *
 * Following asks the server again and again, which this program cannot do
 * while it deploys; so a second one does it, `dofn activations logs --follow`, and its
 * lines come through here.
 */
#ifndef DOFN_FOLLOWER_H
#define DOFN_FOLLOWER_H
#include "command.h"

struct follower;

/* NULL and *e when it cannot be started.  Its end is told as a warning. */
struct follower *follower_start(struct context *c, const struct connection_flags *flags,
				struct err *e) NODISCARD;
/* Ends it, and runs the loop until that is done. NULL is allowed. */
void follower_stop(struct follower *f);
#endif
