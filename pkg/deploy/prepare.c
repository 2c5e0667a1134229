#include "deploy/jobs.h"

#include <string.h>

#include "deploy/body.h"
#include "deploy/digest.h"

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

void job_release_artifact(struct job *job)
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
	annotations = function_annotations(job->function, NULL);
	wanted.digest = job->deployer;
	wanted.annotations = annotations;
	plan_decide(&job->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	if (job->plan.action == PLAN_UNCHANGED || q->dry_run)
		job_release_artifact(job); /* memory is for what will be sent */
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
	annotations = package_annotations(pj->package, NULL);
	wanted.digest = pj->deployer;
	wanted.annotations = annotations;
	plan_decide(&pj->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	json_free(annotations);
}

/* Builds and packs everything, so that a broken function stops the deploy before it began. */
static int pack_all(struct deploy *d, struct err *e)
{
	const struct build b = {d->q->loop, d->q->project, d->q->sink, d->q->build};
	size_t i;

	if (build_lib(&b, e) < 0)
		return -1;
	for (i = 0; i < d->jobs.n; i++) {
		struct job *job = &d->jobs.v[i];

		if (build_function(&b, job->function, e) < 0)
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

int jobs_prepare(struct deploy *d, struct err *e)
{
	list_jobs(d);
	if (pack_all(d, e) < 0)
		return -1;
	tell_plan(d);
	return 0;
}
