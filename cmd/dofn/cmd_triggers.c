#include "triggers.h"

#include <string.h>

int trigger_api_open(struct context *c, const struct connection_flags *flags,
		     struct trigger_api *api, struct err *e)
{
	*api = (struct trigger_api){0};
	if (context_connect(c, flags, 0, &api->to, e) < 0)
		return -1;
	api->doapi = context_doapi(c, &api->to, NULL, e);
	if (api->doapi)
		return 0;
	trigger_api_close(api);
	return -1;
}

void trigger_api_close(struct trigger_api *api)
{
	doapi_free(api->doapi);
	connection_release(&api->to);
}

struct json *trigger_api_get(struct trigger_api *api, const char *name, struct err *e)
{
	struct json *j = doapi_get_trigger(api->doapi, name, e);

	if (!j)
		err_wrap(e, "trigger '%s'", name);
	return j;
}

/* ---- list ---- */

struct list_options {
	struct connection_flags connection;
	const char *function;
};

static const struct cli_option list_options[] = {
	CLI_OPT(struct list_options, function, "function", 'f', CLI_STRING, "NAME",
		"only those that call this function"),
	CONNECTION_OPTIONS(struct list_options, connection),
	CLI_END,
};

/* "default/f" is the same as "f". */
static struct str function_of(const char *name)
{
	static const char prefix[] = "default/";
	struct str s = str_of(name);

	return str_starts(s, prefix) ? str_from(s, sizeof(prefix) - 1) : s;
}

static bool is_listed(const struct json *trigger, const char *function)
{
	const char *calls = json_cstr(json_get(trigger, "function"));

	return !function || (calls && str_eq(function_of(calls), function_of(function)));
}

static struct json *listed(const struct json *all, const char *function)
{
	struct json *list = json_new_array();
	const struct json *item;

	for (item = json_first(all); item; item = json_next(item))
		if (is_listed(item, function))
			json_push(list, json_clone(item));
	return list;
}

/* "2026-11-23T15:00:00Z" for people; a time that is none is the year 1 or missing. */
static void time_cell(struct ui_table *t, const struct json *time)
{
	struct str s = json_str(time);

	if (s.n < 20 || s.p[10] != 'T' || !str_ends(s, "Z") || str_starts(s, "0001-"))
		ui_table_cell(t, "_");
	else
		ui_table_cell(t, "%.10s %.8s UTC", s.p, s.p + 11);
}

static void add_row(struct ui_table *t, const struct json *trigger)
{
	const struct json *details = json_get(trigger, "scheduled_details");
	const struct json *runs = json_get(trigger, "scheduled_runs");

	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(trigger, "name"))));
	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(details, "cron"))));
	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(trigger, "function"))));
	ui_table_cell(t, "%s",
		      json_is_true(json_get(trigger, "is_enabled")) ? "true" : "false");
	time_cell(t, json_get(runs, "last_run_at"));
	time_cell(t, json_get(runs, "next_run_at"));
}

static void print_table(struct context *c, const struct json *list)
{
	static const char *const heads[] = {"Name",    "Cron Expression", "Invokes",
					    "Enabled", "Last Run At",     "Next Run At"};
	struct ui_table *t = ui_table_new(countof(heads));
	struct strbuf text = STRBUF_INIT;
	const struct json *item;
	size_t i;

	for (i = 0; i < countof(heads); i++)
		ui_table_cell(t, "%s", heads[i]);
	for (item = json_first(list); item; item = json_next(item))
		add_row(t, item);
	ui_table_write(t, &text);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
	ui_table_free(t);
}

static int run_list(struct context *c, void *opt, const struct cli_list *args UNUSED,
		    struct err *e)
{
	struct list_options *o = opt;
	struct trigger_api api;
	struct json *all, *list;

	if (trigger_api_open(c, &o->connection, &api, e) < 0)
		return -1;
	all = doapi_list_triggers(api.doapi, e);
	trigger_api_close(&api);
	if (!all)
		return -1;
	list = listed(all, o->function);
	if (c->json)
		context_print_json(c, list);
	else
		print_table(c, list);
	json_free(list);
	json_free(all);
	return 0;
}

static const struct command cmd_list = {
	.name = "list",
	.alias = "ls",
	.args = "",
	.summary = "list the triggers of the namespace",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.run = run_list,
};

/* ---- get ---- */

struct get_options {
	struct connection_flags connection;
};

static const struct cli_option get_options[] = {
	CONNECTION_OPTIONS(struct get_options, connection),
	CLI_END,
};

static int run_get(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct get_options *o = opt;
	struct trigger_api api;
	struct json *j;

	if (trigger_api_open(c, &o->connection, &api, e) < 0)
		return -1;
	j = trigger_api_get(&api, args->items.v[0], e);
	trigger_api_close(&api);
	if (!j)
		return -1;
	context_print_json(c, j);
	json_free(j);
	return 0;
}

static const struct command cmd_get = {
	.name = "get",
	.args = "NAME",
	.summary = "show a trigger",
	.min_args = 1,
	.max_args = 1,
	.options = get_options,
	.options_size = sizeof(struct get_options),
	.run = run_get,
};

static const struct command *const sub[] = {
	&cmd_triggers_create,
	&cmd_triggers_delete,
	&cmd_triggers_disable,
	&cmd_triggers_enable,
	&cmd_get,
	&cmd_list,
	&cmd_triggers_update,
	NULL,
};

const struct command cmd_triggers = {
	.name = "triggers",
	.alias = "trigger",
	.args = "[ARGUMENT ...]",
	.summary = "schedules that call functions: list, make, change, delete",
	.sub = sub,
};
