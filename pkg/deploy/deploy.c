#include "deploy/deploy.h"

#include <stdlib.h>

#include "deploy/body.h"
#include "deploy/jobs.h"
#include "deploy/origin.h"

enum { MAX_UPLOADS = 16 };

/* Behind the digest, which does not count it: a commit alone is no change. */
static void add_origin(struct deploy *d, struct json *deployer)
{
	const struct json *m;

	for (m = json_first(d->origin); m; m = json_next(m))
		json_setn(deployer, json_name(m), json_clone(m));
}

static void take_origin(struct deploy *d)
{
	size_t i;

	d->origin = origin_of(d->q->loop, d->q->project->root_fd);
	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].deployer)
			add_origin(d, d->packages.v[i].deployer);
	for (i = 0; i < d->jobs.n; i++)
		add_origin(d, d->jobs.v[i].deployer);
}

static void one_more(struct deploy *d)
{
	d->waiting++;
	d->idle = false;
}

static void one_less(struct deploy *d, const struct err *failure)
{
	if (failure && failure->code == ERR_CANCELLED)
		d->cancelled = true;
	d->waiting--;
	d->idle = d->waiting == 0;
}

static int wait_for_answers(struct deploy *d, struct err *e)
{
	if (d->waiting)
		loop_run_until(d->q->loop, &d->idle);
	if (d->cancelled)
		return err_set(e, ERR_CANCELLED,
			       "interrupted during the upload: some functions "
			       "may be the new ones, some the old ones");
	return 0;
}

static void package_put(void *arg, struct json *answer UNUSED, struct err *failure)
{
	struct package_job *pj = arg;
	struct event ev = {.type = EVENT_PACKAGE, .function = pj->package->name};

	one_less(pj->deploy, failure);
	if (failure)
		pj->failure = xstrdup(failure->msg);
	else
		sink_emit(pj->deploy->q->sink, &ev);
}

static int put_packages(struct deploy *d, struct err *e)
{
	struct json *body;
	size_t i;

	for (i = 0; i < d->packages.n; i++) {
		struct package_job *pj = &d->packages.v[i];

		if (pj->plan.action == PLAN_UNCHANGED)
			continue;
		body = package_body(d->q->project, pj->package, pj->deployer);
		one_more(d);
		whisk_put_package(d->q->whisk, pj->package->name, body, package_put, pj);
		json_free(body);
	}
	return wait_for_answers(d, e);
}

static void tell_failed(struct deploy *d, const char *name, const char *why)
{
	struct event ev = {.type = EVENT_FAILED, .function = name, .text = str_of(why)};

	d->result->failed++;
	sink_emit(d->q->sink, &ev);
}

/* That it is live, since now or already. */
static void tell_live(struct job *job, enum event_type type, struct str version)
{
	struct deploy *d = job->deploy;
	bool web = function_web(job->function) != WEB_NO;
	char *url = whisk_function_url(whisk_api_host(d->q->whisk), d->q->namespace, job->name,
				       web);
	struct event ev = {
		.type = type,
		.function = job->name,
		.text = str_of(url),
		.text2 = version,
	};

	sink_emit(d->q->sink, &ev);
	free(url);
}

static void tell_deployed(struct job *job, const struct json *answer)
{
	job->deploy->result->deployed++;
	tell_live(job, EVENT_DEPLOYED, json_str(json_get(answer, "version")));
}

static void tell_unchanged(struct job *job)
{
	const struct live_function *live = live_function(job->deploy->q->live, job->name);

	job->deploy->result->unchanged++;
	tell_live(job, EVENT_UNCHANGED, json_str(json_get(live->item, "version")));
}

static void put_more_actions(struct deploy *d);

static void action_put(void *arg, struct json *answer, struct err *failure)
{
	struct job *job = arg;

	one_less(job->deploy, failure);
	if (!failure)
		tell_deployed(job, answer);
	else if (failure->code != ERR_CANCELLED)
		tell_failed(job->deploy, job->name, failure->msg);
	put_more_actions(job->deploy);
}

static void send_action(struct deploy *d, struct job *job)
{
	struct upload u = {&job->artifact, job->deployer, job->plan.stale.v, job->plan.stale.n};
	struct strbuf body = STRBUF_INIT;

	function_body(&body, d->q->project, job->function, &u);
	job_release_artifact(job);
	one_more(d);
	whisk_put_action(d->q->whisk, job->name, &body, action_put, job);
}

static void put_action(struct deploy *d, struct job *job)
{
	const char *broken = d->packages.v[job->package].failure;
	struct strbuf why = STRBUF_INIT;

	if (broken) {
		strbuf_addf(&why, "its package could not be written: %s", broken);
		tell_failed(d, job->name, why.buf);
		strbuf_release(&why);
	} else if (job->plan.action == PLAN_UNCHANGED) {
		tell_unchanged(job);
	} else {
		send_action(d, job);
	}
}

/* A body exists only while its request is under way, so that memory follows the bound. */
static void put_more_actions(struct deploy *d)
{
	while (d->next < d->jobs.n && d->waiting < MAX_UPLOADS && !d->cancelled)
		put_action(d, &d->jobs.v[d->next++]);
}

static int put_actions(struct deploy *d, struct err *e)
{
	put_more_actions(d);
	return wait_for_answers(d, e);
}

/* Of a package without functions nothing else has told that it failed. */
static int check_packages(const struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].failure)
			return err_set(e, ERR_REMOTE, "package '%s' could not be written: %s",
				       d->packages.v[i].package->name,
				       d->packages.v[i].failure);
	return 0;
}

static int check_failures(const struct deploy *d, struct err *e)
{
	const struct deploy_result *r = d->result;

	if (r->failed == 0)
		return check_packages(d, e);
	return err_set(e, ERR_REMOTE, "%zu of %zu functions failed", r->failed,
		       r->failed + r->deployed + r->unchanged);
}

static void release(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++) {
		job_release_artifact(&d->jobs.v[i]);
		plan_item_release(&d->jobs.v[i].plan);
		json_free(d->jobs.v[i].deployer);
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

static int apply(struct deploy *d, struct err *e)
{
	if (d->result->changes)
		take_origin(d);
	if (put_packages(d, e) < 0 || put_actions(d, e) < 0)
		return -1;
	return check_failures(d, e);
}

int deploy_project(const struct deploy_request *q, struct deploy_result *result, struct err *e)
{
	struct deploy d = {.q = q, .result = result};
	int r;

	*result = (struct deploy_result){0};
	r = jobs_prepare(&d, e);
	if (r == 0 && !q->dry_run)
		r = apply(&d, e);
	release(&d);
	return r;
}
