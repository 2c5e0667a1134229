/*
 * requirements.h - what Python packages a folder asks for; private to build/
 *
 * requirements.txt, or the dependencies of [project] in pyproject.toml.  Read
 * only as far as needed to tell whether anything is asked for, and whether it
 * is still the same: pip reads the rest.
 */
#ifndef BUILD_REQUIREMENTS_H
#define BUILD_REQUIREMENTS_H
#include "base/err.h"
#include "base/hash.h"

struct requirements {
	const char
		*file; /* "requirements.txt", "pyproject.toml", or NULL: nothing to install */
	/* SHA-256 over the file and those that it names with -r and -c. */
	unsigned char digest[SHA256_SIZE];
	/* Something that may have changed is not in the digest: packages in folders of the
	 * user's, files that are not there. */
	bool has_local;
	/* How pyproject.toml names packages otherwise, which nobody installs here: "dynamic"
	 * or "[tool.poetry.dependencies]"; else NULL. */
	const char *unread;
};

/* ERR_PROJECT, ERR_SYSTEM for what cannot be read. */
int requirements_read(struct requirements *r, int root, const char *folder,
		      struct err *e) NODISCARD;
#endif
