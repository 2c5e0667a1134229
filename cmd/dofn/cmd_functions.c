#include "command.h"

#include <stdlib.h>

#include "base/clock.h"
#include "functions.h"

/* ---- list ---- */

struct list_options {
	struct connection_flags connection;
	unsigned limit, skip;
	bool count, name_sort, by_name;
};

static const struct cli_option list_options[] = {
	CLI_OPT(struct list_options, limit, "limit", 'l', CLI_COUNT, "N",
		"at most so many functions (default: all)"),
	CLI_OPT(struct list_options, skip, "skip", 's', CLI_COUNT, "N",
		"leave out the first N functions"),
	CLI_OPT(struct list_options, count, "count", 0, CLI_FLAG, NULL,
		"show only how many functions there are"),
	CLI_OPT(struct list_options, name_sort, "name-sort", 0, CLI_FLAG, NULL,
		"sort by name instead of by latest update"),
	CLI_OPT(struct list_options, by_name, "name", 'n', CLI_FLAG, NULL,
		"same as --name-sort"),
	CONNECTION_OPTIONS(struct list_options, connection),
	CLI_END,
};

/* A server that gives the same page again and again must not fill the memory. */
enum { PAGE = 200, MOST_FUNCTIONS = 100000 };

/* Pages are joined, because a server gives at most 200 at once. */
static struct json *fetch_all(struct whisk *w, const char *package,
			      const struct list_options *o, struct err *e)
{
	struct json *all = json_new_array(), *page, *item;
	unsigned skip = o->skip, n = 0, want, got;

	do {
		want = o->limit ? o->limit - n : PAGE;
		want = want > PAGE ? PAGE : want;
		page = whisk_list_actions(w, package, want, skip, e);
		if (!page) {
			json_free(all);
			return NULL;
		}
		got = (unsigned)json_count(page);
		for (item = json_first(page); item; item = json_next(item))
			json_push(all, json_clone(item));
		json_free(page);
		skip += got;
		n += got;
		if (n > MOST_FUNCTIONS) {
			err_set(e, ERR_REMOTE, "the server's list of functions does not end");
			json_free(all);
			return NULL;
		}
	} while (got == PAGE && (!o->limit || n < o->limit));
	return all;
}

/* "p/f" of a list item, whose namespace is "ns" or "ns/p". */
static void add_function_name(struct strbuf *out, const struct json *item)
{
	struct str ns = json_str(json_get(item, "namespace")), part;

	if (str_next(&ns, '/', &part) && ns.n)
		strbuf_addf(out, "%.*s/", STR_ARG(ns));
	strbuf_addstr(out, json_str(json_get(item, "name")));
}

static int by_function_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;
	struct strbuf p = STRBUF_INIT, q = STRBUF_INIT;
	int r;

	add_function_name(&p, *x);
	add_function_name(&q, *y);
	r = str_cmp(strbuf_str(&p), strbuf_str(&q));
	strbuf_release(&p);
	strbuf_release(&q);
	return r;
}

static struct json *sorted_by_name(struct json *list)
{
	VEC(struct json *) items = {0};
	struct json *item, *out = json_new_array();
	size_t i;

	for (item = json_first(list); item; item = json_next(item))
		vec_push(&items, json_clone(item));
	if (items.n)
		qsort(items.v, items.n, sizeof(struct json *), by_function_name);
	for (i = 0; i < items.n; i++)
		json_push(out, items.v[i]);
	vec_release(&items);
	json_free(list);
	return out;
}

static void add_row(struct ui_table *t, const struct json *item)
{
	struct strbuf name = STRBUF_INIT;
	struct str kind = json_str(whisk_annotation(item, "exec"));
	char date[CLOCK_DATE];
	int64_t updated = 0;

	if (!json_int(json_get(item, "updated"), &updated) || updated < 0)
		updated = 0;
	clock_local((uint64_t)updated, date);
	add_function_name(&name, item);
	ui_table_cell(t, "%s", date);
	ui_table_cell(t, "%.*s", STR_ARG(json_str(json_get(item, "version"))));
	ui_table_cell(t, "%.*s", STR_ARG(kind.n ? kind : STR("unknown")));
	ui_table_cell(t, "%s", name.buf);
	strbuf_release(&name);
}

static void print_table(struct context *c, const struct json *list)
{
	struct ui_table *t = ui_table_new(4);
	struct strbuf text = STRBUF_INIT;
	const struct json *item;

	ui_table_cell(t, "Latest Update");
	ui_table_cell(t, "Latest Version");
	ui_table_cell(t, "Runtime Kind");
	ui_table_cell(t, "Function Name");
	for (item = json_first(list); item; item = json_next(item))
		add_row(t, item);
	ui_table_write(t, &text);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
	ui_table_free(t);
}

static void print_list(struct context *c, const struct list_options *o, const struct json *list)
{
	size_t n = json_count(list);

	if (o->count && c->json)
		context_print_member(c, "functions", json_new_int((int64_t)n));
	else if (o->count)
		ui_outf(&c->ui,
			n == 1 ? "There is %zu function in this namespace.\n"
			       : "There are %zu functions in this namespace.\n",
			n);
	else if (c->json)
		context_print_json(c, list);
	else
		print_table(c, list);
}

static int run_list(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct list_options *o = opt;
	struct connection to;
	struct json *list;

	if (context_connect(c, &o->connection, 0, &to, e) < 0)
		return -1;
	list = fetch_all(to.whisk, args->items.n ? args->items.v[0] : NULL, o, e);
	connection_release(&to);
	if (!list)
		return -1;
	if (o->name_sort || o->by_name)
		list = sorted_by_name(list);
	print_list(c, o, list);
	json_free(list);
	return 0;
}

static const struct command cmd_list = {
	.name = "list",
	.alias = "ls",
	.args = "[PACKAGE]",
	.summary = "list the functions of the namespace",
	.max_args = 1,
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.run = run_list,
};

static const struct command *const sub[] = {&cmd_functions_get, &cmd_functions_invoke,
					    &cmd_list, NULL};

const struct command cmd_functions = {
	.name = "functions",
	.alias = "fn",
	.args = "[ARGUMENT ...]",
	.summary = "list, show and call deployed functions",
	.sub = sub,
};
