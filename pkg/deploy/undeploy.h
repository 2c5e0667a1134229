/*
 * undeploy.h - delete functions, packages and triggers
 *
 *	struct undeploy u;
 *	undeploy_init(&u, &request);
 *	undeploy_add_function(&u, "p/f"); ...     each name once, however often it is given
 *	r = undeploy_run(&u, e);
 *	undeploy_release(&u);
 *
 * Triggers go first, so that none calls what is gone, then functions, several at
 * a time, then the packages; one that still has a function that was to go stays.
 * A failure is told and the rest goes on.
 */
#ifndef DEPLOY_UNDEPLOY_H
#define DEPLOY_UNDEPLOY_H
#include "deploy/live.h"
#include "deploy/live_triggers.h"
#include "events/events.h"

struct undeploy_request {
	struct loop *loop;
	struct whisk *whisk;
	const struct live *live; /* may be NULL when only functions are named */
	struct doapi *doapi;     /* NULL, as triggers: these are left alone */
	const struct live_triggers *triggers;
	/* DELETED, PACKAGE_DELETED, FAILED, PACKAGE_FAILED, TRIGGER, TRIGGER_FAILED */
	struct sink *sink;
};

enum doomed_kind { DOOMED_TRIGGER, DOOMED_FUNCTION, DOOMED_PACKAGE };

struct doomed {
	const char *name;
	const char *package; /* that goes with it, or NULL */
	struct undeploy *undeploy;
	enum doomed_kind kind;
	bool named; /* by the user: that it is not there is a mistake */
	bool left;  /* it, or a function of it, is still there */
};

struct undeploy {
	const struct undeploy_request *q;
	struct arena arena;
	VEC(struct doomed *) functions;
	VEC(struct doomed *) packages;
	VEC(struct doomed *) triggers;
	struct names function_names, package_names, trigger_names;
	size_t deleted, failed;
	size_t next, waiting;
	bool idle, cancelled;
};

void undeploy_init(struct undeploy *u, const struct undeploy_request *q);
/* "p/f" or "f"; "default/f" is the same as "f". */
void undeploy_add_function(struct undeploy *u, const char *name);
/* With its functions; "default": the functions without a package. */
void undeploy_add_package(struct undeploy *u, const char *name);
/* Every function and package that is live. */
void undeploy_add_all(struct undeploy *u);
/* What a list of the server showed: that it is gone by now is no mistake. */
void undeploy_add_listed_function(struct undeploy *u, const struct live_function *f);
void undeploy_add_listed_package(struct undeploy *u, const char *name);
void undeploy_add_listed_trigger(struct undeploy *u, const char *name);
bool undeploy_has_function(const struct undeploy *u, const char *name);
bool undeploy_has_package(const struct undeploy *u, const char *name);
void undeploy_add_trigger(struct undeploy *u, const char *name);
/* Those of the functions that were added. */
void undeploy_add_their_triggers(struct undeploy *u);
void undeploy_add_all_triggers(struct undeploy *u);
/*
 * -1 with ERR_REMOTE "2 of 5 could not be deleted" after each was told, or
 * ERR_CANCELLED.
 */
int undeploy_run(struct undeploy *u, struct err *e) NODISCARD;
void undeploy_release(struct undeploy *u);
#endif
