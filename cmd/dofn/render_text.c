#include "render.h"

#include <string.h>

#include "diag/diag.h"

static void add_size(struct strbuf *b, uint64_t bytes)
{
	if (bytes < 1000)
		strbuf_addf(b, "%llu bytes", (unsigned long long)bytes);
	else if (bytes < 1000000)
		strbuf_addf(b, "%.1f kB", (double)bytes / 1e3);
	else
		strbuf_addf(b, "%.1f MB", (double)bytes / 1e6);
}

static void on_reused(struct ui *ui, const struct event *ev)
{
	if (str_is(ev->text, "cache"))
		ui_say(ui, "%s: build taken from the cache", ev->function);
	else
		ui_say(ui, "%s: build unchanged", ev->function);
}

static void on_packed(struct context *c, const struct event *ev)
{
	struct strbuf size = STRBUF_INIT;

	add_size(&size, ev->bytes);
	ui_say(&c->ui, "%s: packed %zu file%s, %s", ev->function, ev->count,
	       ev->count == 1 ? "" : "s", size.buf);
	strbuf_release(&size);
}

static void on_remote(struct context *c, const struct event *ev)
{
	struct strbuf size = STRBUF_INIT;

	if (str_is(ev->text, "uploading")) {
		add_size(&size, ev->bytes);
		ui_say(&c->ui, "%s: uploading %s to be built remotely", ev->function, size.buf);
	} else if (str_is(ev->text, "waiting")) {
		ui_say(&c->ui, "%s: waiting for the remote builder, %.0f s", ev->function,
		       (double)ev->ms / 1000);
	} else if (ev->ms < 1000) {
		ui_say(&c->ui, "%s: building remotely, for at most %.0f s", ev->function,
		       (double)ev->limit_ms / 1000);
	} else {
		ui_say(&c->ui, "%s: building remotely, %.0f s of at most %.0f s", ev->function,
		       (double)ev->ms / 1000, (double)ev->limit_ms / 1000);
	}
	strbuf_release(&size);
}

/* A terminal has a bar for it. */
static void on_uploading(struct context *c, const struct event *ev)
{
	struct strbuf size = STRBUF_INIT;

	if (ev->bytes > 0 || ui_can_live(&c->ui))
		return;
	add_size(&size, ev->total);
	ui_say(&c->ui, "%s: uploading %s", ev->function, size.buf);
	strbuf_release(&size);
}

static void on_deployed(struct renderer *r, const struct event *ev)
{
	bool unchanged = ev->type == EVENT_UNCHANGED;

	if (!unchanged)
		ui_say(&r->context->ui, "%s: deployed, version %.*s", ev->function,
		       STR_ARG(ev->text2));
	vec_push(&r->deployed, xasprintf("%s    %.*s%s", ev->function, STR_ARG(ev->text),
					 unchanged ? "    unchanged" : ""));
}

/* A line of the plan: of the story, or of the result when nothing comes after it. */
static void plan_line(struct renderer *r, const char *line)
{
	if (r->dry_run)
		ui_outf(&r->context->ui, "%s\n", line);
	else
		ui_say(&r->context->ui, "%s", line);
}

static const char *change_in_words(const char *change)
{
	static const char *const words[][2] = {
		{"elsewhere", "was changed elsewhere"},
		{"unknown", "all, as it was not deployed by this version of dofn"},
		{"forced", "nothing changed, but forced"},
	};
	size_t i;

	for (i = 0; i < countof(words); i++)
		if (strcmp(words[i][0], change) == 0)
			return words[i][1];
	return change;
}

/* ": code, variables (+NEW, -GONE)" */
static void add_changes(struct strbuf *line, const struct event *ev)
{
	const char *const *p;
	const char *sep = ": ";

	for (p = ev->changes; p && *p; p++) {
		strbuf_addf(line, "%s%s", sep, change_in_words(*p));
		sep = ", ";
	}
	if (!ev->variables || !*ev->variables)
		return;
	sep = " (";
	for (p = ev->variables; *p; p++) {
		strbuf_addf(line, "%s%s", sep, *p);
		sep = ", ";
	}
	strbuf_addc(line, ')');
}

static void on_plan(struct renderer *r, const struct event *ev)
{
	struct strbuf line = STRBUF_INIT;
	const char *kind = ev->type == EVENT_PLAN_PACKAGE   ? "package "
			   : ev->type == EVENT_PLAN_TRIGGER ? "trigger "
							    : "";
	const char *name = ev->trigger ? ev->trigger : ev->function;

	if (str_is(ev->text, "create"))
		strbuf_addf(&line, "+ %s%s  create", kind, name);
	else if (str_is(ev->text, "update"))
		strbuf_addf(&line, "~ %s%s  update", kind, name);
	else if (str_is(ev->text, "delete"))
		strbuf_addf(&line, "- %s%s  delete", kind, name);
	else if (str_is(ev->text, "extra"))
		strbuf_addf(&line, "? %s%s  live, not in the project", kind, name);
	else if (r->context->ui.verbose)
		strbuf_addf(&line, "= %s%s  unchanged", kind, name);
	if (line.len && ev->remote)
		strbuf_adds(&line, ", built remotely");
	add_changes(&line, ev);
	if (line.len)
		plan_line(r, line.buf);
	strbuf_release(&line);
}

