/*
 * undeploy.h - delete functions and packages
 *
 *	struct undeploy u;
 *	undeploy_init(&u, &request);
 *	undeploy_add_function(&u, "p/f"); ...     each name once, however often it is given
 *	r = undeploy_run(&u, e);
 *	undeploy_release(&u);
 *
 * Functions go first, several at a time, then the packages; one that still has
 * a function that was to go stays.  A failure is told and the rest goes on.
 */
#ifndef DEPLOY_UNDEPLOY_H
#define DEPLOY_UNDEPLOY_H
#include "deploy/live.h"
#include "events/events.h"

struct undeploy_request {
	struct loop *loop;
	struct whisk *whisk;
	const struct live *live; /* may be NULL when only functions are named */
	struct sink *sink;       /* DELETED, PACKAGE_DELETED, FAILED, PACKAGE_FAILED */
};

struct doomed {
	const char *name;
	const char *package; /* that goes with it, or NULL */
	struct undeploy *undeploy;
	bool is_package;
	bool named; /* by the user: that it is not there is a mistake */
	bool left;  /* it, or a function of it, is still there */
};

struct undeploy {
	const struct undeploy_request *q;
	struct arena arena;
	VEC(struct doomed *) functions;
	VEC(struct doomed *) packages;
	struct names function_names, package_names;
	size_t deleted, failed;
	size_t next, waiting;
	bool idle, cancelled;
};

void undeploy_init(struct undeploy *u, const struct undeploy_request *q);
/* "p/f" or "f"; "default/f" is the same as "f". */
void undeploy_add_function(struct undeploy *u, const char *name);
/* With its functions; "default": the functions without a package. */
void undeploy_add_package(struct undeploy *u, const char *name);
/* Everything that is live. */
void undeploy_add_all(struct undeploy *u);
/*
 * -1 with ERR_REMOTE "2 of 5 could not be deleted" after each was told, or
 * ERR_CANCELLED.
 */
int undeploy_run(struct undeploy *u, struct err *e) NODISCARD;
void undeploy_release(struct undeploy *u);
#endif
