/*
 * prune.h - what is live and no longer in the project; for the files of deploy/ only
 *
 * With --prune it goes, after all else went well:
 * - functions in packages of the project, unless the record of their last deploy names
 *   another repository, or another project in this one;
 * - functions without a package, functions in other packages, and those packages once they
 *   are empty, when that record names this repository and project;
 * but nothing that a sequence of the project needs.  Triggers go with their functions.
 */
#ifndef DEPLOY_PRUNE_H
#define DEPLOY_PRUNE_H
#include "deploy/jobs.h"

/* Decides, after sequences and triggers are; fills result->pruned. */
void prune_plan(struct deploy *d);
/* Tells what goes, and as "extra" what stays; without --prune in packages of the project. */
void prune_tell(const struct deploy *d);
/* 0 when nothing goes, or the caller agrees. */
int prune_confirm(const struct deploy *d, struct err *e) NODISCARD;
int prune_apply(struct deploy *d, struct err *e) NODISCARD;
/* Tells that nothing is deleted, after a failure. */
void prune_skip(const struct deploy *d);
void prune_release(struct deploy *d);
#endif
