/*
 * installer.h - which pip or uv of this machine installs for the platform; private to build/
 */
#ifndef BUILD_INSTALLER_H
#define BUILD_INSTALLER_H
#include "build/target.h"

struct installer {
	struct python_target target;
	const char *program; /* path of a Python with pip, or of uv */
	bool is_uv;
	/* The machine has the target's Python and system: packages without a wheel can be
	 * built. */
	bool native;
	/* The machine's system is the target's, so that its Python could be installed. */
	bool same_system;
	const char *version; /* of pip, or which file uv is; for telling two apart */
	const char *here;    /* what the Python found is: "Python 3.13 on macosx-14-arm64" */
};

/*
 * Fills *in, whose target is set, from the job's arena.  False when a Python
 * has to be asked first: `then` comes when this can be called again.  True:
 * done, with job->e set (ERR_BUILD) when there is none.
 */
bool installer_find(struct installer *in, struct job *job, void (*then)(struct job *job));
/*
 * Installs what `file` of the folder names into `into`, a path below the folder; `then` as
 * that of job_run().
 */
void installer_run(const struct installer *in, struct job *job, const char *file,
		   const char *into, void (*then)(struct job *job));
#endif
