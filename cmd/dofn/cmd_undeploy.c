#include "command.h"

#include <limits.h>
#include <string.h>

#include "deploy/undeploy.h"
#include "render.h"

struct undeploy_options {
	struct connection_flags connection;
	bool packages, triggers, all, yes;
};

static const struct cli_option options[] = {
	CONNECTION_OPTIONS(struct undeploy_options, connection),
	CLI_OPT(struct undeploy_options, all, "all", 0, CLI_FLAG, NULL,
		"delete all functions and packages of the namespace"),
	CLI_OPT(struct undeploy_options, packages, "packages", 'p', CLI_FLAG, NULL,
		"names without a slash are packages, deleted with their functions"),
	CLI_OPT(struct undeploy_options, triggers, "triggers", 0, CLI_FLAG, NULL,
		"names are triggers; with --all, delete only triggers"),
	CLI_OPT(struct undeploy_options, yes, "yes", 'y', CLI_FLAG, NULL, "do not ask"),
	CLI_END,
};

/* What happened, for -o json; the text form tells it as it happens. */
struct outcome {
	struct sink sink;
	struct renderer *text;
	struct json *functions, *packages, *triggers, *failures;
};

static void add_failure(struct outcome *o, const char *what, const struct event *ev)
{
	struct json *j = json_new_object();

	json_set(j, what, json_new_cstr(ev->trigger ? ev->trigger : ev->function));
	json_set(j, "error", json_new_str(ev->text));
	json_push(o->failures, j);
}

static void on_event(struct sink *s, const struct event *ev)
{
	struct outcome *o = (struct outcome *)s;

	switch (ev->type) {
	case EVENT_DELETED: json_push(o->functions, json_new_cstr(ev->function)); break;
	case EVENT_PACKAGE_DELETED: json_push(o->packages, json_new_cstr(ev->function)); break;
	case EVENT_TRIGGER: json_push(o->triggers, json_new_cstr(ev->trigger)); break;
	case EVENT_TRIGGER_FAILED: add_failure(o, "trigger", ev); break;
	case EVENT_FAILED: add_failure(o, "function", ev); break;
	case EVENT_PACKAGE_FAILED: add_failure(o, "package", ev); break;
	default: break;
	}
	if (!o->text->context->json)
		render_text_event(&o->text->sink, ev);
}

/* Takes the lists. */
static void show_outcome(struct context *c, const struct outcome *o)
{
	struct strbuf text = STRBUF_INIT;
	struct json *j = json_new_object();

	describe_deletion(&text, json_count(o->triggers), json_count(o->functions),
			  json_count(o->packages));
	json_set(j, "triggers", o->triggers);
	json_set(j, "functions", o->functions);
	json_set(j, "packages", o->packages);
	json_set(j, "failures", o->failures);
	if (c->json)
		context_print_json(c, j);
	else
		ui_outf(&c->ui, "Deleted %s.\n", text.buf);
	json_free(j);
	strbuf_release(&text);
}

static int carry_out(struct context *c, struct undeploy *u, struct outcome *o, struct err *e)
{
	struct renderer text;
	int r;

	renderer_init(&text, c);
	if (c->json)
		c->sink = NULL; /* events have no place in its one object */
	o->text = &text;
	o->functions = json_new_array();
	o->packages = json_new_array();
	o->triggers = json_new_array();
	o->failures = json_new_array();
	r = undeploy_run(u, e);
	o->text = NULL;
	renderer_release(&text);
	c->told = c->json && r < 0 && e->code == ERR_REMOTE;
	show_outcome(c, o);
	return r;
}

/* More than what was named one by one is going to be gone. */
static bool needs_question(const struct undeploy *u)
{
	size_t i;

	for (i = 0; i < u->functions.n; i++)
		if (!u->functions.v[i]->named)
			return true;
	for (i = 0; i < u->triggers.n && u->functions.n == 0; i++)
		if (!u->triggers.v[i]->named)
			return true;
	for (i = 0; i < u->packages.n; i++)
		if (live_package(u->q->live, u->packages.v[i]->name))
			return true;
	return false;
}

static int confirm(struct context *c, const struct undeploy *u, struct err *e)
{
	const char *ns = u->q->live->namespace;
	struct strbuf question = STRBUF_INIT;
	bool yes;

	if (!c->ui.err_tty)
		return err_set(e, ERR_USAGE,
			       "nothing was deleted: there is no terminal to ask on; "
			       "give --yes if this is meant");
	strbuf_adds(&question, "delete ");
	describe_deletion(&question, u->triggers.n, u->functions.n, u->packages.n);
	if (ns)
		strbuf_addf(&question, " of the namespace '%s'", ns);
	strbuf_addc(&question, '?');
	yes = ui_confirm(&c->ui, question.buf);
	strbuf_release(&question);
	return yes ? 0 : err_set(e, ERR_USAGE, "nothing was deleted");
}

