/* firing.h - the stored triggers of an API, called when they are due */
#ifndef PLATFORM_FIRING_H
#define PLATFORM_FIRING_H
#include "platform/api_call.h"
#include "platform/triggers.h"

/* As scheduler_options.fire; arg is the struct api. */
bool firing_fire(void *arg, const struct trigger_row *t);
/* "pkg/fn" or "fn" ("default/fn" too) in two parts, in the arena; false for what is neither. */
bool firing_split(struct arena *a, const char *function, const char **package,
		  const char **name);
#endif
