#include "platform/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { MANY = 1024 };

static void drop_oldest(struct transcript *t)
{
	struct transcript_line *line = &t->lines.v[t->first++];

	t->bytes -= line->n + 1;
	free(line->text);
	line->text = NULL;
	t->dropped++;
	if (t->first < MANY || t->first < t->lines.n / 2)
		return;
	t->lines.n -= t->first;
	memmove(t->lines.v, t->lines.v + t->first, t->lines.n * sizeof(*t->lines.v));
	t->first = 0;
}

void transcript_add(struct transcript *t, bool is_stderr, struct str line)
{
	struct transcript_line l = {.time_ns = clock_realtime_ns(), .is_stderr = is_stderr};
	struct strbuf text = STRBUF_INIT;

	if (line.n > TRANSCRIPT_LINE_MAX)
		line.n = TRANSCRIPT_LINE_MAX;
	utf8_add_clean(&text, line);
	l.n = text.len;
	l.text = text.len ? strbuf_detach(&text, NULL) : xstrdup("");
	vec_push(&t->lines, l);
	t->bytes += l.n + 1;
	while (t->bytes > TRANSCRIPT_MAX)
		drop_oldest(t);
}

struct json *transcript_list(const struct transcript *t)
{
	struct json *list = json_new_array();
	struct strbuf head = STRBUF_INIT;
	size_t i;

	if (t->dropped) {
		strbuf_addf(&head, "(%zu earlier lines are left out)", t->dropped);
		json_push(list, json_new_str(strbuf_str(&head)));
	}
	for (i = t->first; i < t->lines.n; i++)
		json_push(list,
			  json_new_str((struct str){t->lines.v[i].text, t->lines.v[i].n}));
	strbuf_release(&head);
	return list;
}

size_t transcript_logs(const struct transcript *t, struct log_line **logs)
{
	size_t n = t->lines.n - t->first, i;
	const struct transcript_line *l;

	*logs = n ? xcalloc(n, sizeof(**logs)) : NULL;
	for (i = 0; i < n; i++) {
		l = &t->lines.v[t->first + i];
		(*logs)[i] = (struct log_line){l->time_ns, l->is_stderr, {l->text, l->n}};
	}
	return n;
}

void transcript_release(struct transcript *t)
{
	size_t i;

	for (i = t->first; i < t->lines.n; i++)
		free(t->lines.v[i].text);
	vec_release(&t->lines);
	t->first = t->dropped = t->bytes = 0;
}
