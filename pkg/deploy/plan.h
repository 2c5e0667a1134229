/*
 * plan.h - what a deploy has to do about one function or package: pure
 *
 * Compares the digest of what is wanted (digest.h) with the one that the last
 * deploy left on the server, and what else the server's list shows.
 */
#ifndef DEPLOY_PLAN_H
#define DEPLOY_PLAN_H
#include "base/arena.h"
#include "base/vec.h"
#include "json/json.h"

enum plan_action { PLAN_CREATE, PLAN_UPDATE, PLAN_UNCHANGED, PLAN_DELETE /* of triggers */ };

struct plan_item {
	enum plan_action action;
	bool elsewhere; /* "elsewhere" is among the changes */
	/*
	 * Of an update: names of parts ("code", "components", "configuration",
	 * "parameters", "variables", "limits", "binding"), "elsewhere" (somebody changed what
	 * is live), "unknown" (dofn did not deploy what is live), "forced".
	 */
	VEC(const char *) changes;
	VEC(const char *) variables; /* "+NEW", "-GONE", "~OTHER" */
	VEC(const char *) stale;     /* annotations that are live and not wanted any more */
	/* What limits go back to that the last deploy set and the project sets no more, or
	 * NULL. */
	struct json *reset;
};

/* What is wanted, as the request will say it. */
struct plan_wanted {
	const struct json *digest;
	const struct json
		*annotations;       /* list of {"key", "value"}; of "deployer" only the key */
	const struct json *limits;  /* object of those that were given */
	const char *runtime;        /* kind; NULL for a package */
	bool shared;                /* of a package */
	const struct json *binding; /* of a package that is one: {"namespace", "name"} */
	bool force;
};

/* live: the item of the server's list, or NULL.  Texts are in the arena. */
void plan_decide(struct plan_item *item, const struct plan_wanted *wanted,
		 const struct json *live, struct arena *a);
void plan_item_release(struct plan_item *item);
/* "create", "update", "unchanged" or "delete" */
const char *plan_action_name(enum plan_action action);
#endif
