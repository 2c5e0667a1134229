#include "command.h"

#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "deploying.h"
#include "diff/diff.h"
#include "render.h"

struct diff_options {
	struct deploy_flags deploy;
	bool detailed_exitcode, remote_build;
};

static const struct cli_option options[] = {
	DEPLOY_OPTIONS(struct diff_options, deploy),
	CLI_OPT(struct diff_options, detailed_exitcode, "detailed-exitcode", 0, CLI_FLAG, NULL,
		"exit with 2 when there are differences"),
	CLI_OPT(struct diff_options, remote_build, "remote-build", 0, CLI_FLAG, NULL,
		"compare only the sources of what would be built on the platform"),
	CLI_END,
};

/* A run on its way. */
struct diff_run {
	struct context *context;
	struct renderer renderer;
	bool json;
	size_t differences;
};

/* A line of the result: what is in it comes from files and servers. */
static void add_styled(struct strbuf *out, const struct context *c, enum ui_style style,
		       struct str line)
{
	struct strbuf text = STRBUF_INIT;

	if (c->ui.out_tty)
		utf8_add_printable(&text, line);
	else
		strbuf_addstr(&text, line);
	ui_styled(out, c->ui.colour_out, style, text.buf);
	strbuf_addc(out, '\n');
	strbuf_release(&text);
}

static enum ui_style style_of(struct str line)
{
	switch (line.n ? line.p[0] : ' ') {
	case '+': return UI_GREEN;
	case '-': return UI_RED;
	case '@': return UI_CYAN;
	case '\\': return UI_DIM;
	default: return UI_PLAIN;
	}
}

static void add_hunks(struct strbuf *out, const struct context *c, struct str hunks)
{
	struct str line;

	while (hunks.n && str_next(&hunks, '\n', &line))
		add_styled(out, c, style_of(line), line);
}

/* "--- live/p/f/x.py"; a name must not look like more than one line. */
static void add_name(struct strbuf *out, const struct context *c, const char *side,
		     const char *function, struct str file)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "%s/%s/", side, function);
	utf8_add_printable(&line, file);
	add_styled(out, c, UI_BOLD, strbuf_str(&line));
	strbuf_release(&line);
}

/* Strings as they are, anything else as JSON. */
static void add_value(struct strbuf *out, const struct json *value)
{
	if (json_is(value, JSON_STRING))
		utf8_add_printable(out, json_str(value));
	else
		json_write(out, value);
}

/* "  limit timeout: 3000 -> 5000", "  parameter x: changed" */
static void add_setting(struct strbuf *out, const struct json *s)
{
	const struct json *live = json_get(s, "live"), *local = json_get(s, "local");
	struct str name = json_str(json_get(s, "name"));

	strbuf_addf(out, "  %s%s", json_cstr(json_get(s, "what")), name.n ? " " : "");
	utf8_add_printable(out, name);
	strbuf_adds(out, ": ");
	if (live && local) {
		add_value(out, live);
		strbuf_adds(out, " -> ");
		add_value(out, local);
	} else {
		strbuf_adds(out, json_cstr(json_get(s, "change")));
		if (live || local) {
			strbuf_adds(out, ": ");
			add_value(out, live ? live : local);
		}
	}
	strbuf_addc(out, '\n');
}

static void add_size(struct strbuf *out, const struct json *bytes)
{
	struct str n = json_number(bytes);

	strbuf_addf(out, "%.*s", STR_ARG(n));
}

/* "  ~ x.py: 120 -> 140 bytes" */
static void add_file(struct strbuf *out, const struct context *c, const struct json *f)
{
	const struct json *live = json_get(f, "liveBytes"), *local = json_get(f, "localBytes");
	struct strbuf line = STRBUF_INIT;
	struct str note = json_str(json_get(f, "note"));

	strbuf_addf(&line, "  %c ", !live ? '+' : !local ? '-' : '~');
	utf8_add_printable(&line, json_str(json_get(f, "name")));
	strbuf_adds(&line, ": ");
	add_size(&line, live ? live : local);
	if (live && local) {
		strbuf_adds(&line, " -> ");
		add_size(&line, local);
	}
	strbuf_adds(&line, " bytes");
	if (json_is(json_get(f, "executable"), JSON_BOOL))
		strbuf_adds(&line, json_is_true(json_get(f, "executable"))
					   ? ", becomes executable"
					   : ", is executable no more");
	if (json_is_true(json_get(f, "binary")))
		strbuf_adds(&line, ", not shown line by line");
	if (note.n)
		strbuf_addf(&line, " (%.*s)", STR_ARG(note));
	add_styled(out, c, !live ? UI_GREEN : !local ? UI_RED : UI_YELLOW, strbuf_str(&line));
	strbuf_release(&line);
}

