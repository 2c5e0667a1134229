#include "command.h"

const struct command *const commands[] = {
	&cmd_activations, &cmd_build,    &cmd_cache,  &cmd_check,     &cmd_connect,
	&cmd_deploy,      &cmd_diff,     &cmd_files,  &cmd_functions, &cmd_get_metadata,
	&cmd_local,       &cmd_rollback, &cmd_schema, &cmd_status,    &cmd_triggers,
	&cmd_undeploy,    &cmd_version,  &cmd_watch,  NULL,
};

const struct cli_option global_option_table[] = {
	CLI_OPT(struct global_options, help, "help", 'h', CLI_FLAG, NULL, "show this help"),
	CLI_OPT(struct global_options, output, "output", 'o', CLI_STRING, "FORMAT",
		"form of the result: text or json"),
	CLI_OPT(struct global_options, quiet, "quiet", 'q', CLI_FLAG, NULL,
		"only results, warnings and errors"),
	CLI_OPT(struct global_options, verbose, "verbose", 'v', CLI_FLAG, NULL,
		"tell more of what is done"),
	CLI_OPT(struct global_options, version, "version", 0, CLI_FLAG, NULL,
		"show the version"),
	CLI_END,
};
