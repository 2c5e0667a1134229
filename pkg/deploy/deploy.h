/*
 * deploy.h - plan and apply a project to a namespace
 *
 * Everything is read, checked, built, packed and compared with what is live
 * before the first upload; a failure up to there uploads nothing.  Then the
 * packages that changed, then the functions, several in flight, and those that
 * the platform builds, then the triggers.  A failed package fails its functions
 * without asking for them, a failed function its triggers.  What the project no
 * longer has is deleted when all of that went well.
 */
#ifndef DEPLOY_DEPLOY_H
#define DEPLOY_DEPLOY_H
#include "build/build.h"
#include "deploy/live.h"
#include "deploy/live_triggers.h"
#include "events/events.h"
#include "history/history.h"
#include "loop/loop.h"
#include "project/project.h"
#include "whisk/whisk.h"

struct deploy_triggers {
	size_t deployed, unchanged, deleted, failed;
};

/* What the project no longer has and --prune deletes. */
struct deploy_pruned {
	size_t functions, packages, triggers; /* in the plan */
	size_t failed;                        /* of them */
};

struct deploy_result {
	size_t deployed, unchanged, failed; /* functions */
	struct deploy_triggers triggers;
	struct deploy_pruned pruned;
	size_t changes; /* in the plan: what is to be created, updated or deleted */
	bool begun;     /* to be uploaded, whatever came of it */
};

struct deploy_request {
	struct loop *loop;
	struct project *project;
	struct whisk *whisk;
	const struct live *live;
	const char *namespace; /* what the server said; for URLs */
	/* NULL: triggers are left alone, those of the project too */
	struct doapi *doapi;
	const struct live_triggers *triggers;
	struct history_writer *history; /* keeps what goes live, or NULL */
	struct sink *sink;
	bool partial; /* the project holds more than what is deployed: --include, --exclude */
	bool prune; /* delete what the project no longer has; live is whole; not with partial */
	/*
	 * Asked after the plan when something is to be deleted; what it refuses ends
	 * the deploy before anything is uploaded.  NULL agrees.
	 */
	int (*confirm)(void *arg, const struct deploy_pruned *what, struct err *e);
	void *confirm_arg;
	bool force;        /* upload also what is unchanged */
	bool dry_run;      /* end after the plan */
	bool keep_code;    /* of a dry run, in the spool: for jobs_prepare() alone */
	bool remote_build; /* of every function that has a build and does not say localBuild */
	struct build_options build;
};

/*
 * 0 when every function is live, or the plan was all that was asked for.  -1 with *e: a failure
 * before the upload, or ERR_REMOTE "2 of 14 functions failed" after each was told to the sink.
 */
int deploy_project(const struct deploy_request *q, struct deploy_result *result,
		   struct err *e) NODISCARD;
#endif
