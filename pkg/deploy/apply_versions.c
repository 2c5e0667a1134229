#include "deploy/apply.h"
#include "deploy/body.h"

static void noted(void *arg, struct json *answer, struct err *failure)
{
	struct job *job = arg;

	apply_answered(job->deploy, failure);
	if (!failure)
		job_take_version(job, answer);
	else if (failure->code != ERR_CANCELLED)
		sink_warning(job->deploy->q->sink, job->name,
			     "it is live, but its version could not be noted, so the next "
			     "deploy will say that it was changed elsewhere: %s",
			     failure->msg);
}

static void note(struct job *job)
{
	struct strbuf body = STRBUF_INIT;

	if (!job->misnoted || job->failed)
		return;
	job_note_version(job, 1);
	record_body(&body, job->deployer);
	apply_sent(job->deploy);
	whisk_put_action(job->deploy->q->whisk, job->name, &body, noted, job);
}

/*
 * A write that was sent again because its answer was lost moves the version by two.  Once
 * is enough: at worst the next deploy takes our own write for somebody else's, and writes
 * what is live already.
 */
int apply_versions(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->jobs.n; i++)
		note(&d->jobs.v[i]);
	for (i = 0; i < d->sequences.n; i++)
		note(&d->sequences.v[i]);
	return apply_wait(d, e);
}
