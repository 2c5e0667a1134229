#ifndef BASE_ERR_H
#define BASE_ERR_H
#include "base/base.h"

/*
 * One failure of one operation.
 *
 * A function that can fail takes `struct err *e` last and returns 0 or -1
 * (or a pointer or NULL).  On failure it has set *e exactly once; on success
 * it leaves *e alone.  Callers add what only they know with err_wrap() while
 * the failure travels up, and cmd/ prints the result once.
 *
 *	if (zip_add(z, path, e) < 0)
 *		return err_wrap(e, "packing %s/%s", pkg, fn);
 */
enum err_code {
	ERR_OK,
	ERR_USAGE,     /* the command line: say how it is meant */
	ERR_PROJECT,   /* the user's files: nothing was uploaded */
	ERR_BUILD,     /* a build script or tool failed */
	ERR_AUTH,      /* no or wrong credentials */
	ERR_REMOTE,    /* the server answered with an error; see status */
	ERR_NETWORK,   /* no answer, or a broken one; may be tried again */
	ERR_SYSTEM,    /* the operating system refused; see sys */
	ERR_CANCELLED, /* the user interrupted */
};

struct err {
	enum err_code code;
	int sys;    /* errno, or 0 */
	int status; /* HTTP status or child exit status, or 0 */
	char *msg;  /* owned; never NULL once code != ERR_OK */
};

#define ERR_INIT ((struct err){0})

/* Each returns -1, so that `return err_set(...)` reads as one step. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF(3, 4);
/* Code ERR_SYSTEM; appends ": " and the text of errno. */
int err_sys(struct err *e, const char *fmt, ...) PRINTF(2, 3);
/* Puts "context: " before the message; code, sys and status stay. */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF(2, 3);
/* Hands the failure over: *to (unset before) has it, *from is clear after. Returns -1. */
int err_move(struct err *to, struct err *from);
void err_clear(struct err *e);
/* 0 done, 1 failed, 2 usage or configuration, 130 interrupted. */
int err_exit_status(const struct err *e);
#endif
