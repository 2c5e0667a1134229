#include "deploying.h"

struct deploy_options {
	struct deploy_flags deploy;
	bool dry_run, detailed_exitcode, force, github, incremental, prune, remote_build, yes;
};

static const struct cli_option options[] = {
	DEPLOY_OPTIONS(struct deploy_options, deploy),
	CLI_OPT(struct deploy_options, dry_run, "dry-run", 0, CLI_FLAG, NULL,
		"show what would be done and stop"),
	CLI_OPT(struct deploy_options, detailed_exitcode, "detailed-exitcode", 0, CLI_FLAG,
		NULL, "with --dry-run, exit with 2 when there is something to do"),
	CLI_OPT(struct deploy_options, force, "force", 0, CLI_FLAG, NULL,
		"upload also what is unchanged"),
	CLI_OPT(struct deploy_options, github, "github", 0, CLI_FLAG, NULL,
		"write plan and URLs to the summary of a GitHub Actions job"),
	CLI_OPT(struct deploy_options, incremental, "incremental", 0, CLI_FLAG, NULL,
		"upload only what changed (always so without --force)"),
	CLI_OPT(struct deploy_options, prune, "prune", 0, CLI_FLAG, NULL,
		"delete what is live and no longer in the project"),
	CLI_OPT(struct deploy_options, remote_build, "remote-build", 0, CLI_FLAG, NULL,
		"build on the platform what needs a build"),
	CLI_OPT(struct deploy_options, yes, "yes", 'y', CLI_FLAG, NULL,
		"with --prune, do not ask"),
	CLI_END,
};

static int check_flags(const struct deploy_options *o, struct err *e)
{
	const struct project_flags *project = &o->deploy.project;

	if (o->detailed_exitcode && !o->dry_run)
		return err_set(e, ERR_USAGE, "--detailed-exitcode goes with --dry-run");
	if (o->force && o->incremental)
		return err_set(e, ERR_USAGE,
			       "--force and --incremental are opposites; give one of them");
	if (o->yes && !o->prune)
		return err_set(e, ERR_USAGE, "--yes goes with --prune");
	if (o->prune && (project->include.items.n || project->exclude.items.n))
		return err_set(e, ERR_USAGE,
			       "--prune needs the whole project: not with --include or "
			       "--exclude");
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct deploy_options *o = opt;
	struct deploy_run d = {
		.context = c,
		.flags = &o->deploy,
		.dir = args->items.n ? args->items.v[0] : ".",
		.force = o->force,
		.github = o->github,
		.dry_run = o->dry_run,
		.remote_build = o->remote_build,
		.prune = o->prune,
		.yes = o->yes,
	};

	if (check_flags(o, e) < 0 || deploy_run(&d, e) < 0)
		return -1;
	if (!o->detailed_exitcode || !d.result.changes)
		return 0;
	c->told = true; /* by the plan */
	return err_set(e, ERR_USAGE, "there is something to deploy");
}

const struct command cmd_deploy = {
	.name = "deploy",
	.args = "[DIR]",
	.summary = "build, pack and upload the project in DIR",
	.help = "DIR is the folder with packages/ and project.yml, by default the current "
		"one.\n"
		"Everything is read, checked, built, packed and compared with what is live\n"
		"before the first upload; only what changed is uploaded.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct deploy_options),
	.run = run,
};
