#include "platform/api_call.h"
#include "platform/invoke.h"
#include "platform/params.h"
#include "platform/refuse.h"

struct waiting {
	struct api_call *call;
	bool result; /* bare, not the whole record */
};

static void add_id(struct api_call *c, const char *id)
{
	httpd_add_header(c->request, "x-openwhisk-activation-id", id);
}

static void reply_accepted(struct api_call *c, const char *id)
{
	struct json *j = json_new_object();

	json_set(j, "activationId", json_new_cstr(id));
	add_id(c, id);
	api_reply(c, 202, j);
}

/* Without a "code", an error of the function is told from one of the platform. */
static int status_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SUCCESS: return 200;
	case OUTCOME_WHISK: return 500;
	default: return 502;
	}
}

static void on_answer(void *arg, const struct invoke_answer *a)
{
	struct waiting *w = arg;
	struct api_call *c = w->call;

	if (a->failure) {
		add_id(c, a->id);
		api_fail(c, a->failure);
	} else if (!a->end) {
		reply_accepted(c, a->id);
	} else {
		add_id(c, a->id);
		api_reply_text(c, status_of(a->end->outcome),
			       w->result ? a->end->result : a->record);
	}
}

struct invoke_mode {
	bool blocking, result;
	uint64_t wait_ms;
};

static int read_mode(struct api_call *c, struct invoke_mode *m, struct err *e)
{
	const char *timeout = api_query(c, "timeout");
	uint64_t ms = API_WAIT_MS;

	m->blocking = m->result = false;
	if (api_query_bool(c, "blocking", &m->blocking, e) < 0 ||
	    api_query_bool(c, "result", &m->result, e) < 0)
		return -1;
	if (timeout && (!str_to_u64(str_of(timeout), &ms) || ms < 1 || ms > 60000))
		return refuse(e, 400, "Timeout must be number of milliseconds up to 60000.");
	m->wait_ms = m->blocking ? (ms < API_WAIT_MS ? ms : API_WAIT_MS) : 0;
	return 0;
}

static struct json *read_payload(struct api_call *c, const struct target *t, struct err *e)
{
	size_t n = httpd_body(c->request).n;
	struct json *payload;

	if (n > API_PAYLOAD_MAX) {
		refuse(e, 413, "Request larger than allowed: %zu > %d bytes.", n,
		       API_PAYLOAD_MAX);
		return NULL;
	}
	payload = api_body(c, e);
	if (payload && t->fixed && params_collide(t->fixed, payload)) {
		refuse(e, 400, REFUSE_RESERVED);
		json_free(payload);
		return NULL;
	}
	return payload;
}

static int start(struct api_call *c, struct target *t, const struct invoke_mode *m,
		 struct err *e)
{
	struct waiting *w = arena_new(c->arena, struct waiting);
	struct json *payload = read_payload(c, t, e);
	struct strbuf args = STRBUF_INIT;
	char id[ACTIVATION_ID];
	struct invoke_request q = {
		.target = t,
		.transaction = c->transaction,
		.wait_ms = m->wait_ms,
		.answer = on_answer,
		.arg = w,
	};
	int rc;

	if (!payload)
		return -1;
	*w = (struct waiting){c, m->result};
	params_write_args(&args, t->params, payload);
	json_free(payload);
	q.payload = strbuf_str(&args);
	rc = invoke_start(c->api, &q, id, e);
	strbuf_release(&args);
	if (rc == 0 && !m->blocking)
		reply_accepted(c, id);
	return rc;
}

void api_invoke_action(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *package, *name;
	struct invoke_mode mode;
	struct target *t = NULL;

	if (api_action_path(c, &package, &name, &e) == 0 && read_mode(c, &mode, &e) == 0)
		t = target_get(&c->api->targets, package, name, &e);
	if (!t && e.code == ERR_OK)
		refuse(&e, 404, REFUSE_NO_RESOURCE);
	if (!t || start(c, t, &mode, &e) < 0)
		api_fail(c, &e);
	target_unref(t);
}
