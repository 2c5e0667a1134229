#include "deploy/body.h"
#include "deploy/digest.h"
#include "deploy/jobs.h"

/* "/ns/p/f", whatever way it was written; project.yml's package "default" is none there. */
static struct json *qualified(const struct deploy *d, const struct component *c)
{
	struct arena *a = &d->q->project->arena;
	struct str name = str_of(c->name);
	static const char none[] = "default/", own[] = "/_/";

	if (str_starts(name, own))
		name = str_from(name, sizeof(own) - 1);
	else if (str_starts(name, "/"))
		return json_new_cstr(c->name);
	if (str_starts(name, none))
		name = str_from(name, sizeof(none) - 1);
	return json_new_cstr(arena_printf(a, "/%s/%.*s", d->q->namespace, STR_ARG(name)));
}

/* What a binding stands for is known to the server only. */
static bool is_of_binding(const struct deploy *d, const char *name)
{
	struct arena *a = &d->q->project->arena;
	struct str rest = str_of(name), first;
	const struct live_package *live;
	const struct package *pkg;
	const char *package;

	if (!str_next(&rest, '/', &first) || rest.n == 0)
		return false;
	package = arena_strndup(a, first.p, first.n);
	pkg = project_package(d->q->project, package);
	live = live_package(d->q->live, package);
	return pkg ? pkg->binding.name != NULL
		   : live && json_count(json_get(live->item, "binding")) > 0;
}

static bool is_nowhere(const struct deploy *d, struct str component)
{
	const char *name = component_here(d, component);

	return name && d->q->live->whole && !names_find(&d->names, name) &&
	       !live_function(d->q->live, name) && !is_of_binding(d, name);
}

static int list_components(struct deploy *d, struct job *job, struct err *e)
{
	const struct function *f = job->function;
	size_t i;

	job->components = json_new_array();
	for (i = 0; i < f->sequence.n; i++) {
		struct json *name = qualified(d, &f->sequence.v[i]);

		json_push(job->components, name);
		if (is_nowhere(d, json_str(name)))
			return err_set(e, ERR_PROJECT,
				       "the sequence '%s' needs the function '%s', which is "
				       "neither in the project nor in the namespace '%s'",
				       job->name, component_here(d, json_str(name)),
				       d->q->namespace);
	}
	return 0;
}

/* Above those of its components that are sequences; 0 while one of them has none. */
static size_t level_of(const struct deploy *d, const struct job *job)
{
	const struct json *c;
	const struct job *other;
	size_t level = 1;

	for (c = json_first(job->components); c; c = json_next(c)) {
		other = job_of_component(d, json_str(c));
		if (!other || !other->components)
			continue;
		if (!other->level)
			return 0;
		if (other->level >= level)
			level = other->level + 1;
	}
	return level;
}

static int check_levels(const struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->sequences.n; i++)
		if (!d->sequences.v[i].level)
			return err_set(e, ERR_PROJECT,
				       "the sequence '%s' contains itself, or one that does so",
				       d->sequences.v[i].name);
	return 0;
}

/*
 * Levels begin with 1.  Each round goes over those that have none; one in which
 * none gets its level leaves only circles, and what waits for them.
 */
static int find_levels(struct deploy *d, struct err *e)
{
	bool found;
	size_t i;

	do {
		found = false;
		for (i = 0; i < d->sequences.n; i++) {
			struct job *job = &d->sequences.v[i];

			if (job->level)
				continue;
			job->level = level_of(d, job);
			found |= job->level > 0;
		}
	} while (found);
	return check_levels(d, e);
}

static void warn_of_parameters(const struct deploy *d, const struct job *job)
{
	const struct function *f = job->function;

	if (json_count(f->parameters) || json_count(f->environment))
		sink_warning(d->q->sink, job->name,
			     "a sequence has no use for parameters and environment: each "
			     "function in it gets its own, and the result of the one before");
}

static void plan_sequence(struct deploy *d, struct job *job)
{
	const struct live_function *live = live_function(d->q->live, job->name);
	struct json *limits = limits_body(&job->function->limits);
	struct json *annotations = function_annotations(job->function, NULL);
	struct plan_wanted wanted = {.annotations = annotations,
				     .limits = limits,
				     .runtime = "sequence",
				     .force = d->q->force};

	job->deployer = digest_sequence(d->q->project, job->function, job->components);
	wanted.digest = job->deployer;
	plan_decide(&job->plan, &wanted, live ? live->item : NULL, &d->q->project->arena);
	job_settle_record(job);
	json_free(annotations);
	json_free(limits);
}

int plan_sequences(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->sequences.n; i++)
		if (list_components(d, &d->sequences.v[i], e) < 0)
			return -1;
	if (find_levels(d, e) < 0)
		return -1;
	for (i = 0; i < d->sequences.n; i++) {
		warn_of_parameters(d, &d->sequences.v[i]);
		plan_sequence(d, &d->sequences.v[i]);
	}
	return 0;
}
