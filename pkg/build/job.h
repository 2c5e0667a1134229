/*
 * job.h - one build: where it runs, what it sees, and the programs it runs
 *
 * Private to build/.  Builds of several folders go on side by side, so nothing
 * here waits: a builder (shell.h, node.h, virtualenv.h) starts a step, gets
 * called when that is over, and says job_end() when all is done or has failed.
 */
#ifndef BUILD_JOB_H
#define BUILD_JOB_H
#include <sys/types.h>

#include "build/build.h"
#include "proc/proc.h"

struct crew;
struct json;
struct pythons;
struct reuse;
struct reuse_run;

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };

/* A program to run in the folder; the strings live as long as the job. */
struct job_step {
	const char *program;     /* its path */
	const char *const *argv; /* NULL at the end */
	const char *shown;       /* the command for the event: "npm install" */
	const char *subject;     /* of "exited with code 1": "'packages/p/f/build.sh'" */
};

/* The building of a function or of lib/. */
struct job {
	struct loop *loop;
	struct sink *sink;
	struct arena arena;
	int root;            /* the project's */
	const char *real;    /* its absolute path */
	const char *folder;  /* below the root */
	const char *name;    /* in events */
	const char *runtime; /* of the function, or NULL */
	const char *const *env;
	const struct json *given; /* of the variables in env: those listed for builds */
	bool yarn;                /* instead of npm */
	enum build_kind kind;
	struct pythons *pythons; /* what is known of those of this machine */
	void *own;               /* the builder's, from the arena */
	struct reuse_run *reuse_run;
	struct reuse *reuse; /* of reuse.c */
	bool reused;         /* what the build would make is there */
	struct err e;        /* why it failed; clear while all is well */

	struct crew *crew; /* of build.c */
	enum job_state state;
	dev_t dev; /* of the folder */
	ino_t ino;
	void (*on_end)(struct job *job);

	struct job_step step; /* under way */
	void (*then)(struct job *job);
	struct proc *proc;
	struct loop_cancel *cancel;
	uint64_t start; /* clock_monotonic_ms() */
};

/*
 * Runs the program; its output goes to the sink by lines.  `then` comes when it
 * has ended, also when it failed: job->e then has ERR_BUILD with the exit code
 * in status and in the message, or ERR_CANCELLED.  Never from inside this call.
 */
void job_run(struct job *job, const struct job_step *step, void (*then)(struct job *job));
/* The build is over; job->e says how.  on_end comes soon, not from inside this call. */
void job_end(struct job *job);

/* The path of a program in the build's PATH, or NULL; the caller frees. */
char *job_find(const struct job *job, const char *program) NODISCARD;
/* ERR_BUILD: `what` ("packages/p/f/build.sh") needs the program; with how to get it. Returns
 * -1. */
int job_fail_missing(const char *what, const char *program, struct err *e);
#endif
