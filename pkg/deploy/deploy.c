#include "deploy/deploy.h"

#include <stdlib.h>

#include "base/clock.h"
#include "build/build.h"
#include "deploy/body.h"
#include "pack/pack.h"

enum { MAX_UPLOADS = 16 };

/* A function on its way to the server. */
struct job {
	struct deploy *deploy;
	struct function *function;
	const char *name; /* "p/f" */
	struct artifact artifact;
	bool packed;
};

struct package_job {
	struct deploy *deploy;
	struct package *package;
	char *failure; /* why it could not be written, or NULL */
};

struct deploy {
	const struct deploy_request *q;
	struct deploy_result *result;
	VEC(struct job) jobs;
	VEC(struct package_job) packages;
	size_t next;    /* job to send next */
	size_t waiting; /* answers still to come */
	bool idle;      /* waiting == 0, for the loop */
	bool cancelled;
};

static void list_jobs(struct deploy *d)
{
	struct project *p = d->q->project;
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		struct package *pkg = p->packages.v[i];

		vec_push(&d->packages, ((struct package_job){.deploy = d, .package = pkg}));
		for (j = 0; j < pkg->functions.n; j++) {
			struct function *f = pkg->functions.v[j];
			const char *name = function_full_name(p, f);

			vec_push(&d->jobs,
				 ((struct job){.deploy = d, .function = f, .name = name}));
		}
	}
}

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

/* Builds and packs everything, so that a broken function stops the deploy before it began. */
static int prepare(struct deploy *d, struct err *e)
{
	size_t i;

	if (build_lib(d->q->loop, d->q->project, d->q->sink, e) < 0)
		return -1;
	for (i = 0; i < d->jobs.n; i++) {
		struct job *job = &d->jobs.v[i];

		if (build_function(d->q->loop, d->q->project, job->function, d->q->sink, e) < 0)
			return -1;
		if (pack_function(d->q->project, job->function, &job->artifact, e) < 0)
			return -1;
		job->packed = true;
		tell_packed(job);
		if (loop_interrupted(d->q->loop))
			return err_set(e, ERR_CANCELLED, "interrupted; nothing was uploaded");
	}
	return 0;
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

		if (package_is_default(pj->package))
			continue;
		body = package_body(d->q->project, pj->package);
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

static void tell_deployed(struct job *job, const struct json *answer)
{
	struct deploy *d = job->deploy;
	bool web = function_web(job->function) != WEB_NO;
	char *url = whisk_function_url(whisk_api_host(d->q->whisk), d->q->namespace, job->name,
				       web);
	struct event ev = {
		.type = EVENT_DEPLOYED,
		.function = job->name,
		.text = str_of(url),
		.text2 = json_str(json_get(answer, "version")),
	};

	d->result->deployed++;
	sink_emit(d->q->sink, &ev);
	free(url);
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

static const char *package_failure(const struct deploy *d, const struct package *pkg)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].package == pkg)
			return d->packages.v[i].failure;
	return NULL;
}

static void put_action(struct deploy *d, struct job *job)
{
	struct strbuf body = STRBUF_INIT, why = STRBUF_INIT;
	const char *broken = package_failure(d, job->function->package);

	if (broken) {
		strbuf_addf(&why, "its package could not be written: %s", broken);
		tell_failed(d, job->name, why.buf);
		strbuf_release(&why);
		return;
	}
	function_body(&body, d->q->project, job->function, &job->artifact);
	artifact_release(&job->artifact);
	job->packed = false;
	one_more(d);
	whisk_put_action(d->q->whisk, job->name, &body, action_put, job);
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

static int check_failures(const struct deploy *d, struct err *e)
{
	const struct deploy_result *r = d->result;

	if (r->failed == 0)
		return 0;
	return err_set(e, ERR_REMOTE, "%zu of %zu functions failed", r->failed,
		       r->failed + r->deployed);
}

static void release(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		if (d->jobs.v[i].packed)
			artifact_release(&d->jobs.v[i].artifact);
	for (i = 0; i < d->packages.n; i++)
		free(d->packages.v[i].failure);
	vec_release(&d->jobs);
	vec_release(&d->packages);
}

int deploy_project(const struct deploy_request *q, struct deploy_result *result, struct err *e)
{
	struct deploy d = {.q = q, .result = result};
	int r = -1;

	*result = (struct deploy_result){0};
	list_jobs(&d);
	if (prepare(&d, e) == 0 && put_packages(&d, e) == 0 && put_actions(&d, e) == 0)
		r = check_failures(&d, e);
	release(&d);
	return r;
}
