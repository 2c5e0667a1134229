/*
 * ui.h - the only printer: streams, verbosity, colour, tables
 *
 * Results go to `out`, the story of the run to `err`.  Nothing else writes to
 * either.  Text from outside (files, servers, functions) must not drive the
 * terminal: ui_say(), ui_warn(), ui_error() and the cells of tables show control
 * characters as utf8_add_printable() does, and so do ui_out_text() and ui_outf()
 * where `out` is a terminal; a result that is piped on has every byte.  ui_out()
 * and ui_err_raw() change nothing and leave it to the caller.
 */
#ifndef UI_UI_H
#define UI_UI_H
#include "base/err.h"
#include "base/strbuf.h"

struct ui {
	int in, out, err; /* descriptors; tests open them on files */
	bool out_tty, err_tty;
	bool colour_out, colour_err; /* see ui_open() */
	bool quiet, verbose;
	int width;                /* columns of err's terminal, else 80 */
	bool failed;              /* a write failed; ui_finish() reports it */
	int out_errno, err_errno; /* of the first write that failed */
	struct strbuf live;       /* live lines as they are drawn; ui_live() */
	size_t live_lines;        /* on the screen now */
};

enum ui_style { UI_PLAIN, UI_BOLD, UI_DIM, UI_RED, UI_GREEN, UI_YELLOW, UI_BLUE, UI_CYAN };

/*
 * On the standard streams.  From then on the process ignores SIGPIPE: a closed
 * pipe is a failed write.
 */
void ui_init(struct ui *ui);
/*
 * On these descriptors, which stay the caller's.  Colour: on a terminal unless
 * TERM is missing or "dumb", elsewhere only with CLICOLOR_FORCE (not "0"); never
 * with NO_COLOR, which wins.
 */
void ui_open(struct ui *ui, int in, int out, int err);
/* Raw bytes of a result, unchanged.  After a failed write the rest is dropped. */
void ui_out(struct ui *ui, struct str s);
/* The same for text with bytes from outside. */
void ui_out_text(struct ui *ui, struct str s);
void ui_outf(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);
/*
 * A line of the story, or several (newlines inside stay); one is added at the end.
 * Dropped when quiet.
 */
void ui_say(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);
/* "dofn: warning: ..." and "dofn: ..." in bold colours; never dropped. */
void ui_warn(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);
void ui_error(struct ui *ui, const char *fmt, ...) PRINTF(2, 3);
/* Raw text for err, e.g. written findings. */
void ui_err_raw(struct ui *ui, struct str s);
/* SGR sequences around s when `colour`; in *b. */
void ui_styled(struct strbuf *b, bool colour, enum ui_style style, const char *s);
/*
 * -1 and ERR_SYSTEM when something was not written (a full disk, a closed pipe);
 * of both streams `out` counts first.
 */
int ui_finish(struct ui *ui, struct err *e) NODISCARD;

/*
 * Lines behind everything else that change while work goes on.  Each is made
 * printable and cut to the width of the terminal, and what does not fit on it is
 * left out; what else is printed comes before them.  n = 0 takes them away, which has to be
 * done before the end. Does nothing where err is no terminal that can do this.
 */
void ui_live(struct ui *ui, const char *const *lines, size_t n);
bool ui_can_live(const struct ui *ui);

/*
 * A table: cells are text in rows of `columns`; the width of a column is its
 * widest cell (in columns of a terminal), four spaces between, none at the line's
 * end.
 */
struct ui_table;
struct ui_table *ui_table_new(size_t columns) NODISCARD;
void ui_table_cell(struct ui_table *t, const char *fmt, ...) PRINTF(2, 3);
void ui_table_write(const struct ui_table *t, struct strbuf *out);
void ui_table_free(struct ui_table *t);

/*
 * Asks on the terminal, "y" or "yes" is true.  False, unasked, when `in` or `err` is
 * no terminal; false at end of input.
 */
bool ui_confirm(struct ui *ui, const char *question);
#endif
