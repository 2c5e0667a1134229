/*
 * whisk.h - the OpenWhisk REST API: one function per endpoint
 *
 * Facts: platform.md 1 (endpoints, errors), functions.md 3 (what a deploy
 * sends).  The namespace in paths is always "_", the caller's.  Answers are
 * JSON trees as the server sent them, numbers untouched: lists where the
 * function's name says so, else objects; an invocation's may be anything.  A
 * name or id that would lead elsewhere ("", "..", "a/b/c") is ERR_USAGE.  An
 * error of the server is ERR_REMOTE (401 and 403: ERR_AUTH) with its text, the
 * code of its transaction and err.status = the HTTP status.
 */
#ifndef WHISK_WHISK_H
#define WHISK_WHISK_H
#include "base/err.h"
#include "http/http.h"
#include "json/json.h"

struct whisk;

enum { WHISK_PAGE = 200 }; /* items a server gives at once (platform.md 1.2) */

struct whisk_options {
	const char *api_host; /* base URL */
	const char *auth;     /* "user:password" */
	bool insecure;
	unsigned max_in_flight; /* 0 = 16, and up to 32 when the server is far (http.h) */
	unsigned max_tries;     /* of repeatable requests; 0 = the client's default */
	/*
	 * A server that is silent for so long gets no further chance in this try, also
	 * while a function runs; 0 = the client's default, 16 minutes for a call.
	 */
	uint64_t silence_ms;
	void (*on_retry)(void *arg, const char *what, uint64_t wait_ms);
	void *arg;
};

struct whisk *whisk_new(struct loop *l, const struct whisk_options *o, struct err *e) NODISCARD;
void whisk_free(struct whisk *w);
/* True when one more request would be sent at once. */
bool whisk_has_room(const struct whisk *w);
const char *whisk_api_host(const struct whisk *w);
/* The credentials, for a builder that deploys in the caller's name. */
const char *whisk_auth(const struct whisk *w);
/* The client it asks with, for addresses that a server hands out; without the credentials. */
struct http_client *whisk_http(const struct whisk *w);

/* The caller's namespace (GET /namespaces); heap. */
char *whisk_namespace(struct whisk *w, struct err *e) NODISCARD;
/* Whether a failure is worth a further try and the usual patience, or 5 s are enough. */
enum whisk_patience { WHISK_PATIENT, WHISK_ONCE };
/* GET /api/v1, no authorization: description, runtimes. */
struct json *whisk_host_info(struct whisk *w, enum whisk_patience patience,
			     struct err *e) NODISCARD;

/* PUT ...?overwrite=true.  done comes later, on the loop. */
typedef void whisk_done_fn(void *arg, struct json *answer, struct err *failure);
/* body is written before the call returns. */
void whisk_put_package(struct whisk *w, const char *name, const struct json *body,
		       whisk_done_fn *done, void *arg);
/* body_text is taken over (its memory). */
void whisk_put_action(struct whisk *w, const char *full_name, struct strbuf *body_text,
		      whisk_done_fn *done, void *arg);
/* The same with a body of 48 MB and more, which is read while it is sent, and lives until done.
 */
void whisk_upload_action(struct whisk *w, const char *full_name, const struct http_source *body,
			 whisk_done_fn *done, void *arg);

/* DELETE: -1 at once when it is no name; then done is not called. */
int whisk_delete_action(struct whisk *w, const char *full_name, whisk_done_fn *done, void *arg,
			struct err *e) NODISCARD;
/* The server refuses to delete a package that has functions. */
int whisk_delete_package(struct whisk *w, const char *name, whisk_done_fn *done, void *arg,
			 struct err *e) NODISCARD;

/*
 * Begins a call of a function in any namespace; the answer is {"activationId": ...}.  Never
 * sent twice.  The activation is in the caller's namespace; as long as it runs, its record
 * is ERR_REMOTE with status 404.  -1 at once when that is no id; then done is not called.
 */
void whisk_begin(struct whisk *w, const char *namespace, const char *name,
		 const struct json *payload, whisk_done_fn *done, void *arg);
int whisk_fetch_activation(struct whisk *w, const char *id, whisk_done_fn *done, void *arg,
			   struct err *e) NODISCARD;

/*
 * A page of WHISK_PAGE items, the latest update first; a shorter one is the
 * last.  The list becomes the callee's.
 */
typedef void whisk_list_fn(void *arg, struct json *list, struct err *failure);
void whisk_list_packages(struct whisk *w, unsigned skip, whisk_list_fn *listed, void *arg);
void whisk_list_functions(struct whisk *w, unsigned skip, whisk_list_fn *listed, void *arg);

/* package NULL: all functions of the namespace. limit 0 = 200. */
struct json *whisk_list_actions(struct whisk *w, const char *package, unsigned limit,
				unsigned skip, struct err *e) NODISCARD;
struct json *whisk_get_action(struct whisk *w, const char *full_name, bool code,
			      struct err *e) NODISCARD;
/* The same with its code, later, on the loop. -1 at once when it is no name; then done is not
 * called. */
int whisk_fetch_action(struct whisk *w, const char *full_name, whisk_done_fn *done, void *arg,
		       struct err *e) NODISCARD;
struct whisk_invocation {
	const char *name;           /* "p/f" */
	const struct json *payload; /* or NULL */
	bool blocking;              /* wait for the end */
	bool result;                /* blocking: the result alone, not the whole record */
};

/*
 * *status is the HTTP status: 200 result, 202 accepted, 502 an application or
 * developer error of the function (the answer is its record or result).
 * Never sent twice.
 */
struct json *whisk_invoke(struct whisk *w, const struct whisk_invocation *in, int *status,
			  struct err *e) NODISCARD;

struct whisk_activations {
	const char *name; /* function, or NULL */
	unsigned limit, skip;
	uint64_t since_ms, upto_ms; /* 0 = none */
	bool docs;
};

struct json *whisk_list_activations(struct whisk *w, const struct whisk_activations *q,
				    struct err *e) NODISCARD;
/* {"activations": N} */
struct json *whisk_count_activations(struct whisk *w, const struct whisk_activations *q,
				     struct err *e) NODISCARD;
struct json *whisk_get_activation(struct whisk *w, const char *id, struct err *e) NODISCARD;
struct json *whisk_get_result(struct whisk *w, const char *id, struct err *e) NODISCARD;
struct json *whisk_get_logs(struct whisk *w, const char *id, struct err *e) NODISCARD;

/* URL of a function: /api/v1/web/NS/PKG|default/FN when web, else
 * /api/v1/namespaces/NS/actions/... */
char *whisk_function_url(const char *api_host, const char *namespace, const char *full_name,
			 bool web) NODISCARD;
/* value of annotation `key` in an entity's "annotations" list, or NULL. */
struct json *whisk_annotation(const struct json *entity, const char *key);
#endif
