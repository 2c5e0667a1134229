/*
 * builder.h - the other end of a remote build: from a slice to a live function
 *
 * The local platform runs it in a process of its own, which can be ended; the
 * build is that of build.h.  A slice comes from outside: names, sizes and
 * contents are checked before anything is run, and what it holds of
 * credentials is never written to a file.
 */
#ifndef BUILDER_BUILDER_H
#define BUILDER_BUILDER_H
#include "base/cipher.h"
#include "events/events.h"
#include "loop/loop.h"
#include "project/project.h"
#include "json/json.h"

enum {
	BUILDER_MAX_CONTENTS = 512 * 1024 * 1024, /* of all files of a slice */
	BUILDER_MAX_FILES = 50000,
};

struct builder_task {
	struct loop *loop;
	struct sink *sink;        /* what the transcript is made of */
	struct str slice;         /* the bytes of the zip */
	const unsigned char *key; /* AES_KEY_SIZE bytes */
	int dir;                  /* an empty private folder, for the files; the caller's */
	const char *path;         /* its absolute path */
	const char *api_host;     /* where to deploy, whatever the slice says */
};

/*
 * The result as the real builder gives it (platform.md 5), with the function in
 * "successes" or the reason in "failures"; NULL with *e when the slice is none:
 * ERR_PROJECT, or ERR_CANCELLED when the loop was interrupted.
 */
struct json *builder_run(const struct builder_task *t, struct err *e) NODISCARD;

/* ---- for builder.c, and tests ---- */

/* What of a slice's project.yml is not for the project. */
struct slice_reading {
	struct json *project;     /* project.yml of the one function */
	struct json *annotation;  /* for `deployer`; or NULL */
	struct json *environment; /* for the build: object of strings; or NULL */
	const char *package, *function;
	char *auth, *namespace;
};

/*
 * text is what stood encrypted in the slice.  ERR_PROJECT when it is no such
 * configuration.  Whatever it returns, *r is to be released.
 */
int slice_read_configuration(struct str text, struct slice_reading *r, struct err *e) NODISCARD;
/* The text of project.yml of a slice: ERR_PROJECT when it does not fit the key. */
int slice_decrypt(struct str hex, const unsigned char *key, struct strbuf *text,
		  struct err *e) NODISCARD;
void slice_reading_release(struct slice_reading *r);
#endif
