/*
 * scan.h - from a folder to a project: walk packages/ and lib/, read
 * project.yml, merge both
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H
#include "project/project.h"

/* What a caller asks for; all zero: the whole project with its own .env. */
struct scan_options {
	const char *env_file;       /* --env: a path for open(); NULL: .env below the root, if
				       there is one */
	const char *build_env_file; /* --build-env: a path for open(), or NULL */
	/* "pkg" or "pkg/fn" ("default/fn"), NULL at the end; NULL: everything, nothing */
	const char *const *include, *const *exclude;
	bool no_triggers;         /* read them, but leave them out */
	const char *const *kinds; /* runtimes of the connected host, NULL at the end; NULL: the
				     built-in table */
};

/*
 * Reads the project at dir into *p (initialised by the caller, released by
 * it also after a failure).  Everything wrong with the user's files is a
 * finding in d, all in one run; -1 only when there is nothing to read at all
 * (no such folder, not a folder, unreadable, neither packages/ nor a
 * configuration with packages: ERR_PROJECT), with *e saying so.
 * Rules: functions.md 1.7 (merge: project.yml wins key by key), 2.1, 2.2.
 *
 * A file in a package folder that is no function (README.md, .env) is left
 * out with a note; one whose extension says nothing is a function when
 * project.yml gives a function of its name a runtime.  Folders beginning with
 * a '.' and __pycache__ are neither packages nor functions.  ${NAME} takes its
 * value from the process's environment, else from the file of o->env_file.  A folder
 * that cannot be read is one finding; the rest is read.
 *
 * The key `file` goes before files in packages/.  Functions that `include` and
 * `exclude` leave out are not in *p; of them only what is wrong with their
 * entries in project.yml is found.  `include` wins for a function that it names,
 * otherwise `exclude` does (functions.md 2.2); no name means anything special.
 */
int scan_project(const char *dir, const struct scan_options *o, struct project *p,
		 struct diags *d, struct err *e) NODISCARD;
#endif
