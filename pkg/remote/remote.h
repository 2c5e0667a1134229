/*
 * remote.h - building a function on the platform: what goes there, and how
 *
 * A slice is a zip of what one function needs to be built, with a project.yml
 * of its own that is encrypted, since it holds credentials (functions.md 2.10,
 * platform.md 5).  The builder that gets it builds the function and deploys it
 * in the caller's name.
 *
 *	remote_choose()          is it built there?
 *	slice_list()             what of it goes there, and its digest
 *	slice_write()            the zip
 *	remote_start()           upload, build, answer
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H
#include "base/cipher.h"
#include "base/hash.h"
#include "events/events.h"
#include "filter/filter.h"
#include "loop/loop.h"
#include "project/project.h"
#include "whisk/whisk.h"
#include "json/json.h"

enum remote_how {
	REMOTE_NO,     /* built here, or not at all */
	REMOTE_OWN,    /* by its build.sh or package.json */
	REMOTE_PYTHON, /* requirements.txt alone: the slice gets a build.sh that installs them
			*/
	REMOTE_GO, /* sources of Go alone: the slice gets a build.sh for the builder's own */
};

enum {
	REMOTE_BUILD_MS = 120000,           /* what the platform gives a build */
	SLICE_MAX_BYTES = 64 * 1024 * 1024, /* of the zip */
};

/* Which namespace the builder's functions are in. */
#define REMOTE_NAMESPACE "nimbella"

/*
 * Where f is built (functions.md 2.10): there, when it has something to build
 * and asks for it by remoteBuild, or `all` is set and it does not say
 * localBuild; and sources of Go without a build.  ERR_PROJECT as build_choose().
 */
int remote_choose(const struct project *p, const struct function *f, bool all,
		  enum remote_how *how, struct err *e) NODISCARD;

/* A file of a slice. */
struct slice_file {
	const char *name; /* in the slice */
	const char *path; /* below the project's root, or NULL: */
	struct str data;  /* what it holds */
	bool executable;
	uint64_t size;
};

struct slice {
	struct project *project;
	const struct function *function;
	VEC(struct slice_file) files; /* sorted by name; without project.yml */
	VEC(const char *) notes;      /* warnings for the user */
	const char *runtime;          /* kind: the function's, else from its files */
	char digest[SHA256_HEX];      /* of names, modes and contents */
	uint64_t bytes;               /* of contents */
};

/*
 * Texts are in the project's arena.  ERR_PROJECT as filter_sources(); no
 * runtime to be told; no requirements.txt for REMOTE_PYTHON.  After a failure
 * *s holds nothing.
 */
int slice_list(struct project *p, const struct function *f, enum remote_how how,
	       struct slice *s, struct err *e) NODISCARD;
void slice_release(struct slice *s); /* also a second time */

/* In whose name the builder deploys. */
struct slice_owner {
	const char *namespace, *api_host, *auth;
};

/*
 * project.yml, before it is encrypted: JSON, which is YAML.  Of the project only the function
 * is in it, with its values; those of its package are the package's.  No "$" is in
 * its text, so that nothing in a value is taken for a placeholder.
 */
void slice_configuration(const struct slice *s, const struct slice_owner *owner,
			 struct strbuf *out);
/* JSON text as the text of a project.yml in which nothing is a placeholder: without a "$". */
void slice_add_json(struct strbuf *out, struct str text);
/*
 * The whole zip; key gets 64 digits.  ERR_PROJECT when it would be larger than
 * SLICE_MAX_BYTES, or a file is not what it was.
 */
int slice_write(const struct slice *s, const struct slice_owner *owner, struct strbuf *zip,
		char key[SHA256_HEX], struct err *e) NODISCARD;
/* The build.sh of REMOTE_PYTHON: a builder that can do better knows it by its text. */
extern const char slice_python_script[];

/* All zero: as platform.md 5 says. */
struct remote_times {
	uint64_t poll_ms;   /* between two questions, at most; 0 = 1000 */
	uint64_t upload_ms; /* for the address of the upload; 0 = 2 minutes */
	uint64_t build_ms;  /* for the whole of a build; 0 = 15 minutes */
	uint64_t tick_ms;   /* between two events of a build that runs; 0 = 10000 */
};

struct remote_request {
	struct loop *loop;
	struct whisk *whisk;
	struct sink *sink;    /* REMOTE, BUILD_LINE */
	const char *function; /* "p/f" */
	const char *kind;     /* resolved: "go:1.20" */
	const char *key;      /* of the slice */
	struct remote_times times;
	/*
	 * Once, on the loop, not from inside remote_start().  NULL: the builder has deployed
	 * the function.  ERR_BUILD: the build failed, after its transcript was told;
	 * ERR_REMOTE, ERR_AUTH, ERR_NETWORK: the conversation did; ERR_CANCELLED.
	 */
	void (*done)(void *arg, struct err *failure);
	void *arg;
};

/* Strings are copied; the contents of *zip are taken. */
void remote_start(const struct remote_request *q, struct strbuf *zip);
/*
 * The kind that "<language>:default" stands for on a host, by its description
 * (whisk_host_info(), or NULL) and else by the built-in table; any other is
 * itself.  Valid as long as both.
 */
const char *remote_kind(const char *kind, const struct json *host_info);
#endif
