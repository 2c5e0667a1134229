#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rollback/rollback.h"

struct rollback_options {
	struct connection_flags connection;
	unsigned to;
	bool list, force, yes;
};

static const struct cli_option options[] = {
	CONNECTION_OPTIONS(struct rollback_options, connection),
	CLI_OPT(struct rollback_options, force, "force", 0, CLI_FLAG, NULL,
		"replace also what was not deployed from here"),
	CLI_OPT(struct rollback_options, list, "list", 'l', CLI_FLAG, NULL,
		"show what is kept and stop"),
	CLI_OPT(struct rollback_options, to, "to", 0, CLI_COUNT, "NUMBER",
		"which one of --list, by default the one before the live one"),
	CLI_OPT(struct rollback_options, yes, "yes", 'y', CLI_FLAG, NULL, "do not ask"),
	CLI_END,
};

static const char *commit_of(const struct history_entry *entry)
{
	const char *commit = json_cstr(json_get(rollback_record(entry), "commit"));

	return commit ? commit : "";
}

static struct json *as_json(const struct history_entry *entry)
{
	struct json *j = json_new_object();
	char stamp[CLOCK_STAMP_S];

	clock_stamp_s(entry->at_ms, stamp);
	json_set(j, "number", json_new_int((int64_t)entry->number));
	json_set(j, "time", json_new_cstr(stamp));
	json_set(j, "version", json_new_cstr(entry->version));
	if (*commit_of(entry))
		json_set(j, "commit", json_new_cstr(commit_of(entry)));
	if (entry->remote)
		json_set(j, "remote", json_new_bool(true));
	else
		json_set(j, "bytes", json_new_int((int64_t)entry->bytes));
	return j;
}

static void list_as_json(struct context *c, const struct rollback *r)
{
	const struct history *h = &r->history;
	struct json *list = json_new_array(), *j;
	size_t i;

	for (i = 0; i < h->entries.n; i++) {
		if (h->entries.v[i]->again)
			continue;
		j = as_json(h->entries.v[i]);
		json_set(j, "live", json_new_bool(h->entries.v[i] == r->current));
		json_push(list, j);
	}
	context_print_json(c, list);
	json_free(list);
}

static void add_row(struct ui_table *t, const struct rollback *r,
		    const struct history_entry *entry)
{
	char date[CLOCK_DATE];

	clock_local(entry->at_ms, date);
	ui_table_cell(t, "%llu", (unsigned long long)entry->number);
	ui_table_cell(t, "%s", date);
	ui_table_cell(t, "%s", entry->version);
	ui_table_cell(t, "%s", *commit_of(entry) ? commit_of(entry) : "-");
	if (entry->remote)
		ui_table_cell(t, "built on the platform");
	else
		ui_table_cell(t, "%llu", (unsigned long long)entry->bytes);
	ui_table_cell(t, "%s", entry == r->current ? "live" : "");
}

static void list_as_text(struct context *c, const struct rollback *r)
{
	static const char *const heads[] = {"NUMBER", "DEPLOYED", "VERSION",
					    "COMMIT", "BYTES",    ""};
	const struct history *h = &r->history;
	struct ui_table *t = ui_table_new(countof(heads));
	struct strbuf text = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(heads); i++)
		ui_table_cell(t, "%s", heads[i]);
	for (i = 0; i < h->entries.n; i++)
		if (!h->entries.v[i]->again)
			add_row(t, r, h->entries.v[i]);
	ui_table_write(t, &text);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
	ui_table_free(t);
}

static void show_list(struct context *c, const struct rollback *r)
{
	if (c->json)
		list_as_json(c, r);
	else
		list_as_text(c, r);
	if (r->history.entries.n == 0)
		ui_say(&c->ui, "nothing of '%s' is kept here", r->q->function);
	else if (r->live && !r->current)
		ui_say(&c->ui, "what is live is none of them: '%s' was changed elsewhere",
		       r->q->function);
}

/* "number 3 of 2026-11-23 10:11:12, commit 0a1b2c3d" */
static void describe(struct strbuf *out, const struct history_entry *entry)
{
	char date[CLOCK_DATE];

	clock_local(entry->at_ms, date);
	strbuf_addf(out, "number %llu of %s", (unsigned long long)entry->number, date);
	if (*commit_of(entry))
		strbuf_addf(out, ", commit %s", commit_of(entry));
}

