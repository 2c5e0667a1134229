#include "deploy/apply.h"
#include "doapi/doapi.h"

static void tell(struct trigger_job *tj, enum event_type type, const char *text)
{
	struct event ev = {
		.type = type,
		.function = tj->owner->name,
		.trigger = tj->name,
		.text = str_of(text),
	};

	if (tj->trigger)
		ev.text2 = str_of(tj->trigger->cron);
	sink_emit(tj->deploy->q->sink, &ev);
}

static void tell_done(struct trigger_job *tj)
{
	struct deploy_triggers *r = &tj->deploy->result->triggers;

	tj->done = tj->told = true;
	if (!tj->trigger) {
		r->deleted++;
		tell(tj, EVENT_TRIGGER, "deleted");
	} else if (tj->plan.action == PLAN_UNCHANGED) {
		r->unchanged++;
		tell(tj, EVENT_TRIGGER, "unchanged");
	} else {
		r->deployed++;
		tell(tj, EVENT_TRIGGER, tj->live ? "updated" : "created");
	}
}

static void tell_failed(struct trigger_job *tj, const char *why)
{
	tj->told = true;
	tj->deploy->result->triggers.failed++;
	tell(tj, EVENT_TRIGGER_FAILED, why);
}

static void changed(void *arg, const struct json *trigger UNUSED, struct err *failure)
{
	struct trigger_job *tj = arg;

	apply_answered(tj->deploy, failure);
	/* Somebody else has deleted it meanwhile. */
	if (!failure || (!tj->trigger && failure->status == 404))
		tell_done(tj);
	else if (failure->code != ERR_CANCELLED)
		tell_failed(tj, failure->msg);
}

static struct doapi_trigger wanted(const struct trigger_job *tj)
{
	return (struct doapi_trigger){
		.name = tj->name,
		.function = tj->owner->name,
		.cron = tj->trigger->cron,
		.body = tj->trigger->body,
		.enabled = tj->trigger->enabled,
	};
}

static void create(struct trigger_job *tj)
{
	struct doapi_trigger t = wanted(tj);

	apply_sent(tj->deploy);
	doapi_create_trigger(tj->deploy->q->doapi, &t, changed, tj);
}

/* The old one of a trigger that moves is gone. */
static void moved(void *arg, const struct json *trigger UNUSED, struct err *failure)
{
	struct trigger_job *tj = arg;

	if (!failure || failure->status == 404)
		create(tj); /* before the answer counts, so that the wait goes on */
	apply_answered(tj->deploy, failure);
	if (failure && failure->status != 404 && failure->code != ERR_CANCELLED)
		tell_failed(tj, failure->msg);
}

static void send(struct trigger_job *tj)
{
	struct doapi *api = tj->deploy->q->doapi;
	struct doapi_trigger t;

	if (tj->plan.action == PLAN_CREATE) {
		create(tj);
		return;
	}
	apply_sent(tj->deploy);
	if (tj->plan.action == PLAN_DELETE) {
		doapi_delete_trigger(api, tj->name, changed, tj);
	} else if (tj->moves) {
		doapi_delete_trigger(api, tj->name, moved, tj);
	} else {
		t = wanted(tj);
		doapi_update_trigger(api, &t, changed, tj);
	}
}

static void apply_one(struct trigger_job *tj)
{
	if (tj->owner->job->failed)
		tell_failed(tj, "its function failed");
	else if (tj->owner->failure)
		tell_failed(tj, tj->owner->failure);
	else if (tj->plan.action == PLAN_UNCHANGED)
		tell_done(tj);
	else
		send(tj);
}

static void marked(void *arg, struct json *answer, struct err *failure)
{
	struct trigger_owner *o = arg;

	apply_answered(o->deploy, failure);
	if (!failure) {
		job_take_version(o->job, answer);
		o->on_server = o->last ? o->last : o->marks;
	} else if (failure->code != ERR_CANCELLED)
		o->failure = xasprintf("the record of its function: %s", failure->msg);
}

static void write_marks(struct trigger_owner *o, const struct json *marks)
{
	struct strbuf body = STRBUF_INIT;

	trigger_marks_body(o, marks, &body);
	apply_sent(o->deploy);
	whisk_put_action(o->deploy->q->whisk, o->name, &body, marked, o);
}

/* Those of a function that was sent came with it. */
static void mark_first(struct trigger_owner *o)
{
	if (o->job->failed)
		return;
	if (o->job->plan.action != PLAN_UNCHANGED)
		o->on_server = o->marks;
	else if (trigger_marks_missing(o))
		write_marks(o, o->marks);
}

static void mark_last(struct trigger_owner *o)
{
	if (!o->job->failed && !o->failure && trigger_marks_finish(o))
		write_marks(o, o->last);
}

/* A name that is left without its trigger does no harm; the next deploy takes it away. */
static void tell_unmarked(const struct trigger_owner *o)
{
	if (o->last && o->failure)
		sink_warning(o->deploy->q->sink, o->name, "%s", o->failure);
}

void apply_tell_missed_triggers(struct deploy *d)
{
	size_t i;

	for (i = 0; d->q->triggers && i < d->triggers.jobs.n; i++)
		if (!d->triggers.jobs.v[i]->told)
			tell_failed(d->triggers.jobs.v[i],
				    "the deploy was interrupted before it was heard of");
}

int apply_triggers(struct deploy *d, struct err *e)
{
	struct trigger_plan *plan = &d->triggers;
	size_t i;

	if (!d->q->triggers)
		return 0;
	for (i = 0; i < plan->owners.n; i++)
		mark_first(plan->owners.v[i]);
	if (apply_wait(d, e) < 0)
		return -1;
	for (i = 0; i < plan->jobs.n && !d->cancelled; i++)
		apply_one(plan->jobs.v[i]);
	if (apply_wait(d, e) < 0)
		return -1;
	for (i = 0; i < plan->owners.n; i++)
		mark_last(plan->owners.v[i]);
	if (apply_wait(d, e) < 0)
		return -1;
	for (i = 0; i < plan->owners.n; i++)
		tell_unmarked(plan->owners.v[i]);
	return 0;
}
