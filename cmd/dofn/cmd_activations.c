#include "command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "activations.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "follow/follow.h"

static int64_t member_int(const struct json *j, const char *name)
{
	int64_t v = 0;

	return json_int(json_get(j, name), &v) ? v : 0;
}

static const char *status_text(const struct json *a)
{
	static const char *const texts[] = {"success", "application error", "developer error",
					    "system error"};
	const char *status = json_cstr(json_get(json_get(a, "response"), "status"));
	int64_t code;

	if (json_int(json_get(a, "statusCode"), &code) && code >= 0 &&
	    code < (int64_t)countof(texts))
		return texts[code];
	if (!status)
		return "unknown";
	return strcmp(status, "action developer error") == 0 ? "developer error" : status;
}

static void local_time(const struct json *a, const char *member, char out[CLOCK_DATE])
{
	int64_t ms = member_int(a, member);

	clock_local(ms > 0 ? (uint64_t)ms : 0, out);
}

void activation_print_banner(struct context *c, const struct json *a)
{
	const char *status = status_text(a);
	enum ui_style style = strcmp(status, "success") == 0 ? UI_GREEN : UI_RED;
	struct strbuf line = STRBUF_INIT, name = STRBUF_INIT, shown = STRBUF_INIT;
	char date[CLOCK_DATE];

	local_time(a, json_get(a, "end") ? "end" : "start", date);
	activation_function(&name, a);
	strbuf_adds(&line, "=== ");
	utf8_add_printable(&line, json_str(json_get(a, "activationId")));
	strbuf_addc(&line, ' ');
	utf8_add_printable(&shown, str_of(status));
	ui_styled(&line, c->ui.colour_out, style, shown.buf);
	strbuf_addf(&line, " %s ", date);
	utf8_add_printable(&line, strbuf_str(&name));
	strbuf_addc(&line, ':');
	utf8_add_printable(&line, json_str(json_get(a, "version")));
	strbuf_addc(&line, '\n');
	ui_out(&c->ui, strbuf_str(&line));
	strbuf_release(&line);
	strbuf_release(&name);
	strbuf_release(&shown);
}

/* "2023-05-01T10:11:12.345678901Z stdout: text" without what is before the text. */
static struct str strip(struct str line)
{
	static const char *const marks[] = {" stdout: ", " stderr: "};
	const char *found;
	size_t i;

	if (line.n < 20 || line.p[4] != '-' || line.p[10] != 'T')
		return line;
	for (i = 0; i < countof(marks); i++) {
		found = memmem(line.p, line.n < 50 ? line.n : 50, marks[i], strlen(marks[i]));
		if (found)
			return str_from(line, (size_t)(found - line.p) + strlen(marks[i]));
	}
	return line;
}

