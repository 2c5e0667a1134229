/*
 * build.h - choose and run the build of a function folder
 *
 * Runs in the function's folder, as users' scripts expect (functions.md 2.8).
 * Output goes to the sink line by line.  The environment is the user's without
 * credentials (DIGITALOCEAN_*, AWS_*, *_TOKEN, ...: the table in environment.c)
 * plus PIP_NO_COMPILE=0 and the project's build_environment.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H
#include "events/events.h"
#include "loop/loop.h"
#include "project/project.h"

enum build_kind {
	BUILD_NONE,
	BUILD_SCRIPT, /* build.sh */
	BUILD_NODE,   /* package.json that npm has something to do for */
	BUILD_PYTHON, /* requirements.txt or pyproject.toml that names packages */
};

struct build_options {
	bool yarn;                   /* instead of npm */
	const char *const *pass_env; /* variables to hand over although they look like
					credentials; NULL at the end, or NULL */
};

/* What the builds of one run have in common. */
struct build {
	struct loop *loop;
	struct project *project;
	struct sink *sink;
	struct build_options options;
};

/*
 * What the folder asks for: the first of the kinds above, in their order.
 * runtime is the function's, or NULL.  ERR_PROJECT for build.cmd without
 * build.sh, and for a package.json that is not JSON.
 */
int build_choose(int root, const char *folder, const char *runtime, enum build_kind *kind,
		 struct err *e) NODISCARD;

/*
 * Builds f when it needs it; lib/ is built by build_lib().  ERR_BUILD with the
 * exit code in status and in the message; ERR_CANCELLED.
 *
 * build.sh runs through what its first line names, else bash, also without
 * execute bit or with CRLF line ends (a note says so); the file stays as it is.
 * Before it starts, what it plainly needs (its interpreter; `virtualenv`, `pip`,
 * the runtime's Python when the script calls them) is looked up, and what is
 * missing is named together with the command that gets it.
 * Packages of npm and of Python: node.h and virtualenv.h.
 */
int build_function(const struct build *b, const struct function *f, struct err *e) NODISCARD;
/*
 * lib/build.sh or lib/package.json, once per run, before any function; "lib" in
 * its events.  Nothing to do without one.
 */
int build_lib(const struct build *b, struct err *e) NODISCARD;
#endif