static int confirm(struct context *c, const struct rollback *r,
		   const struct history_entry *entry, struct err *e)
{
	struct strbuf question = STRBUF_INIT;
	bool yes;

	if (!c->ui.err_tty)
		return err_set(e, ERR_USAGE,
			       "nothing was changed: there is no terminal to ask on; "
			       "give --yes if this is meant");
	strbuf_addf(&question, "put back '%s' in the namespace '%s' as ", r->q->function,
		    r->q->namespace);
	describe(&question, entry);
	strbuf_addc(&question, '?');
	yes = ui_confirm(&c->ui, question.buf);
	strbuf_release(&question);
	return yes ? 0 : err_set(e, ERR_USAGE, "nothing was changed");
}

static void tell(struct context *c, const struct rollback *r, const struct history_entry *entry,
		 const char *version)
{
	bool changed = entry != r->current;
	struct strbuf what = STRBUF_INIT;
	struct json *j;

	if (c->json) {
		j = as_json(entry);
		json_set(j, "function", json_new_cstr(r->q->function));
		json_set(j, "changed", json_new_bool(changed));
		json_set(j, "version", json_new_cstr(version));
		context_print_json(c, j);
		json_free(j);
		return;
	}
	describe(&what, entry);
	if (changed)
		ui_outf(&c->ui, "Put back %s: %s (version %s now).\n", r->q->function, what.buf,
			version);
	else
		ui_outf(&c->ui, "%s: %s is live already.\n", r->q->function, what.buf);
	strbuf_release(&what);
}

static int put_back(struct context *c, const struct rollback_options *o,
		    const struct rollback *r, const struct history_entry *entry, struct err *e)
{
	const char *live = json_cstr(json_get(r->live, "version"));
	char *version, *unkept;

	if (entry == r->current) {
		tell(c, r, entry, live ? live : "");
		return 0;
	}
	if ((!o->yes && confirm(c, r, entry, e) < 0) ||
	    rollback_put(r, entry, &version, &unkept, e) < 0)
		return -1;
	if (unkept)
		ui_warn(&c->ui, "that it is live again could not be noted: %s", unkept);
	tell(c, r, entry, version);
	free(version);
	free(unkept);
	return 0;
}

static int roll_back(struct context *c, const struct rollback_options *o,
		     const struct rollback_request *q, struct err *e)
{
	const struct history_entry *entry;
	struct rollback r;
	int rc = rollback_read(q, &r, e);

	if (rc < 0) {
		err_wrap(e, "function '%s'", q->function);
	} else if (o->list) {
		show_list(c, &r);
	} else {
		entry = rollback_choose(&r, o->to, o->force, e);
		rc = entry ? put_back(c, o, &r, entry, e) : -1;
	}
	rollback_release(&r);
	return rc;
}

/* "default/f" is a name of the project's, "f" the platform's. */
static const char *live_name(const char *name)
{
	static const char none[] = "default/";

	return str_starts(str_of(name), none) ? name + strlen(none) : name;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	const struct rollback_options *o = opt;
	struct rollback_request q = {.loop = context_loop(c)};
	struct connection to;
	char *namespace;
	int rc = -1;

	if (o->list && (o->to || o->force))
		return err_set(e, ERR_USAGE, "--list goes without --to and --force");
	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	namespace = whisk_namespace(to.whisk, e);
	if (namespace) {
		q.whisk = to.whisk;
		q.namespace = namespace;
		q.function = live_name(args->items.v[0]);
		rc = roll_back(c, o, &q, e);
	}
	free(namespace);
	connection_release(&to);
	return rc;
}

const struct command cmd_rollback = {
	.name = "rollback",
	.args = "PKG/FN",
	.summary = "put back an earlier version of a function",
	.help = "PKG/FN is the function, FN one without a package. The last versions that\n"
		"were deployed from this machine are kept; code, configuration, parameters "
		"and\n"
		"environment are put back as they were sent.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct rollback_options),
	.run = run,
};
