#include "functions.h"

#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"

enum { MAX_PAYLOAD = 1024 * 1024 };

struct invoke_options {
	struct connection_flags connection;
	struct cli_list params;
	const char *param_file;
	bool full, no_wait;
};

static const struct cli_option options[] = {
	CLI_OPT(struct invoke_options, params, "param", 'p', CLI_LIST, "KEY:VALUE",
		"a parameter, its value a string; may be repeated"),
	CLI_OPT(struct invoke_options, param_file, "param-file", 'P', CLI_STRING, "FILE",
		"a JSON object of parameters"),
	CLI_OPT(struct invoke_options, full, "full", 'f', CLI_FLAG, NULL,
		"show the whole activation record"),
	CLI_OPT(struct invoke_options, no_wait, "no-wait", 'n', CLI_FLAG, NULL,
		"do not wait for the result; show the activation's id"),
	CONNECTION_OPTIONS(struct invoke_options, connection),
	CLI_END,
};

static struct json *read_param_file(const char *file, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct json *j = NULL;

	if (fs_read(AT_FDCWD, file, MAX_PAYLOAD, &text, e) == 0) {
		j = json_parse(strbuf_str(&text), e);
		if (!j)
			err_wrap(e, "'%s'", file);
	}
	if (j && !json_is(j, JSON_OBJECT)) {
		err_set(e, ERR_USAGE, "'%s' holds no JSON object", file);
		json_free(j);
		j = NULL;
	}
	if (!j)
		e->code = ERR_USAGE;
	strbuf_release(&text);
	return j;
}

/* The command line wins over the file. */
static struct json *parameters(const struct invoke_options *o, struct err *e)
{
	struct json *j = o->param_file ? read_param_file(o->param_file, e) : json_new_object();
	struct str value, key;
	size_t i;

	for (i = 0; j && i < o->params.items.n; i++) {
		value = str_of(o->params.items.v[i]);
		if (!str_next(&value, ':', &key) || !value.p || key.n == 0) {
			err_set(e, ERR_USAGE, "the parameter '%s' must have the form KEY:VALUE",
				o->params.items.v[i]);
			json_free(j);
			return NULL;
		}
		json_setn(j, key, json_new_str(value));
	}
	return j;
}

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
	struct json *payload = parameters(o, e);
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
