#include "deploy/prune.h"

#include <string.h>

#include "deploy/origin.h"

/* What is known of where something comes from. */
enum origin { ORIGIN_UNKNOWN, ORIGIN_THIS, ORIGIN_OTHER };

/* By the record of its last deploy: a repository, and the project's path in it. */
static enum origin origin_of_item(const struct deploy *d, const struct json *item)
{
	const struct json *record = whisk_annotation(item, "deployer");
	const struct json *repository = json_get(record, "repository");
	const struct json *path = json_get(record, "projectPath");

	if (!json_is(repository, JSON_STRING) || !json_is(path, JSON_STRING))
		return ORIGIN_UNKNOWN;
	if (json_equal(repository, json_get(d->origin, "repository")) &&
	    json_equal(path, json_get(d->origin, "projectPath")))
		return ORIGIN_THIS;
	return ORIGIN_OTHER;
}

static bool is_in_project(const struct deploy *d, const struct live_function *f)
{
	const struct package *pkg = project_package(d->q->project, f->package);
	const char *slash = strrchr(f->name, '/');

	return pkg && package_function(pkg, slash ? slash + 1 : f->name);
}

/* Not in the project, but a sequence of it needs it. */
static bool is_component(const struct deploy *d, const char *name)
{
	const struct json *c;
	const char *here;
	size_t i;

	for (i = 0; i < d->sequences.n; i++)
		for (c = json_first(d->sequences.v[i].components); c; c = json_next(c)) {
			here = component_here(d, json_str(c));
			if (here && strcmp(here, name) == 0)
				return true;
		}
	return false;
}

/* Functions without a package are of many projects, so that theirs is to be known. */
static bool is_to_go(const struct deploy *d, const struct live_function *f)
{
	const struct package *pkg = project_package(d->q->project, f->package);
	enum origin origin = origin_of_item(d, f->item);

	if (is_in_project(d, f) || is_component(d, f->name))
		return false;
	if (pkg && !package_is_default(pkg))
		return origin != ORIGIN_OTHER;
	return origin == ORIGIN_THIS;
}

static bool has_functions_left(const struct deploy *d, const char *package)
{
	const struct live *live = d->q->live;
	size_t i;

	for (i = 0; i < live->functions.n; i++)
		if (strcmp(live->functions.v[i]->package, package) == 0 &&
		    !undeploy_has_function(&d->prune, live->functions.v[i]->name))
			return true;
	return false;
}

/* One that moves to a function of the project is wanted. */
static void add_triggers(struct deploy *d)
{
	const struct live_triggers *live = d->q->triggers;
	size_t i;

	for (i = 0; live && i < live->all.n; i++)
		if (undeploy_has_function(&d->prune, live->all.v[i]->function) &&
		    !names_find(&d->triggers.job_names, live->all.v[i]->name))
			undeploy_add_listed_trigger(&d->prune, live->all.v[i]->name);
}

void prune_plan(struct deploy *d)
{
	const struct live *live = d->q->live;
	size_t i;

	if (!d->q->prune)
		return;
	d->origin = origin_of(d->q->loop, d->q->project->root_fd);
	d->prune_request = (struct undeploy_request){.loop = d->q->loop,
						     .whisk = d->q->whisk,
						     .live = live,
						     .doapi = d->q->doapi,
						     .triggers = d->q->triggers,
						     .sink = d->q->sink};
	undeploy_init(&d->prune, &d->prune_request);
	for (i = 0; i < live->functions.n; i++)
		if (is_to_go(d, live->functions.v[i]))
			undeploy_add_listed_function(&d->prune, live->functions.v[i]);
	for (i = 0; i < live->packages.n; i++)
		if (!project_package(d->q->project, live->packages.v[i]->name) &&
		    origin_of_item(d, live->packages.v[i]->item) == ORIGIN_THIS &&
		    !has_functions_left(d, live->packages.v[i]->name))
			undeploy_add_listed_package(&d->prune, live->packages.v[i]->name);
	add_triggers(d);
	d->result->pruned = (struct deploy_pruned){.functions = d->prune.functions.n,
						   .packages = d->prune.packages.n,
						   .triggers = d->prune.triggers.n};
}

static void tell(const struct deploy *d, enum event_type type, const char *name, bool goes)
{
	const struct event ev = {
		.type = type,
		.function = name,
		.text = goes ? STR("delete") : STR("extra"),
	};

	d->result->changes += goes;
	sink_emit(d->q->sink, &ev);
}

static void tell_functions(const struct deploy *d)
{
	const struct live *live = d->q->live;
	size_t i;

	for (i = 0; i < live->functions.n; i++) {
		const struct live_function *f = live->functions.v[i];
		bool goes = d->q->prune && undeploy_has_function(&d->prune, f->name);

		if (goes ||
		    (project_package(d->q->project, f->package) && !is_in_project(d, f)))
			tell(d, EVENT_PLAN, f->name, goes);
	}
}

void prune_tell(const struct deploy *d)
{
	const struct live *live = d->q->live;
	struct event trigger = {.type = EVENT_PLAN_TRIGGER, .text = STR("delete")};
	size_t i;

	if (d->q->partial)
		return;
	tell_functions(d);
	if (!d->q->prune)
		return;
	for (i = 0; i < live->packages.n; i++)
		if (!project_package(d->q->project, live->packages.v[i]->name))
			tell(d, EVENT_PLAN_PACKAGE, live->packages.v[i]->name,
			     undeploy_has_package(&d->prune, live->packages.v[i]->name));
	for (i = 0; i < d->prune.triggers.n; i++) {
		trigger.trigger = d->prune.triggers.v[i]->name;
		trigger.function = live_trigger(d->q->triggers, trigger.trigger)->function;
		d->result->changes++;
		sink_emit(d->q->sink, &trigger);
	}
}

static bool is_something(const struct deploy_pruned *p)
{
	return p->functions + p->packages + p->triggers > 0;
}

int prune_confirm(const struct deploy *d, struct err *e)
{
	const struct deploy_request *q = d->q;

	if (!q->confirm || q->dry_run || !is_something(&d->result->pruned))
		return 0;
	return q->confirm(q->confirm_arg, &d->result->pruned, e);
}

int prune_apply(struct deploy *d, struct err *e)
{
	int r;

	if (!is_something(&d->result->pruned))
		return 0;
	r = undeploy_run(&d->prune, e);
	d->result->pruned.failed = d->prune.failed;
	return r < 0 ? err_wrap(e, "everything is deployed, but of what the project no longer "
				   "has")
		     : 0;
}

void prune_skip(const struct deploy *d)
{
	if (is_something(&d->result->pruned))
		sink_warning(d->q->sink, NULL, "nothing was deleted, as something failed");
}

void prune_release(struct deploy *d)
{
	if (d->prune_request.live)
		undeploy_release(&d->prune);
}
