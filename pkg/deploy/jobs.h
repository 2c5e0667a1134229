/* jobs.h - a deploy under way; for the files of deploy/ only */
#ifndef DEPLOY_JOBS_H
#define DEPLOY_JOBS_H
#include "deploy/deploy.h"
#include "deploy/plan.h"
#include "pack/pack.h"

struct package_job {
	struct deploy *deploy;
	struct package *package;
	struct plan_item plan;
	struct json *deployer; /* the annotation; NULL for the default package */
	char *failure;         /* why it could not be written, or NULL */
};

/* A function on its way to the server. */
struct job {
	struct deploy *deploy;
	struct function *function;
	const char *name; /* "p/f" */
	size_t package;   /* index of its package_job */
	struct artifact artifact;
	bool packed;
	struct plan_item plan;
	struct json *deployer;
};

struct deploy {
	const struct deploy_request *q;
	struct deploy_result *result;
	VEC(struct job) jobs;
	VEC(struct package_job) packages;
	struct json *origin;
	size_t next;    /* job to send next */
	size_t waiting; /* answers still to come */
	bool idle;      /* waiting == 0, for the loop */
	bool cancelled;
};

/*
 * prepare.c: lists the jobs, builds and packs all of them, decides what each
 * needs and tells the plan.  Nothing is changed on the server.
 */
int jobs_prepare(struct deploy *d, struct err *e) NODISCARD;
/* Memory of the code that is not needed any more; also a second time. */
void job_release_artifact(struct job *job);
#endif
