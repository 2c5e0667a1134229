#include "deploy/jobs.h"

#include <stdlib.h>

#include "deploy/prune.h"
#include "deploy/version.h"

static void list_function(struct deploy *d, struct function *f)
{
	struct job job = {.deploy = d, .function = f, .package = d->packages.n - 1};

	job.name = function_full_name(d->q->project, f);
	if (function_is_sequence(f))
		vec_push(&d->sequences, job);
	else
		vec_push(&d->jobs, job);
}

/* Once the lists do not move any more. */
static void index_names(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		(void)names_add(&d->names, &d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		(void)names_add(&d->names, &d->sequences.v[i]);
}

void jobs_list(struct deploy *d)
{
	struct project *p = d->q->project;
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		struct package *pkg = p->packages.v[i];

		vec_push(&d->packages, ((struct package_job){.deploy = d, .package = pkg}));
		for (j = 0; j < pkg->functions.n; j++)
			list_function(d, pkg->functions.v[j]);
	}
	index_names(d);
}

const char *component_here(const struct deploy *d, struct str component)
{
	struct str rest = str_from(component, 1), ns;

	if (!str_next(&rest, '/', &ns) || !str_is(ns, d->q->namespace))
		return NULL;
	return arena_strndup(&d->q->project->arena, rest.p, rest.n);
}

struct job *job_of_component(const struct deploy *d, struct str component)
{
	const char *name = component_here(d, component);

	return name ? names_find(&d->names, name) : NULL;
}

void job_note_version(struct job *job, unsigned writes)
{
	const struct live_function *live = live_function(job->deploy->q->live, job->name);
	const struct json *version = job->version;

	if (!version && live)
		version = json_get(live->item, "version");
	/* A server that counts in no way we know is not judged by it. */
	json_set(job->deployer, "version",
		 live && !version ? NULL : version_after(version, writes));
}

void job_take_version(struct job *job, const struct json *answer)
{
	const struct json *version = json_get(answer, "version");
	const struct json *noted = json_get(job->deployer, "version");

	if (!json_is(version, JSON_STRING))
		return;
	json_free(job->version);
	job->version = json_clone(version);
	job->misnoted = noted && !json_equal(noted, version);
}

void job_settle_record(struct job *job)
{
	const struct live_function *live = live_function(job->deploy->q->live, job->name);

	if (job->plan.action == PLAN_UNCHANGED) {
		json_free(job->deployer);
		job->deployer = json_clone(whisk_annotation(live->item, "deployer"));
	} else {
		/* A builder writes it, too. */
		job_note_version(job, job_is_built_remotely(job) ? 2 : 1);
	}
}

void job_release_artifact(struct job *job)
{
	if (job->packed)
		artifact_release(&job->artifact);
	job->packed = false;
}

static void release_job(struct job *job)
{
	job_release_artifact(job);
	plan_item_release(&job->plan);
	json_free(job->deployer);
	json_free(job->version);
	json_free(job->components);
	slice_release(&job->slice);
}

void jobs_release(struct deploy *d)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		release_job(&d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		release_job(&d->sequences.v[i]);
	for (i = 0; i < d->packages.n; i++) {
		plan_item_release(&d->packages.v[i].plan);
		json_free(d->packages.v[i].deployer);
		free(d->packages.v[i].failure);
	}
	packer_release(&d->packer);
	prune_release(d);
	plan_triggers_release(d);
	json_free(d->origin);
	names_release(&d->names);
	vec_release(&d->jobs);
	vec_release(&d->sequences);
	vec_release(&d->packages);
}
