#include "render.h"

#include "base/utf8.h"

static void add_size(struct strbuf *b, uint64_t bytes)
{
	if (bytes < 1000)
		strbuf_addf(b, "%llu bytes", (unsigned long long)bytes);
	else if (bytes < 1000000)
		strbuf_addf(b, "%.1f kB", (double)bytes / 1e3);
	else
		strbuf_addf(b, "%.1f MB", (double)bytes / 1e6);
}

static void on_line(struct context *c, const struct event *ev)
{
	struct strbuf line = STRBUF_INIT;

	if (c->ui.quiet)
		return;
	strbuf_addf(&line, "%s | ", ev->function);
	utf8_add_printable(&line, ev->text);
	ui_say(&c->ui, "%s", line.buf);
	strbuf_release(&line);
}

static void on_packed(struct context *c, const struct event *ev)
{
	struct strbuf size = STRBUF_INIT;

	add_size(&size, ev->bytes);
	ui_say(&c->ui, "%s: packed %zu file%s, %s", ev->function, ev->count,
	       ev->count == 1 ? "" : "s", size.buf);
	strbuf_release(&size);
}

static void on_deployed(struct renderer *r, const struct event *ev)
{
	ui_say(&r->context->ui, "%s: deployed, version %.*s", ev->function, STR_ARG(ev->text2));
	vec_push(&r->deployed, xasprintf("%s    %.*s", ev->function, STR_ARG(ev->text)));
}

static void on_warning(struct context *c, const struct event *ev)
{
	if (ev->function)
		ui_warn(&c->ui, "%s: %.*s", ev->function, STR_ARG(ev->text));
	else
		ui_warn(&c->ui, "%.*s", STR_ARG(ev->text));
}

static void on_note(struct context *c, const struct event *ev)
{
	if (ev->function)
		ui_say(&c->ui, "%s: %.*s", ev->function, STR_ARG(ev->text));
	else
		ui_say(&c->ui, "%.*s", STR_ARG(ev->text));
}

void render_text_event(struct sink *s, const struct event *ev)
{
	struct renderer *r = (struct renderer *)s;
	struct ui *ui = &r->context->ui;

	switch (ev->type) {
	case EVENT_NOTE: on_note(r->context, ev); break;
	case EVENT_WARNING: on_warning(r->context, ev); break;
	case EVENT_BUILD_STARTED:
		ui_say(ui, "%s: building with %.*s", ev->function, STR_ARG(ev->text));
		break;
	case EVENT_BUILD_LINE: on_line(r->context, ev); break;
	case EVENT_BUILD_ENDED:
		ui_say(ui, "%s: built in %.1f s", ev->function, (double)ev->ms / 1000);
		break;
	case EVENT_PACKED: on_packed(r->context, ev); break;
	case EVENT_RETRY:
		ui_say(ui, "%.*s; trying again in %.1f s", STR_ARG(ev->text),
		       (double)ev->ms / 1000);
		break;
	case EVENT_DEPLOYED: on_deployed(r, ev); break;
	case EVENT_FAILED: ui_error(ui, "%s: %.*s", ev->function, STR_ARG(ev->text)); break;
	case EVENT_PACKAGE:
		if (ui->verbose)
			ui_say(ui, "package %s: written", ev->function);
		break;
	}
}
