#include "deploy/body.h"
#include "deploy/jobs.h"

static bool has_name(const struct json *names, const char *name)
{
	const struct json *item;

	for (item = json_first(names); item; item = json_next(item))
		if (str_is(json_str(item), name))
			return true;
	return false;
}

static bool has_all(const struct json *names, const struct json *wanted)
{
	const struct json *item;
	const char *name;

	for (item = json_first(wanted); item; item = json_next(item)) {
		name = json_cstr(item);
		if (name && !has_name(names, name))
			return false;
	}
	return true;
}

static bool is_wanted(const struct trigger_owner *o, const char *name)
{
	const struct function *f = o->job->function;
	size_t i;

	for (i = 0; i < f->triggers.n; i++)
		if (strcmp(f->triggers.v[i]->name, name) == 0)
			return true;
	return false;
}

static bool is_live(const struct trigger_owner *o, const char *name)
{
	const struct live_triggers *live = o->deploy->q->triggers;
	const struct live_trigger *t = live ? live_trigger(live, name) : NULL;

	/* Who does not look at triggers forgets none. */
	return !live || (t && strcmp(t->function, o->name) == 0);
}

static void set_marks(const struct trigger_owner *o, const struct json *marks)
{
	json_set(o->job->deployer, "triggers",
		 json_count(marks) > 0 ? json_clone(marks) : NULL);
}

void trigger_marks_plan(struct trigger_owner *o)
{
	const struct function *f = o->job->function;
	const struct json *item;
	const char *name;
	size_t i;

	o->marks = json_new_array();
	for (i = 0; i < f->triggers.n; i++)
		json_push(o->marks, json_new_cstr(f->triggers.v[i]->name));
	for (item = json_first(o->on_server); item; item = json_next(item)) {
		name = json_cstr(item);
		if (name && !is_wanted(o, name) && is_live(o, name))
			json_push(o->marks, json_clone(item));
	}
	set_marks(o, o->marks);
}

bool trigger_marks_missing(const struct trigger_owner *o)
{
	return !has_all(o->on_server, o->marks);
}

/* Still there, because its deletion failed. */
static bool is_left(const struct trigger_owner *o, const char *name)
{
	const struct trigger_job *tj = names_find(&o->deploy->triggers.job_names, name);

	return tj && !tj->done;
}

bool trigger_marks_finish(struct trigger_owner *o)
{
	const struct json *item;
	const char *name;

	o->last = json_new_array();
	for (item = json_first(o->marks); item; item = json_next(item)) {
		name = json_cstr(item);
		if (name && (is_wanted(o, name) || is_left(o, name)))
			json_push(o->last, json_clone(item));
	}
	return !has_all(o->last, o->on_server);
}

void trigger_marks_body(const struct trigger_owner *o, const struct json *marks,
			struct strbuf *out)
{
	set_marks(o, marks);
	job_note_version(o->job, 1);
	record_body(out, o->job->deployer);
}
