/* triggers.h - the triggers of a deploy under way; for the files of deploy/, and for diff/ */
#ifndef DEPLOY_TRIGGERS_H
#define DEPLOY_TRIGGERS_H
#include "deploy/live_triggers.h"
#include "deploy/plan.h"

struct deploy;
struct job;

/* A function of the project that has triggers, or had. */
struct trigger_owner {
	const char *name; /* "p/f" */
	struct deploy *deploy;
	struct job *job;
	/*
	 * Names for its record (live_triggers.h): those of the project, and those that
	 * are live and to be deleted.  A name is there before the trigger is, and as
	 * long as it is, so that none is forgotten whenever a deploy ends.
	 */
	struct json *marks;
	const struct json *on_server; /* marks that the record has now; NULL: none */
	struct json *last;            /* what `marks` is to become at the end */
	char *failure;                /* why the record could not be written, or NULL */
};

struct trigger_job {
	const char *name;
	struct deploy *deploy;
	struct trigger_owner *owner;     /* of the function that it calls, or called */
	const struct trigger *trigger;   /* NULL: it is to be deleted */
	const struct live_trigger *live; /* or NULL */
	bool moves;                      /* to another function: only a new one can */
	struct plan_item plan;
	bool done, told;
};

struct trigger_plan {
	VEC(struct trigger_owner *) owners;
	VEC(struct trigger_job *) jobs;
	VEC(const struct live_trigger *) extra; /* of the project's functions, made by hand */
	struct names owner_names, job_names;
};

/*
 * plan_triggers.c, after the functions are decided.  ERR_PROJECT when a name is
 * taken by a trigger of somebody else's function.
 */
int plan_triggers(struct deploy *d, struct err *e) NODISCARD;
void plan_triggers_tell(struct deploy *d);
void plan_triggers_release(struct deploy *d);

/* trigger_marks.c: what the records of the functions say; all of it is pure. */
void trigger_marks_plan(struct trigger_owner *o);
/* The function's record has not all names of o->marks yet. */
bool trigger_marks_missing(const struct trigger_owner *o);
/* Sets o->last; true when the record has to be written once more. */
bool trigger_marks_finish(struct trigger_owner *o);
/* Appends the body that writes marks, and nothing else, to the record. */
void trigger_marks_body(const struct trigger_owner *o, const struct json *marks,
			struct strbuf *out);
#endif
