#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "local_build.h"
#include "platform/platform.h"

enum { ANSWER_MS = 3000 };

struct start_options {
	unsigned port;
};

static const struct cli_option start_options[] = {
	CLI_OPT(struct start_options, port, "port", 0, CLI_COUNT, "N",
		"port to listen on (default: the last one, else 3233, else any free one)"),
	CLI_END,
};

static void print_list(struct context *c, const char *title, const struct json *lines)
{
	const struct json *line;

	if (json_first(lines))
		ui_outf(&c->ui, "%s:\n", title);
	for (line = json_first(lines); line; line = json_next(line))
		ui_outf(&c->ui, "  %.*s\n", STR_ARG(json_str(line)));
}

static void print_text(struct context *c, const struct platform_info *info,
		       const struct json *local)
{
	if (info->running)
		ui_outf(&c->ui, "The local platform runs on %s (process %d)\n", info->api_host,
			(int)info->pid);
	else
		ui_outf(&c->ui, "The local platform does not run\n");
	if (info->namespace)
		ui_outf(&c->ui, "Namespace: %s\n", info->namespace);
	ui_outf(&c->ui, "Data: %s\n", info->data);
	print_list(c, "Runtimes", json_get(local, "runtimes"));
	print_list(c, "Containment", json_get(local, "containment"));
}

/* local: what the server says of itself, or NULL. */
static void print_info(struct context *c, const struct platform_info *info,
		       const struct json *local)
{
	struct json *j;

	if (!c->json) {
		print_text(c, info, local);
		return;
	}
	j = json_new_object();
	json_set(j, "running", json_new_bool(info->running));
	if (info->running) {
		json_set(j, "apihost", json_new_cstr(info->api_host));
		json_set(j, "pid", json_new_int(info->pid));
	}
	if (info->namespace)
		json_set(j, "namespace", json_new_cstr(info->namespace));
	json_set(j, "data", json_new_cstr(info->data));
	json_set(j, "runtimes", json_clone(json_get(local, "runtimes")));
	json_set(j, "containment", json_clone(json_get(local, "containment")));
	context_print_json(c, j);
	json_free(j);
}

static int check_port(unsigned port, struct err *e)
{
	if (port > 65535)
		return err_set(e, ERR_USAGE, "--port %u is no port; 1 to 65535", port);
	return 0;
}

static int run_start(struct context *c, void *opt, const struct cli_list *args UNUSED,
		     struct err *e)
{
	struct start_options *o = opt;
	struct platform_info info = {0};
	bool started = false;
	int r = check_port(o->port, e);

	if (r == 0 && !context_program(c, e))
		r = -1;
	if (r == 0)
		r = platform_start(c->program, (uint16_t)o->port, &info, &started, e);
	if (r == 0) {
		if (!started)
			ui_say(&c->ui, "it runs already");
		print_info(c, &info, NULL);
	}
	platform_info_release(&info);
	return r;
}

static int run_stop(struct context *c, void *opt UNUSED, const struct cli_list *args UNUSED,
		    struct err *e)
{
	bool stopped = false;

	if (platform_stop(&stopped, e) < 0)
		return -1;
	if (c->json)
		context_print_member(c, "stopped", json_new_bool(stopped));
	ui_say(&c->ui,
	       stopped ? "the local platform has stopped" : "the local platform does not run");
	return 0;
}

/* What the server says of itself; NULL after a warning when it does not answer. */
static struct json *ask_server(struct context *c, const struct platform_info *info)
{
	struct whisk_options o = {
		.api_host = info->api_host, .max_tries = 1, .silence_ms = ANSWER_MS};
	struct err e = ERR_INIT;
	struct whisk *w = whisk_new(context_loop(c), &o, &e);
	struct json *host = w ? whisk_host_info(w, WHISK_PATIENT, &e) : NULL, *local;

	whisk_free(w);
	if (!host)
		ui_warn(&c->ui, "the local platform does not answer: %s", e.msg);
	err_clear(&e);
	local = json_is(host, JSON_OBJECT) ? json_take(host, "local") : NULL;
	json_free(host);
	return local;
}

