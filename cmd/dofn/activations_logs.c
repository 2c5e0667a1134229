#include "activations.h"

#include <string.h>

#include "base/clock.h"
#include "follow/follow.h"

struct logs_options {
	struct connection_flags connection;
	const char *function, *package;
	unsigned limit;
	bool last, strip, follow;
};

static const struct cli_option options[] = {
	CLI_OPT(struct logs_options, follow, "follow", 0, CLI_FLAG, NULL,
		"show new ones as they appear, until Ctrl-C"),
	CLI_OPT(struct logs_options, function, "function", 'f', CLI_STRING, "NAME",
		"only this function"),
	CLI_OPT(struct logs_options, package, "package", 'p', CLI_STRING, "NAME",
		"only functions of this package"),
	CLI_OPT(struct logs_options, last, "last", 'l', CLI_FLAG, NULL,
		"the newest one (what happens without an ID)"),
	CLI_OPT(struct logs_options, limit, "limit", 'n', CLI_COUNT, "N",
		"the newest N, up to 200 (default 1)"),
	CLI_OPT(struct logs_options, strip, "strip", 'r', CLI_FLAG, NULL,
		"leave out time and stream of each line"),
	CONNECTION_OPTIONS(struct logs_options, connection),
	CLI_END,
};

static void print_record(struct context *c, const struct logs_options *o,
			 const struct json *record)
{
	struct strbuf line = STRBUF_INIT;

	if (c->json) {
		json_write(&line, record);
		strbuf_addc(&line, '\n');
		ui_out_text(&c->ui, strbuf_str(&line));
		strbuf_release(&line);
		return;
	}
	activation_print_banner(c, record);
	activation_print_logs(c, json_get(record, "logs"), o->strip);
	ui_out(&c->ui, STR("\n"));
}

static int show_one(struct context *c, struct connection *to, const struct logs_options *o,
		    const char *id, struct err *e)
{
	struct json *j = whisk_get_logs(to->whisk, id, e);

	if (!j)
		return err_wrap(e, "activation '%s'", id);
	if (c->json)
		context_print_json(c, json_get(j, "logs"));
	else
		activation_print_logs(c, json_get(j, "logs"), o->strip);
	json_free(j);
	return 0;
}

static bool in_package(const struct json *record, const char *package)
{
	struct strbuf name = STRBUF_INIT;
	size_t n = strlen(package);
	bool r;

	activation_function(&name, record);
	r = name.len > n && memcmp(name.buf, package, n) == 0 && name.buf[n] == '/';
	strbuf_release(&name);
	return r;
}

/* Filters before it counts, so that --package with --limit 1 finds the newest of that package.
 */
static int show_newest(struct context *c, struct connection *to, const struct logs_options *o,
		       struct err *e)
{
	unsigned limit = o->limit ? o->limit : 1;
	struct whisk_activations q = {
		.name = o->function,
		.limit = o->package ? ACTIVATIONS_MAX : limit,
		.docs = true,
	};
	struct json *list = whisk_list_activations(to->whisk, &q, e), *item;
	VEC(const struct json *) wanted = {0};

	if (!list)
		return -1;
	for (item = json_first(list); item && wanted.n < limit; item = json_next(item))
		if (!o->package || in_package(item, o->package))
			vec_push(&wanted, item);
	while (wanted.n > 0)
		print_record(c, o, wanted.v[--wanted.n]);
	vec_release(&wanted);
	json_free(list);
	return 0;
}

/* ---- follow ---- */

enum {
	LOCAL_BUSY_MS = 50,
	LOCAL_IDLE_MS = 150,
	BUSY_MS = 250,
	IDLE_MS = 5000,
};

struct follower {
	struct context *context;
	const struct logs_options *options;
};

static void say_ready(void *arg)
{
	struct follower *f = arg;

	ui_say(&f->context->ui, "following the logs; Ctrl-C ends");
}

static void show_followed(void *arg, const struct json *record)
{
	struct follower *f = arg;

	print_record(f->context, f->options, record);
}

static void show_trouble(void *arg, const char *what)
{
	struct follower *f = arg;

	if (what)
		ui_warn(&f->context->ui, "%s; waiting for it", what);
	else
		ui_say(&f->context->ui, "the server answers again");
}

static int follow(struct context *c, struct connection *to, const struct logs_options *o,
		  struct err *e)
{
	struct follower f = {.context = c, .options = o};
	struct follow_options fo = {
		.function = o->function,
		.package = o->package,
		.busy_ms = to->local ? LOCAL_BUSY_MS : BUSY_MS,
		.idle_ms = to->local ? LOCAL_IDLE_MS : IDLE_MS,
		.on_ready = say_ready,
		.on_record = show_followed,
		.on_trouble = show_trouble,
		.arg = &f,
	};

	return follow_run(context_loop(c), to->whisk, &fo, e);
}

static int check_options(const struct logs_options *o, const struct cli_list *args,
			 struct err *e)
{
	if (args->items.n && (o->last || o->function || o->package || o->limit || o->follow))
		return err_set(e, ERR_USAGE,
			       "an ID names one activation; --last, --function, "
			       "--package, --limit and --follow go without one");
	if (o->follow && (o->last || o->limit))
		return err_set(e, ERR_USAGE,
			       "--follow shows what is new; --last and --limit go "
			       "without it");
	if (o->limit > ACTIVATIONS_MAX)
		return err_set(e, ERR_USAGE, "--limit goes up to %d", ACTIVATIONS_MAX);
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct logs_options *o = opt;
	struct connection to;
	int r;

	if (check_options(o, args, e) < 0 ||
	    context_connect(c, &o->connection, o->follow ? 1 : 0, &to, e) < 0)
		return -1;
	if (o->follow)
		r = follow(c, &to, o, e);
	else if (args->items.n)
		r = show_one(c, &to, o, args->items.v[0], e);
	else
		r = show_newest(c, &to, o, e);
	connection_release(&to);
	return r;
}

const struct command cmd_activations_logs = {
	.name = "logs",
	.args = "[ID]",
	.summary = "show log lines of an activation, the newest without ID",
	.help = "With --follow and -o json every activation is one line of JSON.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct logs_options),
	.run = run,
};
