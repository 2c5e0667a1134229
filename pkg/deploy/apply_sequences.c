#include "deploy/apply.h"
#include "deploy/body.h"

static void sequence_put(void *arg, struct json *answer, struct err *failure)
{
	struct job *job = arg;

	apply_answered(job->deploy, failure);
	if (!failure)
		apply_tell_deployed(job, answer);
	else if (failure->code != ERR_CANCELLED)
		apply_tell_failed(job, failure->msg);
}

static void send_sequence(struct deploy *d, struct job *job)
{
	struct upload u = {.deployer = job->deployer,
			   .components = job->components,
			   .stale = job->plan.stale.v,
			   .stale_n = job->plan.stale.n,
			   .reset = job->plan.reset};
	struct strbuf body = STRBUF_INIT;

	function_body(&body, &body, d->q->project, job->function, &u);
	job->sent = true;
	apply_sent(d);
	whisk_put_action(d->q->whisk, job->name, &body, sequence_put, job);
}

/* A component that this deploy was to create and did not; an old one of that name will do. */
static const struct job *find_missing(const struct deploy *d, const struct job *job)
{
	const struct json *c;
	const struct job *other;

	for (c = json_first(job->components); c; c = json_next(c)) {
		other = job_of_component(d, json_str(c));
		if (other && other->failed && other->plan.action == PLAN_CREATE)
			return other;
	}
	return NULL;
}

static void put_sequence(struct deploy *d, struct job *job)
{
	const struct job *missing = find_missing(d, job);
	struct strbuf why = STRBUF_INIT;

	if (apply_package_failed(job))
		return;
	if (missing) {
		strbuf_addf(&why, "its function '%s' could not be deployed", missing->name);
		apply_tell_failed(job, why.buf);
		strbuf_release(&why);
	} else if (job->plan.action == PLAN_UNCHANGED) {
		apply_tell_unchanged(job);
	} else {
		send_sequence(d, job);
	}
}

/* A server takes a sequence only when its components are there: one level after another. */
int apply_sequences(struct deploy *d, struct err *e)
{
	size_t i, level, done = 0;

	for (level = 1; done < d->sequences.n; level++) {
		for (i = 0; i < d->sequences.n; i++) {
			if (d->sequences.v[i].level != level)
				continue;
			put_sequence(d, &d->sequences.v[i]);
			done++;
		}
		if (apply_wait(d, e) < 0)
			return -1;
	}
	return 0;
}
