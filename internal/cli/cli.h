/*
 * cli.h - option tables: parsing, usage and near misses from one source
 *
 * GNU style: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -abc, "--" ends the
 * options, options and arguments may be mixed.  Errors are ERR_USAGE, one line:
 * "unknown option '--jsn'; did you mean '--json'? See 'dofn deploy --help'".
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

#include <stddef.h>

enum cli_type {
	CLI_FLAG,   /* bool: set true */
	CLI_STRING, /* const char *: the argument itself */
	CLI_LIST,   /* struct cli_list: every occurrence */
	CLI_COUNT,  /* unsigned: 0 to 2^31-1 */
	CLI_U64,    /* uint64_t */
};

struct cli_list {
	VEC(const char *) items;
};

struct cli_option {
	const char *name; /* without "--" */
	char letter;      /* or 0 */
	enum cli_type type;
	size_t offset;     /* of the field in the command's private struct */
	const char *value; /* name of the value in the usage: "HOST" */
	const char *help;  /* one line, lower case, no full stop */
};

#define CLI_OPT(type, field, name, letter, kind, value, help)          \
	{                                                              \
		name, letter, kind, offsetof(type, field), value, help \
	}
#define CLI_END   \
	{         \
		0 \
	}

/*
 * Options that are accepted together: a command's own and those of the whole
 * program.  Each table fills a struct of its own.
 */
struct cli_group {
	const struct cli_option *options;
	void *into; /* the struct that the offsets count from */
};

/*
 * Reads argv (without the program's name, NULL at the end) against the groups,
 * in order, until one whose options are NULL.  Returns the arguments in *args,
 * pointers into argv; stop_at_argument: all from the first argument on.  Of a
 * single value the last occurrence counts.  `command` ("functions list", or ""
 * for the program) is only for messages.  No name and no letter may stand in
 * two places of the groups.  On failure the fields may be filled in part.
 */
int cli_parse(const struct cli_group *groups, const char *command, char *const *argv,
	      bool stop_at_argument, struct cli_list *args, struct err *e) NODISCARD;
/* "  -o, --output FORMAT    help" for each option, the help always in the same column. */
void cli_write_options(struct strbuf *out, const struct cli_option *options);
#endif
