/* answer.h - what comes back from the DigitalOcean API; private to doapi/ */
#ifndef DOAPI_ANSWER_H
#define DOAPI_ANSWER_H
#include "json/json.h"

extern const char doapi_default_url[];

/* A 2xx answer; NULL and *e for any other status, in the server's words, and for no JSON. */
struct json *answer_tree(int status, struct str body, struct err *e) NODISCARD;
/* Takes the member `name` of this type out of the answer, which is freed; NULL passes. */
struct json *answer_member(struct json *tree, const char *name, enum json_type type,
			   struct err *e) NODISCARD;
/* Returns -1: *e in the server's words. */
int answer_error(int status, struct str body, struct err *e);
#endif
