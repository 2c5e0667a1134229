#include "deploy/deploy.h"

#include <stdlib.h>
#include <string.h>

#include "build/build.h"
#include "deploy/body.h"
#include "deploy/digest.h"
#include "deploy/origin.h"
#include "deploy/plan.h"
#include "pack/pack.h"

enum { MAX_UPLOADS = 16 };

struct package_job {
	struct deploy *deploy;
	struct package *package;
	struct plan_item plan;
	struct json *deployer; /* the annotation; NULL for the default package */
	char *failure;         /* why it could not be written, or NULL */
};

/* A function on its way to the server. */
struct job {
	struct deploy *deploy;
	struct function *function;
	const char *name; /* "p/f" */
	size_t package;   /* index of its package_job */
	struct artifact artifact;
	bool packed;
	struct plan_item plan;
	struct json *deployer;
};

struct deploy {
	const struct deploy_request *q;
	struct deploy_result *result;
	VEC(struct job) jobs;
	VEC(struct package_job) packages;
	struct json *origin;
	size_t next;    /* job to send next */
	size_t waiting; /* answers still to come */
	bool idle;      /* waiting == 0, for the loop */
	bool cancelled;
};

static void list_jobs(struct deploy *d)
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

static void release_artifact(struct job *job)
{
	if (job->packed)
		artifact_release(&job->artifact);
	job->packed = false;
}

static void plan_function(struct job *job)
{
	const struct deploy_request *q = job->deploy->q;
	const struct live_function *live = live_function(q->live, job->name);
	struct json *annotations, *limits = limits_body(&job->function->limits);
	struct plan_wanted wanted = {
		.limits = limits, .runtime = job->artifact.runtime, .force = q->force};

	job->deployer = digest_function(q->project, job->function, &job->artifact);
	annotations = function_annotations(job->function, job->deployer);
	wanted.digest = job->deployer;
	wanted.annotations = annotations;
	plan_decide(&job->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	if (job->plan.action == PLAN_UNCHANGED || q->dry_run)
		release_artifact(job); /* memory is for what will be sent */
	json_free(annotations);
	json_free(limits);
}

static void plan_package(struct package_job *pj)
{
	const struct deploy_request *q = pj->deploy->q;
	const struct live_package *live = live_package(q->live, pj->package->name);
	struct plan_wanted wanted = {.shared = pj->package->shared, .force = q->force};
	struct json *annotations;

	if (package_is_default(pj->package)) {
		pj->plan.action = PLAN_UNCHANGED;
		return;
	}
	pj->deployer = digest_package(q->project, pj->package);
	annotations = package_annotations(pj->package, pj->deployer);
	wanted.digest = pj->deployer;
	wanted.annotations = annotations;
	plan_decide(&pj->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	json_free(annotations);
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
		plan_function(job);
		if (loop_interrupted(d->q->loop))
			return err_set(e, ERR_CANCELLED, "interrupted; nothing was uploaded");
	}
	return 0;
}

/* The names with a NULL behind them, for an event. */
static const char *const *terminated(struct arena *a, const char *const *names, size_t n)
{
	const char **list = arena_calloc(a, n + 1, sizeof(*list));

	if (n)
		memcpy(list, names, n * sizeof(*list));
	return list;
}

static void tell_item(struct deploy *d, enum event_type type, const char *name,
		      const struct plan_item *item)
{
	struct arena *a = &d->q->project->arena;
	struct event ev = {
		.type = type,
		.function = name,
		.text = str_of(plan_action_name(item->action)),
		.changes = terminated(a, item->changes.v, item->changes.n),
		.variables = terminated(a, item->variables.v, item->variables.n),
	};

	d->result->changes += item->action != PLAN_UNCHANGED;
	sink_emit(d->q->sink, &ev);
}

/* What is live in the project's packages and not in the project; it stays as it is. */
static void tell_extra(const struct deploy_request *q)
{
	struct event ev = {.type = EVENT_PLAN, .text = STR("extra")};
	const struct package *pkg;
	const char *slash;
	size_t i;

	for (i = 0; i < q->live->functions.n && !q->partial; i++) {
		ev.function = q->live->functions.v[i]->name;
		slash = strrchr(ev.function, '/');
		pkg = project_package(q->project, q->live->functions.v[i]->package);
		if (pkg && !package_function(pkg, slash ? slash + 1 : ev.function))
			sink_emit(q->sink, &ev);
	}
}

static void tell_plan(struct deploy *d)
{
	struct event end = {.type = EVENT_PLANNED};
	size_t i;

	for (i = 0; i < d->packages.n; i++) {
		struct package_job *pj = &d->packages.v[i];

		plan_package(pj);
		if (pj->deployer)
			tell_item(d, EVENT_PLAN_PACKAGE, pj->package->name, &pj->plan);
	}
	for (i = 0; i < d->jobs.n; i++) {
		tell_item(d, EVENT_PLAN, d->jobs.v[i].name, &d->jobs.v[i].plan);
		end.count += d->jobs.v[i].plan.action == PLAN_UNCHANGED;
	}
	tell_extra(d->q);
	sink_emit(d->q->sink, &end);
}

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
	release_artifact(job);
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
		release_artifact(&d->jobs.v[i]);
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
	list_jobs(&d);
	r = prepare(&d, e);
	if (r == 0)
		tell_plan(&d);
	if (r == 0 && !q->dry_run)
		r = apply(&d, e);
	release(&d);
	return r;
}
