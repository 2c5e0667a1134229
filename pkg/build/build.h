/*
 * build.h - choose and run the builds of function folders
 *
 * Each runs in the function's folder, as users' scripts expect (functions.md 2.8).
 * Output goes to the sink line by line; that of builds side by side is mixed.  The environment
 * is the user's without credentials (DIGITALOCEAN_*, AWS_*, *_TOKEN, ...: the table in
 * environment.c) plus PIP_NO_COMPILE=0 and the project's build_environment.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H
#include "base/hash.h"
#include "events/events.h"
#include "loop/loop.h"
#include "project/project.h"

enum build_kind {
	BUILD_NONE,
	BUILD_SCRIPT, /* build.sh */
	BUILD_NODE,   /* package.json that npm has something to do for */
	BUILD_PYTHON, /* requirements.txt or pyproject.toml that names packages */
};

enum { BUILD_JOBS_MAX = 256 };

struct build_options {
	unsigned jobs; /* builds at once, at most BUILD_JOBS_MAX; 0: one for each processor */
	bool yarn;     /* instead of npm */
	bool no_cache; /* build also what is known; keep what was made */
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
 * Builds lib/, when it has something to build ("lib" in its events), then those
 * of the n functions that need it, up to options.jobs of them at once; two that
 * are the same folder one after the other.
 *
 * After a failure nothing new starts.  What runs goes on to its end: a build
 * that is killed leaves half of its files to the next one, and what else is
 * wrong comes out in the same run.  One failure is returned as it is: ERR_BUILD
 * with the exit code in status and in the message, or ERR_PROJECT, ERR_SYSTEM.
 * Of several each is told as EVENT_FAILED, in the order of fs, and the code is
 * that of the first.  ERR_CANCELLED: every build and its children were ended.
 *
 * build.sh runs through what its first line names, else bash, also without
 * execute bit or with CRLF line ends (a note says so); the file stays as it is.
 * Before it starts, what it plainly needs (its interpreter; `virtualenv`, `pip`,
 * the runtime's Python when the script calls them) is looked up, and what is
 * missing is named together with the command that gets it.
 * Packages of npm and of Python: node.h and virtualenv.h.
 *
 * What a build made is kept in the cache ($DOFN_CACHE, cache.h) by everything that it saw, and
 * is not made again where it would see the same: EVENT_BUILD_REUSED.
 */
int build_all(const struct build *b, const struct function *const *fs, size_t n,
	      struct err *e) NODISCARD;

/* Whether a function would be built now, and why. */
enum build_state {
	BUILD_IN_PLACE, /* no: nothing changed since the last time */
	BUILD_STORED,   /* no: the cache has what it would make */
	BUILD_NEEDED,
};

struct build_why {
	bool has_build; /* there is something to build; else nothing of the following is set */
	char key[SHA256_HEX]; /* of what it would be in the cache */
	enum build_state state;
	bool known;          /* it was built here before */
	bool ended;          /* ... and that came to its end */
	const char *why_not; /* what the last build made is not reused, or NULL */
	/* What changed since the last build, NULL at the end: "+file x.py" is new, "-variable
	 * X" gone, "~tool npm" another. Names, never values. */
	const char *const *changes;
};
/* Builds nothing: -1 where the cache or the folder cannot be read. The strings are from the
 * project's arena. */
int build_find_why(const struct build *b, const struct function *f, struct build_why *why,
		   struct err *e) NODISCARD;
#endif
