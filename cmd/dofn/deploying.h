/* deploying.h - a deploy from a folder to a namespace, for the commands that do one */
#ifndef DOFN_DEPLOYING_H
#define DOFN_DEPLOYING_H
#include "build_flags.h"
#include "deploy/deploy.h"
#include "project_flags.h"

/* Flags that these commands share. */
struct deploy_flags {
	struct connection_flags connection;
	struct project_flags project;
	struct build_flags build;
};
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot be named in parentheses */
#define DEPLOY_OPTIONS(type, field)                                                       \
	CONNECTION_OPTIONS(type, field.connection), PROJECT_OPTIONS(type, field.project), \
		BUILD_OPTIONS(type, field.build)
/* NOLINTEND(bugprone-macro-parentheses) */

struct deploy_run {
	struct context *context;
	const struct deploy_flags *flags;
	const char *dir;
	bool force, dry_run, remote_build;
	bool prune, yes; /* yes: without a question */
	bool github;     /* add to the summary of a GitHub Actions job; without a sink only */
	/*
	 * Gets the events in place of the terminal; head, plan and result are left
	 * to its owner too.  NULL: the whole story is told.
	 */
	struct sink *sink;
	/* Called in place of deploy_project(), with what is live as a whole; or NULL. */
	int (*instead)(void *arg, const struct deploy_request *q, struct err *e);
	/* The project as it was read, before anything is done with it; or NULL. */
	void (*on_read)(void *arg, const struct project *p);
	void *arg;
	struct deploy_result result; /* zero when it came to nothing */
};

/* Reads the project, connects, plans and applies. Findings are shown in any case. */
int deploy_run(struct deploy_run *d, struct err *e) NODISCARD;
#endif
