#include "deploy/keep.h"

#include "deploy/body.h"

static void add_body(struct strbuf *head, struct strbuf *tail, const struct job *job)
{
	const struct project *p = job->deploy->q->project;
	const struct upload u = {.artifact = &job->artifact,
				 .deployer = job->deployer,
				 .components = job->components};

	if (job->remote)
		values_body(head, p, job->function, &u);
	else
		function_body(head, tail, p, job->function, &u);
}

void keep_deployed(const struct job *job, const struct json *answer)
{
	const struct artifact *a = &job->artifact;
	struct history_writer *w = job->deploy->q->history;
	struct history_new kept = {.function = job->name,
				   .version = json_cstr(json_get(answer, "version")),
				   .remote = job->remote != REMOTE_NO};
	struct strbuf head = STRBUF_INIT, tail = STRBUF_INIT;

	if (!w)
		return;
	add_body(&head, &tail, job);
	strbuf_addstr(&head, strbuf_str(&tail));
	kept.body = strbuf_str(&head);
	if (!job->remote && !job->components && a->files) {
		kept.spool = &job->deploy->packer.spool;
		kept.at = a->at;
		kept.bytes = a->bytes;
		kept.binary = a->binary;
		kept.sha256 = a->digest;
	}
	history_keep(w, &kept);
	strbuf_release(&head);
	strbuf_release(&tail);
}

void keep_end(const struct deploy *d)
{
	const char *why = history_writer_failure(d->q->history);

	if (why && d->result->deployed)
		sink_warning(d->q->sink, NULL,
			     "what is live now is not kept for 'dofn rollback': %s", why);
}
