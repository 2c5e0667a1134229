#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "platform/platform.h"
#include "proc/proc.h"

struct loop *context_loop(struct context *c)
{
	if (!c->loop) {
		c->loop = loop_new();
		loop_catch_interrupt(c->loop);
	}
	return c->loop;
}

const char *context_program(struct context *c, struct err *e)
{
	if (!c->program)
		c->program = proc_self(c->argv0);
	if (!c->program)
		err_set(e, ERR_SYSTEM, "cannot tell where the program '%s' is", c->argv0);
	return c->program;
}

static void tell_retry(void *arg, const char *what, uint64_t wait_ms)
{
	struct context *c = arg;
	struct event ev = {.type = EVENT_RETRY, .text = str_of(what), .ms = wait_ms};

	if (c->sink)
		sink_emit(c->sink, &ev);
	else
		ui_say(&c->ui, "%s; trying again in %.1f s", what, (double)wait_ms / 1000);
}

static void say_local(struct context *c, const struct creds *creds, bool started)
{
	const char *how = started ? " (started now)" : "";

	if (creds->from == CREDS_LOCAL_DEFAULT && (started || !c->said_local))
		ui_say(&c->ui, "no namespace is connected: using the local platform on %s%s",
		       creds->api_host, how);
	else if (started)
		ui_say(&c->ui, "the local platform runs on %s%s", creds->api_host, how);
	c->said_local = true;
}

int context_use_local(struct context *c, struct creds *creds, struct err *e)
{
	struct platform_info info = {0};
	bool started = false;

	if (!context_program(c, e) || platform_start(c->program, 0, &info, &started, e) < 0) {
		platform_info_release(&info);
		return err_wrap(e, "the local platform");
	}
	creds->api_host = xstrdup(info.api_host);
	creds->auth = xstrdup(info.auth);
	creds->namespace = xstrdup(info.namespace);
	say_local(c, creds, started);
	platform_info_release(&info);
	return 0;
}

int context_silence_ms(uint64_t *ms, struct err *e)
{
	const char *given = getenv("DOFN_TIMEOUT");
	double seconds;
	char *end;

	*ms = 0;
	if (!given || !*given)
		return 0;
	seconds = strtod(given, &end);
	if (*end || !(seconds >= 0.1 && seconds <= 3600))
		return err_set(
			e, ERR_USAGE,
			"DOFN_TIMEOUT is '%s'; set it to a number of seconds from 0.1 to "
			"3600",
			given);
	*ms = (uint64_t)(seconds * 1000 + 0.5);
	return 0;
}

static int open_connection(struct context *c, bool insecure, unsigned max_tries,
			   struct connection *to, struct err *e)
{
	struct whisk_options o = {
		.insecure = insecure,
		.max_tries = max_tries,
		.on_retry = tell_retry,
		.arg = c,
	};

	if (context_silence_ms(&o.silence_ms, e) < 0)
		return -1;
	to->local = to->creds.from == CREDS_LOCAL || to->creds.from == CREDS_LOCAL_DEFAULT;
	if (to->local && context_use_local(c, &to->creds, e) < 0)
		return -1;
	o.api_host = to->creds.api_host;
	o.auth = to->creds.auth;
	to->whisk = whisk_new(context_loop(c), &o, e);
	return to->whisk ? 0 : -1;
}

int context_connect(struct context *c, const struct connection_flags *flags, unsigned max_tries,
		    struct connection *to, struct err *e)
{
	*to = (struct connection){.insecure = flags->insecure};
	if (creds_find(flags->apihost, flags->auth, &to->creds, e) < 0 ||
	    open_connection(c, flags->insecure, max_tries, to, e) < 0) {
		connection_release(to);
		return -1;
	}
	return 0;
}

bool connection_is_digitalocean(const struct connection *to)
{
	struct str host = str_of(to->creds.api_host);

	return str_ends(host, ".doserverless.co") || str_ends(host, ".doserverless.io");
}

bool connection_has_token(const struct connection *to)
{
	return to->local || creds_token();
}

/* Where it is and what it is asked with; false when there is no token. */
static bool find_doapi(const struct connection *to, struct doapi_options *o)
{
	const char *colon = strchr(to->creds.auth, ':');

	if (to->local) {
		o->api_url = to->creds.api_host;
		o->token = colon ? colon + 1 : NULL;
	} else {
		o->api_url = creds_api_url() ? creds_api_url() : to->creds.api_url;
		o->token = creds_token();
	}
	return o->token != NULL;
}

struct doapi *context_doapi(struct context *c, const struct connection *to, const char *ns,
			    struct err *e)
{
	struct doapi_options o = {.insecure = to->insecure, .on_retry = tell_retry, .arg = c};
	struct doapi *d = NULL;
	char *found = NULL;

	if (!find_doapi(to, &o)) {
		err_set(e, ERR_AUTH,
			"triggers need the DigitalOcean API: set DIGITALOCEAN_ACCESS_TOKEN to "
			"a "
			"token for it");
		return NULL;
	}
	if (!ns && !to->creds.namespace)
		found = whisk_namespace(to->whisk, e);
	o.namespace = ns ? ns : to->creds.namespace ? to->creds.namespace : found;
	if (o.namespace && context_silence_ms(&o.silence_ms, e) == 0)
		d = doapi_new(context_loop(c), &o, e);
	free(found);
	return d;
}

void connection_release(struct connection *to)
{
	whisk_free(to->whisk);
	creds_release(&to->creds);
	*to = (struct connection){0};
}

void context_print_member(struct context *c, const char *name, struct json *value)
{
	struct json *j = json_new_object();

	json_set(j, name, value);
	context_print_json(c, j);
	json_free(j);
}

void context_print_json(struct context *c, const struct json *j)
{
	struct strbuf text = STRBUF_INIT;

	json_write_pretty(&text, j);
	strbuf_addc(&text, '\n');
	ui_out_text(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}
