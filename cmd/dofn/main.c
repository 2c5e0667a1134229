#include "command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "fs/fs.h"
#include "proc/proc.h"

/* The command that the arguments name, and how. */
struct invocation_line {
	const struct command *command; /* NULL: dofn itself */
	struct strbuf path;            /* "functions get" */
	int argc;                      /* what is left behind the name */
	char **argv;
};

static const struct command *find(const struct command *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp((*list)->name, word) == 0 ||
		    ((*list)->alias && strcmp((*list)->alias, word) == 0))
			return *list;
	return NULL;
}

enum { MAX_NAMES = 32 };

static int unknown_command(const struct command *const *list, const char *path,
			   const char *word, struct err *e)
{
	const char *names[MAX_NAMES + 1];
	struct strbuf shown = STRBUF_INIT, hint = STRBUF_INIT;
	const char *near;
	size_t n = 0;

	for (; *list && n < MAX_NAMES; list++)
		if (!(*list)->internal)
			names[n++] = (*list)->name;
	names[n] = NULL;
	near = str_nearest(str_of(word), names);
	utf8_add_printable(&shown, str_of(word));
	if (near)
		strbuf_addf(&hint, "did you mean '%s'? See", near);
	else
		strbuf_adds(&hint, "see");
	err_set(e, ERR_USAGE, "'%s%s%s' is no command of dofn; %s 'dofn%s%s --help'", path,
		*path ? " " : "", shown.buf, hint.buf, *path ? " " : "", path);
	strbuf_release(&hint);
	strbuf_release(&shown);
	return -1;
}

/* Parses global options up to the next word of the command's name. */
static int next_word(struct invocation_line *line, struct global_options *g, const char **word,
		     struct err *e)
{
	const struct cli_group groups[] = {{global_option_table, g}, {0}};
	struct cli_list args = {0};
	int r;

	*word = NULL;
	r = cli_parse(groups, line->path.buf, line->argv, true, &args, e);
	if (r == 0 && args.items.n) {
		*word = args.items.v[0];
		while (*line->argv != *word)
			line->argv++;
		line->argv++;
	}
	vec_release(&args.items);
	return r;
}

static int find_command(struct invocation_line *line, struct global_options *g, struct err *e)
{
	const struct command *const *list = commands;
	const struct command *found;
	const char *word;

	while (list) {
		if (next_word(line, g, &word, e) < 0)
			return -1;
		if (!word)
			return 0;
		found = find(list, word);
		if (!found)
			return unknown_command(list, line->path.buf, word, e);
		strbuf_addf(&line->path, "%s%s", line->path.len ? " " : "", found->name);
		line->command = found;
		list = found->sub;
	}
	return 0;
}

static int check_output(const struct global_options *g, struct context *c, struct err *e)
{
	c->ui.quiet = g->quiet;
	c->ui.verbose = g->verbose;
	if (!g->output || strcmp(g->output, "text") == 0)
		return 0;
	if (strcmp(g->output, "json") != 0)
		return err_set(e, ERR_USAGE, "unknown output format '%s'; known: text, json",
			       g->output);
	c->json = true;
	return 0;
}

static void print_help(struct context *c, const struct invocation_line *line)
{
	struct strbuf text = STRBUF_INIT;

	help_write(&text, line->path.buf, line->command);
	ui_out(&c->ui, strbuf_str(&text));
	strbuf_release(&text);
}

static int check_count(const struct command *cmd, const char *path, size_t n, struct err *e)
{
	if (n < cmd->min_args)
		return err_set(e, ERR_USAGE, "'dofn %s' needs %s; see 'dofn %s --help'", path,
			       cmd->args, path);
	if (n > cmd->max_args)
		return err_set(e, ERR_USAGE,
			       "too many arguments for 'dofn %s %s'; see 'dofn %s --help'",
			       path, cmd->args, path);
	return 0;
}

/* The lists among a command's options; everything else points into argv. */
static void release_options(const struct cli_option *table, void *options)
{
	for (; table && table->name; table++)
		if (table->type == CLI_LIST)
			vec_release(
				&((struct cli_list *)((char *)options + table->offset))->items);
	free(options);
}

static int run_command(struct context *c, struct invocation_line *line,
		       struct global_options *g, struct err *e)
{
	const struct command *cmd = line->command;
	void *options = xcalloc(1, cmd->options_size);
	const struct cli_group groups[] = {
		{global_option_table, g}, {cmd->options, options}, {0}};
	struct cli_list args = {0};
	int r;

	r = cli_parse(groups, line->path.buf, line->argv, false, &args, e);
	if (r == 0 && g->help) {
		print_help(c, line);
	} else if (r == 0) {
		r = check_output(g, c, e);
		if (r == 0)
			r = check_count(cmd, line->path.buf, args.items.n, e);
		if (r == 0)
			r = cmd->run(c, options, &args, e);
	}
	vec_release(&args.items);
	release_options(cmd->options, options);
	return r;
}

static int run(struct context *c, int argc, char **argv, struct err *e)
{
	struct invocation_line line = {.path = STRBUF_INIT, .argv = argv + 1};
	struct global_options g = {0};
	struct cli_list none = {0};
	int r = find_command(&line, &g, e);

	if (r == 0)
		r = check_output(&g, c, e);
	if (r == 0 && line.command && line.command->run) {
		r = run_command(c, &line, &g, e);
	} else if (r == 0 && g.version) {
		r = cmd_version.run(c, NULL, &none, e);
	} else if (r == 0 && (g.help || (!line.command && argc > 1))) {
		print_help(c, &line);
	} else if (r == 0) {
		r = err_set(e, ERR_USAGE, "no command given; see 'dofn%s%s --help'",
			    line.path.len ? " " : "", line.path.buf);
	}
	strbuf_release(&line.path);
	return r;
}

static void report(struct context *c, const struct err *e)
{
	struct json *j, *list, *item;

	if (c->told)
		return;
	if (c->json) {
		j = json_new_object();
		list = json_new_array();
		item = json_new_object();
		json_set(item, "detail", json_new_cstr(e->msg));
		json_push(list, item);
		json_set(j, "errors", list);
		context_print_json(c, j);
		json_free(j);
		return;
	}
	ui_error(&c->ui, "%s", e->msg);
}

/* Ends as the signal would have ended us, so that a calling shell sees it. */
static void reraise(int signum)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};

	sigaction(signum, &dfl, NULL);
	raise(signum);
}

/* Libraries take it for granted that 0, 1 and 2 are open; a file of ours must not become one.
 */
static void open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* Builds, and whoever runs `ps`, should not see keys that are given here. */
static const char *const secret_options[] = {"--auth", NULL};

int main(int argc, char **argv)
{
	struct context c = {.argv0 = argv[0]};
	struct arena arguments = ARENA_INIT;
	struct err e = ERR_INIT, late = ERR_INIT;
	int signum = 0, status;

	open_standard_streams();
	proc_hide_environment();
	argv = proc_hide_values(&arguments, argv, secret_options);
	ui_init(&c.ui);
	if (run(&c, argc, argv, &e) < 0)
		report(&c, &e);
	status = err_exit_status(&e);
	if (c.loop) {
		if (e.code == ERR_CANCELLED)
			signum = loop_interrupted(c.loop);
		loop_free(c.loop);
	}
	fs_cleanup();
	free(c.program);
	if (ui_finish(&c.ui, &late) < 0 && status == 0) {
		ui_error(&c.ui, "%s", late.msg);
		status = 1;
	}
	err_clear(&e);
	err_clear(&late);
	arena_release(&arguments);
	if (signum)
		reraise(signum);
	return status;
}
