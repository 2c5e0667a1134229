#include "linediff/linediff.h"

#include <stdlib.h>

#include "linediff/script.h"

/* Steps for a stretch: a second's part of a processor, and more than any edit by hand takes. */
enum { EFFORT = 4 * 1024 * 1024 };

struct text {
	struct str *lines; /* with their ends */
	size_t n;
	uint32_t *ids;
	bool *changed;
};

static size_t count_lines(struct str text)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t n = 0;

	for (; p < end; n++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : end;
	}
	return n;
}

bool linediff_fits(struct str text)
{
	return text.n <= LINEDIFF_MAX_BYTES && count_lines(text) <= LINEDIFF_MAX_LINES;
}

static void split(struct text *t, struct str rest)
{
	size_t most = count_lines(rest), n;
	const char *end;

	*t = (struct text){.lines = xcalloc(most + 1, sizeof(*t->lines)),
			   .ids = xcalloc(most + 1, sizeof(*t->ids)),
			   .changed = xcalloc(most + 1, sizeof(*t->changed))};
	while (rest.n) {
		end = memchr(rest.p, '\n', rest.n);
		n = end ? (size_t)(end - rest.p) + 1 : rest.n;
		t->lines[t->n++] = (struct str){rest.p, n};
		rest = str_from(rest, n);
	}
}

/* A line and where its number goes. */
struct place {
	struct str line;
	uint32_t *id;
};

static int by_line(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return str_cmp(x->line, y->line);
}

static void add_places(struct place *places, struct text *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		places[i] = (struct place){t->lines[i], &t->ids[i]};
}

/* Sorted, so that no choice of lines makes it slow, as it could with a hash. */
static void number(struct text *before, struct text *after)
{
	size_t n = before->n + after->n, i;
	struct place *places = xcalloc(n + 1, sizeof(*places));
	uint32_t id = 0;

	add_places(places, before);
	add_places(places + before->n, after);
	qsort(places, n, sizeof(*places), by_line);
	for (i = 0; i < n; i++) {
		if (i && !str_eq(places[i - 1].line, places[i].line))
			id++;
		*places[i].id = id;
	}
	free(places);
}

/* Lines of both that are told together; from included, to not. */
struct hunk {
	size_t before, before_to, after, after_to;
};

/* From a point where both agree to the next change; false when there is none. */
static bool find_change(const struct text *a, const struct text *b, size_t *x, size_t *y)
{
	while (*x < a->n && !a->changed[*x] && *y < b->n && !b->changed[*y]) {
		++*x;
		++*y;
	}
	return *x < a->n || *y < b->n;
}

static void pass_change(const struct text *a, const struct text *b, size_t *x, size_t *y)
{
	while (*x < a->n && a->changed[*x])
		++*x;
	while (*y < b->n && b->changed[*y])
		++*y;
}

/* Changes whose context touches are one hunk. *h begins where the last one ended. */
static bool next_hunk(const struct text *a, const struct text *b, size_t context,
		      struct hunk *h)
{
	size_t x = h->before_to, y = h->after_to, lead, next_x, next_y, tail;

	if (!find_change(a, b, &x, &y))
		return false;
	lead = x - h->before_to < context ? x - h->before_to : context;
	h->before = x - lead;
	h->after = y - lead;
	for (;;) {
		pass_change(a, b, &x, &y);
		next_x = x;
		next_y = y;
		if (!find_change(a, b, &next_x, &next_y) || next_x - x > 2 * context)
			break;
		x = next_x;
		y = next_y;
	}
	tail = a->n - x < context ? a->n - x : context;
	h->before_to = x + tail;
	h->after_to = y + tail;
	return true;
}

/* "12,3"; one line is "12", none "11,0" with the line before it, as in POSIX diff -u. */
static void add_range(struct strbuf *out, char sign, size_t from, size_t to)
{
	if (to == from)
		strbuf_addf(out, "%c%zu,0", sign, from);
	else if (to == from + 1)
		strbuf_addf(out, "%c%zu", sign, from + 1);
	else
		strbuf_addf(out, "%c%zu,%zu", sign, from + 1, to - from);
}

static void add_line(struct strbuf *out, char sign, struct str line)
{
	strbuf_addc(out, sign);
	strbuf_addstr(out, line);
	if (!str_ends(line, "\n"))
		strbuf_adds(out, "\n\\ No newline at end of file\n");
}

static void add_hunk(struct strbuf *out, const struct text *a, const struct text *b,
		     const struct hunk *h)
{
	size_t x = h->before, y = h->after;

	strbuf_adds(out, "@@ ");
	add_range(out, '-', h->before, h->before_to);
	strbuf_addc(out, ' ');
	add_range(out, '+', h->after, h->after_to);
	strbuf_adds(out, " @@\n");
	while (x < h->before_to || y < h->after_to) {
		if (x < h->before_to && a->changed[x]) {
			add_line(out, '-', a->lines[x++]);
		} else if (y < h->after_to && b->changed[y]) {
			add_line(out, '+', b->lines[y++]);
		} else {
			add_line(out, ' ', a->lines[x++]);
			y++;
		}
	}
}

static void release(struct text *t)
{
	free(t->lines);
	free(t->ids);
	free(t->changed);
}

void linediff_unified(struct strbuf *out, struct str before, struct str after, size_t context)
{
	struct text a, b;
	struct lines la, lb;
	struct hunk h = {0};

	split(&a, before);
	split(&b, after);
	number(&a, &b);
	la = (struct lines){a.ids, a.n, a.changed};
	lb = (struct lines){b.ids, b.n, b.changed};
	script_find(&la, &lb, EFFORT);
	while (next_hunk(&a, &b, context, &h))
		add_hunk(out, &a, &b, &h);
	release(&a);
	release(&b);
}
