#include "deploy/apply.h"
#include "deploy/body.h"

/* Each holds its slice in memory until it is uploaded. */
enum { MAX_BUILDS = 4 };

static void build_more(struct deploy *d);

static void end_job(struct job *job, const struct json *answer, struct err *failure)
{
	struct deploy *d = job->deploy;

	apply_answered(d, failure);
	if (!failure)
		apply_tell_deployed(job, answer);
	else if (failure->code != ERR_CANCELLED)
		apply_tell_failed(job, failure->msg);
	build_more(d);
}

static void on_put(void *arg, struct json *answer, struct err *failure)
{
	struct job *job = arg;

	if (failure && failure->code != ERR_CANCELLED && job_is_built_remotely(job))
		err_wrap(failure, "it is live, but what it was built from could not be noted");
	end_job(job, answer, failure);
}

/* All but the code. */
static void put_values(struct job *job)
{
	const struct deploy_request *q = job->deploy->q;
	struct upload u = {.deployer = job->deployer,
			   .stale = job->plan.stale.v,
			   .stale_n = job->plan.stale.n,
			   .reset = job->plan.reset};
	struct strbuf body = STRBUF_INIT;

	values_body(&body, q->project, job->function, &u);
	whisk_put_action(q->whisk, job->name, &body, on_put, job);
}

/*
 * The builder notes a digest of its own in the `deployer` annotation, which says nothing about
 * what the function was built from.  Until ours takes its place the next deploy builds again.
 */
static void on_built(void *arg, struct err *failure)
{
	if (failure)
		end_job(arg, NULL, failure);
	else
		put_values(arg);
}

static int write_slice(struct job *job, struct strbuf *zip, char key[SHA256_HEX], struct err *e)
{
	const struct deploy_request *q = job->deploy->q;
	const struct slice_owner owner = {
		.namespace = q->namespace,
		.api_host = whisk_api_host(q->whisk),
		.auth = whisk_auth(q->whisk),
	};
	int r = slice_write(&job->slice, &owner, zip, key, e);

	slice_release(&job->slice);
	return r;
}

static void build(struct deploy *d, struct job *job)
{
	struct remote_request r = {
		.loop = d->q->loop,
		.whisk = d->q->whisk,
		.sink = d->q->sink,
		.function = job->name,
		.kind = remote_kind(job->artifact.runtime, d->host_info),
		.done = on_built,
		.arg = job,
	};
	struct strbuf zip = STRBUF_INIT;
	char key[SHA256_HEX];
	struct err e = ERR_INIT;

	if (write_slice(job, &zip, key, &e) == 0) {
		r.key = key;
		apply_sent(d);
		remote_start(&r, &zip);
	} else {
		apply_tell_failed(job, e.msg);
	}
	strbuf_release(&zip);
	err_clear(&e);
}

static void send(struct deploy *d, struct job *job)
{
	if (!job->remote || job->plan.action == PLAN_UNCHANGED || job->failed)
		return;
	job->sent = true;
	if (job_is_built_remotely(job)) {
		build(d, job);
	} else {
		apply_sent(d);
		put_values(job);
	}
}

static void build_more(struct deploy *d)
{
	while (d->next < d->jobs.n && d->waiting < MAX_BUILDS && !d->cancelled)
		send(d, &d->jobs.v[d->next++]);
}

/* A builder is of one exact kind; without an answer our own table tells which. */
static void ask_for_kinds(struct deploy *d)
{
	struct err ignored = ERR_INIT;
	bool needed = false;
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		if (job_is_built_remotely(&d->jobs.v[i]) &&
		    str_ends(str_of(d->jobs.v[i].artifact.runtime), ":default"))
			needed = true;
	if (needed)
		d->host_info = whisk_host_info(d->q->whisk, WHISK_PATIENT, &ignored);
	err_clear(&ignored);
}

int apply_remote(struct deploy *d, struct err *e)
{
	int r;

	ask_for_kinds(d);
	d->next = 0;
	build_more(d);
	r = apply_wait(d, e);
	json_free(d->host_info);
	d->host_info = NULL;
	return r;
}
