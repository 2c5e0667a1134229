/*
 * build.h - choose and run the build of a function folder
 *
 * Runs in the function's folder, as users' scripts expect (functions.md 2.8).
 * Output goes to the sink line by line.  The environment is the user's without
 * cloud credentials (DO_API_KEY, DIGITALOCEAN_*, DOFN_AUTH, AWS_*, ...: the
 * table in environment.c) plus PIP_NO_COMPILE=0 and the project's build_environment.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H
#include "events/events.h"
#include "loop/loop.h"
#include "project/project.h"

enum build_kind {
	BUILD_NONE,
	BUILD_SCRIPT, /* build.sh */
};

/* What the folder asks for. ERR_PROJECT for build.cmd without build.sh, and for package.json
 * (npm builds are not supported yet). */
int build_choose(int root, const char *folder, enum build_kind *kind, struct err *e) NODISCARD;

/*
 * Builds f when it needs it; lib/ is built by build_lib().  build.sh runs
 * through what its first line names, else bash, also without execute bit or
 * with CRLF line ends (a note says so); the file stays as it is.  Before it
 * starts, what it plainly needs (its interpreter; `virtualenv`, `pip`, the
 * runtime's Python when the script calls them) is looked up, and what is
 * missing is named together with the Debian package that has it.
 * ERR_BUILD with the exit code in status and in the message; ERR_CANCELLED.
 */
int build_function(struct loop *l, struct project *p, const struct function *f,
		   struct sink *sink, struct err *e) NODISCARD;
/*
 * lib/build.sh, once per deploy, before any function; "lib" in its events.
 * Nothing to do without one.
 */
int build_lib(struct loop *l, struct project *p, struct sink *sink, struct err *e) NODISCARD;
#endif
