/*
 * installer.h - which pip or uv of this machine installs for the platform; private to build/
 */
#ifndef BUILD_INSTALLER_H
#define BUILD_INSTALLER_H
#include "build/job.h"

/* The Python that packages are for. */
struct python_target {
	const char *version; /* "3.11" */
	unsigned glibc;      /* of the runtime's image: the minor version of glibc 2 */
};

struct installer {
	const char *program; /* path of a Python with pip, or of uv */
	bool is_uv;
	/* The machine has the target's Python and system: packages without a wheel can be
	 * built. */
	bool native;
	/* The machine's system is the target's, so that its Python could be installed. */
	bool same_system;
	const char *here; /* what the Python found is: "Python 3.13 on macosx-14-arm64" */
};

/* From the job's arena. ERR_BUILD when there is none; ERR_CANCELLED. */
int installer_find(struct installer *in, struct job *job, const struct python_target *target,
		   struct err *e) NODISCARD;
/* Installs what `file` of the folder names into `into`, a path below the folder. */
int installer_run(const struct installer *in, struct job *job,
		  const struct python_target *target, const char *file, const char *into,
		  struct err *e) NODISCARD;
#endif
