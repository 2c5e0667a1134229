#include "deploy/body.h"
#include "deploy/digest.h"
#include "deploy/jobs.h"

static void plan_package(struct package_job *pj)
{
	const struct deploy_request *q = pj->deploy->q;
	const struct live_package *live = live_package(q->live, pj->package->name);
	struct plan_wanted wanted = {.shared = pj->package->shared, .force = q->force};
	struct json *annotations;

	if (package_is_default(pj->package)) {
		pj->plan.action = PLAN_UNCHANGED;
		return;
	}
	pj->deployer = digest_package(q->project, pj->package);
	annotations = package_annotations(pj->package, NULL);
	wanted.digest = pj->deployer;
	wanted.annotations = annotations;
	plan_decide(&pj->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	json_free(annotations);
}

void plan_packages(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++)
		plan_package(&d->packages.v[i]);
}
