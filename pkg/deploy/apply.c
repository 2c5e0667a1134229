#include "deploy/apply.h"

#include <stdlib.h>

#include "deploy/keep.h"
#include "deploy/origin.h"
#include "deploy/prune.h"

typedef int step_fn(struct deploy *d, struct err *e);

/* What a later one needs is there when it comes. */
static step_fn *const steps[] = {
	apply_packages,  apply_bindings, apply_functions, apply_remote,
	apply_sequences, apply_triggers, apply_versions,
};

void apply_sent(struct deploy *d)
{
	d->waiting++;
	d->idle = false;
}

void apply_answered(struct deploy *d, const struct err *failure)
{
	if (failure && failure->code == ERR_CANCELLED)
		d->cancelled = true;
	d->waiting--;
	d->idle = d->waiting == 0;
}

int apply_wait(struct deploy *d, struct err *e)
{
	if (d->waiting)
		loop_run_until(d->q->loop, &d->idle);
	if (d->cancelled)
		return err_set(e, ERR_CANCELLED,
			       "interrupted during the upload: some functions "
			       "may be the new ones, some the old ones");
	return 0;
}

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

void apply_tell_deployed(struct job *job, const struct json *answer)
{
	job->told = true;
	job->deploy->result->deployed++;
	job_take_version(job, answer);
	keep_deployed(job, answer);
	tell_live(job, EVENT_DEPLOYED, json_str(json_get(answer, "version")));
}

void apply_tell_unchanged(struct job *job)
{
	const struct live_function *live = live_function(job->deploy->q->live, job->name);

	job->told = true;
	job->deploy->result->unchanged++;
	tell_live(job, EVENT_UNCHANGED, json_str(json_get(live->item, "version")));
}

void apply_tell_failed(struct job *job, const char *why)
{
	struct event ev = {.type = EVENT_FAILED, .function = job->name, .text = str_of(why)};

	job->failed = job->told = true;
	job->deploy->result->failed++;
	sink_emit(job->deploy->q->sink, &ev);
}

bool apply_package_failed(struct job *job)
{
	const char *broken = job->deploy->packages.v[job->package].failure;
	struct strbuf why = STRBUF_INIT;

	if (!broken)
		return false;
	strbuf_addf(&why, "its package could not be written: %s", broken);
	apply_tell_failed(job, why.buf);
	strbuf_release(&why);
	return true;
}

/* Behind the digest, which does not count it: a commit alone is no change. */
static void add_origin(struct deploy *d, struct json *deployer)
{
	const struct json *m;

	for (m = json_first(d->origin); m; m = json_next(m))
		json_setn(deployer, json_name(m), json_clone(m));
}

/* The record of what stays is not written, or only the names of its triggers. */
static void add_origin_of_job(struct job *job)
{
	if (job->plan.action != PLAN_UNCHANGED)
		add_origin(job->deploy, job->deployer);
}

static void take_origin(struct deploy *d)
{
	size_t i;

	if (!d->origin)
		d->origin = origin_of(d->q->loop, d->q->project->root_fd);
	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].deployer)
			add_origin(d, d->packages.v[i].deployer);
	for (i = 0; i < d->jobs.n; i++)
		add_origin_of_job(&d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		add_origin_of_job(&d->sequences.v[i]);
}

static size_t failed_packages(const struct deploy *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].failure)
			n++;
	return n;
}

/* "1 of 3 triggers", with "and" in front when something stands there. */
static void add_failed(struct strbuf *text, size_t failed, size_t all, const char *things)
{
	if (failed)
		strbuf_addf(text, "%s%zu of %zu %s", text->len ? " and " : "", failed, all,
			    things);
}

static int check_failures(const struct deploy *d, struct err *e)
{
	const struct deploy_result *r = d->result;
	const struct deploy_triggers *t = &r->triggers;
	size_t packages = failed_packages(d);
	struct strbuf text = STRBUF_INIT;

	if (r->failed == 0 && t->failed == 0 && packages == 0)
		return 0;
	add_failed(&text, packages, d->packages.n, "packages");
	add_failed(&text, r->failed, r->failed + r->deployed + r->unchanged, "functions");
	add_failed(&text, t->failed, t->failed + t->deployed + t->unchanged + t->deleted,
		   "triggers");
	err_set(e, ERR_REMOTE, "%s failed", text.buf);
	strbuf_release(&text);
	return -1;
}

static void tell_missed(struct job *job)
{
	if (job->told)
		return;
	if (job->plan.action == PLAN_UNCHANGED)
		apply_tell_unchanged(job);
	else if (job->sent)
		apply_tell_failed(job, "the deploy was interrupted while it was sent: it may "
				       "be the new one, or as it was");
	else if (job->plan.action == PLAN_CREATE)
		apply_tell_failed(job, "not tried, as the deploy was interrupted; it is not "
				       "live");
	else
		apply_tell_failed(job, "not tried, as the deploy was interrupted; it is as it "
				       "was");
}

/* After an interruption; every other end has told of each. */
static void tell_all_missed(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		tell_missed(&d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		tell_missed(&d->sequences.v[i]);
	apply_tell_missed_triggers(d);
}

int apply(struct deploy *d, struct err *e)
{
	size_t i;

	d->result->begun = true;
	if (d->result->changes)
		take_origin(d);
	for (i = 0; i < countof(steps); i++)
		if (steps[i](d, e) < 0) {
			tell_all_missed(d);
			return -1;
		}
	if (check_failures(d, e) == 0)
		return prune_apply(d, e);
	prune_skip(d);
	return -1;
}
