#include "diff/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "deploy/body.h"
#include "deploy/jobs.h"
#include "diff/files.h"
#include "diff/settings.h"

/* Each holds the code of a function in memory, twice for a while. */
enum { MAX_FETCHES = 4 };

/* Passes on what is of interest here. */
struct filter {
	struct sink sink;
	struct sink *to;
};

struct comparing;

/* A function that its record does not show to be the same. */
struct fetch {
	struct comparing *all;
	struct job *job;
	struct json *item; /* in the result */
};

struct comparing {
	struct deploy *d;
	struct json *list;
	size_t differences;
	VEC(struct fetch) fetches;
	size_t next, waiting;
	bool idle;
	struct err failure; /* the first one */
};

static void pass_on(struct sink *s, const struct event *ev)
{
	const struct filter *f = (const struct filter *)s;

	switch (ev->type) {
	case EVENT_PLAN:
	case EVENT_PLAN_PACKAGE:
	case EVENT_PLAN_TRIGGER:
	case EVENT_PLANNED:
	case EVENT_PACKED: break;
	default: sink_emit(f->to, ev); break;
	}
}

/* {"function": "p/f", "state": "new"}, in the list. */
static struct json *add_item(struct comparing *c, const char *thing, const char *name,
			     const char *state)
{
	struct json *j = json_new_object();

	json_set(j, thing, json_new_cstr(name));
	json_set(j, "state", json_new_cstr(state));
	json_push(c->list, j);
	return j;
}

static const char *state_of(enum plan_action action)
{
	switch (action) {
	case PLAN_CREATE: return "new";
	case PLAN_UPDATE: return "different";
	case PLAN_UNCHANGED: return "same";
	case PLAN_DELETE: return "gone";
	}
	bug("no such action: %d", (int)action);
}

static struct json *names_list(const char *const *names, size_t n)
{
	struct json *list = json_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_push(list, json_new_cstr(names[i]));
	return list;
}

/* What is known of its differences without a look at it. */
static struct json *add_planned(struct comparing *c, const char *thing, const char *name,
				const struct plan_item *plan)
{
	struct json *j = add_item(c, thing, name, state_of(plan->action));

	if (plan->action == PLAN_UPDATE && plan->changes.n)
		json_set(j, "changes", names_list(plan->changes.v, plan->changes.n));
	if (plan->action == PLAN_UPDATE && plan->variables.n)
		json_set(j, "variables", names_list(plan->variables.v, plan->variables.n));
	c->differences += plan->action != PLAN_UNCHANGED;
	return j;
}

static void add_packages(struct comparing *c)
{
	size_t i;

	for (i = 0; i < c->d->packages.n; i++) {
		const struct package_job *pj = &c->d->packages.v[i];

		if (pj->deployer)
			(void)add_planned(c, "package", pj->package->name, &pj->plan);
	}
}

static void add_job(struct comparing *c, struct job *job)
{
	struct json *item = add_item(c, "function", job->name, state_of(job->plan.action));

	if (job->plan.action == PLAN_UPDATE)
		vec_push(&c->fetches, ((struct fetch){c, job, item}));
	else
		c->differences += job->plan.action != PLAN_UNCHANGED;
}

/* What is live in the project's packages and not in the project. */
static void add_gone(struct comparing *c)
{
	const struct deploy_request *q = c->d->q;
	const struct package *pkg;
	const char *slash, *name;
	size_t i;

	for (i = 0; i < q->live->functions.n && !q->partial; i++) {
		name = q->live->functions.v[i]->name;
		slash = strrchr(name, '/');
		pkg = project_package(q->project, q->live->functions.v[i]->package);
		if (!pkg || package_function(pkg, slash ? slash + 1 : name))
			continue;
		(void)add_item(c, "function", name, "gone");
		c->differences++;
	}
}

static void add_triggers(struct comparing *c)
{
	const struct trigger_plan *plan = &c->d->triggers;
	struct json *item;
	size_t i;

	for (i = 0; i < plan->jobs.n; i++) {
		item = add_planned(c, "trigger", plan->jobs.v[i]->name, &plan->jobs.v[i]->plan);
		json_set(item, "function", json_new_cstr(plan->jobs.v[i]->owner->name));
	}
}

/* As a request would say it, without the code. */
static struct json *local_settings(const struct job *job)
{
	const struct project *p = job->deploy->q->project;
	const struct upload u = {.artifact = &job->artifact,
				 .components = job->components,
				 .reset = job->plan.reset};
	struct strbuf head = STRBUF_INIT, tail = STRBUF_INIT;
	struct err ignored = ERR_INIT;
	struct json *j;

	function_body(&head, &tail, p, job->function, &u);
	strbuf_addstr(&head, strbuf_str(&tail));
	j = json_parse(strbuf_str(&head), &ignored);
	if (!j)
		bug("a request is no JSON: %s", ignored.msg);
	strbuf_release(&head);
	strbuf_release(&tail);
	return j;
}

static void set_list(struct json *item, const char *name, struct json *list)
{
	if (json_count(list))
		json_set(item, name, list);
	else
		json_free(list);
}

/* The name of a code that is one file. */
static const char *single_name(const struct function *f)
{
	return f->source_kind == SOURCE_FILE ? path_base(str_of(f->source)).p : "code";
}

