#include "platform/call.h"

#include <stdlib.h>

#include "base/clock.h"

static const char *copy(struct call *c, const char *s)
{
	return s ? arena_strdup(&c->arena, s) : NULL;
}

struct call *call_new(const struct invocation *in)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->in = *in;
	c->in.activation_id = copy(c, in->activation_id);
	c->in.package = copy(c, in->package);
	c->in.name = copy(c, in->name);
	c->in.version = copy(c, in->version);
	c->in.revision = copy(c, in->revision);
	c->in.kind = copy(c, in->kind);
	c->in.main = copy(c, in->main && in->main[0] ? in->main : "main");
	c->in.transaction_id = copy(c, in->transaction_id);
	c->in.api_key = copy(c, in->api_key);
	c->in.payload = arena_str(&c->arena, in->payload);
	c->env = in->env ? json_clone(in->env) : NULL;
	c->in.env = c->env;
	c->arrived_ms = (int64_t)clock_realtime_ms();
	return c;
}

void call_free(struct call *c)
{
	json_free(c->env);
	arena_release(&c->arena);
	free(c);
}

static void add_variable(struct strbuf *out, const char *name, struct str value)
{
	if (out->buf[out->len - 1] != '{')
		strbuf_addc(out, ',');
	strbuf_addf(out, "\"__OW_%s\":", name);
	json_write_str(out, value);
}

/* "/namespace/package/name" */
static void add_name(struct strbuf *out, const struct invocation *in, const char *ns)
{
	struct strbuf name = STRBUF_INIT;

	strbuf_addf(&name, "/%s/", ns);
	if (in->package[0])
		strbuf_addf(&name, "%s/", in->package);
	strbuf_adds(&name, in->name);
	add_variable(out, "ACTION_NAME", strbuf_str(&name));
	strbuf_release(&name);
}

/* What the function finds in its environment about this call. */
static void add_environ(struct strbuf *out, const struct invocation *in, const char *ns)
{
	int64_t deadline = (int64_t)clock_realtime_ms() + in->timeout_ms;

	strbuf_adds(out, "{\"environ\":{");
	add_name(out, in, ns);
	add_variable(out, "ACTION_VERSION", str_of(in->version));
	add_variable(out, "ACTIVATION_ID", str_of(in->activation_id));
	add_variable(out, "NAMESPACE", str_of(ns));
	add_variable(out, "TRANSACTION_ID", str_of(in->transaction_id));
	if (in->api_key[0])
		add_variable(out, "API_KEY", str_of(in->api_key));
	strbuf_addf(out, ",\"__OW_DEADLINE\":\"%lld\"}", (long long)deadline);
}

/* The payload as it is; a line feed in JSON is white space, but the end of a request here. */
static void add_one_line(struct strbuf *out, struct str json)
{
	struct str line;

	if (json.n == 0)
		json = STR("{}");
	while (str_next(&json, '\n', &line))
		strbuf_addstr(out, line);
}

void call_write_init(const struct call *c, const char *ns, struct strbuf *out)
{
	add_environ(out, &c->in, ns);
	strbuf_addf(out, ",\"binary\":%s,\"main\":", c->in.binary ? "true" : "false");
	json_write_str(out, str_of(c->in.main));
	strbuf_adds(out, ",\"env\":");
	if (c->env)
		json_write(out, c->env);
	else
		strbuf_adds(out, "{}");
	strbuf_addc(out, '}');
}

void call_write_run(const struct call *c, const char *ns, struct strbuf *out)
{
	add_environ(out, &c->in, ns);
	strbuf_adds(out, ",\"value\":");
	add_one_line(out, c->in.payload);
	strbuf_addc(out, '}');
}
