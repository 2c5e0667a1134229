#include "deploy/jobs.h"
#include "deploy/trigger_changes.h"

static void add_owner(struct deploy *d, struct job *job)
{
	const struct live_function *live = live_function(d->q->live, job->name);
	struct trigger_owner *o;

	if (job->function->triggers.n == 0 && !live_trigger_marks(live))
		return;
	o = arena_new(&d->q->project->arena, struct trigger_owner);
	*o = (struct trigger_owner){.name = job->name, .deploy = d, .job = job};
	o->on_server = live_trigger_marks(live);
	(void)names_add(&d->triggers.owner_names, o);
	vec_push(&d->triggers.owners, o);
}

static struct trigger_job *add_job(struct trigger_owner *o, const char *name)
{
	struct deploy *d = o->deploy;
	struct trigger_job *tj = arena_new(&d->q->project->arena, struct trigger_job);

	*tj = (struct trigger_job){.name = name, .deploy = d, .owner = o};
	tj->live = live_trigger(d->q->triggers, name);
	(void)names_add(&d->triggers.job_names, tj);
	vec_push(&d->triggers.jobs, tj);
	return tj;
}

static bool is_marked(const struct live_function *f, const char *name)
{
	const struct json *item;

	for (item = json_first(live_trigger_marks(f)); item; item = json_next(item))
		if (str_is(json_str(item), name))
			return true;
	return false;
}

/* This project made it for another function of its packages, or what it calls is gone. */
static bool may_move(const struct deploy *d, const struct live_trigger *t)
{
	const struct live_function *f = live_function(d->q->live, t->function);

	if (!f)
		return true;
	return project_package(d->q->project, f->package) && is_marked(f, t->name);
}

static int plan_wanted(struct trigger_job *tj, struct err *e)
{
	const struct deploy_request *q = tj->deploy->q;
	const struct trigger *t = tj->trigger;

	if (!tj->live) {
		tj->plan.action = PLAN_CREATE;
		return 0;
	}
	tj->moves = strcmp(tj->live->function, tj->owner->name) != 0;
	if (tj->moves && !may_move(tj->deploy, tj->live))
		return err_set(
			e, ERR_PROJECT,
			"%s:%u:%u: there is a trigger '%s' already, for the function "
			"'%s', which this project has not deployed; choose another name, "
			"or delete it with 'dofn triggers delete %s'",
			q->project->config.name, t->pos.line, t->pos.col, t->name,
			tj->live->function, t->name);
	if (tj->moves)
		vec_push(&tj->plan.changes, "function");
	trigger_changes(&tj->plan, t, tj->live);
	if (q->force && tj->plan.changes.n == 0)
		vec_push(&tj->plan.changes, "forced");
	tj->plan.action = tj->plan.changes.n ? PLAN_UPDATE : PLAN_UNCHANGED;
	return 0;
}

static int add_wanted(struct trigger_owner *o, struct err *e)
{
	const struct function *f = o->job->function;
	struct trigger_job *tj;
	size_t i;

	for (i = 0; i < f->triggers.n; i++) {
		tj = add_job(o, f->triggers.v[i]->name);
		tj->trigger = f->triggers.v[i];
		if (plan_wanted(tj, e) < 0)
			return -1;
	}
	return 0;
}

static bool is_of_project(struct deploy *d, const struct live_trigger *t)
{
	const struct live_function *f = live_function(d->q->live, t->function);
	const struct package *pkg = f ? project_package(d->q->project, f->package) : NULL;
	const char *slash = strrchr(t->function, '/');

	return pkg && package_function(pkg, slash ? slash + 1 : t->function);
}

/* What is live for the project's functions and not in the project. */
static void add_unwanted(struct deploy *d, const struct live_trigger *t)
{
	struct trigger_owner *o;

	if (names_find(&d->triggers.job_names, t->name) || !is_of_project(d, t))
		return;
	o = names_find(&d->triggers.owner_names, t->function);
	if (o && is_marked(live_function(d->q->live, t->function), t->name))
		add_job(o, t->name)->plan.action = PLAN_DELETE;
	else
		vec_push(&d->triggers.extra, t);
}

int plan_triggers(struct deploy *d, struct err *e)
{
	const struct live_triggers *live = d->q->triggers;
	struct trigger_plan *plan = &d->triggers;
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		add_owner(d, &d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		add_owner(d, &d->sequences.v[i]);
	for (i = 0; i < plan->owners.n && live; i++)
		if (add_wanted(plan->owners.v[i], e) < 0)
			return -1;
	for (i = 0; live && i < live->all.n; i++)
		add_unwanted(d, live->all.v[i]);
	for (i = 0; i < plan->owners.n; i++)
		trigger_marks_plan(plan->owners.v[i]);
	return 0;
}

static void tell_job(struct trigger_job *tj)
{
	struct deploy *d = tj->deploy;
	struct event ev = {
		.type = EVENT_PLAN_TRIGGER,
		.function = tj->owner->name,
		.trigger = tj->name,
		.text = str_of(plan_action_name(tj->plan.action)),
	};

	vec_push(&tj->plan.changes, NULL);
	ev.changes = tj->plan.changes.v;
	tj->plan.changes.n--;
	d->result->changes += tj->plan.action != PLAN_UNCHANGED;
	sink_emit(d->q->sink, &ev);
}

void plan_triggers_tell(struct deploy *d)
{
	struct event extra = {.type = EVENT_PLAN_TRIGGER, .text = STR("extra")};
	size_t i;

	for (i = 0; i < d->triggers.jobs.n; i++)
		tell_job(d->triggers.jobs.v[i]);
	for (i = 0; i < d->triggers.extra.n; i++) {
		extra.trigger = d->triggers.extra.v[i]->name;
		extra.function = d->triggers.extra.v[i]->function;
		sink_emit(d->q->sink, &extra);
	}
}

void plan_triggers_release(struct deploy *d)
{
	struct trigger_plan *plan = &d->triggers;
	size_t i;

	for (i = 0; i < plan->owners.n; i++) {
		json_free(plan->owners.v[i]->marks);
		json_free(plan->owners.v[i]->last);
		free(plan->owners.v[i]->failure);
	}
	for (i = 0; i < plan->jobs.n; i++)
		plan_item_release(&plan->jobs.v[i]->plan);
	vec_release(&plan->owners);
	vec_release(&plan->jobs);
	vec_release(&plan->extra);
	names_release(&plan->owner_names);
	names_release(&plan->job_names);
}
