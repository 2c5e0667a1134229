#include "events/events.h"

#include "base/strbuf.h"
#include "diag/diag.h"

void sink_emit(struct sink *s, const struct event *ev)
{
	if (s)
		s->emit(s, ev);
}

PRINTF(4, 0)
static void emit_text(struct sink *s, enum event_type type, const char *function,
		      const char *fmt, va_list ap)
{
	struct strbuf text = STRBUF_INIT;
	struct event ev = {.type = type, .function = function};

	if (!s)
		return;
	strbuf_vaddf(&text, fmt, ap);
	ev.text = strbuf_str(&text);
	sink_emit(s, &ev);
	strbuf_release(&text);
}

void sink_findings(struct sink *s, const char *function, const struct diags *d)
{
	struct event ev = {.type = EVENT_FINDING, .function = function};
	size_t i;

	for (i = 0; i < d->list.n; i++) {
		ev.finding = &d->list.v[i];
		sink_emit(s, &ev);
	}
}

void sink_note(struct sink *s, const char *function, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_text(s, EVENT_NOTE, function, fmt, ap);
	va_end(ap);
}

void sink_warning(struct sink *s, const char *function, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit_text(s, EVENT_WARNING, function, fmt, ap);
	va_end(ap);
}
