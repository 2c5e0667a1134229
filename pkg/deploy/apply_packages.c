#include "deploy/apply.h"
#include "deploy/body.h"

static void package_put(void *arg, struct json *answer UNUSED, struct err *failure)
{
	struct package_job *pj = arg;
	struct event ev = {.type = EVENT_PACKAGE, .function = pj->package->name};

	apply_answered(pj->deploy, failure);
	if (failure)
		pj->failure = xstrdup(failure->msg);
	else
		sink_emit(pj->deploy->q->sink, &ev);
}

static void put_package(struct deploy *d, struct package_job *pj)
{
	struct json *body = package_body(d->q->project, pj->package, pj->deployer);

	apply_sent(d);
	whisk_put_package(d->q->whisk, pj->package->name, body, package_put, pj);
	json_free(body);
}

int apply_packages(struct deploy *d, struct err *e)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++)
		if (d->packages.v[i].plan.action != PLAN_UNCHANGED)
			put_package(d, &d->packages.v[i]);
	return apply_wait(d, e);
}