void activation_print_logs(struct context *c, const struct json *lines, bool stripped)
{
	struct strbuf text = STRBUF_INIT;
	const struct json *line;
	struct str s;

	for (line = json_first(lines); line; line = json_next(line)) {
		s = stripped ? strip(json_str(line)) : json_str(line);
		strbuf_addstr(&text, s);
		strbuf_addc(&text, '\n');
	}
	ui_out_text(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

/* ---- list ---- */

struct list_options {
	struct connection_flags connection;
	unsigned limit, skip;
	uint64_t since, upto;
	bool count, full;
};

static const struct cli_option list_options[] = {
	CLI_OPT(struct list_options, limit, "limit", 'l', CLI_COUNT, "N",
		"at most N activations, up to 200 (default 30)"),
	CLI_OPT(struct list_options, skip, "skip", 's', CLI_COUNT, "N",
		"leave out the newest N activations"),
	CLI_OPT(struct list_options, since, "since", 0, CLI_U64, "MS",
		"only those that started at or after MS, milliseconds since 1970"),
	CLI_OPT(struct list_options, upto, "upto", 0, CLI_U64, "MS",
		"only those that started at or before MS"),
	CLI_OPT(struct list_options, count, "count", 0, CLI_FLAG, NULL,
		"show only how many there are"),
	CLI_OPT(struct list_options, full, "full", 'f', CLI_FLAG, NULL,
		"show whole records, as JSON"),
	CONNECTION_OPTIONS(struct list_options, connection),
	CLI_END,
};

static void add_annotation_ms(struct ui_table *t, const struct json *a, const char *key)
{
	int64_t v;

	if (json_int(whisk_annotation(a, key), &v))
		ui_table_cell(t, "%" PRId64 "ms", v);
	else
		ui_table_cell(t, "-");
}

static void add_row(struct ui_table *t, const struct json *a)
{
	struct str kind = json_str(whisk_annotation(a, "kind"));
	struct strbuf name = STRBUF_INIT;
	char date[CLOCK_DATE];

	local_time(a, "start", date);
	activation_function(&name, a);
	ui_table_cell(t, "%s", date);
	ui_table_cell(t, "%s", status_text(a));
	ui_table_cell(t, "%.*s", STR_ARG(kind.n ? kind : STR("-")));
	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(a, "version"))));
	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(a, "activationId"))));
	ui_table_cell(t, "%s", whisk_annotation(a, "initTime") ? "cold" : "warm");
	add_annotation_ms(t, a, "waitTime");
	ui_table_cell(t, "%" PRId64 "ms", member_int(a, "duration"));
	ui_table_cell(t, "%s", name.buf);
	strbuf_release(&name);
}

static void print_table(struct context *c, const struct json *list)
{
	static const char *const heads[] = {"Datetime", "Status",        "Kind",
					    "Version",  "Activation ID", "Start",
					    "Wait",     "Duration",      "Function"};
	struct ui_table *t = ui_table_new(countof(heads));
	struct strbuf text = STRBUF_INIT;
	const struct json *a;
	size_t i;

	for (i = 0; i < countof(heads); i++)
		ui_table_cell(t, "%s", heads[i]);
	for (a = json_first(list); a; a = json_next(a))
		add_row(t, a);
	ui_table_write(t, &text);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
	ui_table_free(t);
}

static int print_count(struct context *c, struct connection *to,
		       const struct whisk_activations *q, struct err *e)
{
	struct json *j = whisk_count_activations(to->whisk, q, e);

	if (!j)
		return -1;
	if (c->json)
		context_print_json(c, j);
	else
		ui_outf(&c->ui, "You have %" PRId64 " activations in this namespace%s%s.\n",
			member_int(j, "activations"), q->name ? " for function " : "",
			q->name ? q->name : "");
	json_free(j);
	return 0;
}

static int print_activations(struct context *c, struct connection *to,
			     const struct whisk_activations *q, struct err *e)
{
	struct json *list = whisk_list_activations(to->whisk, q, e);

	if (!list)
		return -1;
	if (c->json || q->docs)
		context_print_json(c, list);
	else
		print_table(c, list);
	json_free(list);
	return 0;
}

static int run_list(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct list_options *o = opt;
	struct whisk_activations q = {
		.name = args->items.n ? args->items.v[0] : NULL,
		.limit = o->limit ? o->limit : 30,
		.skip = o->skip,
		.since_ms = o->since,
		.upto_ms = o->upto,
		.docs = o->full,
	};
	struct connection to;
	int r;

	if (o->limit > ACTIVATIONS_MAX)
		return err_set(e, ERR_USAGE, "--limit goes up to %d", ACTIVATIONS_MAX);
	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	r = o->count ? print_count(c, &to, &q, e) : print_activations(c, &to, &q, e);
	connection_release(&to);
	return r;
}

static const struct command cmd_list = {
	.name = "list",
	.alias = "ls",
	.args = "[FUNCTION]",
	.summary = "list what was called, newest first",
	.max_args = 1,
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.run = run_list,
};

static const struct command *const sub[] = {
	&cmd_activations_get, &cmd_list, &cmd_activations_logs, &cmd_activations_result, NULL};

const struct command cmd_activations = {
	.name = "activations",
	.alias = "actv",
	.args = "",
	.summary = "what functions did: records, results, logs",
	.sub = sub,
};
