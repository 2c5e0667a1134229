#include "command.h"

#include <stdlib.h>

#include "build_flags.h"
#include "deploy/deploy.h"
#include "deploy/host.h"
#include "deploy/supported.h"
#include "project_flags.h"
#include "render.h"

struct deploy_options {
	struct connection_flags connection;
	struct project_flags project;
	struct build_flags build;
	bool dry_run, detailed_exitcode, force, incremental;
};

/* The project, and what was learned on the way to it. */
struct reading {
	struct project *project;
	struct diags diags;
	struct host_runtimes host;
};

static const struct cli_option options[] = {
	CONNECTION_OPTIONS(struct deploy_options, connection),
	PROJECT_OPTIONS(struct deploy_options, project),
	BUILD_OPTIONS(struct deploy_options, build),
	CLI_OPT(struct deploy_options, dry_run, "dry-run", 0, CLI_FLAG, NULL,
		"show what would be done and stop"),
	CLI_OPT(struct deploy_options, detailed_exitcode, "detailed-exitcode", 0, CLI_FLAG,
		NULL, "with --dry-run, exit with 2 when there is something to do"),
	CLI_OPT(struct deploy_options, force, "force", 0, CLI_FLAG, NULL,
		"upload also what is unchanged"),
	CLI_OPT(struct deploy_options, incremental, "incremental", 0, CLI_FLAG, NULL,
		"upload only what changed (always so without --force)"),
	CLI_END,
};

/* What the connected host runs, not asked where it is the local platform. */
static void ask_host(struct context *c, const struct deploy_options *o, struct host_runtimes *h)
{
	struct err ignored = ERR_INIT;
	struct creds creds;
	struct connection to;
	bool elsewhere;

	if (creds_find(o->connection.apihost, o->connection.auth, &creds, &ignored) == 0) {
		elsewhere = creds.from != CREDS_LOCAL && creds.from != CREDS_LOCAL_DEFAULT;
		creds_release(&creds);
		if (elsewhere && context_connect(c, &o->connection, 0, &to, &ignored) == 0) {
			host_runtimes_ask(h, to.whisk);
			connection_release(&to);
		}
	}
	err_clear(&ignored);
}

/* A runtime that is not in our table may be a newer one that the host has. */
static int scan(struct context *c, const struct deploy_options *o, const char *dir,
		struct reading *in, struct err *e)
{
	if (project_scan(&o->project, dir, NULL, in->project, &in->diags, e) < 0)
		return -1;
	if (in->project->unknown_runtimes == 0)
		return 0;
	ask_host(c, o, &in->host);
	if (!host_kinds(&in->host))
		return 0;
	project_release(in->project);
	project_init(in->project);
	diags_release(&in->diags);
	in->diags = DIAGS_INIT;
	return project_scan(&o->project, dir, host_kinds(&in->host), in->project, &in->diags,
			    e);
}

static int read_project(struct context *c, const struct deploy_options *o, const char *dir,
			struct reading *in, struct err *e)
{
	struct err shown = ERR_INIT;
	int r = scan(c, o, dir, in, e);

	if (r == 0 && in->diags.errors == 0)
		(void)project_check_deployable(in->project, &in->diags);
	if (project_show(c, &in->diags, &shown) < 0 && r == 0)
		r = err_move(e, &shown);
	err_clear(&shown);
	if (r < 0 || project_function_count(in->project) > 0)
		return r;
	return err_set(e, ERR_PROJECT,
		       "nothing to deploy: no function in '%s' (packages/<package>/<function>/ "
		       "or packages/<package>/<function>.py)",
		       dir);
}

/* Of functions that do not run there already with the runtime that they name. */
static int check_runtimes(struct context *c, struct connection *to, struct reading *in,
			  const struct live *live, struct err *e)
{
	struct diags d = DIAGS_INIT;
	int r;

	if (to->local || !host_runtimes_matter(in->project, live))
		return 0;
	if (!host_kinds(&in->host))
		host_runtimes_ask(&in->host, to->whisk);
	host_runtimes_check(in->project, &in->host, &d);
	r = project_show(c, &d, e);
	diags_release(&d);
	return r;
}

/* The namespace's name, which its contents mostly tell; heap, or NULL. */
static char *find_namespace(struct connection *to, const struct live *live, struct err *e)
{
	return live->namespace ? xstrdup(live->namespace) : whisk_namespace(to->whisk, e);
}

static int plan_and_apply(struct context *c, const struct deploy_options *o,
			  const struct deploy_request *request, struct err *e)
{
	struct deploy_request q = *request;
	struct deploy_result result;
	struct renderer r;
	int rc;

	renderer_init(&r, c);
	r.dry_run = o->dry_run;
	q.sink = &r.sink;
	render_start(&r, q.project->real, q.namespace, whisk_api_host(q.whisk));
	rc = deploy_project(&q, &result, e);
	if ((rc == 0 && !o->dry_run) || result.deployed || result.failed)
		render_result(&r, &result);
	else if (rc < 0 && e->code != ERR_CANCELLED)
		err_wrap(e, "nothing was uploaded");
	renderer_release(&r);
	if (rc == 0 && o->detailed_exitcode && result.changes) {
		c->told = true; /* by the plan */
		return err_set(e, ERR_USAGE, "there is something to deploy");
	}
	return rc;
}

/* What cannot begin, for which reason it may be. */
static int fail_before(struct err *e)
{
	return e->code == ERR_CANCELLED || e->code == ERR_PROJECT
		       ? -1
		       : err_wrap(e, "nothing was uploaded");
}

static int deploy(struct context *c, const struct deploy_options *o, struct connection *to,
		  struct reading *in, struct err *e)
{
	const struct project_flags *flags = &o->project;
	struct deploy_request q = {
		.loop = context_loop(c),
		.project = in->project,
		.whisk = to->whisk,
		.partial = flags->include.items.n || flags->exclude.items.n,
		.force = o->force,
		.dry_run = o->dry_run,
	};
	struct live live;
	char *ns = NULL;
	int rc;

	if (build_flags_read(&o->build, &q.project->arena, &q.build, e) < 0)
		return -1;
	rc = live_read(q.loop, q.whisk, q.project, &live, e);
	if (rc == 0)
		rc = check_runtimes(c, to, in, &live, e);
	if (rc == 0)
		ns = find_namespace(to, &live, e);
	if (ns) {
		q.live = &live;
		q.namespace = ns;
		rc = plan_and_apply(c, o, &q, e);
	} else {
		rc = fail_before(e);
	}
	live_release(&live);
	free(ns);
	return rc;
}

static int check_flags(const struct deploy_options *o, struct err *e)
{
	if (o->detailed_exitcode && !o->dry_run)
		return err_set(e, ERR_USAGE, "--detailed-exitcode goes with --dry-run");
	if (o->force && o->incremental)
		return err_set(e, ERR_USAGE,
			       "--force and --incremental are opposites; give one of them");
	return 0;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct deploy_options *o = opt;
	const char *dir = args->items.n ? args->items.v[0] : ".";
	struct project p;
	struct reading in = {.project = &p};
	struct connection to;
	int r;

	if (check_flags(o, e) < 0)
		return -1;
	project_init(&p);
	r = read_project(c, o, dir, &in, e);
	if (r == 0)
		r = context_connect(c, &o->connection, 0, &to, e);
	if (r == 0) {
		r = deploy(c, o, &to, &in, e);
		connection_release(&to);
	}
	host_runtimes_release(&in.host);
	diags_release(&in.diags);
	project_release(&p);
	return r;
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
