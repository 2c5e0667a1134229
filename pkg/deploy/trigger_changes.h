/* trigger_changes.h - what an update of a trigger has to change: pure */
#ifndef DEPLOY_TRIGGER_CHANGES_H
#define DEPLOY_TRIGGER_CHANGES_H
#include "deploy/live_triggers.h"
#include "deploy/plan.h"

/*
 * Adds "cron", "body" and "enabled" to the item's changes where the live trigger
 * is not what is wanted.  A body without members is none, and numbers are equal
 * by their value: the server may write them in its own way.
 */
void trigger_changes(struct plan_item *item, const struct trigger *wanted,
		     const struct live_trigger *live);
#endif
