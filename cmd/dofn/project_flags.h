/* project_flags.h - options and reading of commands that work on a project folder */
#ifndef DOFN_PROJECT_FLAGS_H
#define DOFN_PROJECT_FLAGS_H
#include "command.h"
#include "scan/scan.h"

/* Flags that commands with a project share. */
struct project_flags {
	const char *env, *build_env;
	struct cli_list include, exclude; /* each item a comma list */
	bool no_triggers;
};
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot be named in parentheses */
#define PROJECT_OPTIONS(type, field)                                                      \
	CLI_OPT(type, field.env, "env", 0, CLI_STRING, "FILE",                            \
		"values for ${NAME} in project.yml, instead of the project's .env"),      \
		CLI_OPT(type, field.build_env, "build-env", 0, CLI_STRING, "FILE",        \
			"variables for builds"),                                          \
		CLI_OPT(type, field.include, "include", 0, CLI_LIST, "NAMES",             \
			"only these packages and functions: PKG,PKG/FN,..."),             \
		CLI_OPT(type, field.exclude, "exclude", 0, CLI_LIST, "NAMES",             \
			"not these packages and functions, unless --include names them"), \
		CLI_OPT(type, field.no_triggers, "no-triggers", 0, CLI_FLAG, NULL,        \
			"leave the triggers of project.yml out")
/* NOLINTEND(bugprone-macro-parentheses) */

/* What the flags ask of the scan.  *o points into the flags and the arena. */
int project_flags_fill(const struct project_flags *flags, struct arena *a,
		       struct scan_options *o, struct err *e) NODISCARD;
/* scan_project() with what the flags ask; kinds as in scan_options. */
int project_scan(const struct project_flags *flags, const char *dir, const char *const *kinds,
		 struct project *p, struct diags *d, struct err *e) NODISCARD;
/* Sorts and shows the findings; -1 when one of them is an error. */
int project_show(struct context *c, struct diags *d, struct err *e) NODISCARD;
/*
 * Reads the project at dir and shows all findings at once.  -1 with *e when one
 * of them is an error.  The caller has initialised *p and releases it in any case.
 */
int project_read(struct context *c, const struct project_flags *flags, const char *dir,
		 struct project *p, struct err *e) NODISCARD;
#endif
