/* parameters.h - parameters for a function from the command line */
#ifndef DOFN_PARAMETERS_H
#define DOFN_PARAMETERS_H
#include "command.h"

struct parameter_flags {
	struct cli_list list; /* KEY:VALUE */
	const char *file;
};
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot be named in parentheses */
#define PARAMETER_OPTIONS(type, field)                                           \
	CLI_OPT(type, field.list, "param", 'p', CLI_LIST, "KEY:VALUE",           \
		"a parameter, its value a string; may be repeated"),             \
		CLI_OPT(type, field.file, "param-file", 'P', CLI_STRING, "FILE", \
			"a JSON object of parameters")
/* NOLINTEND(bugprone-macro-parentheses) */

/* One object, in which the list wins over the file; {} when neither was given. */
struct json *parameters_read(const struct parameter_flags *flags, struct err *e) NODISCARD;
#endif
