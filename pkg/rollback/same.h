/* same.h - whether a version is what is live; private to rollback/, pure */
#ifndef ROLLBACK_SAME_H
#define ROLLBACK_SAME_H
#include "deploy/plan.h"
#include "history/history.h"

/* What a plan says of the version against what is live; to be released. */
void same_plan(struct plan_item *item, const struct history_entry *entry,
	       const struct json *live, struct arena *a);
/* SHA-256 of its code as bytes; false when it has none that can be told. */
bool same_code_digest(const struct json *live, char hex[SHA256_HEX]) NODISCARD;
/* digest: of the live code, or NULL. */
bool same_is(const struct history_entry *entry, const struct json *live, const char *digest,
	     struct arena *a) NODISCARD;
#endif
