#include "functions.h"

#include <string.h>

#include "parameters.h"

struct invoke_options {
	struct connection_flags connection;
	struct parameter_flags parameters;
	bool full, no_wait;
};

static const struct cli_option options[] = {
	PARAMETER_OPTIONS(struct invoke_options, parameters),
	CLI_OPT(struct invoke_options, full, "full", 'f', CLI_FLAG, NULL,
		"show the whole activation record"),
	CLI_OPT(struct invoke_options, no_wait, "no-wait", 'n', CLI_FLAG, NULL,
		"do not wait for the result; show the activation's id"),
	CONNECTION_OPTIONS(struct invoke_options, connection),
	CLI_END,
};

static int function_failed(const struct json *answer, bool full, const char *name,
			   struct err *e)
{
	const struct json *result = answer, *error;
	struct strbuf text = STRBUF_INIT;

	if (full)
		result = json_get(json_get(answer, "response"), "result");
	error = json_get(result, "error");
	if (json_is(error, JSON_STRING))
		strbuf_addstr(&text, json_str(error));
	else if (error)
		json_write(&text, error);
	err_set(e, ERR_REMOTE, "function '%s' failed%s%s", name, text.len ? ": " : "",
		text.buf);
	strbuf_release(&text);
	return -1;
}

static int invoke(struct context *c, struct connection *to, const struct invoke_options *o,
		  const char *name, const struct json *payload, struct err *e)
{
	struct whisk_invocation in = {
		.name = name,
		.payload = payload,
		.blocking = !o->no_wait,
		.result = !o->full,
	};
	int status, r = 0;
	struct json *answer = whisk_invoke(to->whisk, &in, &status, e);
	const char *id;

	if (!answer)
		return err_wrap(e, "function '%s'", name);
	context_print_json(c, answer);
	id = json_cstr(json_get(answer, "activationId"));
	if (status == 202 && !o->no_wait)
		ui_say(&c->ui,
		       "the function is still running; 'dofn activations result %s' shows "
		       "the result later",
		       id ? id : "ID");
	else if (status >= 500)
		r = function_failed(answer, o->full, name, e);
	json_free(answer);
	return r;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct invoke_options *o = opt;
	struct json *payload = parameters_read(&o->parameters, e);
	struct connection to;
	int r = -1;

	if (!payload)
		return -1;
	if (context_connect(c, &o->connection, 0, &to, e) == 0) {
		r = invoke(c, &to, o, args->items.v[0], payload, e);
		connection_release(&to);
	}
	json_free(payload);
	return r;
}

const struct command cmd_functions_invoke = {
	.name = "invoke",
	.args = "NAME",
	.summary = "call a function and show its result",
	.help = "A function that fails shows its error and gives exit status 1.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct invoke_options),
	.run = run,
};
