/*
 * deploy.h - plan and apply a project to a namespace
 *
 * Everything is read, checked, built and packed before the first upload; a
 * failure up to there uploads nothing.  Then packages, then functions, several
 * in flight.  A failed package fails its functions without asking for them.
 */
#ifndef DEPLOY_DEPLOY_H
#define DEPLOY_DEPLOY_H
#include "events/events.h"
#include "loop/loop.h"
#include "project/project.h"
#include "whisk/whisk.h"

struct deploy_result {
	size_t deployed, failed;
};

struct deploy_request {
	struct loop *loop;
	struct project *project;
	struct whisk *whisk;
	const char *namespace; /* what the server said; for URLs */
	struct sink *sink;
};

/*
 * 0 when every function is live.  -1 with *e: a failure before the upload, or
 * ERR_REMOTE "2 of 14 functions failed" after each was told to the sink.
 */
int deploy_project(const struct deploy_request *q, struct deploy_result *result,
		   struct err *e) NODISCARD;
#endif
