#include "platform/sequence.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "platform/outcome.h"
#include "platform/params.h"
#include "platform/refuse.h"
#include "platform/waiter.h"

struct sequence {
	struct api *api;
	struct target *target;
	struct waiter waiter;
	char id[ACTIVATION_ID];
	char *cause, *transaction;
	bool web;
	unsigned level; /* of sequences around this one */
	unsigned *left; /* calls that the outermost one may still make: own_left, or its */
	unsigned own_left;
	const struct json *next; /* component to call */
	struct json *ids;        /* of the calls made */
	struct strbuf payload;   /* JSON text: what the next one gets; in the end the result */
	struct strbuf scratch;
	struct invocation_end end;
	int64_t duration_ms, memory_mb;
};

const char *sequence_split(const struct api *a, struct str component, struct strbuf *package)
{
	struct str rest = str_from(component, strlen(a->o.namespace) + 2);
	const char *slash = memchr(rest.p, '/', rest.n);

	strbuf_reset(package);
	if (!slash)
		return rest.p;
	strbuf_add(package, rest.p, (size_t)(slash - rest.p));
	return slash + 1;
}

static void release(struct sequence *s)
{
	target_unref(s->target);
	json_free(s->ids);
	free(s->cause);
	free(s->transaction);
	strbuf_release(&s->payload);
	strbuf_release(&s->scratch);
	free(s);
}

static struct record_subject subject_of(const struct sequence *s)
{
	const struct target *t = s->target;

	return (struct record_subject){
		.id = s->id,
		.namespace = s->api->o.namespace,
		.package = t->package,
		.name = t->name,
		.version = t->version,
		.kind = t->kind,
		.timeout_ms = t->timeout_ms,
		.memory_mb = s->memory_mb ? s->memory_mb : t->memory_mb,
		.logs_kb = t->logs_kb,
		.web = s->web,
		.binding = t->binding,
		.cause = s->cause,
		.calls = s->ids,
		.duration_ms = s->duration_ms,
	};
}

/* Records the sequence and answers. */
static void finish(void *arg)
{
	struct sequence *s = arg;
	struct record_subject of = subject_of(s);
	struct strbuf record = STRBUF_INIT;
	struct invoke_answer a = {.id = s->id, .end = &s->end};
	struct err e = ERR_INIT;

	s->end.end_ms = (int64_t)clock_realtime_ms();
	if (invoke_record(s->api, &of, &s->end, &record, &e) < 0) {
		err_wrap(&e, "recording activation %s", s->id);
		a.end = NULL;
		a.failure = &e;
	}
	a.record = strbuf_str(&record);
	waiter_tell(&s->waiter, &a);
	err_clear(&e);
	strbuf_release(&record);
	if (!s->cause)
		s->api->calls--;
	release(s);
}

static void fail(struct sequence *s, enum outcome outcome, const char *text)
{
	outcome_set(&s->end, outcome, &s->scratch, "%s", text);
	loop_defer(s->api->o.loop, finish, s); /* not from inside the start */
}

static void call_next(struct sequence *s);

/* Keeps what the component's end says until the sequence's own. */
static void take_end(struct sequence *s, const struct invocation_end *end)
{
	strbuf_reset(&s->payload);
	strbuf_addstr(&s->payload, end->result);
	s->end.outcome = end->outcome;
	s->end.result = strbuf_str(&s->payload);
	s->end.size = end->size;
	s->duration_ms += end->end_ms - end->start_ms;
	if (json_count(s->ids) == 1) {
		s->end.start_ms = end->start_ms;
		s->end.wait_ms = end->wait_ms;
	}
}

static void component_ended(void *arg, const struct invoke_answer *a)
{
	struct sequence *s = arg;

	json_push(s->ids, json_new_cstr(a->id));
	if (!a->end) {
		fail(s, OUTCOME_WHISK, a->failure->msg);
		return;
	}
	take_end(s, a->end);
	s->next = json_next(s->next);
	if (s->next && a->end->outcome == OUTCOME_SUCCESS)
		call_next(s);
	else
		finish(s);
}

static int write_arguments(struct sequence *s, const struct target *t, struct strbuf *args,
			   struct err *e)
{
	struct json *payload = json_parse(strbuf_str(&s->payload), e);

	if (!payload)
		return -1;
	params_write_args(args, t->params, payload);
	json_free(payload);
	return 0;
}

static int call_component(struct sequence *s, struct target *t, struct err *e)
{
	struct strbuf args = STRBUF_INIT;
	char id[ACTIVATION_ID];
	struct invoke_request q = {
		.target = t,
		.transaction = s->transaction,
		.cause = s->id,
		.level = s->level + 1,
		.left = s->left,
		.answer = component_ended,
		.arg = s,
	};
	int rc;

	if (t->memory_mb > s->memory_mb)
		s->memory_mb = t->memory_mb;
	if (write_arguments(s, t, &args, e) < 0)
		return -1;
	q.payload = strbuf_str(&args);
	rc = invoke_start(s->api, &q, id, e);
	strbuf_release(&args);
	return rc;
}

static void call_next(struct sequence *s)
{
	struct strbuf package = STRBUF_INIT;
	const char *name = sequence_split(s->api, json_str(s->next), &package);
	struct err e = ERR_INIT;
	struct target *t = NULL;

	/* Sequences that became longer since this one was stored. */
	if (s->level >= SEQUENCE_MAX || *s->left == 0) {
		fail(s, OUTCOME_APPLICATION, "Too many actions in the sequence.");
	} else {
		t = target_get(&s->api->targets, package.buf, name, &e);
		if (t && !t->components)
			(*s->left)--;
		if (!t && e.code == ERR_OK)
			fail(s, OUTCOME_APPLICATION, "Sequence component does not exist.");
		else if (!t || call_component(s, t, &e) < 0)
			fail(s, OUTCOME_WHISK, e.msg);
	}
	target_unref(t);
	err_clear(&e);
	strbuf_release(&package);
}

void sequence_start(struct api *a, const struct invoke_request *q, char id[ACTIVATION_ID])
{
	struct sequence *s = xcalloc(1, sizeof(*s));

	s->api = a;
	s->target = target_ref(q->target);
	s->cause = q->cause ? xstrdup(q->cause) : NULL;
	s->transaction = xstrdup(q->transaction);
	s->web = q->web;
	s->level = q->level;
	s->own_left = SEQUENCE_MAX;
	s->left = q->left ? q->left : &s->own_left;
	s->next = json_first(q->target->components);
	s->ids = json_new_array();
	s->payload = s->scratch = STRBUF_INIT;
	strbuf_addstr(&s->payload, q->payload);
	s->end.start_ms = (int64_t)clock_realtime_ms();
	random_hex(s->id, 16);
	memcpy(id, s->id, sizeof(s->id));
	waiter_start(&s->waiter, a->o.loop, q, s->id);
	if (!s->cause)
		a->calls++;
	call_next(s);
}
