#include "command.h"

#include <string.h>

static void add_rows(struct strbuf *out, const struct command *const *list)
{
	struct ui_table *t = ui_table_new(2);

	for (; *list; list++) {
		if ((*list)->internal)
			continue;
		ui_table_cell(t, "  %s%s%s", (*list)->name, (*list)->alias ? ", " : "",
			      (*list)->alias ? (*list)->alias : "");
		ui_table_cell(t, "%s", (*list)->summary);
	}
	ui_table_write(t, out);
	ui_table_free(t);
}

static void write_program(struct strbuf *out)
{
	strbuf_adds(out,
		    "usage: dofn [OPTION ...] COMMAND [ARGUMENT ...]\n\n"
		    "Builds, deploys and runs DigitalOcean Functions; without an account, on "
		    "the local\nplatform it brings.\n\nCommands:\n");
	add_rows(out, commands);
	strbuf_adds(out, "\nOptions:\n");
	cli_write_options(out, global_option_table);
	strbuf_adds(out, "\n'dofn COMMAND --help' tells more; the manual is dofn(1).\n");
}

void help_write(struct strbuf *out, const char *path, const struct command *cmd)
{
	if (!cmd) {
		write_program(out);
		return;
	}
	strbuf_addf(out, "usage: dofn %s%s%s%s\n\n%c%s.\n", path, cmd->sub ? " COMMAND" : "",
		    cmd->args[0] ? " " : "", cmd->args, cmd->summary[0] - 'a' + 'A',
		    cmd->summary + 1);
	if (cmd->help)
		strbuf_addf(out, "\n%s\n", cmd->help);
	if (cmd->sub) {
		strbuf_adds(out, "\nCommands:\n");
		add_rows(out, cmd->sub);
	}
	strbuf_adds(out, "\nOptions:\n");
	if (cmd->options)
		cli_write_options(out, cmd->options);
	cli_write_options(out, global_option_table);
}
