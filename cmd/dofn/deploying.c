#include "deploying.h"

#include <stdlib.h>

#include "deploy/host.h"
#include "deploy/target.h"
#include "render.h"
#include "summary.h"

/* A run, and what was learned on its way. */
struct attempt {
	struct deploy_run *run;
	struct context *context;
	const struct deploy_flags *flags;
	struct project project;
	struct diags diags;
	struct host_runtimes host;
	struct connection to;
	struct summary summary;
	char *namespace; /* heap; NULL when it did not come so far */
};

/* What the connected host runs, not asked where it is the local platform. */
static void ask_host(struct attempt *a)
{
	const struct connection_flags *flags = &a->flags->connection;
	struct err ignored = ERR_INIT;
	struct creds creds;
	struct connection to;
	bool elsewhere;

	if (creds_find(flags->apihost, flags->auth, &creds, &ignored) == 0) {
		elsewhere = creds.from != CREDS_LOCAL && creds.from != CREDS_LOCAL_DEFAULT;
		creds_release(&creds);
		if (elsewhere && context_connect(a->context, flags, 0, &to, &ignored) == 0) {
			host_runtimes_ask(&a->host, to.whisk);
			connection_release(&to);
		}
	}
	err_clear(&ignored);
}

/* A runtime that is not in our table may be a newer one that the host has. */
static int scan(struct attempt *a, struct err *e)
{
	const struct project_flags *flags = &a->flags->project;
	const char *dir = a->run->dir;

	if (project_scan(flags, dir, NULL, &a->project, &a->diags, e) < 0)
		return -1;
	if (a->project.unknown_runtimes == 0)
		return 0;
	ask_host(a);
	if (!host_kinds(&a->host))
		return 0;
	project_release(&a->project);
	project_init(&a->project);
	diags_release(&a->diags);
	a->diags = DIAGS_INIT;
	return project_scan(flags, dir, host_kinds(&a->host), &a->project, &a->diags, e);
}

static bool has_binding(const struct project *p)
{
	size_t i;

	for (i = 0; i < p->packages.n; i++)
		if (p->packages.v[i]->binding.name)
			return true;
	return false;
}

static int read_project(struct attempt *a, struct err *e)
{
	struct err shown = ERR_INIT;
	int r = scan(a, e);

	if (project_show(a->context, &a->diags, &shown) < 0 && r == 0)
		r = err_move(e, &shown);
	err_clear(&shown);
	if (r < 0 || project_function_count(&a->project) > 0 || has_binding(&a->project))
		return r;
	return err_set(e, ERR_PROJECT,
		       "nothing to deploy: no function in '%s' (packages/<package>/<function>/ "
		       "or packages/<package>/<function>.py)",
		       a->run->dir);
}

/* Of functions that do not run there already with the runtime that they name. */
static int check_runtimes(struct attempt *a, const struct live *live, struct err *e)
{
	struct diags d = DIAGS_INIT;
	int r;

	if (a->to.local || !host_runtimes_matter(&a->project, live))
		return 0;
	if (!host_kinds(&a->host))
		host_runtimes_ask(&a->host, a->to.whisk);
	host_runtimes_check(&a->project, &a->host, &d);
	r = project_show(a->context, &d, e);
	diags_release(&d);
	return r;
}

/* The namespace's name, which its contents mostly tell; heap, or NULL. */
static char *find_namespace(struct connection *to, const struct live *live, struct err *e)
{
	return live->namespace ? xstrdup(live->namespace) : whisk_namespace(to->whisk, e);
}

/* The local platform is nobody's production: what is meant for elsewhere may be tried there. */
static int check_target(struct attempt *a, const char *namespace, struct err *e)
{
	struct diags d = DIAGS_INIT;
	int r;

	if (a->to.local)
		return 0;
	(void)target_check(&a->project, namespace, &d);
	r = project_show(a->context, &d, e);
	diags_release(&d);
	return r;
}

/* With the whole story. */
static int plan_and_apply(struct attempt *a, const struct deploy_request *request,
			  struct err *e)
{
	struct deploy_request q = *request;
	struct deploy_result *result = &a->run->result;
	struct renderer r;
	int rc;

	renderer_init(&r, a->context);
	r.dry_run = q.dry_run;
	r.build_output.all = a->flags->build.verbose;
	q.sink = &r.sink;
	a->summary.dry_run = q.dry_run;
	summary_begin(&a->summary, &q.sink);
	render_start(&r, q.project->real, q.namespace, whisk_api_host(q.whisk));
	rc = deploy_project(&q, result, e);
	if ((rc == 0 && !q.dry_run) || result->begun)
		render_result(&r, result);
	else if (rc < 0 && e->code != ERR_CANCELLED)
		err_wrap(e, "nothing was uploaded");
	renderer_release(&r);
	return rc;
}

/* What cannot begin, for which reason it may be. */
static int fail_before(const struct attempt *a, struct err *e)
{
	return e->code == ERR_CANCELLED || e->code == ERR_PROJECT || a->run->instead
		       ? -1
		       : err_wrap(e, "nothing was uploaded");
}

/* Whether they are to be looked at: the project's, those that it had, those of what goes. */
static bool needs_triggers(struct attempt *a, const struct live *live)
{
	if (a->flags->project.no_triggers)
		return false;
	if (live_triggers_matter(&a->project, live))
		return true;
	if (!a->run->prune)
		return false;
	if (connection_has_token(&a->to))
		return true;
	if (connection_is_digitalocean(&a->to))
		ui_warn(&a->context->ui,
			"triggers of functions that are deleted are not looked "
			"for: there is no token in DIGITALOCEAN_ACCESS_TOKEN");
	return false;
}

