/* jobs.h - a deploy under way; for the files of deploy/, and for diff/ */
#ifndef DEPLOY_JOBS_H
#define DEPLOY_JOBS_H
#include "deploy/deploy.h"
#include "deploy/plan.h"
#include "deploy/triggers.h"
#include "deploy/undeploy.h"
#include "pack/refusal.h"
#include "remote/remote.h"

struct package_job {
	struct deploy *deploy;
	struct package *package;
	struct plan_item plan;
	struct json *deployer; /* the annotation; NULL for the default package */
	bool replace;          /* delete what is live first: a binding stays one for ever */
	char *failure;         /* why it could not be written, or NULL */
};

/* A function on its way to the server. */
struct job {
	const char *name; /* "p/f" */
	struct deploy *deploy;
	struct function *function;
	size_t package; /* index of its package_job */
	struct artifact artifact;
	bool packed;              /* artifact holds something */
	struct upload_body *body; /* while it is sent */
	enum remote_how remote;
	struct slice
		slice; /* of one that is built on the platform; then artifact has no code */
	struct plan_item plan;
	struct json *deployer; /* what its annotation says, or will */
	struct json *version; /* of what is live, as the last answer told it; NULL: as listed */
	bool misnoted;        /* the annotation came with another version than it says */
	bool sent;            /* a request that changes it has begun */
	bool told;            /* what became of it */
	bool failed;          /* and told so */

	/* Of a sequence: */
	struct json *components; /* list of "/ns/p/f"; NULL for code */
	size_t level;            /* above those of its components that are sequences */
};

struct deploy {
	const struct deploy_request *q;
	struct deploy_result *result;
	VEC(struct job) jobs;      /* functions with code */
	VEC(struct job) sequences; /* in the project's order */
	VEC(struct package_job) packages;
	struct names names; /* every job */
	struct packer packer;
	struct refusals refused;
	struct trigger_plan triggers;
	struct json *origin; /* once it is asked for */
	struct undeploy_request prune_request;
	struct undeploy prune;  /* what goes, prune.h */
	struct json *host_info; /* for remote builds, while they are under way; or NULL */
	size_t next;            /* job to send next */
	size_t waiting;         /* answers still to come */
	bool idle;              /* waiting == 0, for the loop */
	bool cancelled;
};

/* jobs.c: one for everything in the project. */
void jobs_list(struct deploy *d);
void jobs_release(struct deploy *d);
/* The job of "/ns/p/f" when it is in this project and goes to its namespace; else NULL. */
struct job *job_of_component(const struct deploy *d, struct str component);
/* "p/f" of "/ns/p/f" when ns is the namespace that is deployed to; else NULL. */
const char *component_here(const struct deploy *d, struct str component);
/*
 * Once the plan of the job is decided: its record, which is wanted, becomes the one that is
 * live when that stays, else gets its version.
 */
void job_settle_record(struct job *job);
/* Its record says the version that it will come with, if nobody else writes before. */
void job_note_version(struct job *job, unsigned writes);
/* A write of it is answered. */
void job_take_version(struct job *job, const struct json *answer);
/* What is known of the files, when it is not needed any more; also a second time. */
void job_release_artifact(struct job *job);

/*
 * prepare.c: lists the jobs, builds and reads all of them, decides what each
 * needs, makes the code of those that will be sent, and tells the plan.  Nothing
 * is changed on the server.
 */
int jobs_prepare(struct deploy *d, struct err *e) NODISCARD;

/*
 * prepare_remote.c: which functions are built on the platform, then for each of them
 * its slice and, in the artifact, its digest.
 */
int jobs_choose_remote(struct deploy *d, struct err *e) NODISCARD;
int job_list_slice(struct job *job, struct err *e) NODISCARD;
/* By its plan: a change of nothing but values needs no build. */
bool job_is_built_remotely(const struct job *job);

/*
 * plan_packages.c: what packages need, bindings too.  ERR_PROJECT when a package
 * with functions is live where the project wants a binding.
 */
int plan_packages(struct deploy *d, struct err *e) NODISCARD;
/*
 * plan_sequences.c: what sequences need, and their order.  ERR_PROJECT for one
 * that contains itself, or a function that is nowhere.  Asked before anything is
 * built, since it needs no files.
 */
int plan_sequences(struct deploy *d, struct err *e) NODISCARD;
/* plan_tell.c: the whole plan, once everything is decided. */
void plan_tell(struct deploy *d);
#endif
