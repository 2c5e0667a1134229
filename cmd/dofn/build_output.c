#include "build_output.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { TAIL_LINES = 20, LINE_BYTES = 2000 };

/* The last lines of a program that a build runs: lines[(n - 1) % TAIL_LINES] is the latest. */
struct build_tail {
	char *function;
	size_t n; /* lines so far */
	struct strbuf lines[TAIL_LINES];
};

static struct build_tail *find(struct build_output *o, const char *function)
{
	struct build_tail *t;
	size_t i;

	for (i = 0; i < o->tails.n; i++)
		if (strcmp(o->tails.v[i]->function, function) == 0)
			return o->tails.v[i];
	t = xcalloc(1, sizeof(*t));
	t->function = xstrdup(function);
	for (i = 0; i < TAIL_LINES; i++)
		t->lines[i] = STRBUF_INIT;
	vec_push(&o->tails, t);
	return t;
}

static void tail_free(struct build_tail *t)
{
	size_t i;

	for (i = 0; i < TAIL_LINES; i++)
		strbuf_release(&t->lines[i]);
	free(t->function);
	free(t);
}

static void forget(struct build_output *o, const char *function)
{
	size_t i;

	for (i = 0; i < o->tails.n; i++)
		if (strcmp(o->tails.v[i]->function, function) == 0) {
			tail_free(o->tails.v[i]);
			o->tails.v[i] = o->tails.v[--o->tails.n];
			return;
		}
}

static void add_shown(struct strbuf *out, const char *function, struct str line)
{
	strbuf_addf(out, "%s | ", function);
	utf8_add_printable(out, line);
	strbuf_addc(out, '\n');
}

static void keep(struct build_output *o, const struct event *ev)
{
	struct build_tail *t = find(o, ev->function);
	struct strbuf *line = &t->lines[t->n++ % TAIL_LINES];

	strbuf_reset(line);
	strbuf_add(line, ev->text.p, ev->text.n < LINE_BYTES ? ev->text.n : LINE_BYTES);
	if (ev->text.n > LINE_BYTES)
		strbuf_adds(line, "...");
}

/* Also when quiet: it belongs to the error. */
static void show_tail(struct build_output *o, struct ui *ui, const char *function)
{
	struct build_tail *t = find(o, function);
	size_t i = t->n > TAIL_LINES ? t->n - TAIL_LINES : 0;
	struct strbuf out = STRBUF_INIT;

	if (i > 0)
		strbuf_addf(&out,
			    "%s: its output without the first %zu line%s (--verbose-build "
			    "shows all):\n",
			    function, i, i == 1 ? "" : "s");
	for (; i < t->n; i++)
		add_shown(&out, function, strbuf_str(&t->lines[i % TAIL_LINES]));
	ui_err_raw(ui, strbuf_str(&out));
	strbuf_release(&out);
}

static void show_line(struct ui *ui, const struct event *ev)
{
	struct strbuf out = STRBUF_INIT;

	add_shown(&out, ev->function, ev->text);
	ui_err_raw(ui, strbuf_str(&out));
	strbuf_release(&out);
}

void build_output_event(struct build_output *o, struct ui *ui, const struct event *ev)
{
	if (ev->type == EVENT_BUILD_LINE && o->all)
		show_line(ui, ev);
	else if (ev->type == EVENT_BUILD_LINE)
		keep(o, ev);
	else if (ev->type == EVENT_BUILD_FAILED)
		show_tail(o, ui, ev->function);
	if (ev->type != EVENT_BUILD_LINE)
		forget(o, ev->function);
}

void build_output_release(struct build_output *o)
{
	size_t i;

	for (i = 0; i < o->tails.n; i++)
		tail_free(o->tails.v[i]);
	vec_release(&o->tails);
}
