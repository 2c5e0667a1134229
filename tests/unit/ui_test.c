#include "ui/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* A printer on two files in memory, without a terminal. */
struct fixture {
	struct ui ui;
	struct strbuf text; /* of the last look at a file */
};

static int memory_file(void)
{
	int fd = memfd_create("ui_test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	setenv("TERM", "xterm", 1);
	f->text = STRBUF_INIT;
	ui_open(&f->ui, memory_file(), memory_file(), memory_file());
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->ui.in);
	(void)close(f->ui.out);
	(void)close(f->ui.err);
	strbuf_release(&f->text);
	free(f);
	return 0;
}

/* What was written to a file. */
static const char *text_of(struct fixture *f, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	strbuf_reset(&f->text);
	assert_int_equal(pread(fd, strbuf_reserve(&f->text, (size_t)size), (size_t)size, 0),
			 size);
	f->text.len = (size_t)size;
	f->text.buf[size] = '\0';
	return f->text.buf;
}

static void results_keep_every_byte(void **state)
{
	struct fixture *f = *state;

	ui_out(&f->ui, STR("a\0\x1b[31m\xff\n"));
	ui_outf(&f->ui, "%d\r%s", 7, "\x07");
	text_of(f, f->ui.out);
	assert_true(str_eq(strbuf_str(&f->text), STR("a\0\x1b[31m\xff\n7\r\x07")));
	assert_string_equal(text_of(f, f->ui.err), "");
}

static void results_on_a_terminal_are_printable(void **state)
{
	struct fixture *f = *state;

	f->ui.out_tty = true;
	ui_out_text(&f->ui, STR("a\tb\n\x1b[31m\n\nc\xc2\x9b"));
	ui_out_text(&f->ui, STR(""));
	ui_outf(&f->ui, "%s\n", "\x07");
	assert_string_equal(text_of(f, f->ui.out), "a\tb\n\\x1b[31m\n\nc\\x9b\\x07\n");
}

static void story_goes_to_err_line_by_line(void **state)
{
	struct fixture *f = *state;

	ui_say(&f->ui, "packed %d files", 3);
	ui_warn(&f->ui, "%s", "old runtime");
	ui_error(&f->ui, "cannot go on:\n  %s\n", "why");
	ui_err_raw(&f->ui, STR("raw\x1b[0m"));
	assert_string_equal(text_of(f, f->ui.err), "packed 3 files\n"
						   "dofn: warning: old runtime\n"
						   "dofn: cannot go on:\n  why\n"
						   "raw\x1b[0m");
	assert_string_equal(text_of(f, f->ui.out), "");
}

static void quiet_drops_only_the_story(void **state)
{
	struct fixture *f = *state;

	f->ui.quiet = true;
	ui_say(&f->ui, "building");
	ui_warn(&f->ui, "careful");
	ui_error(&f->ui, "failed");
	ui_outf(&f->ui, "result\n");
	assert_string_equal(text_of(f, f->ui.err), "dofn: warning: careful\ndofn: failed\n");
	assert_string_equal(text_of(f, f->ui.out), "result\n");
}

static void outside_text_cannot_drive_the_terminal(void **state)
{
	struct fixture *f = *state;

	ui_say(&f->ui, "a%sb\tc\nd", "\x1b[2J\r");
	ui_warn(&f->ui, "%s", "\xc2\x9b\x7f");
	ui_error(&f->ui, "%s", "\xff\xc3\xa9");
	assert_string_equal(text_of(f, f->ui.err), "a\\x1b[2J\\x0db\tc\nd\n"
						   "dofn: warning: \\x9b\\x7f\n"
						   "dofn: \xef\xbf\xbd\xc3\xa9\n");
}

static void files_get_no_colour_unless_forced(void **state)
{
	static const struct {
		const char *no_color, *force;
		bool colour;
	} cases[] = {
		{NULL, NULL, false}, {NULL, "1", true}, {NULL, "0", false},
		{NULL, "", false},   {"1", "1", false}, {"", "1", true},
	};
	struct fixture *f = *state;
	struct ui ui;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		unsetenv("NO_COLOR");
		unsetenv("CLICOLOR_FORCE");
		if (cases[i].no_color)
			setenv("NO_COLOR", cases[i].no_color, 1);
		if (cases[i].force)
			setenv("CLICOLOR_FORCE", cases[i].force, 1);
		ui_open(&ui, f->ui.in, f->ui.out, f->ui.err);
		assert_int_equal(ui.colour_out, cases[i].colour);
		assert_int_equal(ui.colour_err, cases[i].colour);
		assert_false(ui.out_tty || ui.err_tty);
		assert_int_equal(ui.width, 80);
	}
}

