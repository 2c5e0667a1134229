#include "ui/ui.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "base/vec.h"

enum { GAP = 4 };

struct cell {
	struct str text;
	size_t width; /* columns of a terminal */
};

struct ui_table {
	size_t columns;
	size_t *widths; /* of each column */
	VEC(struct cell) cells;
	struct arena texts;
};

struct ui_table *ui_table_new(size_t columns)
{
	struct ui_table *t = xcalloc(1, sizeof(*t));

	if (columns == 0)
		bug("a table without columns");
	t->columns = columns;
	t->widths = xcalloc(columns, sizeof(*t->widths));
	return t;
}

void ui_table_cell(struct ui_table *t, const char *fmt, ...)
{
	struct strbuf raw = STRBUF_INIT, text = STRBUF_INIT;
	size_t *width = &t->widths[t->cells.n % t->columns];
	struct cell cell;
	va_list ap;
	char *tab;

	va_start(ap, fmt);
	strbuf_vaddf(&raw, fmt, ap);
	va_end(ap);
	utf8_add_printable(&text, strbuf_str(&raw));
	while ((tab = strchr(text.buf, '\t')))
		*tab = ' ';
	cell.text = arena_str(&t->texts, strbuf_str(&text));
	cell.width = utf8_columns(cell.text);
	vec_push(&t->cells, cell);
	if (cell.width > *width)
		*width = cell.width;
	strbuf_release(&raw);
	strbuf_release(&text);
}

static void write_row(const struct ui_table *t, const struct cell *row, size_t n,
		      struct strbuf *out)
{
	size_t i, owed = 0; /* spaces that are written once something follows them */

	for (i = 0; i < n; i++) {
		if (row[i].text.n) {
			strbuf_addf(out, "%*s", (int)owed, "");
			strbuf_addstr(out, row[i].text);
			owed = 0;
		}
		owed += t->widths[i] - row[i].width + GAP;
	}
	strbuf_addc(out, '\n');
}

void ui_table_write(const struct ui_table *t, struct strbuf *out)
{
	size_t i, left;

	for (i = 0; i < t->cells.n; i += t->columns) {
		left = t->cells.n - i;
		write_row(t, &t->cells.v[i], left < t->columns ? left : t->columns, out);
	}
}

void ui_table_free(struct ui_table *t)
{
	if (!t)
		return;
	vec_release(&t->cells);
	arena_release(&t->texts);
	free(t->widths);
	free(t);
}