static int compare_bytes(const struct fetch *f, const struct code *live, struct err *e)
{
	const struct artifact *a = &f->job->artifact;
	struct code local = {.binary = a->binary, .name = live->name};
	struct spool_view view = {0};

	if (a->files && a->bytes &&
	    spool_view(&f->all->d->packer.spool, a->at, (size_t)a->bytes, &view, e) < 0)
		return -1;
	local.bytes = a->files && a->bytes ? view.bytes : STR("");
	if (live->binary != local.binary || !str_eq(live->bytes, local.bytes))
		set_list(f->item, "files", files_compare(live, &local));
	spool_view_release(&view);
	return 0;
}

static int compare_code(const struct fetch *f, const struct json *answer, struct err *e)
{
	const struct json *exec = json_get(answer, "exec");
	struct code live = {.bytes = json_str(json_get(exec, "code")),
			    .binary = json_is_true(json_get(exec, "binary")),
			    .name = single_name(f->job->function)};
	struct strbuf bytes = STRBUF_INIT;
	int rc;

	if (!live.bytes.p)
		live.bytes = STR("");
	if (live.binary && base64_decode(&bytes, live.bytes) == 0)
		live.bytes = strbuf_str(&bytes);
	rc = compare_bytes(f, &live, e);
	strbuf_release(&bytes);
	return rc;
}

static bool has_change(const struct plan_item *plan, const char *change)
{
	size_t i;

	for (i = 0; i < plan->changes.n; i++)
		if (strcmp(plan->changes.v[i], change) == 0)
			return true;
	return false;
}

/* The platform's build is live, and only its sources are here. */
static void compare_sources(const struct fetch *f)
{
	json_set(f->item, "remote", json_new_bool(true));
	if (has_change(&f->job->plan, "code") || has_change(&f->job->plan, "unknown"))
		json_set(f->item, "sources", json_new_cstr("changed"));
}

static int compare_function(const struct fetch *f, const struct json *answer, struct err *e)
{
	struct json *local = local_settings(f->job), *item = f->item;
	int rc = 0;

	set_list(item, "settings", settings_compare(answer, local));
	json_free(local);
	if (f->job->remote)
		compare_sources(f);
	else if (!f->job->components)
		rc = compare_code(f, answer, e);
	if (json_get(item, "settings") || json_get(item, "files") || json_get(item, "sources"))
		f->all->differences++;
	else
		json_set(item, "state", json_new_cstr("same"));
	return rc;
}

static void fetch_more(struct comparing *c);

static void fetched(void *arg, struct json *answer, struct err *failure)
{
	const struct fetch *f = arg;
	struct comparing *c = f->all;
	struct err e = ERR_INIT;

	if (failure && failure->status == 404) {
		json_set(f->item, "state", json_new_cstr("new")); /* deleted meanwhile */
		c->differences++;
	} else if (failure) {
		err_move(&e, failure);
		err_wrap(&e, "function '%s'", f->job->name);
	} else {
		(void)!compare_function(f, answer, &e);
	}
	if (e.code != ERR_OK && c->failure.code == ERR_OK)
		err_move(&c->failure, &e);
	err_clear(&e);
	c->waiting--;
	fetch_more(c);
	c->idle = c->waiting == 0;
}

static void fetch_more(struct comparing *c)
{
	struct fetch *f;

	while (c->next < c->fetches.n && c->waiting < MAX_FETCHES &&
	       c->failure.code == ERR_OK) {
		f = &c->fetches.v[c->next++];
		if (whisk_fetch_action(c->d->q->whisk, f->job->name, fetched, f, &c->failure) ==
		    0)
			c->waiting++;
	}
}

static int compare_functions(struct comparing *c, struct err *e)
{
	fetch_more(c);
	c->idle = c->waiting == 0;
	if (!c->idle)
		loop_run_until(c->d->q->loop, &c->idle);
	return c->failure.code == ERR_OK ? 0 : err_move(e, &c->failure);
}

static int compare_all(struct comparing *c, struct err *e)
{
	size_t i;

	add_packages(c);
	for (i = 0; i < c->d->jobs.n; i++)
		add_job(c, &c->d->jobs.v[i]);
	for (i = 0; i < c->d->sequences.n; i++)
		add_job(c, &c->d->sequences.v[i]);
	add_gone(c);
	add_triggers(c);
	return compare_functions(c, e);
}

struct json *diff_project(const struct deploy_request *q, size_t *differences, struct err *e)
{
	struct filter filter = {{pass_on}, q->sink};
	struct deploy_request own = *q;
	struct deploy_result result = {0};
	struct deploy d = {.q = &own, .result = &result};
	struct comparing c = {.d = &d, .list = json_new_array(), .failure = ERR_INIT};
	int rc;

	own.sink = &filter.sink;
	own.dry_run = own.keep_code = true;
	rc = jobs_prepare(&d, e);
	if (rc == 0)
		rc = compare_all(&c, e);
	*differences = c.differences;
	vec_release(&c.fetches);
	jobs_release(&d);
	if (rc == 0)
		return c.list;
	json_free(c.list);
	return NULL;
}