static void coloured_prefixes_end_before_the_text(void **state)
{
	struct fixture *f = *state;

	f->ui.colour_err = true;
	ui_warn(&f->ui, "a");
	ui_error(&f->ui, "b");
	assert_string_equal(text_of(f, f->ui.err), "\x1b[1;33mdofn: warning:\x1b[0m a\n"
						   "\x1b[1;31mdofn:\x1b[0m b\n");
}

static void styles_are_closed_and_can_be_off(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	ui_styled(&b, true, UI_GREEN, "ok");
	ui_styled(&b, true, UI_PLAIN, " plain ");
	ui_styled(&b, false, UI_RED, "off");
	assert_string_equal(b.buf, "\x1b[32mok\x1b[0m plain off");
	strbuf_release(&b);
}

/* A pair of terminal ends; what is written to `master` is what the user types. */
static void open_terminal(int *master, int *terminal, unsigned short columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};

	if (openpty(master, terminal, NULL, NULL, &size) < 0)
		skip();
}

static void terminal_gives_colour_and_width(void **state UNUSED)
{
	static const struct {
		const char *term;
		bool colour;
	} cases[] = {{"xterm", true}, {"dumb", false}, {"", false}, {NULL, false}};
	int master, terminal;
	struct ui ui;
	size_t i;

	open_terminal(&master, &terminal, 123);
	for (i = 0; i < countof(cases); i++) {
		unsetenv("TERM");
		if (cases[i].term)
			setenv("TERM", cases[i].term, 1);
		ui_open(&ui, terminal, terminal, terminal);
		assert_true(ui.out_tty && ui.err_tty);
		assert_int_equal(ui.colour_out, cases[i].colour);
		assert_int_equal(ui.colour_err, cases[i].colour);
		assert_int_equal(ui.width, 123);
	}
	(void)close(terminal);
	(void)close(master);
}

static void terminal_without_a_size_is_80_wide(void **state UNUSED)
{
	int master, terminal;
	struct ui ui;

	open_terminal(&master, &terminal, 0);
	ui_open(&ui, terminal, terminal, terminal);
	assert_int_equal(ui.width, 80);
	(void)close(terminal);
	(void)close(master);
}

static bool confirm_with(const char *typed)
{
	int master, terminal;
	struct ui ui;
	bool yes;

	open_terminal(&master, &terminal, 80);
	assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
	ui_open(&ui, terminal, terminal, terminal);
	yes = ui_confirm(&ui, "remove all?");
	(void)close(terminal);
	(void)close(master);
	return yes;
}

static void only_yes_confirms(void **state UNUSED)
{
	assert_true(confirm_with("y\n"));
	assert_true(confirm_with(" YES \n"));
	assert_false(confirm_with("n\n"));
	assert_false(confirm_with("\n"));
	assert_false(confirm_with("yesterday\n"));
	assert_false(confirm_with("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n"));
	assert_false(confirm_with("\x04"));
}

static void nothing_is_asked_without_a_terminal(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write(f->ui.in, "y\n", 2), 2);
	assert_int_equal(lseek(f->ui.in, 0, SEEK_SET), 0);
	assert_false(ui_confirm(&f->ui, "remove all?"));
	assert_string_equal(text_of(f, f->ui.err), "");
}

static void full_disk_is_reported_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct ui ui;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(full >= 0);
	ui_open(&ui, f->ui.in, full, f->ui.err);
	assert_int_equal(ui_finish(&ui, &e), 0);
	ui_outf(&ui, "result\n");
	ui_say(&ui, "the story goes on");
	assert_true(ui.failed);
	assert_int_equal(ui_finish(&ui, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(e.sys, ENOSPC);
	assert_string_equal(e.msg, "writing to standard output: No space left on device");
	assert_string_equal(text_of(f, f->ui.err), "the story goes on\n");
	err_clear(&e);
	(void)close(full);
}

static void results_survive_a_closed_err(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct ui ui;

	ui_open(&ui, f->ui.in, f->ui.out, -1);
	ui_say(&ui, "lost");
	ui_outf(&ui, "result\n");
	assert_string_equal(text_of(f, f->ui.out), "result\n");
	assert_int_equal(ui_finish(&ui, &e), -1);
	assert_string_equal(e.msg, "writing to standard error: Bad file descriptor");
	err_clear(&e);
}

static void closed_pipe_fails_the_write_not_the_process(void **state UNUSED)
{
	struct err e = ERR_INIT;
	int fd[2], status;
	struct ui ui;
	pid_t pid;

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	(void)close(fd[0]);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fd[1], STDOUT_FILENO);
		ui_init(&ui);
		ui_out(&ui, STR("result"));
		_exit(ui_finish(&ui, &e) < 0 && e.sys == EPIPE ? 77 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 77);
	(void)close(fd[1]);
}

