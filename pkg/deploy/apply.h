/*
 * apply.h - the steps that make a plan live, one after another; for the files of
 * deploy/ only
 *
 * A step is a file of its own: it sends what its part of the plan needs, and
 * waits until all of it is answered.  What fails is told to the sink and noted
 * in its job, and the step goes on with the rest: -1 with *e only when the
 * steps behind it must not be tried (ERR_CANCELLED).
 */
#ifndef DEPLOY_APPLY_H
#define DEPLOY_APPLY_H
#include "deploy/jobs.h"

/* The steps, in order; a new one takes a line in the table of apply.c. */
int apply_packages(struct deploy *d, struct err *e) NODISCARD;
int apply_bindings(struct deploy *d, struct err *e) NODISCARD;
int apply_functions(struct deploy *d, struct err *e) NODISCARD;
int apply_remote(struct deploy *d, struct err *e) NODISCARD;
int apply_sequences(struct deploy *d, struct err *e) NODISCARD;
int apply_triggers(struct deploy *d, struct err *e) NODISCARD;
int apply_versions(struct deploy *d, struct err *e) NODISCARD;

/* All of them.  -1 with *e also when something failed: how much. */
int apply(struct deploy *d, struct err *e) NODISCARD;

/* For the steps: one request more is under way; one is answered, with failure or NULL. */
void apply_sent(struct deploy *d);
void apply_answered(struct deploy *d, const struct err *failure);
/* Runs the loop until everything is answered; -1 with ERR_CANCELLED. */
int apply_wait(struct deploy *d, struct err *e) NODISCARD;

/* The fate of a function: live now, live already, or failed (noted in the job). */
void apply_tell_deployed(struct job *job, const struct json *answer);
void apply_tell_unchanged(struct job *job);
void apply_tell_failed(struct job *job, const char *why);
/* After an interruption: of triggers that nothing is known of yet, that it is so. */
void apply_tell_missed_triggers(struct deploy *d);
/* True, and told, when the package of the function could not be written. */
bool apply_package_failed(struct job *job);
#endif