static void add_function(struct strbuf *out, const struct context *c, const struct json *item)
{
	const char *name = json_cstr(json_get(item, "function"));
	const struct json *j;

	for (j = json_first(json_get(item, "settings")); j; j = json_next(j))
		add_setting(out, j);
	if (json_get(item, "sources"))
		strbuf_adds(out, "  sources: changed (the platform builds it, so what it would "
				 "make of them is not known)\n");
	for (j = json_first(json_get(item, "files")); j; j = json_next(j))
		add_file(out, c, j);
	for (j = json_first(json_get(item, "files")); j; j = json_next(j)) {
		if (!json_get(j, "diff"))
			continue;
		add_name(out, c, "--- live", name, json_str(json_get(j, "name")));
		add_name(out, c, "+++ local", name, json_str(json_get(j, "name")));
		add_hunks(out, c, json_str(json_get(j, "diff")));
	}
}

static void add_names(struct strbuf *out, const struct json *item, const char *member)
{
	const struct json *j;

	for (j = json_first(json_get(item, member)); j; j = json_next(j)) {
		strbuf_adds(out, out->len && out->buf[out->len - 1] == ':' ? " " : ", ");
		utf8_add_printable(out, json_str(j));
	}
}

static void add_item(struct strbuf *out, const struct context *c, const struct json *item)
{
	const char *package = json_cstr(json_get(item, "package"));
	const char *trigger = json_cstr(json_get(item, "trigger"));
	const char *function = json_cstr(json_get(item, "function"));
	struct strbuf head = STRBUF_INIT;

	if (trigger)
		strbuf_addf(&head, "trigger %s of %s", trigger, function);
	else
		strbuf_addf(&head, "%s%s", package ? "package " : "",
			    package ? package : function);
	strbuf_addf(&head, ": %s", json_cstr(json_get(item, "state")));
	if (json_get(item, "changes"))
		strbuf_addc(&head, ':');
	add_names(&head, item, "changes");
	add_names(&head, item, "variables");
	add_styled(out, c, UI_BOLD, strbuf_str(&head));
	if (!trigger && !package)
		add_function(out, c, item);
	strbuf_release(&head);
}

static bool is_same(const struct json *item)
{
	return str_is(json_str(json_get(item, "state")), "same");
}

static void print_text(const struct diff_run *r, const struct json *list)
{
	struct context *c = r->context;
	struct strbuf out = STRBUF_INIT;
	const struct json *item;

	for (item = json_first(list); item; item = json_next(item)) {
		if (is_same(item))
			continue;
		strbuf_reset(&out);
		add_item(&out, c, item);
		ui_out(&c->ui, strbuf_str(&out));
	}
	strbuf_release(&out);
	ui_say(&c->ui, "%zu different, %zu the same", r->differences,
	       json_count(list) - r->differences);
}

static int compare(void *arg, const struct deploy_request *q, struct err *e)
{
	struct diff_run *r = arg;
	struct json *list = diff_project(q, &r->differences, e);

	if (!list)
		return -1;
	if (r->json)
		context_print_json(r->context, list);
	else
		print_text(r, list);
	json_free(list);
	return 0;
}

/* The result is one list: what else there is to tell goes to standard error. */
static int diff(struct context *c, struct diff_options *o, const char *dir, struct err *e)
{
	struct diff_run r = {.context = c, .json = c->json};
	struct deploy_run d = {.context = c,
			       .flags = &o->deploy,
			       .dir = dir,
			       .remote_build = o->remote_build,
			       .sink = &r.renderer.sink,
			       .instead = compare,
			       .arg = &r};
	int rc;

	c->json = false;
	renderer_init(&r.renderer, c);
	r.renderer.build_output.all = o->deploy.build.verbose;
	rc = deploy_run(&d, e);
	renderer_release(&r.renderer);
	c->json = r.json;
	if (rc < 0 || !o->detailed_exitcode || r.differences == 0)
		return rc;
	c->told = true;
	return err_set(e, ERR_USAGE, "there are differences");
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct diff_options *o = opt;
	const char *dir = ".", *name = NULL;

	if (args->items.n == 2)
		name = args->items.v[1];
	else if (args->items.n == 1 && strchr(args->items.v[0], '/') &&
		 !is_folder(args->items.v[0]))
		name = args->items.v[0];
	if (args->items.n == 2 || (args->items.n == 1 && !name))
		dir = args->items.v[0];
	if (name)
		vec_push(&o->deploy.project.include.items, name);
	return diff(c, o, dir, e);
}

const struct command cmd_diff = {
	.name = "diff",
	.args = "[DIR] [PKG/FN]",
	.summary = "compare what is live with the project in DIR",
	.help = "DIR is the project's folder, by default the current one; PKG/FN is the only\n"
		"function to compare (default/FN for one without a package), by default all.\n"
		"Builds and packs as deploy does, and changes nothing on the server.",
	.max_args = 2,
	.options = options,
	.options_size = sizeof(struct diff_options),
	.run = run,
};