enum { MUCH = 1 << 20 };

struct reader {
	int fd;
	size_t sum;
};

static void *read_all(void *arg)
{
	struct reader *r = arg;
	char buf[4096];
	ssize_t n;

	while ((n = read(r->fd, buf, sizeof(buf))) > 0)
		r->sum += (size_t)n;
	return NULL;
}

/* The pipe is smaller than the text, so that writes come up short or would block. */
static void non_blocking_pipe_gets_all(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = STRBUF_INIT;
	struct ui ui;
	struct reader reader = {0};
	pthread_t thread;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	memset(strbuf_reserve(&text, MUCH), 'x', MUCH);
	text.len = MUCH;
	reader.fd = fd[0];
	assert_int_equal(pthread_create(&thread, NULL, read_all, &reader), 0);
	ui_open(&ui, f->ui.in, fd[1], f->ui.err);
	ui_out(&ui, strbuf_str(&text));
	(void)close(fd[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(reader.sum, MUCH);
	assert_false(ui.failed);
	(void)close(fd[0]);
	strbuf_release(&text);
}

static void assert_table(const struct ui_table *t, const char *want)
{
	struct strbuf b = STRBUF_INIT;

	ui_table_write(t, &b);
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

static void columns_are_as_wide_as_their_widest_cell(void **state UNUSED)
{
	static const char *const cells[] = {
		"Name", "Kind", "Version", "a-long-name", "go", "0.0.1", "x", "", ""};
	struct ui_table *t = ui_table_new(3);
	size_t i;

	assert_table(t, "");
	for (i = 0; i < countof(cells); i++)
		ui_table_cell(t, "%s", cells[i]);
	ui_table_cell(t, "%d", 7);
	ui_table_cell(t, "%s", "");
	ui_table_cell(t, "last");
	ui_table_cell(t, "unfinished");
	assert_table(t, "Name           Kind    Version\n"
			"a-long-name    go      0.0.1\n"
			"x\n"
			"7                      last\n"
			"unfinished\n");
	ui_table_free(t);
}

static void cells_are_measured_as_they_are_shown(void **state UNUSED)
{
	struct ui_table *t = ui_table_new(2);

	ui_table_cell(t, "\xc3\xa9t\xc3\xa9");
	ui_table_cell(t, "a");
	ui_table_cell(t, "\xe6\x97\xa5\xe6\x9c\xac");
	ui_table_cell(t, "b");
	ui_table_cell(t, "e\xcc\x81");
	ui_table_cell(t, "c");
	ui_table_cell(t, "\x1b\t\n");
	ui_table_cell(t, "d");
	assert_table(t, "\xc3\xa9t\xc3\xa9          a\n"
			"\xe6\x97\xa5\xe6\x9c\xac         b\n"
			"e\xcc\x81            c\n"
			"\\x1b \\x0a    d\n");
	ui_table_free(t);
	ui_table_free(NULL);
}

/* As if err, and out when told, were one terminal of 80 columns. */
static void pretend_terminal(struct fixture *f, bool out)
{
	f->ui.err_tty = true;
	f->ui.out_tty = out;
}

#define ERASE(n) "\r\x1b[" n "A\x1b[J"

static void live_lines_take_the_place_of_those_before(void **state)
{
	static const char *const one[] = {"one"}, *const two[] = {"two", "three"};
	struct fixture *f = *state;

	pretend_terminal(f, false);
	assert_true(ui_can_live(&f->ui));
	ui_live(&f->ui, one, 1);
	ui_live(&f->ui, two, 2);
	ui_live(&f->ui, NULL, 0);
	ui_live(&f->ui, NULL, 0);
	assert_string_equal(text_of(f, f->ui.err),
			    "one\n" ERASE("1") "two\nthree\n" ERASE("2"));
}

static void what_is_printed_comes_before_live_lines(void **state)
{
	static const char *const lines[] = {"live"};
	struct fixture *f = *state;

	pretend_terminal(f, false);
	ui_live(&f->ui, lines, 1);
	ui_say(&f->ui, "said");
	ui_out(&f->ui, STR("result"));
	ui_live(&f->ui, NULL, 0);
	assert_string_equal(text_of(f, f->ui.err),
			    "live\n" ERASE("1") "said\nlive\n" ERASE("1"));
	assert_string_equal(text_of(f, f->ui.out), "result");
}

static void results_on_the_terminal_of_live_lines_come_before_them(void **state)
{
	static const char *const lines[] = {"live"};
	struct fixture *f = *state;

	pretend_terminal(f, true);
	f->ui.out = dup(f->ui.err);
	ui_live(&f->ui, lines, 1);
	ui_out(&f->ui, STR("whole\n"));
	ui_out(&f->ui, STR("part "));
	ui_err_raw(&f->ui, STR("of it\n"));
	ui_live(&f->ui, lines, 1);
	ui_err_raw(&f->ui, STR("no end"));
	ui_live(&f->ui, NULL, 0);
	assert_string_equal(text_of(f, f->ui.err),
			    "live\n" ERASE("1") "whole\nlive\n" ERASE(
				    "1") "part of it\nlive\n" ERASE("1") "no end");
}

static void live_lines_are_printable_and_cut(void **state)
{
	char wide[200];
	const char *lines[] = {"\x1b[31mred", wide, "\xe6\x97\xa5"};
	struct fixture *f = *state;
	struct strbuf want = STRBUF_INIT;

	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	pretend_terminal(f, false);
	ui_live(&f->ui, lines, 3);
	strbuf_addf(&want, "\\x1b[31mred\n%.79s\n\xe6\x97\xa5\n", wide);
	assert_string_equal(text_of(f, f->ui.err), want.buf);
	ui_live(&f->ui, NULL, 0);
	strbuf_release(&want);
}

static void more_live_lines_than_fit_are_left_out(void **state)
{
	const char *lines[100];
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(lines); i++)
		lines[i] = "x";
	pretend_terminal(f, false);
	ui_live(&f->ui, lines, countof(lines));
	assert_int_equal(f->ui.live_lines, 22);
	ui_live(&f->ui, NULL, 0);
}

static void nothing_lives_where_it_cannot_change(void **state)
{
	static const char *const lines[] = {"live"};
	struct fixture *f = *state;

	ui_live(&f->ui, lines, 1);
	pretend_terminal(f, false);
	f->ui.quiet = true;
	ui_live(&f->ui, lines, 1);
	f->ui.quiet = false;
	setenv("TERM", "dumb", 1);
	assert_false(ui_can_live(&f->ui));
	ui_live(&f->ui, lines, 1);
	assert_string_equal(text_of(f, f->ui.err), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(results_keep_every_byte),
		TEST(results_on_a_terminal_are_printable),
		TEST(story_goes_to_err_line_by_line),
		TEST(quiet_drops_only_the_story),
		TEST(outside_text_cannot_drive_the_terminal),
		TEST(files_get_no_colour_unless_forced),
		TEST(coloured_prefixes_end_before_the_text),
		TEST(styles_are_closed_and_can_be_off),
		TEST(terminal_gives_colour_and_width),
		TEST(terminal_without_a_size_is_80_wide),
		TEST(only_yes_confirms),
		TEST(nothing_is_asked_without_a_terminal),
		TEST(full_disk_is_reported_at_the_end),
		TEST(results_survive_a_closed_err),
		TEST(closed_pipe_fails_the_write_not_the_process),
		TEST(non_blocking_pipe_gets_all),
		TEST(live_lines_take_the_place_of_those_before),
		TEST(what_is_printed_comes_before_live_lines),
		TEST(results_on_the_terminal_of_live_lines_come_before_them),
		TEST(live_lines_are_printable_and_cut),
		TEST(more_live_lines_than_fit_are_left_out),
		TEST(nothing_lives_where_it_cannot_change),
		TEST(columns_are_as_wide_as_their_widest_cell),
		TEST(cells_are_measured_as_they_are_shown),
	};

	return cmocka_run_group_tests_name("ui", tests, NULL, NULL);
}
