/*
 * pythons.h - what the Pythons of this machine are, each asked once
 *
 * Private to build/.  One table for the builds of a run, which all have the
 * same environment.
 */
#ifndef BUILD_PYTHONS_H
#define BUILD_PYTHONS_H
#include "build/job.h"

/* A Python of this machine, as pip.py describes it. */
struct python {
	const char *program; /* its path */
	struct str version;  /* "3.11"; empty when it does not run, as the stand-ins of version
				managers do not */
	struct str system;   /* "linux-x86_64" */
	bool glibc, pip;
	struct str pip_version; /* "pip-23.0.1" */
};

struct question;
struct pythons {
	struct arena arena;
	VEC(struct question *) asked;
};

/*
 * The Python of that path.  NULL when it has to be asked first: `then` comes
 * when the answer is there (ask again for it), or with job->e set to
 * ERR_CANCELLED.
 */
const struct python *pythons_ask(struct job *job, const char *program,
				 void (*then)(struct job *job));
/* No question may be open. */
void pythons_release(struct pythons *p);
/* The program that describes a Python, and runs its pip: pip.py. */
const char *pythons_launcher(void);
#endif
