/*
 * job.h - one build: where it runs, what it sees, and the programs it runs
 *
 * Private to build/.
 */
#ifndef BUILD_JOB_H
#define BUILD_JOB_H
#include "build/build.h"
#include "proc/proc.h"

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
	bool yarn; /* instead of npm */
	struct proc *proc;
	struct proc_end end;
	bool done;
};

/* A program to run in the folder. */
struct job_step {
	const char *program;     /* its path */
	const char *const *argv; /* NULL at the end */
	const char *shown;       /* the command for the event: "npm install" */
	const char *subject;     /* of "exited with code 1": "'packages/p/f/build.sh'" */
};

/*
 * Runs it to its end; its output goes to the sink by lines.  ERR_BUILD with the
 * exit code in status and in the message; ERR_CANCELLED.
 */
int job_run(struct job *job, const struct job_step *step, struct err *e) NODISCARD;
/* The path of a program in the build's PATH, or NULL; the caller frees. */
char *job_find(const struct job *job, const char *program) NODISCARD;
/* ERR_BUILD: `what` ("packages/p/f/build.sh") needs the program; with how to get it. Returns
 * -1. */
int job_fail_missing(const char *what, const char *program, struct err *e);
#endif
