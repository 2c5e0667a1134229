#include "deploy/jobs.h"

#include <stdlib.h>

#include "deploy/body.h"
#include "deploy/digest.h"
#include "deploy/prune.h"

static void tell_packed(const struct job *job)
{
	const struct artifact *a = &job->artifact;
	struct event ev = {
		.type = EVENT_PACKED,
		.function = job->name,
		.bytes = a->bytes,
		.count = a->files,
		.text = str_of(a->digest),
	};
	size_t i;

	for (i = 0; i < countof(a->remarks); i++)
		if (a->remarks[i])
			sink_note(job->deploy->q->sink, job->name, "%s", a->remarks[i]);
	sink_emit(job->deploy->q->sink, &ev);
}

static void tell_notes(const struct job *job)
{
	const struct artifact *a = &job->artifact;
	size_t i;

	for (i = 0; i < a->notes.n; i++)
		sink_warning(job->deploy->q->sink, job->name, "%s", a->notes.v[i]);
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
	job_settle_record(job);
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

static int read_files(struct job *job, struct err *e)
{
	if (job->remote)
		return job_list_slice(job, e);
	if (pack_read(&job->deploy->packer, job->function, &job->artifact, e) < 0)
		return -1;
	job->packed = true;
	tell_notes(job);
	refusals_add(&job->deploy->refused, job->deploy->q->sink, job->name, &job->artifact);
	return 0;
}

/* Not what will be refused anyway, but a single file may have more to be told. */
static bool is_made(const struct job *job)
{
	return job->plan.action != PLAN_UNCHANGED &&
	       (job->deploy->refused.errors == 0 || !job->artifact.zipped);
}

/* Memory is for what will be sent. */
static void forget_files(struct job *job)
{
	filter_list_release(&job->artifact.list);
	free(job->artifact.hashes);
	job->artifact.hashes = NULL;
}

static int make_code(struct job *job, struct err *e)
{
	struct packer *k = &job->deploy->packer;

	if (is_made(job)) {
		if (pack_make(k, job->function, &job->artifact, e) < 0)
			return -1;
		tell_packed(job);
	}
	forget_files(job);
	if (job->deploy->q->dry_run && !job->deploy->q->keep_code)
		spool_reset(&k->spool);
	return 0;
}

/* What will not be sent is not made; a plan alone makes it to see whether it can be. */
static int read_job(struct job *job, struct err *e)
{
	if (read_files(job, e) < 0)
		return -1;
	plan_function(job);
	if (job->remote)
		return 0;
	if (is_made(job))
		pack_want(&job->deploy->packer, &job->artifact);
	else
		forget_files(job);
	return 0;
}

static int check_interrupt(const struct deploy *d, struct err *e)
{
	if (loop_interrupted(d->q->loop))
		return err_set(e, ERR_CANCELLED, "interrupted; nothing was uploaded");
	return 0;
}

/* The findings of the functions behind one that is too large are to be seen, too. */
static bool is_told(const struct job *job, struct err *e)
{
	struct deploy *d = job->deploy;

	return refusals_take(&d->refused, d->q->sink, job->name, job->function, e);
}

static int read_all(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++) {
		if (check_interrupt(d, e) < 0)
			return -1;
		if (read_job(&d->jobs.v[i], e) < 0 && !is_told(&d->jobs.v[i], e))
			return -1;
	}
	return 0;
}

static int make_all(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++) {
		if (check_interrupt(d, e) < 0)
			return -1;
		if (d->jobs.v[i].packed && make_code(&d->jobs.v[i], e) < 0 &&
		    !is_told(&d->jobs.v[i], e))
			return -1;
	}
	return 0;
}

/* Builds and packs everything, so that a broken function stops the deploy before it began. */
static int pack_all(struct deploy *d, struct err *e)
{
	if (jobs_choose_remote(d, e) < 0 || build_functions(d, e) < 0)
		return -1;
	packer_init(&d->packer, d->q->loop, d->q->project, d->q->build.jobs);
	packer_remember(&d->packer);
	if (!d->q->dry_run)
		packer_compile(&d->packer);
	if (read_all(d, e) < 0)
		return -1;
	if (d->refused.errors == 0 && pack_compile(&d->packer, e) < 0)
		return -1;
	if (make_all(d, e) < 0)
		return -1;
	return refusals_check(&d->refused, e);
}

int jobs_prepare(struct deploy *d, struct err *e)
{
	jobs_list(d);
	if (plan_sequences(d, e) < 0 || plan_packages(d, e) < 0 || pack_all(d, e) < 0)
		return -1;
	if (plan_triggers(d, e) < 0)
		return -1;
	prune_plan(d);
	plan_tell(d);
	return prune_confirm(d, e);
}
