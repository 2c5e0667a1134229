#include "triggers.h"

#include "cron/cron.h"
#include "parameters.h"
#include "project/project.h"

/* A request for a change, until its answer. */
struct change {
	bool done;
	struct json *trigger;
	struct err failure;
};

static void changed(void *arg, const struct json *trigger, struct err *failure)
{
	struct change *x = arg;

	x->trigger = json_clone(trigger);
	if (failure)
		err_move(&x->failure, failure);
	x->done = true;
}

/* Waits, and shows the trigger as it is now. */
static int finish(struct context *c, struct change *x, const char *name, const char *what,
		  struct err *e)
{
	if (!x->done)
		loop_run_until(context_loop(c), &x->done);
	if (x->failure.code != ERR_OK) {
		err_move(e, &x->failure);
		return err_wrap(e, "trigger '%s'", name);
	}
	if (c->json)
		context_print_json(c, x->trigger);
	ui_say(&c->ui, "trigger %s: %s", name, what);
	json_free(x->trigger);
	return 0;
}

static int check_name(const char *name, struct err *e)
{
	if (name_is_valid(str_of(name)))
		return 0;
	return err_set(e, ERR_USAGE, "'%s' is no name of a trigger", name);
}

/* ---- create and update ---- */

struct change_options {
	struct connection_flags connection;
	struct parameter_flags body;
	const char *function, *cron;
	bool disabled, no_body;
};

static const struct cli_option create_options[] = {
	CLI_OPT(struct change_options, function, "function", 'f', CLI_STRING, "NAME",
		"the function to call"),
	CLI_OPT(struct change_options, cron, "cron", 'c', CLI_STRING, "SCHEDULE",
		"when: minute hour day month weekday, in UTC"),
	PARAMETER_OPTIONS(struct change_options, body),
	CLI_OPT(struct change_options, disabled, "disabled", 0, CLI_FLAG, NULL,
		"do not call the function until 'enable'"),
	CONNECTION_OPTIONS(struct change_options, connection),
	CLI_END,
};

static const struct cli_option update_options[] = {
	CLI_OPT(struct change_options, cron, "cron", 'c', CLI_STRING, "SCHEDULE",
		"when: minute hour day month weekday, in UTC"),
	PARAMETER_OPTIONS(struct change_options, body),
	CLI_OPT(struct change_options, no_body, "no-params", 0, CLI_FLAG, NULL,
		"call the function without parameters"),
	CONNECTION_OPTIONS(struct change_options, connection),
	CLI_END,
};

/* In the one form that every platform takes. */
static int read_cron(const char *given, struct strbuf *cron, struct err *e)
{
	struct strbuf why = STRBUF_INIT;
	int r = 0;

	if (given && !cron_normalize(str_of(given), cron, &why))
		r = err_set(e, ERR_USAGE, "--cron: %s", why.buf);
	strbuf_release(&why);
	return r;
}

static bool has_body(const struct change_options *o)
{
	return o->body.file || o->body.list.items.n;
}

/* What is not given on the command line stays as it is. */
static int send_update(struct context *c, struct trigger_api *api, struct doapi_trigger *t,
		       struct err *e)
{
	struct json *old = trigger_api_get(api, t->name, e);
	const struct json *details = json_get(old, "scheduled_details");
	struct change x = {0};

	if (!old)
		return -1;
	if (!*t->cron)
		t->cron = json_cstr(json_get(details, "cron"));
	if (!t->body)
		t->body = json_get(details, "body");
	t->enabled = json_is_true(json_get(old, "is_enabled"));
	if (!t->cron) {
		json_free(old);
		return err_set(e, ERR_REMOTE, "trigger '%s' has no schedule; give it --cron",
			       t->name);
	}
	doapi_update_trigger(api->doapi, t, changed, &x);
	json_free(old);
	return finish(c, &x, t->name, "updated", e);
}

static int send_new(struct context *c, struct trigger_api *api, const struct doapi_trigger *t,
		    struct err *e)
{
	struct change x = {0};

	doapi_create_trigger(api->doapi, t, changed, &x);
	return finish(c, &x, t->name, "created", e);
}

/* t->function NULL: an update. */
static int send(struct context *c, const struct change_options *o, struct doapi_trigger *t,
		struct err *e)
{
	struct json *body = has_body(o) || o->no_body ? parameters_read(&o->body, e) : NULL;
	struct trigger_api api;
	int r = e->code == ERR_OK ? trigger_api_open(c, &o->connection, &api, e) : -1;

