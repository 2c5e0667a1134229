#include "ui/live.h"

#include "base/utf8.h"

/* Back to where the live lines begin, and away with them. */
static void add_erase(struct strbuf *b, const struct ui *ui)
{
	if (ui->live_lines)
		strbuf_addf(b, "\r\x1b[%zuA\x1b[J", ui->live_lines);
}

void ui_erase_live(struct ui *ui)
{
	struct strbuf b = STRBUF_INIT;

	add_erase(&b, ui);
	ui->live_lines = 0;
	ui_write_err(ui, strbuf_str(&b));
	strbuf_release(&b);
}

static size_t count_lines(struct str text)
{
	size_t n = 0;

	for (; text.n; text = str_from(text, 1))
		n += *text.p == '\n';
	return n;
}

void ui_restore_live(struct ui *ui, struct str before)
{
	if (!ui->live.len || !str_ends(before, "\n"))
		return;
	ui_write_err(ui, strbuf_str(&ui->live));
	ui->live_lines = count_lines(strbuf_str(&ui->live));
}

void ui_add_above_live(struct strbuf *b, struct ui *ui, struct str s)
{
	add_erase(b, ui);
	strbuf_addstr(b, s);
	ui->live_lines = 0;
	if (!str_ends(s, "\n"))
		return;
	strbuf_addstr(b, strbuf_str(&ui->live));
	ui->live_lines = count_lines(strbuf_str(&ui->live));
}

bool ui_can_live(const struct ui *ui)
{
	return ui->err_tty && !ui->quiet && ui_can_move();
}

/* The last column stays free: a full line makes some terminals begin another. */
static void add_live_line(struct strbuf *b, const char *line, size_t width)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, shown;
	size_t n;

	utf8_add_printable(&text, str_of(line));
	rest = strbuf_str(&text);
	shown = (struct str){rest.p, 0};
	while (rest.n) {
		n = utf8_sequence(rest);
		if (utf8_columns((struct str){shown.p, shown.n + n}) >= width)
			break;
		shown.n += n;
		rest = str_from(rest, n);
	}
	strbuf_addstr(b, shown);
	strbuf_addc(b, '\n');
	strbuf_release(&text);
}

void ui_live(struct ui *ui, const char *const *lines, size_t n)
{
	struct strbuf b = STRBUF_INIT;
	size_t i, rows;

	if (!ui_can_live(ui))
		return;
	ui_terminal_size(ui->err, &ui->width, &rows);
	n = n < rows - 2 ? n : rows - 2;
	add_erase(&b, ui);
	strbuf_release(&ui->live);
	for (i = 0; i < n; i++)
		add_live_line(&ui->live, lines[i], (size_t)ui->width);
	strbuf_addstr(&b, strbuf_str(&ui->live));
	ui->live_lines = n;
	ui_write_err(ui, strbuf_str(&b));
	strbuf_release(&b);
}
