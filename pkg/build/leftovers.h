/*
 * leftovers.h - temporary folders of builds that were killed; private to build/
 *
 * A build locks its own for as long as it is in use, so that those of runs that
 * go on at the same time can be told from what a killed one left.
 */
#ifndef BUILD_LEFTOVERS_H
#define BUILD_LEFTOVERS_H

#include "base/base.h"

#define VIRTUALENV_NEW "virtualenv.new-"
#define RESTORED_NEW ".dofn-new-" /* what comes from the cache */

/* The name is one of a temporary folder. */
bool leftovers_is_name(const char *name);
/* A descriptor that keeps the folder locked until it is closed; -1 where that does not work. */
int leftovers_lock(const char *path);
/* Removes those of the folder that no one holds, and that are older than a minute: a newer one
 * may be about to be locked.  What cannot be removed stays. */
void leftovers_remove(int folder);
#endif
