/* api_call.h - one request to the API, and how it is answered; private to api*.c */
#ifndef PLATFORM_API_CALL_H
#define PLATFORM_API_CALL_H
#include "base/arena.h"
#include "platform/api.h"
#include "platform/scheduler.h"
#include "platform/target.h"

struct api {
	struct api_options o;
	struct targets targets;
	struct scheduler *scheduler; /* NULL outside of api_start_triggers() and its end */
	int64_t last_update_ms;
	unsigned calls; /* under way */
};

enum { API_SEGMENTS = 4 };

/* In the request's arena; gone after the answer. */
struct api_call {
	struct api *api;
	struct httpd_request *request;
	struct arena *arena;
	const char *transaction;
	struct str query;
	/* Decoded segments of the path behind the namespace: "actions", "pkg", "fn". */
	const char *path[API_SEGMENTS];
	size_t path_n;
	bool slash; /* the path ends in one */
};

/* Each answers the request; the call is gone after it. */
void api_reply(struct api_call *c, int status, struct json *j); /* takes j */
void api_reply_text(struct api_call *c, int status, struct str json_text);
void api_error(struct api_call *c, int status, const char *text);
/* As e says: its status, or 500; clears e. */
void api_fail(struct api_call *c, struct err *e);

/* The body as a JSON object: NULL with *e (400) unless it is one; empty gives an empty one. */
struct json *api_body(struct api_call *c, struct err *e) NODISCARD;
/* A time for "updated", later than every one before. */
int64_t api_update_stamp(struct api *a);

/* In the arena. A text with %00 stays as it is: no name and no value here may hold a NUL. */
const char *api_decode(struct api_call *c, struct str s, bool plus);
/* A parameter of the query: decoded, in the arena; NULL when it is not there. */
const char *api_query(struct api_call *c, const char *name);
/* 0, or -1 with 400. *v stays when the parameter is not there. */
int api_query_bool(struct api_call *c, const char *name, bool *v, struct err *e) NODISCARD;
/* limit (0 gives 200; 30 when absent) and skip. what: "actions". */
int api_query_page(struct api_call *c, const char *what, unsigned *limit, unsigned *skip,
		   struct err *e) NODISCARD;

/* Decodes path into c->path; false when it has an empty segment or too many. */
bool api_split_path(struct api_call *c, struct str path);

/* Package and name of the entity in the path behind the collection; -1 with 400 for a bad name.
 */
int api_action_path(struct api_call *c, const char **package, const char **name,
		    struct err *e) NODISCARD;

/* One per route. */
void api_list_packages(struct api_call *c);
void api_get_package(struct api_call *c);
void api_put_package(struct api_call *c);
void api_delete_package(struct api_call *c);
void api_list_actions(struct api_call *c);
void api_get_action(struct api_call *c);
void api_put_action(struct api_call *c);
void api_delete_action(struct api_call *c);
void api_invoke_action(struct api_call *c);
void api_list_activations(struct api_call *c);
void api_get_activation(struct api_call *c);
/* A function of the builder's namespace. */
void api_builder(struct api_call *c);
/* A slice that comes; path: behind BUILDER_UPLOADS. Its address is all it needs. */
#define BUILDER_UPLOADS "/.dofn/upload"
void api_upload(struct api_call *c, struct str path);
/* path: behind "/api/v1/web/", still encoded. Needs no credentials. */
void api_web(struct api_call *c, struct str path);
/* path: behind "/v2/functions/namespaces". Needs a token. */
void api_digitalocean(struct api_call *c, struct str path);
/* What the platform is: runtimes, limits, how functions run here. */
struct json *api_info(const struct api *a) NODISCARD;
#endif
