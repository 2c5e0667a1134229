/*
 * seen.h - what a build sees besides files of the project; private to build/
 */
#ifndef BUILD_SEEN_H
#define BUILD_SEEN_H
#include "build/job.h"
#include "build/ledger.h"

/*
 * Every variable but those of a terminal or a login session, which differ from one window to
 * the next and which no build means.
 */
void seen_variables(struct ledger *r, const char *const *env);
/* Those that match one of the patterns ("PIP_*"; NULL at the end), and those of `more` (the
 * project's build environment, or NULL). */
void seen_variables_of(struct ledger *r, const char *const *env, const char *const *patterns,
		       const struct json *more);
/* Which file each of the programs is (NULL at the end): its place, size and time. */
void seen_tools(struct ledger *r, const struct job *job, const char *const *names);
/* The same for a path. */
void seen_tool(struct ledger *r, const char *name, const char *path);
/* A file of the machine, by its absolute path; nothing when it is not there. */
void seen_file(struct ledger *r, const char *path);
/* `name` in $HOME and in $XDG_CONFIG_HOME or ~/.config. */
void seen_home_file(struct ledger *r, const char *const *env, const char *name);
void seen_config_file(struct ledger *r, const char *const *env, const char *name);
/* What version managers choose by, in the folders from the function's up to the top. */
void seen_version_files(struct ledger *r, const struct job *job);
/* The function's, for what a build makes for it. */
void seen_runtime(struct ledger *r, const struct job *job);
/* The machine's system and processor. */
void seen_system(struct ledger *r);
#endif
