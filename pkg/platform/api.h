/*
 * api.h - the REST API of the local platform: a request in, an answer out
 *
 * Facts: platform.md 1 (API), 2 (web functions) and 4 (triggers).
 */
#ifndef PLATFORM_API_H
#define PLATFORM_API_H
#include "httpd/httpd.h"
#include "platform/builder.h"
#include "platform/entities.h"
#include "platform/invoker.h"

struct api;

struct api_options {
	struct loop *loop;
	struct entities *entities;
	struct invoker *invoker;
	struct builder *builder; /* NULL: there is none */
	const char *auth;        /* "uuid:key" */
	const char *namespace;   /* "fn-<uuid>" */
	int64_t clock_shift_ms;  /* between the clock and the one that triggers go by */
};

enum {
	API_BODY_MAX = 50 * 1024 * 1024, /* of any request */
	API_PAYLOAD_MAX = 1024 * 1024,   /* of a call */
	API_WAIT_MS = 30000,             /* for a call, then 202 */
	API_CALLS_MAX = 120,             /* under way at a time */
	API_CALLS_PER_MINUTE = 600,      /* what DigitalOcean allows; told, not enforced */
};

/* Pointers in o must live as long as the api. */
struct api *api_new(const struct api_options *o) NODISCARD;
/* From here on triggers call their functions, until the stop, which comes before
 * invoker_free(). */
int api_start_triggers(struct api *a, struct err *e) NODISCARD;
void api_stop_triggers(struct api *a);
/* After invoker_free() and builder_free(). NULL is allowed. */
void api_free(struct api *a);
/* For httpd_options: handler and on_too_large; arg is the struct api. */
void api_handle(void *arg, struct httpd_request *q);
void api_too_large(void *arg, struct httpd_request *q);
#endif