/* 0 also when it does not run: that is an answer, not a failure. */
static int run_status(struct context *c, void *opt UNUSED, const struct cli_list *args UNUSED,
		      struct err *e)
{
	struct platform_info info = {0};
	struct json *local = NULL;
	int r = platform_find(&info, e);

	if (r == 0) {
		local = info.running ? ask_server(c, &info) : NULL;
		print_info(c, &info, local);
		json_free(local);
	}
	platform_info_release(&info);
	return r;
}

struct reset_options {
	bool yes;
};

static const struct cli_option reset_options[] = {
	CLI_OPT(struct reset_options, yes, "yes", 'y', CLI_FLAG, NULL, "do not ask"),
	CLI_END,
};

static int confirm_reset(struct context *c, const struct reset_options *o, struct err *e)
{
	if (o->yes)
		return 0;
	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE,
			       "this removes all local functions and activations; "
			       "say --yes");
	if (!ui_confirm(&c->ui, "remove all functions and activations of the local platform?"))
		return err_set(e, ERR_CANCELLED, "nothing was removed");
	return 0;
}

static int run_reset(struct context *c, void *opt, const struct cli_list *args UNUSED,
		     struct err *e)
{
	bool stopped = false;

	if (confirm_reset(c, opt, e) < 0 || platform_reset(&stopped, e) < 0)
		return -1;
	if (c->json)
		context_print_member(c, "stopped", json_new_bool(stopped));
	ui_say(&c->ui, "the local platform is empty%s",
	       stopped ? " and stopped; 'dofn local start' starts it" : "");
	return 0;
}

struct serve_options {
	const char *data;
	unsigned port;
};

static const struct cli_option serve_options[] = {
	CLI_OPT(struct serve_options, data, "data", 0, CLI_STRING, "DIR", "the data folder"),
	CLI_OPT(struct serve_options, port, "port", 0, CLI_COUNT, "N", "port to listen on"),
	CLI_END,
};

/* Shorter than the real one, for tests: milliseconds in DOFN_LOCAL_BUILD_LIMIT. */
static uint64_t read_build_limit(void)
{
	uint64_t ms = 0;

	return str_to_u64(str_of(getenv("DOFN_LOCAL_BUILD_LIMIT")), &ms) ? ms : 0;
}

/* The server itself; `start` runs it in the background. */
static int run_serve(struct context *c, void *opt, const struct cli_list *args UNUSED,
		     struct err *e)
{
	struct serve_options *o = opt;
	struct platform_options po = {
		.data = o->data,
		.port = (uint16_t)o->port,
		.port_fixed = o->port != 0,
		.version = dofn_version,
		.build_limit_ms = read_build_limit(),
	};

	if (!o->data)
		return err_set(e, ERR_USAGE, "'dofn local serve' needs --data DIR");
	if (check_port(o->port, e) < 0)
		return -1;
	po.program = context_program(c, e);
	return po.program ? platform_serve(context_loop(c), &po, e) : -1;
}

static const struct command cmd_start = {
	.name = "start",
	.args = "",
	.summary = "start the local platform in the background",
	.options = start_options,
	.options_size = sizeof(struct start_options),
	.run = run_start,
};

static const struct command cmd_stop = {
	.name = "stop",
	.args = "",
	.summary = "stop the local platform",
	.run = run_stop,
};

static const struct command cmd_local_status = {
	.name = "status",
	.args = "",
	.summary = "show whether it runs, where, and how functions are contained",
	.run = run_status,
};

static const struct command cmd_reset = {
	.name = "reset",
	.args = "",
	.summary = "stop it and remove all its functions and activations",
	.options = reset_options,
	.options_size = sizeof(struct reset_options),
	.run = run_reset,
};

static const struct command cmd_serve = {
	.name = "serve",
	.args = "",
	.summary = "run the server in the foreground",
	.options = serve_options,
	.options_size = sizeof(struct serve_options),
	.run = run_serve,
	.internal = true,
};

static const struct command *const sub[] = {
	&cmd_build_slice,  &cmd_reset, &cmd_serve, &cmd_start,
	&cmd_local_status, &cmd_stop,  NULL};

const struct command cmd_local = {
	.name = "local",
	.args = "",
	.summary = "the platform on this machine: start, stop, status, reset",
	.sub = sub,
};