	t->body = body;
	if (r == 0) {
		r = t->function ? send_new(c, &api, t, e) : send_update(c, &api, t, e);
		trigger_api_close(&api);
	}
	json_free(body);
	return r;
}

static int run_create(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct change_options *o = opt;
	struct doapi_trigger t = {
		.name = args->items.v[0], .function = o->function, .enabled = !o->disabled};
	struct strbuf cron = STRBUF_INIT;
	int r;

	if (!o->function || !o->cron)
		return err_set(e, ERR_USAGE, "a trigger needs --function and --cron");
	r = check_name(t.name, e);
	if (r == 0)
		r = read_cron(o->cron, &cron, e);
	t.cron = cron.buf;
	if (r == 0)
		r = send(c, o, &t, e);
	strbuf_release(&cron);
	return r;
}

static int run_update(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct change_options *o = opt;
	struct doapi_trigger t = {.name = args->items.v[0]};
	struct strbuf cron = STRBUF_INIT;
	int r;

	if (!o->cron && !has_body(o) && !o->no_body)
		return err_set(e, ERR_USAGE,
			       "say what shall change: --cron, --param, --param-file or "
			       "--no-params");
	if (has_body(o) && o->no_body)
		return err_set(e, ERR_USAGE,
			       "--no-params goes without --param and --param-file");
	r = check_name(t.name, e);
	if (r == 0)
		r = read_cron(o->cron, &cron, e);
	t.cron = cron.buf;
	if (r == 0)
		r = send(c, o, &t, e);
	strbuf_release(&cron);
	return r;
}

const struct command cmd_triggers_create = {
	.name = "create",
	.args = "NAME",
	.summary = "make a trigger",
	.help = "A project's own triggers belong into its project.yml.",
	.min_args = 1,
	.max_args = 1,
	.options = create_options,
	.options_size = sizeof(struct change_options),
	.run = run_create,
};

const struct command cmd_triggers_update = {
	.name = "update",
	.args = "NAME",
	.summary = "change a trigger's schedule or parameters",
	.min_args = 1,
	.max_args = 1,
	.options = update_options,
	.options_size = sizeof(struct change_options),
	.run = run_update,
};

/* ---- enable, disable, delete ---- */

struct plain_options {
	struct connection_flags connection;
};

static const struct cli_option plain_options[] = {
	CONNECTION_OPTIONS(struct plain_options, connection),
	CLI_END,
};

static int set_enabled(struct context *c, const struct plain_options *o, const char *name,
		       bool enabled, struct err *e)
{
	struct trigger_api api;
	struct change x = {0};
	int r;

	if (check_name(name, e) < 0 || trigger_api_open(c, &o->connection, &api, e) < 0)
		return -1;
	doapi_enable_trigger(api.doapi, name, enabled, changed, &x);
	r = finish(c, &x, name, enabled ? "enabled" : "disabled", e);
	trigger_api_close(&api);
	return r;
}

static int run_enable(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	return set_enabled(c, opt, args->items.v[0], true, e);
}

static int run_disable(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	return set_enabled(c, opt, args->items.v[0], false, e);
}

static int run_delete(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	const struct plain_options *o = opt;
	const char *name = args->items.v[0];
	struct trigger_api api;
	struct change x = {0};
	int r;

	if (check_name(name, e) < 0 || trigger_api_open(c, &o->connection, &api, e) < 0)
		return -1;
	doapi_delete_trigger(api.doapi, name, changed, &x);
	r = finish(c, &x, name, "deleted", e);
	trigger_api_close(&api);
	return r;
}

const struct command cmd_triggers_enable = {
	.name = "enable",
	.args = "NAME",
	.summary = "let a trigger call its function again",
	.min_args = 1,
	.max_args = 1,
	.options = plain_options,
	.options_size = sizeof(struct plain_options),
	.run = run_enable,
};

const struct command cmd_triggers_disable = {
	.name = "disable",
	.args = "NAME",
	.summary = "keep a trigger from calling its function",
	.min_args = 1,
	.max_args = 1,
	.options = plain_options,
	.options_size = sizeof(struct plain_options),
	.run = run_disable,
};

const struct command cmd_triggers_delete = {
	.name = "delete",
	.alias = "rm",
	.args = "NAME",
	.summary = "delete a trigger; its function stays",
	.min_args = 1,
	.max_args = 1,
	.options = plain_options,
	.options_size = sizeof(struct plain_options),
	.run = run_delete,
};
