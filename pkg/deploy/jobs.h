/* jobs.h - a deploy under way; for the files of deploy/ only */
#ifndef DEPLOY_JOBS_H
#define DEPLOY_JOBS_H
#include "deploy/deploy.h"
#include "deploy/plan.h"
#include "pack/pack.h"
#include "remote/remote.h"

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
	enum remote_how remote;
	struct slice
		slice; /* of one that is built on the platform; then artifact has no code */
	struct plan_item plan;
	struct json *deployer;
	bool failed; /* and told so */
};

struct deploy {
	const struct deploy_request *q;
	struct deploy_result *result;
	VEC(struct job) jobs; /* functions with code */
	VEC(struct package_job) packages;
	struct json *origin;
	struct json *host_info; /* for remote builds, while they are under way; or NULL */
	size_t next;            /* job to send next */
	size_t waiting;         /* answers still to come */
	bool idle;              /* waiting == 0, for the loop */
	bool cancelled;
};

/* jobs.c: one for everything in the project. */
void jobs_list(struct deploy *d);
void jobs_release(struct deploy *d);
/* Memory of the code that is not needed any more; also a second time. */
void job_release_artifact(struct job *job);

/*
 * prepare.c: lists the jobs, builds and packs all of them, decides what each
 * needs and tells the plan.  Nothing is changed on the server.
 */
int jobs_prepare(struct deploy *d, struct err *e) NODISCARD;

/*
 * prepare_remote.c: which functions are built on the platform, then for each of them
 * its slice and, in the artifact, its digest.
 */
int jobs_choose_remote(struct deploy *d, struct err *e) NODISCARD;
int job_list_slice(struct job *job, struct err *e) NODISCARD;

/* plan_packages.c: what packages need, bindings too. */
void plan_packages(struct deploy *d);
/* plan_tell.c: the whole plan, once everything is decided. */
void plan_tell(struct deploy *d);
#endif
