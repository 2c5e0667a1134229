/* refuse.h - failures of a request: a struct err whose status is the HTTP status of the answer
 */
#ifndef PLATFORM_REFUSE_H
#define PLATFORM_REFUSE_H
#include "base/err.h"

/* Returns -1. The text is the answer's "error" (platform.md 1.5). */
int refuse(struct err *e, int status, const char *fmt, ...) PRINTF(3, 4);

#define REFUSE_NO_RESOURCE "The requested resource does not exist."
#define REFUSE_OTHER_KIND "Resource by this name exists but is not in this collection."
#define REFUSE_EXISTS "resource already exists"
#define REFUSE_ON_BINDING "Operation not permitted on package binding."
#define REFUSE_NOT_YOURS \
	"The supplied authentication is not authorized to access this resource."
#define REFUSE_NO_AUTH \
	"The resource requires authentication, which was not supplied with the request"
#define REFUSE_BAD_AUTH "The supplied authentication is invalid"
#define REFUSE_RESERVED \
	"Request defines parameters that are not allowed (e.g., reserved properties)."
#define REFUSE_NO_RECORD                                                                     \
	"The requested activation record does not exist. This either means that the "        \
	"invocation is still running and the record is not yet created or the activation's " \
	"retention period has already expired."
#endif
