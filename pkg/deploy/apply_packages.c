#include "deploy/apply.h"
#include "deploy/body.h"

static void tell_failed(struct package_job *pj, const char *why)
{
	const struct event ev = {.type = EVENT_PACKAGE_FAILED,
				 .function = pj->package->name,
				 .text = str_of(why)};

	pj->failure = xstrdup(why);
	sink_emit(pj->deploy->q->sink, &ev);
}

static void package_put(void *arg, struct json *answer UNUSED, struct err *failure)
{
	struct package_job *pj = arg;
	const struct event ev = {.type = EVENT_PACKAGE, .function = pj->package->name};

	apply_answered(pj->deploy, failure);
	if (!failure)
		sink_emit(pj->deploy->q->sink, &ev);
	else if (failure->code != ERR_CANCELLED)
		tell_failed(pj, failure->msg);
}

static void put_package(struct package_job *pj)
{
	const struct deploy_request *q = pj->deploy->q;
	struct json *body = package_body(q->project, pj->package, q->namespace, pj->deployer);

	apply_sent(pj->deploy);
	whisk_put_package(q->whisk, pj->package->name, body, package_put, pj);
	json_free(body);
}

static void package_deleted(void *arg, struct json *answer UNUSED, struct err *failure)
{
	struct package_job *pj = arg;

	if (!failure || failure->status == 404)
		put_package(pj);
	else if (failure->code != ERR_CANCELLED)
		tell_failed(pj, failure->msg);
	apply_answered(pj->deploy, failure);
}

static void write_package(struct package_job *pj)
{
	struct err e = ERR_INIT;

	if (!pj->replace) {
		put_package(pj);
		return;
	}
	apply_sent(pj->deploy);
	if (whisk_delete_package(pj->deploy->q->whisk, pj->package->name, package_deleted, pj,
				 &e) < 0) {
		tell_failed(pj, e.msg);
		apply_answered(pj->deploy, &e);
	}
	err_clear(&e);
}

static int write_packages(struct deploy *d, bool bindings, struct err *e)
{
	size_t i;

	for (i = 0; i < d->packages.n; i++) {
		struct package_job *pj = &d->packages.v[i];

		if (pj->plan.action != PLAN_UNCHANGED &&
		    (pj->package->binding.name != NULL) == bindings)
			write_package(pj);
	}
	return apply_wait(d, e);
}

int apply_packages(struct deploy *d, struct err *e)
{
	return write_packages(d, false, e);
}

int apply_bindings(struct deploy *d, struct err *e)
{
	return write_packages(d, true, e);
}
