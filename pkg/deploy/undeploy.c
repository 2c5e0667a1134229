#include "deploy/undeploy.h"

#include <string.h>

enum { MAX_DELETIONS = 16 };

static const char default_prefix[] = "default/";

void undeploy_init(struct undeploy *u, const struct undeploy_request *q)
{
	*u = (struct undeploy){.q = q, .arena = ARENA_INIT, .idle = true};
}

static struct names *names_of(struct undeploy *u, enum doomed_kind kind)
{
	switch (kind) {
	case DOOMED_TRIGGER: return &u->trigger_names;
	case DOOMED_FUNCTION: return &u->function_names;
	case DOOMED_PACKAGE: return &u->package_names;
	}
	bug("no such kind: %d", (int)kind);
}

/* The one of that name, new or not. */
static struct doomed *add(struct undeploy *u, enum doomed_kind kind, const char *name)
{
	struct names *names = names_of(u, kind);
	struct doomed *x = names_find(names, name);

	if (x)
		return x;
	x = arena_new(&u->arena, struct doomed);
	*x = (struct doomed){
		.name = arena_strdup(&u->arena, name), .undeploy = u, .kind = kind};
	(void)names_add(names, x);
	if (kind == DOOMED_TRIGGER)
		vec_push(&u->triggers, x);
	else if (kind == DOOMED_PACKAGE)
		vec_push(&u->packages, x);
	else
		vec_push(&u->functions, x);
	return x;
}

void undeploy_add_function(struct undeploy *u, const char *name)
{
	if (str_starts(str_of(name), default_prefix))
		name += strlen(default_prefix);
	add(u, DOOMED_FUNCTION, name)->named = true;
}

void undeploy_add_listed_function(struct undeploy *u, const struct live_function *f)
{
	add(u, DOOMED_FUNCTION, f->name)->package = f->package;
}

void undeploy_add_listed_package(struct undeploy *u, const char *name)
{
	(void)add(u, DOOMED_PACKAGE, name);
}

void undeploy_add_listed_trigger(struct undeploy *u, const char *name)
{
	(void)add(u, DOOMED_TRIGGER, name);
}

bool undeploy_has_function(const struct undeploy *u, const char *name)
{
	return names_find(&u->function_names, name) != NULL;
}

bool undeploy_has_package(const struct undeploy *u, const char *name)
{
	return names_find(&u->package_names, name) != NULL;
}

/* The functions of a package, which go with it; NULL: all. */
static size_t add_functions(struct undeploy *u, const char *package)
{
	const struct live *live = u->q->live;
	size_t i, n = 0;

	for (i = 0; i < live->functions.n; i++) {
		if (package && strcmp(live->functions.v[i]->package, package) != 0)
			continue;
		undeploy_add_listed_function(u, live->functions.v[i]);
		n++;
	}
	return n;
}

void undeploy_add_package(struct undeploy *u, const char *name)
{
	size_t n = add_functions(u, name);

	if (strcmp(name, "default") != 0 || n == 0)
		add(u, DOOMED_PACKAGE, name)->named = true;
}

void undeploy_add_all(struct undeploy *u)
{
	size_t i;

	add_functions(u, NULL);
	for (i = 0; i < u->q->live->packages.n; i++)
		undeploy_add_listed_package(u, u->q->live->packages.v[i]->name);
}

void undeploy_add_trigger(struct undeploy *u, const char *name)
{
	add(u, DOOMED_TRIGGER, name)->named = true;
}

void undeploy_add_their_triggers(struct undeploy *u)
{
	const struct live_triggers *live = u->q->triggers;
	size_t i;

	for (i = 0; live && i < live->all.n; i++)
		if (names_find(&u->function_names, live->all.v[i]->function))
			undeploy_add_listed_trigger(u, live->all.v[i]->name);
}

void undeploy_add_all_triggers(struct undeploy *u)
{
	const struct live_triggers *live = u->q->triggers;
	size_t i;

	for (i = 0; live && i < live->all.n; i++)
		undeploy_add_listed_trigger(u, live->all.v[i]->name);
}

static void tell(struct doomed *x, enum event_type type, const char *text)
{
	struct event ev = {.type = type, .text = str_of(text)};

	if (x->kind == DOOMED_TRIGGER)
		ev.trigger = x->name;
	else
		ev.function = x->name;
	sink_emit(x->undeploy->q->sink, &ev);
}

static void tell_deleted(struct doomed *x)
{
	x->undeploy->deleted++;
	switch (x->kind) {
	case DOOMED_TRIGGER: tell(x, EVENT_TRIGGER, "deleted"); break;
	case DOOMED_FUNCTION: tell(x, EVENT_DELETED, NULL); break;
	case DOOMED_PACKAGE: tell(x, EVENT_PACKAGE_DELETED, NULL); break;
	}
}

