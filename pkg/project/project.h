/*
 * project.h - the model of a functions project: plain data, no I/O
 *
 * Built by config/ (what project.yml says) and scan/ (what lies on disk), used
 * by everything after them.  All memory belongs to project->arena except JSON
 * trees, which project_release() frees.  Sources of the rules: functions.md 1.3
 * to 1.7 (keys, merge), 2.1 and 2.2 (folders).
 */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "diag/diag.h"

struct json;

enum web_mode { WEB_UNSET, WEB_NO, WEB_YES, WEB_RAW };

struct function_limits {
	/* 0 = not set */
	int64_t timeout_ms; /* 100 to 900000 */
	int64_t memory_mb;  /* 128 to 1024 */
	int64_t logs_kb;    /* 1 to 256 */
	bool given;         /* a limits clause was there, even an empty one */
};

enum source_kind {
	SOURCE_NONE,   /* only in project.yml */
	SOURCE_FILE,   /* packages/p/f.py */
	SOURCE_FOLDER, /* packages/p/f/ */
};

struct function {
	const char *name;
	const struct package *package;
	struct pos pos;           /* of its entry in project.yml; line 0 when it has none */
	const char *runtime;      /* kind as written ("python:3.11"), or NULL: from the files */
	const char *main;         /* entry function, or NULL: the runtime's own */
	enum web_mode web;        /* WEB_UNSET: the package's, else yes */
	const char *web_secure;   /* secret for X-Require-Whisk-Auth, or NULL */
	struct json *parameters;  /* object, or NULL */
	struct json *environment; /* object of strings, or NULL */
	struct json *annotations; /* object, or NULL */
	struct function_limits limits;
	enum source_kind source_kind;
	const char *source; /* path below the root: "packages/p/f" or "packages/p/f.py"; NULL
			       for SOURCE_NONE */
	bool binary;        /* a single .zip: sent as it is, base64 */
};

struct package {
	const char *name; /* "default": functions without a package */
	struct pos pos;
	bool on_disk;
	bool shared;
	enum web_mode web;
	struct json *parameters, *environment, *annotations;
	VEC(struct function *)
	functions; /* file system order, then those only in project.yml */
};

struct project {
	struct arena arena;
	const char *root;          /* as the user gave it; for messages */
	const char *real;          /* absolute, links resolved */
	int root_fd;               /* owned; -1 before scan */
	struct diag_source config; /* text NULL when there is no project.yml */
	struct json *parameters, *environment;
	VEC(struct package *) packages; /* file system order, then those only in project.yml */
	bool has_lib;                   /* lib/ is a directory */
	VEC(const char *) strays;       /* paths below the root that nothing uses */
};

void project_init(struct project *p);
void project_release(struct project *p);
/* By name; NULL when there is none. */
struct package *project_package(const struct project *p, const char *name);
struct function *package_function(const struct package *pkg, const char *name);
/* New ones at the end; name is copied. */
struct package *project_add_package(struct project *p, const char *name);
struct function *package_add_function(struct project *p, struct package *pkg, const char *name);
bool package_is_default(const struct package *pkg);
/* "p/f", or "f" in the default package: the name on the platform. In the project's arena. */
const char *function_full_name(struct project *p, const struct function *f);
/* With the package's value and the default applied: WEB_NO, WEB_YES or WEB_RAW. */
enum web_mode function_web(const struct function *f);
size_t project_function_count(const struct project *p);
/*
 * The platform's grammar of entity names (platform.md 1.3): 1 to 256
 * characters: letters, digits and "_"; behind the first one also "@ . & -" and
 * spaces, but no space at the end.
 */
bool name_is_valid(struct str name);
#endif
