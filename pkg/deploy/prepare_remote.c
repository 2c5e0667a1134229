#include "deploy/jobs.h"

#include <string.h>

int jobs_choose_remote(struct deploy *d, struct err *e)
{
	const struct deploy_request *q = d->q;
	size_t i;

	for (i = 0; i < d->jobs.n; i++) {
		struct job *job = &d->jobs.v[i];

		if (remote_choose(q->project, job->function, q->remote_build, &job->remote, e) <
		    0)
			return -1;
	}
	return 0;
}

/* What a plan compares: of the code only what it is made of. */
static void describe(struct job *job)
{
	struct artifact *a = &job->artifact;

	*a = (struct artifact){.binary = true, .zipped = true};
	a->runtime = job->slice.runtime;
	a->files = job->slice.files.n;
	memcpy(a->content, job->slice.digest, sizeof(a->content));
}

int job_list_slice(struct job *job, struct err *e)
{
	const struct deploy_request *q = job->deploy->q;
	size_t i;

	if (slice_list(q->project, job->function, job->remote, &job->slice, e) < 0)
		return -1;
	for (i = 0; i < job->slice.notes.n; i++)
		sink_warning(q->sink, job->name, "%s", job->slice.notes.v[i]);
	describe(job);
	return 0;
}

static bool is_value(const char *change)
{
	static const char *const values[] = {"parameters", "variables", "limits"};
	size_t i;

	for (i = 0; i < countof(values); i++)
		if (strcmp(change, values[i]) == 0)
			return true;
	return false;
}

bool job_is_built_remotely(const struct job *job)
{
	size_t i;

	if (!job->remote || job->plan.action != PLAN_UPDATE)
		return job->remote && job->plan.action == PLAN_CREATE;
	for (i = 0; i < job->plan.changes.n; i++)
		if (!is_value(job->plan.changes.v[i]))
			return true;
	return false;
}
