/*
 * live_triggers.h - the triggers of a namespace, and which of them are a project's
 *
 * A trigger itself does not tell who made it, so the record of its function
 * does: the member "triggers" of the annotation `deployer` is the list of the
 * names that a project gave to it.  Only those are deleted when they are no
 * longer in project.yml; what was made by hand stays.
 */
#ifndef DEPLOY_LIVE_TRIGGERS_H
#define DEPLOY_LIVE_TRIGGERS_H
#include "deploy/live.h"
#include "doapi/doapi.h"

struct live_trigger {
	const char *name;
	const char *function;    /* "p/f", or "f" */
	const struct json *item; /* as doapi.h shows it */
};

struct live_triggers {
	struct arena arena;
	struct json *list;
	VEC(struct live_trigger *) all;
	struct names names;
};

/* Names of triggers that a project gave to the function, a list; NULL when there is none. */
const struct json *live_trigger_marks(const struct live_function *f);
/* Whether p has triggers, or had: otherwise nobody needs to ask for them. */
bool live_triggers_matter(struct project *p, const struct live *live);
/* *t is to be released in any case. */
int live_triggers_read(struct doapi *d, struct live_triggers *t, struct err *e) NODISCARD;
/* NULL when there is none of that name. */
const struct live_trigger *live_trigger(const struct live_triggers *t, const char *name);
void live_triggers_release(struct live_triggers *t);
#endif
