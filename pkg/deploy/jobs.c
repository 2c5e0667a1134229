#include "deploy/jobs.h"

#include <stdlib.h>

void jobs_list(struct deploy *d)
{
	struct project *p = d->q->project;
	struct job job = {.deploy = d};
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		struct package *pkg = p->packages.v[i];

		vec_push(&d->packages, ((struct package_job){.deploy = d, .package = pkg}));
		job.package = i;
		for (j = 0; j < pkg->functions.n; j++) {
			job.function = pkg->functions.v[j];
			job.name = function_full_name(p, job.function);
			vec_push(&d->jobs, job);
		}
	}
}

void job_release_artifact(struct job *job)
{
	if (job->packed)
		artifact_release(&job->artifact);
	job->packed = false;
}

void jobs_release(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++) {
		job_release_artifact(&d->jobs.v[i]);
		plan_item_release(&d->jobs.v[i].plan);
		json_free(d->jobs.v[i].deployer);
		slice_release(&d->jobs.v[i].slice);
	}
	for (i = 0; i < d->packages.n; i++) {
		plan_item_release(&d->packages.v[i].plan);
		json_free(d->packages.v[i].deployer);
		free(d->packages.v[i].failure);
	}
	json_free(d->origin);
	vec_release(&d->jobs);
	vec_release(&d->packages);
}
