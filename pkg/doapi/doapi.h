/*
 * doapi.h - the DigitalOcean API v2: functions namespaces and their triggers
 *
 * Facts: functions.md 3.7 and 4.10, platform.md 4.  A failure of the server is
 * ERR_REMOTE (401 and 403: ERR_AUTH) with its words and err.status = the HTTP
 * status.  The local platform speaks the part about triggers, too.
 */
#ifndef DOAPI_DOAPI_H
#define DOAPI_DOAPI_H
#include "http/http.h"
#include "json/json.h"

/*
 * GET /v2/functions/namespaces: the "namespaces" array.  api_url NULL =
 * https://api.digitalocean.com.
 */
struct json *doapi_list_namespaces(struct http_client *c, const char *api_url,
				   const char *token, struct err *e) NODISCARD;
/* The API host of a namespace as its functions are reached (functions.md 4.3 step 4). Heap. */
char *doapi_api_host(const struct json *namespace_info) NODISCARD;

struct doapi;

struct doapi_options {
	const char *api_url;   /* base URL, or NULL: https://api.digitalocean.com */
	const char *token;     /* for Authorization: Bearer */
	const char *namespace; /* "fn-<uuid>" */
	bool insecure;
	unsigned max_tries;  /* 0 = the client's default */
	uint64_t silence_ms; /* 0 = the client's default */
	void (*on_retry)(void *arg, const char *what, uint64_t wait_ms);
	void *arg;
};

/* Strings of o are copied. */
struct doapi *doapi_new(struct loop *l, const struct doapi_options *o, struct err *e) NODISCARD;
void doapi_free(struct doapi *d); /* NULL is allowed */

/* What a trigger is to be; a view on memory of the caller's. */
struct doapi_trigger {
	const char *name;
	const char *function; /* "p/f", or "f" */
	const char *cron;
	const struct json *body; /* object, or NULL */
	bool enabled;
};

/*
 * Triggers as the API shows them:
 *	{"namespace", "name", "function", "type", "is_enabled", "created_at",
 *	 "updated_at", "scheduled_details": {"cron", "body"},
 *	 "scheduled_runs": {"last_run_at", "next_run_at"}}
 * The list is of all pages.
 */
struct json *doapi_list_triggers(struct doapi *d, struct err *e) NODISCARD;
struct json *doapi_get_trigger(struct doapi *d, const char *name, struct err *e) NODISCARD;

/*
 * `done` comes later, on the loop, with the trigger as it is now ({} after a
 * deletion) or a failure.  A request whose answer was lost is sent again; that
 * an earlier try did the work is no failure.
 */
typedef void doapi_done_fn(void *arg, const struct json *trigger, struct err *failure);
void doapi_create_trigger(struct doapi *d, const struct doapi_trigger *t, doapi_done_fn *done,
			  void *arg);
/* All but name and function, which cannot change. */
void doapi_update_trigger(struct doapi *d, const struct doapi_trigger *t, doapi_done_fn *done,
			  void *arg);
void doapi_enable_trigger(struct doapi *d, const char *name, bool enabled, doapi_done_fn *done,
			  void *arg);
void doapi_delete_trigger(struct doapi *d, const char *name, doapi_done_fn *done, void *arg);
#endif