static void on_planned(struct renderer *r, const struct event *ev)
{
	struct strbuf line = STRBUF_INIT;

	if (!ev->count)
		return;
	strbuf_addf(&line, "= %zu unchanged", ev->count);
	plan_line(r, line.buf);
	strbuf_release(&line);
}

static void on_warning(struct context *c, const struct event *ev)
{
	if (ev->function)
		ui_warn(&c->ui, "%s: %.*s", ev->function, STR_ARG(ev->text));
	else
		ui_warn(&c->ui, "%.*s", STR_ARG(ev->text));
}

static void on_finding(struct context *c, const struct event *ev)
{
	struct strbuf text = STRBUF_INIT;

	diag_write(&text, ev->finding, c->ui.colour_err);
	ui_err_raw(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

static void on_note(struct context *c, const struct event *ev)
{
	if (ev->function)
		ui_say(&c->ui, "%s: %.*s", ev->function, STR_ARG(ev->text));
	else
		ui_say(&c->ui, "%.*s", STR_ARG(ev->text));
}

static void on_trigger(struct renderer *r, const struct event *ev)
{
	struct ui *ui = &r->context->ui;
	bool unchanged = str_is(ev->text, "unchanged");

	if (!unchanged)
		ui_say(ui, "trigger %s: %.*s", ev->trigger, STR_ARG(ev->text));
	if (!str_is(ev->text, "deleted"))
		vec_push(&r->triggers,
			 xasprintf("%s    %s    %.*s%s", ev->trigger, ev->function,
				   STR_ARG(ev->text2), unchanged ? "    unchanged" : ""));
}

void render_text_event(struct sink *s, const struct event *ev)
{
	struct renderer *r = (struct renderer *)s;
	struct ui *ui = &r->context->ui;

	progress_event(&r->progress, ev);
	switch (ev->type) {
	case EVENT_NOTE: on_note(r->context, ev); break;
	case EVENT_WARNING: on_warning(r->context, ev); break;
	case EVENT_FINDING: on_finding(r->context, ev); break;
	case EVENT_BUILD_STARTED:
		build_output_event(&r->build_output, ui, ev);
		ui_say(ui, "%s: building with %.*s", ev->function, STR_ARG(ev->text));
		break;
	case EVENT_BUILD_REUSED: on_reused(ui, ev); break;
	case EVENT_BUILD_LINE:
	case EVENT_BUILD_FAILED: /* an error says why */
		build_output_event(&r->build_output, ui, ev);
		break;
	case EVENT_BUILD_ENDED:
		build_output_event(&r->build_output, ui, ev);
		ui_say(ui, "%s: built in %.1f s", ev->function, (double)ev->ms / 1000);
		break;
	case EVENT_REMOTE: on_remote(r->context, ev); break;
	case EVENT_PACKED: on_packed(r->context, ev); break;
	case EVENT_UPLOADING: on_uploading(r->context, ev); break;
	case EVENT_RETRY:
		ui_say(ui, "%.*s; trying again in %.1f s", STR_ARG(ev->text),
		       (double)ev->ms / 1000);
		break;
	case EVENT_UNCHANGED:
	case EVENT_DEPLOYED: on_deployed(r, ev); break;
	case EVENT_PLAN:
	case EVENT_PLAN_PACKAGE:
	case EVENT_PLAN_TRIGGER: on_plan(r, ev); break;
	case EVENT_PLANNED: on_planned(r, ev); break;
	case EVENT_DELETED: ui_say(ui, "%s: deleted", ev->function); break;
	case EVENT_PACKAGE_DELETED: ui_say(ui, "package %s: deleted", ev->function); break;
	case EVENT_PACKAGE_FAILED:
		ui_error(ui, "package %s: %.*s", ev->function, STR_ARG(ev->text));
		break;
	case EVENT_TRIGGER: on_trigger(r, ev); break;
	case EVENT_TRIGGER_FAILED:
		ui_error(ui, "trigger %s: %.*s", ev->trigger, STR_ARG(ev->text));
		break;
	case EVENT_FAILED: ui_error(ui, "%s: %.*s", ev->function, STR_ARG(ev->text)); break;
	case EVENT_PACKAGE:
		if (ui->verbose)
			ui_say(ui, "package %s: written", ev->function);
		break;
	}
}
