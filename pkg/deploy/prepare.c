#include "deploy/jobs.h"

#include <stdlib.h>

#include "deploy/body.h"
#include "deploy/digest.h"

static void tell_packed(struct job *job)
{
	struct artifact *a = &job->artifact;
	struct event ev = {
		.type = EVENT_PACKED,
		.function = job->name,
		.bytes = a->code.len,
		.count = a->files,
		.text = str_of(a->digest),
	};
	size_t i;

	for (i = 0; i < a->notes.n; i++)
		sink_warning(job->deploy->q->sink, job->name, "%s", a->notes.v[i]);
	sink_emit(job->deploy->q->sink, &ev);
}

static void plan_function(struct job *job)
{
	const struct deploy_request *q = job->deploy->q;
	const struct live_function *live = live_function(q->live, job->name);
	struct json *annotations, *limits = limits_body(&job->function->limits);
	struct plan_wanted wanted = {
		.limits = limits, .runtime = job->artifact.runtime, .force = q->force};

	job->deployer = digest_function(q->project, job->function, &job->artifact);
	annotations = function_annotations(job->function, NULL);
	wanted.digest = job->deployer;
	wanted.annotations = annotations;
	plan_decide(&job->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	if (job->plan.action == PLAN_UNCHANGED || q->dry_run)
		job_release_artifact(job); /* memory is for what will be sent */
	json_free(annotations);
	json_free(limits);
}

static int build_functions(const struct deploy *d, struct err *e)
{
	const struct build b = {d->q->loop, d->q->project, d->q->sink, d->q->build};
	const struct function **fs = xcalloc(d->jobs.n, sizeof(struct function *));
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; i < d->jobs.n; i++)
		if (!d->jobs.v[i].remote)
			fs[n++] = d->jobs.v[i].function;
	if (n)
		rc = build_all(&b, fs, n, e);
	free(fs);
	return rc;
}

static int prepare_code(struct job *job, struct err *e)
{
	if (job->remote)
		return job_list_slice(job, e);
	if (pack_function(job->deploy->q->project, job->function, &job->artifact, e) < 0)
		return -1;
	job->packed = true;
	tell_packed(job);
	return 0;
}

/* Builds and packs everything, so that a broken function stops the deploy before it began. */
static int pack_all(struct deploy *d, struct err *e)
{
	size_t i;

	if (jobs_choose_remote(d, e) < 0 || build_functions(d, e) < 0)
		return -1;
	for (i = 0; i < d->jobs.n; i++) {
		struct job *job = &d->jobs.v[i];

		if (prepare_code(job, e) < 0)
			return -1;
		plan_function(job);
		if (loop_interrupted(d->q->loop))
			return err_set(e, ERR_CANCELLED, "interrupted; nothing was uploaded");
	}
	return 0;
}

int jobs_prepare(struct deploy *d, struct err *e)
{
	jobs_list(d);
	if (plan_sequences(d, e) < 0 || plan_packages(d, e) < 0 || pack_all(d, e) < 0)
		return -1;
	plan_tell(d);
	return 0;
}
