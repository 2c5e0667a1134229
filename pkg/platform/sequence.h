/*
 * sequence.h - functions that are a list of others
 *
 * Rules: platform.md 1.4, 1.5 and 1.7.  Each function in it is a call with a
 * record of its own and gets the result of the one before; the first that fails
 * ends the sequence.
 */
#ifndef PLATFORM_SEQUENCE_H
#define PLATFORM_SEQUENCE_H
#include "platform/invoke.h"

enum { SEQUENCE_MAX = 50 }; /* functions, those of sequences in it included; also levels */

/*
 * Of an action's body: makes every component "/namespace/package/name", and
 * checks that they are there, not too many, and that the sequence package/name
 * is not among them.  0, or -1 with 400; nothing to do for other kinds.
 */
int sequence_check(struct api *a, const char *package, const char *name, struct json *body,
		   struct err *e) NODISCARD;

/* Name in "/namespace/package/name"; *package gets the one before it, "" for the default one.
 */
const char *sequence_split(const struct api *a, struct str component,
			   struct strbuf *package) NODISCARD;

/* As invoke_start(), for a target with components, and without a limit of its own. */
void sequence_start(struct api *a, const struct invoke_request *q, char id[ACTIVATION_ID]);
#endif
