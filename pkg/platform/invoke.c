#include "platform/invoke.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "platform/refuse.h"
#include "platform/sequence.h"
#include "platform/waiter.h"

struct run {
	struct api *api;
	struct target *target;
	struct waiter waiter;
	char *cause; /* id of the sequence, or NULL */
	bool web;
	char id[ACTIVATION_ID];
};

int invoke_record(struct api *a, const struct record_subject *of,
		  const struct invocation_end *end, struct strbuf *record, struct err *e)
{
	struct strbuf summary = STRBUF_INIT, function = STRBUF_INIT;
	struct activation_row row = {.id = of->id, .start_ms = end->start_ms};
	int rc;

	record_write(record, &summary, of, end);
	strbuf_addf(&function, "%s%s%s", of->package, *of->package ? "/" : "", of->name);
	row.function = function.buf;
	row.summary = strbuf_str(&summary);
	row.record = strbuf_str(record);
	rc = entities_add_activation(a->o.entities, &row, e);
	strbuf_release(&summary);
	strbuf_release(&function);
	return rc;
}

static void on_done(void *arg, const struct invocation_end *end)
{
	struct run *r = arg;
	struct target *t = r->target;
	struct record_subject of = {
		.id = r->id,
		.namespace = r->api->o.namespace,
		.package = t->package,
		.name = t->name,
		.version = t->version,
		.kind = t->kind,
		.timeout_ms = t->timeout_ms,
		.memory_mb = t->memory_mb,
		.logs_kb = t->logs_kb,
		.web = r->web,
		.binding = t->binding,
		.cause = r->cause,
	};
	struct strbuf record = STRBUF_INIT;
	struct invoke_answer a = {.id = r->id, .end = end};
	struct err e = ERR_INIT;

	if (invoke_record(r->api, &of, end, &record, &e) < 0) {
		err_wrap(&e, "recording activation %s", r->id);
		a.end = NULL;
		a.failure = &e;
	}
	a.record = strbuf_str(&record);
	waiter_tell(&r->waiter, &a);
	err_clear(&e);
	strbuf_release(&record);
	if (!r->cause)
		r->api->calls--;
	free(r->cause);
	target_unref(t);
	free(r);
}

static int fetch_code(void *arg, struct strbuf *out, struct err *e)
{
	struct run *r = arg;

	return entities_get_code(r->api->o.entities, r->target->package, r->target->name, out,
				 e);
}

static struct run *new_run(struct api *a, const struct invoke_request *q)
{
	struct run *r = xcalloc(1, sizeof(*r));

	r->api = a;
	r->target = target_ref(q->target);
	r->web = q->web;
	random_hex(r->id, 16);
	r->cause = q->cause ? xstrdup(q->cause) : NULL;
	waiter_start(&r->waiter, a->o.loop, q, r->id);
	if (!q->cause)
		a->calls++;
	return r;
}

int invoke_start(struct api *a, const struct invoke_request *q, char id[ACTIVATION_ID],
		 struct err *e)
{
	struct target *t = q->target;
	struct invocation in = {
		.package = t->package,
		.name = t->name,
		.version = t->version,
		.revision = t->revision,
		.kind = t->kind,
		.main = t->main,
		.transaction_id = q->transaction,
		.api_key = t->wants_api_key ? a->o.auth : "",
		.binary = t->binary,
		.timeout_ms = t->timeout_ms,
		.memory_mb = t->memory_mb,
		.logs_kb = t->logs_kb,
		.payload = q->payload,
		.env = t->env,
		.code = fetch_code,
		.done = on_done,
	};
	struct run *r;

	if (!q->cause && a->calls >= API_CALLS_MAX)
		return refuse(
			e, 429,
			"Too many concurrent requests in flight (count: %u, allowed: %d).",
			a->calls + 1, API_CALLS_MAX);
	if (t->components) {
		sequence_start(a, q, id);
		return 0;
	}
	r = new_run(a, q);
	memcpy(id, r->id, sizeof(r->id));
	in.activation_id = id; /* not r's: the call may end before invoker_run() returns */
	in.arg = r;
	invoker_run(a->o.invoker, &in);
	return 0;
}
