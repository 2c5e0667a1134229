/*
 * project.h - the model of a functions project: plain data, no I/O
 *
 * Built by config/ (what project.yml says) and scan/ (what lies on disk), used
 * by everything after them.  What --include and --exclude leave out is not in
 * it.  All memory belongs to project->arena except JSON trees, which
 * project_release() frees.  Sources of the rules: functions.md 1.3
 * to 1.7 (keys, merge), 2.1 and 2.2 (folders).
 */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "diag/diag.h"
#include "project/names.h"

struct json;

enum web_mode { WEB_UNSET, WEB_NO, WEB_YES, WEB_RAW };

struct function_limits {
	/* 0 = not set */
	int64_t timeout_ms; /* 100 to 900000 */
	int64_t memory_mb;  /* 128 to 1024 */
	int64_t logs_kb;    /* 1 to 256 */
	bool given;         /* a limits clause was there, even an empty one */
};

/* What the platform takes for those that are not set (functions.md 1.5). */
enum { LIMIT_TIMEOUT_MS = 3000, LIMIT_MEMORY_MB = 256, LIMIT_LOGS_KB = 16 };

enum source_kind {
	SOURCE_NONE,   /* only in project.yml */
	SOURCE_FILE,   /* packages/p/f.py */
	SOURCE_FOLDER, /* packages/p/f/ */
};

/* A schedule that calls a function. */
struct trigger {
	const char *name; /* of one trigger in the whole namespace */
	const struct function *function;
	struct pos pos; /* of its entry */
	bool enabled;
	const char *cron;  /* five numeric fields, in UTC: "0,30 * 1-5 * 0" */
	struct json *body; /* object that the function gets, or NULL */
};

enum { PROJECT_MAX_SEQUENCE = 50 }; /* members (platform.md 1.3) */

/* A member of a sequence. */
struct component {
	const char *name; /* as written: "f" (of no package), "p/f", "/ns/p/f" */
	struct pos pos;
	bool filled_in; /* from a placeholder: no text for messages */
};

/* Where keys of a function stand in project.yml; line 0 = nowhere. */
struct function_places {
	struct pos runtime, main, binary, file, docker, sequence, remote_build, local_build;
};

struct function {
	const char *name;
	const struct package *package;
	struct pos pos; /* of its entry in project.yml; line 0 when it has none */
	struct function_places at;
	const char *runtime;      /* kind as written ("python:3.11"), or NULL: from the files */
	const char *main;         /* entry function, or NULL: the runtime's own */
	enum web_mode web;        /* WEB_UNSET: the package's, else yes */
	const char *web_secure;   /* secret for X-Require-Whisk-Auth, or NULL */
	struct json *parameters;  /* object, or NULL */
	struct json *environment; /* object of strings, or NULL */
	struct json *annotations; /* object, or NULL */
	struct function_limits limits;
	VEC(struct trigger *) triggers; /* without those that --no-triggers drops */
	VEC(struct component) sequence; /* not empty: no code, but these one after another */
	const char *docker;             /* image that runs the code, or NULL */
	const char *file;               /* the key `file` as written, or NULL */
	bool file_filled_in;            /* from a placeholder: no text for messages */
	bool remote_build, local_build; /* asked for; never both */
	enum source_kind source_kind;
	const char *source; /* path below the root: "packages/p/f", "packages/p/f.py" or what
			       `file` names; NULL for SOURCE_NONE */
	bool empty;         /* its folder has no files, which is a finding */
	bool binary;        /* a single .zip: sent as it is, base64 */
};

/* The package that another one stands for. */
struct binding {
	const char *namespace, *name; /* both NULL: none */
	struct pos pos;               /* of the key */
};

struct package {
	const char *name; /* "default": functions without a package */
	struct pos pos;
	struct binding binding; /* with one, no functions */
	bool on_disk;
	bool shared;
	enum web_mode web;
	struct json *parameters, *environment, *annotations;
	VEC(struct function *)
	functions; /* file system order, then those only in project.yml */
	struct names function_names;
};

/* The key targetNamespace: one name for all, or one for each of two uses. */
struct target_namespace {
	const char *name, *production, *test; /* NULL: not given */
	struct pos pos;                       /* of the key; line 0 when there is none */
};

struct project {
	struct arena arena;
	const char *root;          /* as the user gave it; for messages */
	const char *real;          /* absolute, links resolved */
	int root_fd;               /* owned; -1 before scan */
	struct diag_source config; /* text NULL when there is no project.yml */
	struct json *parameters, *environment;
	struct target_namespace target;
	VEC(struct package *) packages; /* file system order, then those only in project.yml */
	struct names package_names;
	struct names trigger_names;
	struct json
		*build_environment;   /* object of strings for builds (--build-env), or NULL */
	bool has_lib;                 /* lib/ is a directory */
	VEC(const char *) strays;     /* paths below the root that nothing uses */
	VEC(const char *) read_files; /* paths below the root that placeholders name */
	bool no_verify;               /* files are packed without verify_function() */
	bool no_bytecode; /* ... and without bytecode that nobody made (bytecode.h) */
	/* names in placeholders of project.yml without a value ("X", "<path"), in order */
	VEC(const char *) unresolved;
	size_t unknown_runtimes; /* findings about the key `runtime` */
};

void project_init(struct project *p);
void project_release(struct project *p);
/* By name, in logarithmic time; NULL when there is none. */
struct package *project_package(const struct project *p, const char *name);
struct function *package_function(const struct package *pkg, const char *name);
/* New ones at the end; name is copied.  Of equal names the first one is found by name. */
struct package *project_add_package(struct project *p, const char *name);
struct function *package_add_function(struct project *p, struct package *pkg, const char *name);
/* NULL when there is a trigger of that name anywhere in the project. */
struct trigger *function_add_trigger(struct project *p, struct function *f, const char *name);
/*
 * Whether something stays in the model: asked for every function, then with f
 * NULL for its package, which takes what it has along.
 */
typedef bool project_keep_fn(void *arg, const struct package *pkg, const struct function *f);
/* Drops and frees the rest; what stays keeps its order. */
void project_filter(struct project *p, project_keep_fn *keep, void *arg);
/* As if no function had one. */
void project_drop_triggers(struct project *p);
bool package_is_default(const struct package *pkg);
/* "p/f", or "f" in the default package: the name on the platform. In the project's arena. */
const char *function_full_name(struct project *p, const struct function *f);
/* With the package's value and the default applied: WEB_NO, WEB_YES or WEB_RAW. */
enum web_mode function_web(const struct function *f);
/* True for a function that is a list of others and has no code. */
bool function_is_sequence(const struct function *f);
size_t project_function_count(const struct project *p);
size_t project_trigger_count(const struct project *p);
/*
 * The platform's grammar of entity names (platform.md 1.3): 1 to 256
 * characters: letters, digits and "_"; behind the first one also "@ . & -" and
 * spaces, but no space at the end.
 */
bool name_is_valid(struct str name);
#endif
