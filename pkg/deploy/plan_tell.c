#include "deploy/jobs.h"

#include <string.h>

#include "deploy/prune.h"

/* The names with a NULL behind them, for an event. */
static const char *const *terminated(struct arena *a, const char *const *names, size_t n)
{
	const char **list = arena_calloc(a, n + 1, sizeof(*list));

	if (n)
		memcpy(list, names, n * sizeof(*list));
	return list;
}

static void tell_item(struct deploy *d, enum event_type type, const char *name,
		      const struct plan_item *item, bool remote)
{
	struct arena *a = &d->q->project->arena;
	struct event ev = {
		.type = type,
		.function = name,
		.text = str_of(plan_action_name(item->action)),
		.changes = terminated(a, item->changes.v, item->changes.n),
		.variables = terminated(a, item->variables.v, item->variables.n),
		.remote = remote,
	};

	d->result->changes += item->action != PLAN_UNCHANGED;
	sink_emit(d->q->sink, &ev);
}

static void tell_function(struct deploy *d, const struct job *job, size_t *unchanged)
{
	if (job->plan.elsewhere)
		sink_warning(d->q->sink, job->name,
			     "it was changed elsewhere since the last deploy; this overwrites "
			     "what was changed there");
	tell_item(d, EVENT_PLAN, job->name, &job->plan, job_is_built_remotely(job));
	*unchanged += job->plan.action == PLAN_UNCHANGED;
}

void plan_tell(struct deploy *d)
{
	struct event end = {.type = EVENT_PLANNED};
	size_t i;

	for (i = 0; i < d->packages.n; i++) {
		struct package_job *pj = &d->packages.v[i];

		if (pj->deployer)
			tell_item(d, EVENT_PLAN_PACKAGE, pj->package->name, &pj->plan, false);
	}
	for (i = 0; i < d->jobs.n; i++)
		tell_function(d, &d->jobs.v[i], &end.count);
	for (i = 0; i < d->sequences.n; i++)
		tell_function(d, &d->sequences.v[i], &end.count);
	prune_tell(d);
	plan_triggers_tell(d);
	sink_emit(d->q->sink, &end);
}
