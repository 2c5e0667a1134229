/*
 * command.h - what a command is, and what all commands share
 *
 * One file per command group: cmd_<name>.c defines `const struct command
 * cmd_<name>`; commands.c lists them.  The tables here are the only source for
 * parsing, --help and the check against the man pages.
 */
#ifndef DOFN_COMMAND_H
#define DOFN_COMMAND_H
#include "cli/cli.h"
#include "creds/creds.h"
#include "loop/loop.h"
#include "ui/ui.h"
#include "whisk/whisk.h"
#include "json/json.h"

/* What every command gets. */
struct context {
	struct ui ui;
	struct loop *loop;   /* made by context_loop() at first use */
	const char *program; /* path to run ourselves by */
	bool json;           /* -o json */
};

struct command {
	const char *name;    /* "list" */
	const char *alias;   /* "ls", or NULL */
	const char *args;    /* "[NAME]", for the usage line */
	const char *summary; /* one line, lower case */
	const char *help;    /* paragraphs for --help, or NULL */
	unsigned min_args, max_args;
	const struct cli_option *options; /* or NULL */
	size_t options_size;              /* sizeof the private struct */
	/* options: the filled private struct; freed by the caller. */
	int (*run)(struct context *c, void *options, const struct cli_list *args,
		   struct err *e);
	const struct command *const *sub; /* subcommands, NULL at the end; then no run */
	bool hidden;                      /* not listed in --help */
};

/* Sorted by name, NULL at the end. */
extern const struct command *const commands[];

struct loop *context_loop(struct context *c);

/* Flags that commands with a connection share. */
struct connection_flags {
	const char *apihost, *auth;
	bool insecure;
};
#define CONNECTION_OPTIONS(type, field)                                      \
	CLI_OPT(type, field.apihost, "apihost", 0, CLI_STRING, "HOST",       \
		"API host to use instead of the connected one"),             \
		CLI_OPT(type, field.auth, "auth", 0, CLI_STRING, "KEY",      \
			"credentials for --apihost"),                        \
		CLI_OPT(type, field.insecure, "insecure", 0, CLI_FLAG, NULL, \
			"do not check the server's certificate")

/* A connection to talk through; starts the local platform when it is that (design decision 8).
 */
struct connection {
	struct creds creds; /* api_host and auth filled, also for the local platform */
	struct whisk *whisk;
	bool local;
};
int context_connect(struct context *c, const struct connection_flags *flags,
		    struct connection *to, struct err *e) NODISCARD;
void connection_release(struct connection *to);

/* -o json: the tree pretty-printed with a newline at the end. */
void context_print_json(struct context *c, const struct json *j);
#endif
