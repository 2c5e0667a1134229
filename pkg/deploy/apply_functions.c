#include "deploy/apply.h"
#include "deploy/upload.h"

static void put_more(struct deploy *d);

static void action_put(void *arg, struct json *answer, struct err *failure)
{
	struct job *job = arg;

	upload_body_free(job->body);
	job->body = NULL;
	apply_answered(job->deploy, failure);
	if (!failure)
		apply_tell_deployed(job, answer);
	else if (failure->code != ERR_CANCELLED)
		apply_tell_failed(job, failure->msg);
	put_more(job->deploy);
}

static void tell_progress(void *arg, uint64_t sent, uint64_t total)
{
	const struct job *job = arg;
	const struct event ev = {
		.type = EVENT_UPLOADING, .function = job->name, .bytes = sent, .total = total};

	sink_emit(job->deploy->q->sink, &ev);
}

static void send_action(struct deploy *d, struct job *job)
{
	struct upload u = {.artifact = &job->artifact,
			   .deployer = job->deployer,
			   .stale = job->plan.stale.v,
			   .stale_n = job->plan.stale.n,
			   .reset = job->plan.reset};
	struct err e = ERR_INIT;

	job->body = upload_body_new(&d->packer.spool, d->q->project, job->function, &u, &e);
	job_release_artifact(job);
	if (!job->body) {
		apply_tell_failed(job, e.msg);
		err_clear(&e);
		return;
	}
	upload_body_watch(job->body, tell_progress, job);
	job->sent = true;
	apply_sent(d);
	whisk_upload_action(d->q->whisk, job->name, upload_body_source(job->body), action_put,
			    job);
}

static void put_action(struct deploy *d, struct job *job)
{
	if (apply_package_failed(job))
		return;
	/* apply_remote() sends what is built on the platform. */
	if (job->plan.action == PLAN_UNCHANGED)
		apply_tell_unchanged(job);
	else if (!job->remote)
		send_action(d, job);
}

/* A body exists only while its request is under way, so that memory follows the bound. */
static void put_more(struct deploy *d)
{
	while (d->next < d->jobs.n && whisk_has_room(d->q->whisk) && !d->cancelled)
		put_action(d, &d->jobs.v[d->next++]);
}

int apply_functions(struct deploy *d, struct err *e)
{
	put_more(d);
	return apply_wait(d, e);
}
