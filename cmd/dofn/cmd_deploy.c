#include "command.h"

#include <stdlib.h>

#include "deploy/deploy.h"
#include "deploy/supported.h"
#include "project_flags.h"
#include "render.h"

struct deploy_options {
	struct connection_flags connection;
	struct project_flags project;
};

static const struct cli_option options[] = {
	CONNECTION_OPTIONS(struct deploy_options, connection),
	PROJECT_OPTIONS(struct deploy_options, project),
	CLI_END,
};

static int check_deployable(struct context *c, const struct project *p, struct err *e)
{
	struct diags d = DIAGS_INIT;
	int r = 0;

	if (project_check_deployable(p, &d) < 0) {
		diags_sort(&d);
		render_findings(c, &d);
		r = diags_check(&d, e);
	}
	diags_release(&d);
	return r;
}

static int read_project(struct context *c, const struct deploy_options *o, const char *dir,
			struct project *p, struct err *e)
{
	if (project_read(c, &o->project, dir, p, e) < 0 || check_deployable(c, p, e) < 0)
		return -1;
	if (project_function_count(p) > 0)
		return 0;
	return err_set(e, ERR_PROJECT,
		       "nothing to deploy: no function in '%s' (packages/<package>/<function>/ "
		       "or packages/<package>/<function>.py)",
		       dir);
}

static int deploy(struct context *c, struct connection *to, struct project *p, struct err *e)
{
	struct deploy_request q;
	struct deploy_result result;
	struct renderer r;
	char *ns = whisk_namespace(to->whisk, e);
	int rc;

	if (!ns)
		return err_wrap(e, "nothing was uploaded");
	renderer_init(&r, c);
	render_start(&r, p->real, ns, whisk_api_host(to->whisk));
	q = (struct deploy_request){context_loop(c), p, to->whisk, ns, &r.sink};
	rc = deploy_project(&q, &result, e);
	if (rc == 0 || result.deployed || result.failed)
		render_result(&r, &result);
	else if (e->code != ERR_CANCELLED)
		err_wrap(e, "nothing was uploaded");
	renderer_release(&r);
	free(ns);
	return rc;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct deploy_options *o = opt;
	const char *dir = args->items.n ? args->items.v[0] : ".";
	struct connection to;
	struct project p;
	int r;

	project_init(&p);
	r = read_project(c, o, dir, &p, e);
	if (r == 0)
		r = context_connect(c, &o->connection, 0, &to, e);
	if (r == 0) {
		r = deploy(c, &to, &p, e);
		connection_release(&to);
	}
	project_release(&p);
	return r;
}

const struct command cmd_deploy = {
	.name = "deploy",
	.args = "[DIR]",
	.summary = "build, pack and upload the project in DIR",
	.help = "DIR is the folder with packages/ and project.yml, by default the current "
		"one.\n"
		"Everything is read, checked, built and packed before the first upload.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct deploy_options),
	.run = run,
};
