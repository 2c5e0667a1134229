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
	size_t i;
	int rc;

	for (i = 0; i < d->jobs.n; i++)
		fs[i] = d->jobs.v[i].function;
	rc = build_all(&b, fs, d->jobs.n, e);
	free(fs);
	return rc;
}

/* Builds and packs everything, so that a broken function stops the deploy before it began. */
static int pack_all(struct deploy *d, struct err *e)
{
	size_t i;

	if (build_functions(d, e) < 0)
		return -1;
	for (i = 0; i < d->jobs.n; i++) {
		struct job *job = &d->jobs.v[i];

		if (pack_function(d->q->project, job->function, &job->artifact, e) < 0)
			return -1;
		job->packed = true;
		tell_packed(job);
		plan_function(job);
		if (loop_interrupted(d->q->loop))
			return err_set(e, ERR_CANCELLED, "interrupted; nothing was uploaded");
	}
	return 0;
}

int jobs_prepare(struct deploy *d, struct err *e)
{
	jobs_list(d);
	if (pack_all(d, e) < 0)
		return -1;
	plan_packages(d);
	plan_tell(d);
	return 0;
}