static void add_names(struct undeploy *u, const struct undeploy_options *o,
		      const struct cli_list *args)
{
	size_t i;

	for (i = 0; i < args->items.n; i++) {
		if (o->triggers)
			undeploy_add_trigger(u, args->items.v[i]);
		else if (o->packages && !strchr(args->items.v[i], '/'))
			undeploy_add_package(u, args->items.v[i]);
		else
			undeploy_add_function(u, args->items.v[i]);
	}
}

static void add_all(struct undeploy *u, const struct undeploy_options *o,
		    const struct cli_list *args)
{
	if (o->all && o->triggers)
		undeploy_add_all_triggers(u);
	else if (o->all)
		undeploy_add_all(u);
	else
		add_names(u, o, args);
	if (!o->triggers)
		undeploy_add_their_triggers(u);
}

/*
 * Functions go also where triggers are not to be had: an OpenWhisk of one's own
 * has none of these.
 */
static int read_triggers(struct context *c, const struct undeploy_options *o,
			 const struct connection *to, struct undeploy_request *q,
			 struct live_triggers *t, struct err *e)
{
	struct err failure = ERR_INIT;

	if (!o->triggers && !connection_has_token(to)) {
		if (connection_is_digitalocean(to))
			ui_warn(&c->ui, "triggers of functions are not looked for: there is no "
					"token in DIGITALOCEAN_ACCESS_TOKEN");
		return 0;
	}
	q->doapi = context_doapi(c, to, q->live->namespace, &failure);
	if (q->doapi && live_triggers_read(q->doapi, t, &failure) == 0)
		q->triggers = t;
	else if (o->triggers || failure.code == ERR_CANCELLED)
		return err_move(e, &failure);
	else
		ui_warn(&c->ui, "triggers of functions are not looked for: %s", failure.msg);
	err_clear(&failure);
	return 0;
}

static int undeploy(struct context *c, const struct undeploy_options *o,
		    const struct cli_list *args, struct connection *to, struct err *e)
{
	struct live live = {.arena = ARENA_INIT};
	struct live_triggers triggers = {.arena = ARENA_INIT};
	struct outcome outcome = {.sink = {on_event}};
	struct undeploy_request q = {.loop = context_loop(c),
				     .whisk = to->whisk,
				     .live = &live,
				     .sink = &outcome.sink};
	struct undeploy u;
	int r = 0;

	if ((o->all && !o->triggers) || o->packages)
		r = live_read(q.loop, q.whisk, NULL, &live, e);
	if (r == 0)
		r = read_triggers(c, o, to, &q, &triggers, e);
	undeploy_init(&u, &q);
	if (r == 0)
		add_all(&u, o, args);
	if (r == 0 && !o->yes && needs_question(&u))
		r = confirm(c, &u, e);
	if (r == 0)
		r = carry_out(c, &u, &outcome, e);
	undeploy_release(&u);
	live_triggers_release(&triggers);
	live_release(&live);
	doapi_free(q.doapi);
	return r;
}

static int check_use(const struct undeploy_options *o, const struct cli_list *args,
		     struct err *e)
{
	if (o->all && args->items.n)
		return err_set(e, ERR_USAGE, "give names or --all, not both");
	if (o->packages && o->triggers)
		return err_set(e, ERR_USAGE, "--packages and --triggers exclude each other");
	if (!o->all && !args->items.n)
		return err_set(e, ERR_USAGE,
			       "what shall be deleted? Give functions as PACKAGE/FUNCTION, "
			       "packages with --packages, triggers with --triggers, or --all");
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	const struct undeploy_options *o = opt;
	struct connection to;
	int r;

	if (check_use(o, args, e) < 0 || context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	r = undeploy(c, o, args, &to, e);
	connection_release(&to);
	return r;
}

const struct command cmd_undeploy = {
	.name = "undeploy",
	.args = "[NAME ...]",
	.summary = "delete functions, packages and triggers of the namespace",
	.help = "A NAME is PACKAGE/FUNCTION, or FUNCTION for one without a package; with\n"
		"--packages, a name without a slash is a package. Triggers of a function are\n"
		"deleted with it.",
	.max_args = UINT_MAX,
	.options = options,
	.options_size = sizeof(struct undeploy_options),
	.run = run,
};
