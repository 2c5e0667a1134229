#include "diag/diag.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

enum {
	TEXT_MAX = 2000, /* bytes of a message: what it quotes may be a whole file */
	SHOWN = 100,     /* characters of a source line that are shown */
	SHOWN_BEFORE = 60,
};

static void count(struct diags *d, enum diag_level level)
{
	if (level == DIAG_ERROR)
		d->errors++;
	else if (level == DIAG_WARNING)
		d->warnings++;
}

PRINTF(2, 0)
static const char *format_text(struct arena *a, const char *fmt, va_list ap)
{
	struct strbuf b = STRBUF_INIT;
	struct str kept;
	const char *text;

	strbuf_vaddf(&b, fmt, ap);
	kept = utf8_cut(strbuf_str(&b), TEXT_MAX);
	text = arena_printf(a, "%.*s%s", STR_ARG(kept), kept.n < b.len ? "..." : "");
	strbuf_release(&b);
	return text;
}

void diags_add(struct diags *d, enum diag_level level, const struct diag_source *source,
	       struct pos pos, const char *fmt, ...)
{
	struct diag found = {
		.level = level, .source = source, .path = source->name, .pos = pos};
	va_list ap;

	count(d, level);
	if (d->list.n >= DIAGS_MAX)
		return;
	va_start(ap, fmt);
	found.text = format_text(&d->arena, fmt, ap);
	va_end(ap);
	vec_push(&d->list, found);
}

void diags_add_path(struct diags *d, enum diag_level level, const char *path, const char *fmt,
		    ...)
{
	struct diag found = {.level = level};
	va_list ap;

	count(d, level);
	if (d->list.n >= DIAGS_MAX)
		return;
	found.path = arena_strdup(&d->arena, path);
	va_start(ap, fmt);
	found.text = format_text(&d->arena, fmt, ap);
	va_end(ap);
	vec_push(&d->list, found);
}

static int compare(const struct diag *a, const struct diag *b)
{
	int c = strcmp(a->path, b->path);

	if (c != 0)
		return c;
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line ? -1 : 1;
	return (a->pos.col > b->pos.col) - (a->pos.col < b->pos.col);
}

/* Findings of one file share their source. */
static const struct diag_source *copy_source(struct diags *to, const struct diag_source *source,
					     const struct diag *last)
{
	struct diag_source *copy;

	if (last && last->source && strcmp(last->source->name, source->name) == 0 &&
	    str_eq(last->source->text, source->text))
		return last->source;
	copy = arena_new(&to->arena, struct diag_source);
	copy->name = arena_strdup(&to->arena, source->name);
	copy->text = arena_str(&to->arena, source->text);
	return copy;
}

void diags_copy(struct diags *to, const struct diags *from)
{
	size_t i;

	for (i = 0; i < from->list.n && to->list.n < DIAGS_MAX; i++) {
		const struct diag *one = &from->list.v[i];
		const struct diag *last = i ? &to->list.v[to->list.n - 1] : NULL;
		struct diag copy = *one;

		copy.text = arena_strdup(&to->arena, one->text);
		if (one->source) {
			copy.source = copy_source(to, one->source, last);
			copy.path = copy.source->name;
		} else {
			copy.path = arena_strdup(&to->arena, one->path);
		}
		vec_push(&to->list, copy);
	}
	to->errors += from->errors;
	to->warnings += from->warnings;
}

/* Whether one of the same place before number n of the list says the same. */
static bool is_repeated(const struct diags *d, size_t n, const struct diag *found)
{
	while (n-- > 0 && compare(&d->list.v[n], found) == 0)
		if (d->list.v[n].level == found->level &&
		    strcmp(d->list.v[n].text, found->text) == 0)
			return true;
	return false;
}

/* What stands at an anchor is looked at once for each of its aliases. */
static void drop_repeated(struct diags *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->list.n; i++) {
		struct diag found = d->list.v[i];

		if (!is_repeated(d, n, &found)) {
			d->list.v[n++] = found;
			continue;
		}
		d->errors -= found.level == DIAG_ERROR;
		d->warnings -= found.level == DIAG_WARNING;
	}
	d->list.n = n;
}

/* By insertion: stable, the list is short and mostly in order already. */
void diags_sort(struct diags *d)
{
	size_t i, j;

	for (i = 1; i < d->list.n; i++) {
		struct diag moving = d->list.v[i];

		for (j = i; j > 0 && compare(&d->list.v[j - 1], &moving) > 0; j--)
			d->list.v[j] = d->list.v[j - 1];
		d->list.v[j] = moving;
	}
	drop_repeated(d);
}

