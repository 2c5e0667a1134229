#include "ui/ui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "ui/live.h"

enum { DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24, LEAST_ROWS = 3 };

void ui_terminal_size(int fd, int *columns, size_t *rows)
{
	struct winsize size = {0};

	(void)ioctl(fd, TIOCGWINSZ, &size);
	*columns = size.ws_col ? size.ws_col : DEFAULT_COLUMNS;
	*rows = size.ws_row >= LEAST_ROWS ? size.ws_row : DEFAULT_ROWS;
}

bool ui_can_move(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0;
}

static bool has_colour(bool tty)
{
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");

	if (no && *no)
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return tty && ui_can_move();
}

void ui_open(struct ui *ui, int in, int out, int err)
{
	size_t rows;

	*ui = (struct ui){.in = in, .out = out, .err = err, .live = STRBUF_INIT};
	ui->out_tty = isatty(out);
	ui->err_tty = isatty(err);
	ui->colour_out = has_colour(ui->out_tty);
	ui->colour_err = has_colour(ui->err_tty);
	ui_terminal_size(err, &ui->width, &rows);
}

void ui_init(struct ui *ui)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (sigaction(SIGPIPE, &ignore, NULL) < 0)
		bug("cannot ignore SIGPIPE");
	ui_open(ui, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
}

/* Somebody else may have made the terminal or pipe that we share non-blocking. */
static bool can_be_retried(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && (poll(&p, 1, -1) >= 0 || errno == EINTR);
}

/* All of s, or *failure set to errno. */
static void write_all(int fd, struct str s, int *failure)
{
	ssize_t n;

	while (s.n && !*failure) {
		n = write(fd, s.p, s.n);
		if (n > 0)
			s = str_from(s, (size_t)n);
		else if (n == 0)
			*failure = EIO;
		else if (!can_be_retried(fd))
			*failure = errno;
	}
}

void ui_write_err(struct ui *ui, struct str s)
{
	write_all(ui->err, s, &ui->err_errno);
	ui->failed = ui->failed || ui->err_errno;
}

void ui_out(struct ui *ui, struct str s)
{
	bool under = ui->out_tty && ui->live_lines && s.n;

	if (under)
		ui_erase_live(ui);
	write_all(ui->out, s, &ui->out_errno);
	ui->failed = ui->failed || ui->out_errno;
	if (under)
		ui_restore_live(ui, s);
}

void ui_out_text(struct ui *ui, struct str s)
{
	struct strbuf text = STRBUF_INIT;
	struct str line;

	if (!ui->out_tty) {
		ui_out(ui, s);
		return;
	}
	while (s.n && str_next(&s, '\n', &line)) {
		utf8_add_printable(&text, line);
		if (s.p)
			strbuf_addc(&text, '\n');
	}
	ui_out(ui, strbuf_str(&text));
	strbuf_release(&text);
}

void ui_outf(struct ui *ui, const char *fmt, ...)
{
	struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	ui_out_text(ui, strbuf_str(&b));
	strbuf_release(&b);
}

/* In one write with the live lines, so that they do not flicker. */
void ui_err_raw(struct ui *ui, struct str s)
{
	struct strbuf b = STRBUF_INIT;

	if (ui->live_lines && s.n)
		ui_add_above_live(&b, ui, s);
	else
		strbuf_addstr(&b, s);
	ui_write_err(ui, strbuf_str(&b));
	strbuf_release(&b);
}

/* The text, printable line by line, in one write, so that processes that share err mix by
 * lines. */
PRINTF(3, 0)
static void add_story(struct strbuf *line, struct ui *ui, const char *fmt, va_list ap)
{
	struct strbuf text = STRBUF_INIT;
	struct str rest, part;

	strbuf_vaddf(&text, fmt, ap);
	rest = strbuf_str(&text);
	if (str_ends(rest, "\n"))
		rest.n--;
	while (str_next(&rest, '\n', &part)) {
		utf8_add_printable(line, part);
		strbuf_addc(line, '\n');
	}
	ui_err_raw(ui, strbuf_str(line));
	strbuf_release(&text);
	strbuf_release(line);
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	struct strbuf line = STRBUF_INIT;
	va_list ap;

	if (ui->quiet)
		return;
	va_start(ap, fmt);
	add_story(&line, ui, fmt, ap);
	va_end(ap);
}

static void add_sgr(struct strbuf *b, bool colour, const char *sgr, const char *s)
{
	if (colour && *sgr)
		strbuf_addf(b, "\x1b[%sm%s\x1b[0m", sgr, s);
	else
		strbuf_adds(b, s);
}

void ui_warn(struct ui *ui, const char *fmt, ...)
{
	struct strbuf line = STRBUF_INIT;
	va_list ap;

	add_sgr(&line, ui->colour_err, "1;33", "dofn: warning:");
	strbuf_addc(&line, ' ');
	va_start(ap, fmt);
	add_story(&line, ui, fmt, ap);
	va_end(ap);
}

void ui_error(struct ui *ui, const char *fmt, ...)
{
	struct strbuf line = STRBUF_INIT;
	va_list ap;

	add_sgr(&line, ui->colour_err, "1;31", "dofn:");
	strbuf_addc(&line, ' ');
	va_start(ap, fmt);
	add_story(&line, ui, fmt, ap);
	va_end(ap);
}

void ui_styled(struct strbuf *b, bool colour, enum ui_style style, const char *s)
{
	static const char *const sgr[] = {
		[UI_PLAIN] = "",   [UI_BOLD] = "1",    [UI_DIM] = "2",   [UI_RED] = "31",
		[UI_GREEN] = "32", [UI_YELLOW] = "33", [UI_BLUE] = "34", [UI_CYAN] = "36",
	};

	add_sgr(b, colour, sgr[style], s);
}

int ui_finish(struct ui *ui, struct err *e)
{
	if (!ui->failed)
		return 0;
	errno = ui->out_errno ? ui->out_errno : ui->err_errno;
	return err_sys(e, "writing to standard %s", ui->out_errno ? "output" : "error");
}

/* A line from the terminal without its end; false when there is none. */
static bool read_answer(int fd, struct strbuf *line)
{
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\n')
			return true;
		strbuf_addc(line, c);
	}
	return false;
}

bool ui_confirm(struct ui *ui, const char *question)
{
	struct strbuf text = STRBUF_INIT, answer = STRBUF_MAX(16);
	struct str word;
	bool yes = false;

	if (!isatty(ui->in) || !ui->err_tty)
		return false;
	utf8_add_printable(&text, str_of(question));
	strbuf_adds(&text, " [y/N] ");
	ui_err_raw(ui, strbuf_str(&text));
	if (read_answer(ui->in, &answer)) {
		word = str_trim(strbuf_str(&answer));
		yes = !answer.full && ((word.n == 1 && strncasecmp(word.p, "y", 1) == 0) ||
				       (word.n == 3 && strncasecmp(word.p, "yes", 3) == 0));
	} else {
		ui_err_raw(ui, STR("\n"));
	}
	strbuf_release(&text);
	strbuf_release(&answer);
	return yes;
}
