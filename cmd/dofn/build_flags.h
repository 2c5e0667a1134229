/* build_flags.h - options of commands that build */
#ifndef DOFN_BUILD_FLAGS_H
#define DOFN_BUILD_FLAGS_H
#include "build/build.h"
#include "command.h"

struct build_flags {
	unsigned jobs;
	bool yarn, verbose, no_verify, no_cache, no_bytecode;
	struct cli_list pass_env;
};
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot be named in parentheses */
#define BUILD_OPTIONS(type, field)                                                      \
	CLI_OPT(type, field.jobs, "jobs", 0, CLI_COUNT, "N",                            \
		"builds at once, by default one for each processor"),                   \
		CLI_OPT(type, field.no_bytecode, "no-bytecode", 0, CLI_FLAG, NULL,      \
			"do not add compiled Python modules to archives"),              \
		CLI_OPT(type, field.no_cache, "no-cache", 0, CLI_FLAG, NULL,            \
			"build also what is unchanged or in the cache"),                \
		CLI_OPT(type, field.verbose, "verbose-build", 0, CLI_FLAG, NULL,        \
			"show all output of builds, as it comes"),                      \
		CLI_OPT(type, field.yarn, "yarn", 0, CLI_FLAG, NULL,                    \
			"build with yarn where npm would be used"),                     \
		CLI_OPT(type, field.pass_env, "build-pass-env", 0, CLI_LIST, "NAME",    \
			"hand this variable over to builds although it looks like a "   \
			"credential"),                                                  \
		CLI_OPT(type, field.no_verify, "no-verify", 0, CLI_FLAG, NULL,          \
			"do not look at the files for what would keep a function from " \
			"starting")
/* NOLINTEND(bugprone-macro-parentheses) */

/* What the flags ask of builds; points into the flags and the arena. ERR_USAGE. */
int build_flags_read(const struct build_flags *flags, struct arena *a,
		     struct build_options *options, struct err *e) NODISCARD;
#endif
