#include "deploy/deploy.h"

#include "deploy/apply.h"
#include "deploy/keep.h"

int deploy_project(const struct deploy_request *q, struct deploy_result *result, struct err *e)
{
	struct deploy d = {.q = q, .result = result};
	int r;

	*result = (struct deploy_result){0};
	r = jobs_prepare(&d, e);
	if (r == 0 && !q->dry_run)
		r = apply(&d, e);
	keep_end(&d);
	jobs_release(&d);
	return r;
}
