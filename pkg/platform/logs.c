#include "platform/logs.h"

#include "base/utf8.h"

void logs_init(struct logs *g, size_t limit)
{
	*g = (struct logs){.limit = limit, .text = STRBUF_INIT};
}

void logs_release(struct logs *g)
{
	strbuf_release(&g->text);
	vec_release(&g->entries);
	vec_release(&g->lines);
}

static void insert(struct logs *g, bool is_stderr, struct str line, uint64_t time_ns)
{
	struct log_entry entry = {.time_ns = time_ns, .is_stderr = is_stderr};
	size_t i;

	entry.start = g->text.len;
	utf8_add_clean(&g->text, line);
	entry.n = g->text.len - entry.start;
	vec_push(&g->entries, entry);
	/* Only a line that was held back is older than others. */
	for (i = g->entries.n - 1; i > 0 && g->entries.v[i - 1].time_ns > time_ns; i--)
		g->entries.v[i] = g->entries.v[i - 1];
	g->entries.v[i] = entry;
}

static void keep(struct logs *g, bool is_stderr, struct str line, uint64_t time_ns)
{
	if (g->limit == 0 || g->truncated)
		return;
	if (line.n + 1 > g->limit - g->used) {
		g->truncated = true;
		return;
	}
	g->used += line.n + 1;
	insert(g, is_stderr, line, time_ns);
}

void logs_add(struct logs *g, bool is_stderr, struct str line, bool more, uint64_t now_ns)
{
	struct log_stream *s = &g->stream[is_stderr];

	if (s->cutting) {
		s->cutting = more;
		return;
	}
	s->cutting = more;
	if (s->held)
		keep(g, is_stderr, (struct str){0}, s->held_ns);
	s->held = line.n == 0;
	s->held_ns = now_ns;
	if (!s->held)
		keep(g, is_stderr, line, now_ns);
}

void logs_end_stream(struct logs *g, bool is_stderr)
{
	g->stream[is_stderr].held = false;
}

static void note(struct logs *g, const char *text, uint64_t now_ns)
{
	if (g->limit)
		insert(g, true, str_of(text), now_ns);
}

static void note_truncation(struct logs *g, uint64_t now_ns)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text,
		    "Logs were truncated because the total bytes size exceeds the limit of "
		    "%zu bytes.",
		    g->limit);
	note(g, text.buf, now_ns);
	strbuf_release(&text);
}

const struct log_line *logs_finish(struct logs *g, const char *extra, uint64_t now_ns,
				   size_t *n)
{
	size_t i;

	if (g->truncated)
		note_truncation(g, now_ns);
	if (extra)
		note(g, extra, now_ns);
	g->lines.n = 0;
	for (i = 0; i < g->entries.n; i++) {
		const struct log_entry *entry = &g->entries.v[i];
		struct log_line line = {
			.time_ns = entry->time_ns,
			.is_stderr = entry->is_stderr,
			.text = {g->text.buf + entry->start, entry->n},
		};

		vec_push(&g->lines, line);
	}
	*n = g->lines.n;
	return g->lines.v;
}

void logs_clear(struct logs *g)
{
	strbuf_reset(&g->text);
	g->entries.n = g->lines.n = 0;
	g->used = 0;
	g->truncated = false;
}
