/*
 * command.h - what a command is, and what all commands share
 *
 * One file per command group: cmd_<name>.c defines `const struct command
 * cmd_<name>`; commands.c lists them.  The tables are the only source for
 * parsing, --help and the check against the man pages.
 */
#ifndef DOFN_COMMAND_H
#define DOFN_COMMAND_H
#include "cli/cli.h"
#include "creds/creds.h"
#include "doapi/doapi.h"
#include "events/events.h"
#include "loop/loop.h"
#include "ui/ui.h"
#include "whisk/whisk.h"
#include "json/json.h"

/* Options of every command, before or after its name. */
struct global_options {
	bool help, quiet, verbose, version;
	const char *output;
};
extern const struct cli_option global_option_table[];

/* What every command gets. */
struct context {
	struct ui ui;
	struct loop *loop; /* made by context_loop() at first use */
	const char *argv0;
	char *program;     /* path to run ourselves by, made by context_program() */
	bool json;         /* -o json */
	bool said_local;   /* that the local platform is used */
	bool told;         /* the result shows the failure: main only gives its status */
	struct sink *sink; /* where retries are told while a deploy runs, or NULL */
};

struct command {
	const char *name;    /* "list" */
	const char *alias;   /* "ls", or NULL */
	const char *args;    /* "[NAME]", for the usage line, or "" */
	const char *summary; /* one line, lower case */
	const char *help;    /* paragraphs for --help, or NULL */
	unsigned min_args, max_args;
	const struct cli_option *options; /* or NULL */
	size_t options_size;              /* sizeof the private struct */
	/* options: the filled private struct, zeroed before; freed by the caller. */
	int (*run)(struct context *c, void *options, const struct cli_list *args,
		   struct err *e);
	const struct command *const *sub; /* subcommands, NULL at the end; then no run */
	bool internal;                    /* started by dofn itself; not listed */
};

/* Sorted by name, NULL at the end. */
extern const struct command *const commands[];

extern const struct command cmd_activations, cmd_build, cmd_cache, cmd_check, cmd_connect,
	cmd_deploy, cmd_diff, cmd_files, cmd_functions, cmd_get_metadata, cmd_local,
	cmd_rollback, cmd_schema, cmd_status, cmd_triggers, cmd_undeploy, cmd_version,
	cmd_watch;

extern const char dofn_version[]; /* "1a2b3c4", from git */

/* "dofn functions get NAME ..." and what follows; path is "functions get", or "" for dofn
 * itself. */
void help_write(struct strbuf *out, const char *path, const struct command *cmd);

/* With SIGINT, SIGTERM and SIGHUP caught. */
struct loop *context_loop(struct context *c);

/* The path of this program, to start the local platform by; NULL and *e when it is not to be
 * had. */
const char *context_program(struct context *c, struct err *e);

/* Flags that commands with a connection share. */
struct connection_flags {
	const char *apihost, *auth;
	bool insecure;
};
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot be named in parentheses */
#define CONNECTION_OPTIONS(type, field)                                      \
	CLI_OPT(type, field.apihost, "apihost", 0, CLI_STRING, "HOST",       \
		"API host to use instead of the connected one"),             \
		CLI_OPT(type, field.auth, "auth", 0, CLI_STRING, "KEY",      \
			"credentials for --apihost"),                        \
		CLI_OPT(type, field.insecure, "insecure", 0, CLI_FLAG, NULL, \
			"do not check the server's certificate")
/* NOLINTEND(bugprone-macro-parentheses) */

/* DOFN_TIMEOUT in milliseconds, 0 when it is not set. */
int context_silence_ms(uint64_t *ms, struct err *e) NODISCARD;

/* A connection to talk through. */
struct connection {
	struct creds creds; /* api_host and auth filled, also for the local platform */
	struct whisk *whisk;
	bool local, insecure;
};

/*
 * Finds the credentials and opens a client; starts the local platform when it
 * is that (design decision 8).  max_tries as in whisk_options.
 */
int context_connect(struct context *c, const struct connection_flags *flags, unsigned max_tries,
		    struct connection *to, struct err *e) NODISCARD;
void connection_release(struct connection *to);
/* Whether there is a token to ask the DigitalOcean API with, for triggers. */
bool connection_has_token(const struct connection *to);
bool connection_is_digitalocean(const struct connection *to);
/*
 * The DigitalOcean API as to the namespace that is connected; the local platform
 * is one of its own.  ns: its name, or NULL: found out.  ERR_AUTH without a token.
 */
struct doapi *context_doapi(struct context *c, const struct connection *to, const char *ns,
			    struct err *e) NODISCARD;

/* Runs the local platform when it does not run, and says so.  Fills host, key and namespace. */
int context_use_local(struct context *c, struct creds *creds, struct err *e) NODISCARD;

/* The tree, indented, with a newline at the end. */
void context_print_json(struct context *c, const struct json *j);
/* {"name": value}, for a result of one value; value is taken over. */
void context_print_member(struct context *c, const char *name, struct json *value);
#endif
