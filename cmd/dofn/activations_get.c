#include "activations.h"

#include <stdlib.h>

/* get and result: one activation by id, or the newest ones. */
struct get_options {
	struct connection_flags connection;
	const char *function;
	unsigned skip, limit;
	bool last, logs, result;
};

static const struct cli_option get_options[] = {
	CLI_OPT(struct get_options, function, "function", 'f', CLI_STRING, "NAME",
		"without an ID: the newest of this function"),
	CLI_OPT(struct get_options, last, "last", 'l', CLI_FLAG, NULL,
		"the newest one (what happens without an ID)"),
	CLI_OPT(struct get_options, skip, "skip", 's', CLI_COUNT, "N",
		"without an ID: leave out the newest N"),
	CLI_OPT(struct get_options, logs, "logs", 'g', CLI_FLAG, NULL,
		"show only the log lines"),
	CLI_OPT(struct get_options, result, "result", 'r', CLI_FLAG, NULL,
		"show only the result"),
	CONNECTION_OPTIONS(struct get_options, connection),
	CLI_END,
};

static const struct cli_option result_options[] = {
	CLI_OPT(struct get_options, function, "function", 'f', CLI_STRING, "NAME",
		"without an ID: the newest of this function"),
	CLI_OPT(struct get_options, last, "last", 'l', CLI_FLAG, NULL,
		"the newest one (what happens without an ID)"),
	CLI_OPT(struct get_options, limit, "limit", 'n', CLI_COUNT, "N",
		"without an ID: the newest N, up to 200 (default 1)"),
	CLI_OPT(struct get_options, skip, "skip", 's', CLI_COUNT, "N",
		"without an ID: leave out the newest N"),
	CONNECTION_OPTIONS(struct get_options, connection),
	CLI_END,
};

/* The newest activations, as list items; an empty list is an error. */
static struct json *find_newest(struct connection *to, const struct get_options *o,
				struct err *e)
{
	struct whisk_activations q = {
		.name = o->function,
		.limit = o->limit ? o->limit : 1,
		.skip = o->skip,
	};
	struct json *list = whisk_list_activations(to->whisk, &q, e);

	if (list && json_count(list) == 0) {
		err_set(e, ERR_REMOTE, "there are no activations%s%s%s yet",
			o->function ? " of '" : "", o->function ? o->function : "",
			o->function ? "'" : "");
		json_free(list);
		return NULL;
	}
	return list;
}

static int show_logs(struct context *c, struct connection *to, const char *id, struct err *e)
{
	struct json *j = whisk_get_logs(to->whisk, id, e);

	if (!j)
		return -1;
	if (c->json)
		context_print_json(c, json_get(j, "logs"));
	else
		activation_print_logs(c, json_get(j, "logs"), true);
	json_free(j);
	return 0;
}

/* The result alone: the answer also has its size and status. */
static int show_result(struct context *c, struct connection *to, const char *id, struct err *e)
{
	struct json *j = whisk_get_result(to->whisk, id, e);

	if (!j)
		return -1;
	context_print_json(c, json_get(j, "result"));
	json_free(j);
	return 0;
}

static int show_record(struct context *c, struct connection *to, const char *id, struct err *e)
{
	struct json *j = whisk_get_activation(to->whisk, id, e);

	if (!j)
		return -1;
	context_print_json(c, j);
	json_free(j);
	return 0;
}

static int show_one(struct context *c, struct connection *to, const struct get_options *o,
		    const char *id, struct err *e)
{
	int r;

	if (o->logs)
		r = show_logs(c, to, id, e);
	else if (o->result)
		r = show_result(c, to, id, e);
	else
		r = show_record(c, to, id, e);
	return r < 0 ? err_wrap(e, "activation '%s'", id) : 0;
}

/* Oldest first, as a reader expects; each under its banner unless it is JSON that is wanted. */
static int show_newest(struct context *c, struct connection *to, const struct get_options *o,
		       struct err *e)
{
	struct json *list = find_newest(to, o, e);
	size_t i = list ? json_count(list) : 0;
	const char *id;
	int r = list ? 0 : -1;

	while (r == 0 && i-- > 0) {
		id = json_cstr(json_get(json_at(list, i), "activationId"));
		if (!c->json && (o->logs || o->result))
			activation_print_banner(c, json_at(list, i));
		r = show_one(c, to, o, id ? id : "", e);
	}
	json_free(list);
	return r;
}

static int run_get(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct get_options *o = opt;
	struct connection to;
	int r;

	if (args->items.n && (o->last || o->function || o->skip || o->limit))
		return err_set(e, ERR_USAGE,
			       "an ID names one activation; --last, --function, "
			       "--skip and --limit go without one");
	if (o->logs && o->result)
		return err_set(e, ERR_USAGE, "--logs and --result exclude each other");
	if (o->limit > ACTIVATIONS_MAX)
		return err_set(e, ERR_USAGE, "--limit goes up to %d", ACTIVATIONS_MAX);
	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	r = args->items.n ? show_one(c, &to, o, args->items.v[0], e)
			  : show_newest(c, &to, o, e);
	connection_release(&to);
	return r;
}

static int run_result(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct get_options *o = opt;

	o->result = true;
	return run_get(c, o, args, e);
}

const struct command cmd_activations_get = {
	.name = "get",
	.args = "[ID]",
	.summary = "show an activation's record, the newest without ID",
	.max_args = 1,
	.options = get_options,
	.options_size = sizeof(struct get_options),
	.run = run_get,
};

const struct command cmd_activations_result = {
	.name = "result",
	.args = "[ID]",
	.summary = "show an activation's result, the newest without ID",
	.max_args = 1,
	.options = result_options,
	.options_size = sizeof(struct get_options),
	.run = run_result,
};