static int read_triggers(struct attempt *a, struct deploy_request *q, struct live_triggers *t,
			 struct err *e)
{
	if (!needs_triggers(a, q->live))
		return 0;
	if (!connection_has_token(&a->to))
		return err_set(e, ERR_AUTH,
			       "the project has triggers, which need the DigitalOcean API: set "
			       "DIGITALOCEAN_ACCESS_TOKEN to a token for it, or leave them out "
			       "with --no-triggers");
	q->doapi = context_doapi(a->context, &a->to, q->namespace, e);
	if (!q->doapi || live_triggers_read(q->doapi, t, e) < 0)
		return err_wrap(e, "triggers (--no-triggers leaves them alone)");
	q->triggers = t;
	return 0;
}

/* What goes live is kept for 'dofn rollback'. */
static int open_history(const struct attempt *a, struct deploy_request *q, struct err *e)
{
	const struct history_place place = {whisk_api_host(q->whisk), q->namespace};

	if (!q->dry_run && !a->run->instead)
		q->history = history_writer_new(&place, e);
	return e->code == ERR_OK ? 0 : -1;
}

static int carry_out(struct attempt *a, const struct deploy_request *request, struct err *e)
{
	struct deploy_request q = *request;
	struct live_triggers triggers = {.arena = ARENA_INIT};
	int rc = read_triggers(a, &q, &triggers, e);

	if (rc == 0)
		rc = open_history(a, &q, e);
	if (rc < 0)
		rc = fail_before(a, e);
	else if (a->run->instead)
		rc = a->run->instead(a->run->arg, &q, e);
	else if (q.sink)
		rc = deploy_project(&q, &a->run->result, e);
	else
		rc = plan_and_apply(a, &q, e);
	history_writer_free(q.history);
	live_triggers_release(&triggers);
	doapi_free(q.doapi);
	return rc;
}

static int confirm(void *arg, const struct deploy_pruned *what, struct err *e)
{
	const struct attempt *a = arg;
	struct ui *ui = &a->context->ui;
	struct strbuf question = STRBUF_INIT;
	bool yes;

	if (!ui->err_tty)
		return err_set(
			e, ERR_USAGE,
			"--prune is to delete something, and there is no terminal to ask "
			"on; give --yes if this is meant");
	strbuf_adds(&question, "delete ");
	describe_deletion(&question, what->triggers, what->functions, what->packages);
	strbuf_addf(&question, " of the namespace '%s'?", a->namespace);
	yes = ui_confirm(ui, question.buf);
	strbuf_release(&question);
	return yes ? 0 : err_set(e, ERR_USAGE, "not without your consent to what is deleted");
}

static int deploy(struct attempt *a, struct err *e)
{
	const struct project_flags *flags = &a->flags->project;
	struct deploy_request q = {
		.loop = context_loop(a->context),
		.project = &a->project,
		.whisk = a->to.whisk,
		.sink = a->run->sink,
		.partial = flags->include.items.n || flags->exclude.items.n,
		.force = a->run->force,
		.dry_run = a->run->dry_run,
		.remote_build = a->run->remote_build,
		.prune = a->run->prune,
		.confirm = a->run->yes ? NULL : confirm,
		.confirm_arg = a,
	};
	struct live live;
	int rc;

	if (build_flags_read(&a->flags->build, &a->project.arena, &q.build, e) < 0)
		return -1;
	q.project->no_verify = a->flags->build.no_verify;
	q.project->no_bytecode = a->flags->build.no_bytecode;
	rc = live_read(q.loop, q.whisk, q.prune || a->run->instead ? NULL : q.project, &live,
		       e);
	if (rc == 0)
		rc = check_runtimes(a, &live, e);
	if (rc == 0)
		a->namespace = find_namespace(&a->to, &live, e);
	q.live = &live;
	q.namespace = a->namespace;
	if (!a->namespace || check_target(a, a->namespace, e) < 0)
		rc = fail_before(a, e);
	else
		rc = carry_out(a, &q, e);
	live_release(&live);
	return rc;
}

static int read_and_deploy(struct attempt *a, struct err *e)
{
	int r;

	if (read_project(a, e) < 0)
		return -1;
	if (a->run->on_read)
		a->run->on_read(a->run->arg, &a->project);
	if (context_connect(a->context, &a->flags->connection, 0, &a->to, e) < 0)
		return -1;
	r = deploy(a, e);
	connection_release(&a->to);
	return r;
}

/* Also of a deploy that failed; of two failures the deploy's is told. */
static int write_summary(struct attempt *a, int r, struct err *e)
{
	struct err late = ERR_INIT;

	if (summary_write(&a->summary, a->namespace, r < 0 ? e : NULL, &late) == 0)
		return r;
	if (r == 0)
		return err_move(e, &late);
	err_clear(&late);
	return r;
}

int deploy_run(struct deploy_run *d, struct err *e)
{
	struct attempt a = {.run = d, .context = d->context, .flags = d->flags};
	int r;

	d->result = (struct deploy_result){0};
	if (summary_init(&a.summary, d->github, e) < 0)
		return -1;
	project_init(&a.project);
	r = write_summary(&a, read_and_deploy(&a, e), e);
	summary_release(&a.summary);
	free(a.namespace);
	host_runtimes_release(&a.host);
	diags_release(&a.diags);
	project_release(&a.project);
	return r;
}