static enum event_type failure_of(enum doomed_kind kind)
{
	switch (kind) {
	case DOOMED_TRIGGER: return EVENT_TRIGGER_FAILED;
	case DOOMED_FUNCTION: return EVENT_FAILED;
	case DOOMED_PACKAGE: return EVENT_PACKAGE_FAILED;
	}
	bug("no such kind: %d", (int)kind);
}

static void tell_failed(struct doomed *x, const char *why)
{
	struct doomed *package = NULL;

	x->undeploy->failed++;
	x->left = true;
	if (x->package)
		package = names_find(&x->undeploy->package_names, x->package);
	if (package)
		package->left = true;
	tell(x, failure_of(x->kind), why);
}

static void tell_unknown(struct doomed *x)
{
	if (x->kind == DOOMED_TRIGGER)
		tell_failed(x, "there is no such trigger");
	else if (x->kind == DOOMED_PACKAGE)
		tell_failed(x, "there is no such package");
	else if (strchr(x->name, '/'))
		tell_failed(x, "there is no such function");
	else
		tell_failed(x, "there is no such function; a package needs --packages");
}

static void delete_more(struct undeploy *u);

static void answered(struct doomed *x, const struct err *failure)
{
	struct undeploy *u = x->undeploy;

	u->waiting--;
	u->idle = u->waiting == 0;
	/* What was listed and is gone, somebody else deleted meanwhile. */
	if (!failure || (failure->status == 404 && !x->named))
		tell_deleted(x);
	else if (failure->code == ERR_CANCELLED)
		u->cancelled = true;
	else if (failure->status == 404)
		tell_unknown(x);
	else
		tell_failed(x, failure->msg);
	if (x->kind == DOOMED_FUNCTION)
		delete_more(u);
}

static void deleted(void *arg, struct json *answer UNUSED, struct err *failure)
{
	answered(arg, failure);
}

static void trigger_deleted(void *arg, const struct json *answer UNUSED, struct err *failure)
{
	answered(arg, failure);
}

static void delete_one(struct undeploy *u, struct doomed *x)
{
	struct err e = ERR_INIT;
	int r;

	if (x->kind == DOOMED_PACKAGE)
		r = whisk_delete_package(u->q->whisk, x->name, deleted, x, &e);
	else
		r = whisk_delete_action(u->q->whisk, x->name, deleted, x, &e);
	if (r < 0) {
		tell_failed(x, e.msg);
		err_clear(&e);
		return;
	}
	u->waiting++;
	u->idle = false;
}

static void delete_more(struct undeploy *u)
{
	while (u->next < u->functions.n && u->waiting < MAX_DELETIONS && !u->cancelled)
		delete_one(u, u->functions.v[u->next++]);
}

static int wait_for_answers(struct undeploy *u, struct err *e)
{
	if (!u->idle)
		loop_run_until(u->q->loop, &u->idle);
	if (!u->cancelled)
		return 0;
	return err_set(e, ERR_CANCELLED, "interrupted: %zu deleted, the rest may still be live",
		       u->deleted);
}

/* The clients themselves bound how many of these are under way. */
static void delete_triggers(struct undeploy *u)
{
	size_t i;

	for (i = 0; i < u->triggers.n; i++) {
		struct doomed *x = u->triggers.v[i];

		if (!name_is_valid(str_of(x->name))) {
			tell_unknown(x);
			continue;
		}
		u->waiting++;
		u->idle = false;
		doapi_delete_trigger(u->q->doapi, x->name, trigger_deleted, x);
	}
}

static void delete_packages(struct undeploy *u)
{
	size_t i;

	for (i = 0; i < u->packages.n; i++) {
		struct doomed *x = u->packages.v[i];

		if (x->left)
			tell_failed(x, "it still has functions");
		else
			delete_one(u, x);
	}
}

int undeploy_run(struct undeploy *u, struct err *e)
{
	delete_triggers(u);
	if (wait_for_answers(u, e) < 0)
		return -1;
	delete_more(u);
	if (wait_for_answers(u, e) < 0)
		return -1;
	delete_packages(u);
	if (wait_for_answers(u, e) < 0)
		return -1;
	if (u->failed == 0)
		return 0;
	return err_set(e, ERR_REMOTE, "%zu of %zu could not be deleted", u->failed,
		       u->failed + u->deleted);
}

void undeploy_release(struct undeploy *u)
{
	vec_release(&u->functions);
	vec_release(&u->packages);
	vec_release(&u->triggers);
	names_release(&u->function_names);
	names_release(&u->package_names);
	names_release(&u->trigger_names);
	arena_release(&u->arena);
}