static void add_styled(struct strbuf *out, bool colour, const char *sgr, struct str s)
{
	if (colour)
		strbuf_addf(out, "\x1b[%sm", sgr);
	utf8_add_printable(out, s);
	if (colour)
		strbuf_adds(out, "\x1b[0m");
}

static void write_head(struct strbuf *out, const struct diag *d, bool colour)
{
	static const struct {
		const char *name, *sgr;
	} levels[] = {
		[DIAG_NOTE] = {"note:", "1;36"},
		[DIAG_WARNING] = {"warning:", "1;33"},
		[DIAG_ERROR] = {"error:", "1;31"},
	};
	struct strbuf place = STRBUF_INIT;

	strbuf_adds(&place, d->path);
	if (d->pos.line)
		strbuf_addf(&place, ":%u:%u", d->pos.line, d->pos.col);
	strbuf_addc(&place, ':');
	add_styled(out, colour, "1", strbuf_str(&place));
	strbuf_release(&place);
	strbuf_addc(out, ' ');
	add_styled(out, colour, levels[d->level].sgr, str_of(levels[d->level].name));
	strbuf_addc(out, ' ');
	utf8_add_printable(out, str_of(d->text));
	strbuf_addc(out, '\n');
}

/* Line number `line` without its end; false when the text has no such line. */
static bool find_line(struct str text, uint32_t line, struct str *out)
{
	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	do {
		if (!str_next(&text, '\n', out))
			return false;
	} while (--line > 0);
	if (str_ends(*out, "\r"))
		out->n--;
	return true;
}

static void add_padding(struct strbuf *pad, struct str s, size_t n)
{
	size_t i;

	if (s.p[0] == '\t') {
		strbuf_addc(pad, '\t');
		return;
	}
	for (i = utf8_columns((struct str){s.p, n ? n : 1}); i > 0; i--)
		strbuf_addc(pad, ' ');
}

static bool has_more_than(struct str s, size_t characters)
{
	size_t n;

	while (s.n && characters > 0) {
		n = utf8_sequence(s);
		s = str_from(s, n ? n : 1);
		characters--;
	}
	return s.n > 0;
}

/* The part of `line` around column col into *shown, and what stands under it before the caret.
 */
static void cut_line(struct str line, uint32_t col, struct strbuf *shown, struct strbuf *pad)
{
	bool is_long = has_more_than(line, SHOWN);
	uint32_t first = is_long && col > SHOWN_BEFORE ? col - SHOWN_BEFORE : 1;
	uint32_t at;
	size_t n;

	strbuf_adds(shown, first > 1 ? "..." : "");
	strbuf_adds(pad, first > 1 ? "   " : "");
	for (at = 1; line.n && at < first + SHOWN; at++) {
		n = utf8_sequence(line);
		if (at >= first)
			utf8_add_printable(shown, (struct str){line.p, n ? n : 1});
		if (at >= first && at < col)
			add_padding(pad, line, n);
		line = str_from(line, n ? n : 1);
	}
	strbuf_adds(shown, line.n ? "..." : "");
}

static void write_snippet(struct strbuf *out, const struct diag *d, bool colour)
{
	struct strbuf shown = STRBUF_INIT, pad = STRBUF_INIT;
	struct str line;

	if (!find_line(d->source->text, d->pos.line, &line) || line.n == 0)
		return;
	cut_line(line, d->pos.col, &shown, &pad);
	strbuf_addf(out, "  %s\n  %s", shown.buf, pad.buf);
	add_styled(out, colour, "1;32", STR("^"));
	strbuf_addc(out, '\n');
	strbuf_release(&shown);
	strbuf_release(&pad);
}

void diag_write(struct strbuf *out, const struct diag *d, bool colour)
{
	write_head(out, d, colour);
	if (d->source && d->pos.line && d->source->text.p)
		write_snippet(out, d, colour);
}

int diags_check(const struct diags *d, struct err *e)
{
	if (d->errors == 0)
		return 0;
	return err_set(e, ERR_PROJECT, "%zu error%s in the project", d->errors,
		       d->errors == 1 ? "" : "s");
}

void diags_release(struct diags *d)
{
	arena_release(&d->arena);
	vec_release(&d->list);
	*d = DIAGS_INIT;
}
