#include <string.h>

#include "deploy/body.h"
#include "deploy/digest.h"
#include "deploy/jobs.h"

/* The functions that are live in a package of that name. */
static size_t count_live(const struct live *live, const char *package)
{
	size_t i, n = 0;

	for (i = 0; i < live->functions.n; i++)
		n += strcmp(live->functions.v[i]->package, package) == 0;
	return n;
}

/* The server keeps a package what it is, one with functions or a binding (platform.md 1.6). */
static int plan_kind(struct package_job *pj, const struct json *live, struct err *e)
{
	const struct deploy_request *q = pj->deploy->q;
	const char *name = pj->package->name;
	bool bound = json_count(json_get(live, "binding")) > 0;
	bool wanted = pj->package->binding.name != NULL;

	if (!live || bound == wanted)
		return 0;
	if (wanted && count_live(q->live, name) > 0)
		return err_set(e, ERR_PROJECT,
			       "the package '%s' has functions in the namespace, so it cannot "
			       "become a binding; 'dofn undeploy %s' removes them",
			       name, name);
	pj->replace = true;
	pj->plan.action = PLAN_UPDATE;
	pj->plan.changes.n = 0;
	vec_push(&pj->plan.changes, "binding");
	return 0;
}

static int plan_package(struct package_job *pj, struct err *e)
{
	const struct deploy_request *q = pj->deploy->q;
	const struct live_package *live = live_package(q->live, pj->package->name);
	struct plan_wanted wanted = {.shared = pj->package->shared, .force = q->force};
	struct json *annotations, *binding;

	if (package_is_default(pj->package)) {
		pj->plan.action = PLAN_UNCHANGED;
		return 0;
	}
	pj->deployer = digest_package(q->project, pj->package);
	annotations = package_annotations(pj->package, NULL);
	binding = binding_body(pj->package, q->namespace);
	wanted.digest = pj->deployer;
	wanted.annotations = annotations;
	wanted.binding = binding;
	plan_decide(&pj->plan, &wanted, live ? live->item : NULL, &q->project->arena);
	json_free(annotations);
	json_free(binding);
	return plan_kind(pj, live ? live->item : NULL, e);
}

int plan_packages(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++)
		if (plan_package(&d->packages.v[i], e) < 0)
			return -1;
	return 0;
}
