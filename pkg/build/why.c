#include <string.h>

#include "build/job.h"
#include "build/reuse.h"

static const char *copy(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

/* The same for what was not there the last time, which is everything: told by `known`. */
static const char *const *list_changes(struct arena *a, struct past *past)
{
	struct ledger_changes changes = {0};
	const char **list;
	size_t i;

	if (past->last.things.n)
		ledger_compare(&past->last, &past->now, &changes);
	list = arena_calloc(a, changes.names.n + 1, sizeof(*list));
	for (i = 0; i < changes.names.n; i++)
		list[i] = arena_strdup(a, changes.names.v[i]);
	vec_release(&changes.names);
	return list;
}

void reuse_explain(const struct job *job, struct past *past)
{
	struct reuse_run *run = job->reuse_run;
	struct build_why *why = run->why;
	struct arena *a = run->why_arena;

	why->has_build = true;
	memcpy(why->key, past->now.key, sizeof(why->key));
	why->state = past->in_place          ? BUILD_IN_PLACE
		     : past_stored_key(past) ? BUILD_STORED
					     : BUILD_NEEDED;
	why->known = past->last.things.n > 0;
	why->ended = past->last.key[0] || past->last.why_not;
	why->why_not = copy(a, past->why_not ? past->why_not : past->last.why_not);
	why->changes = list_changes(a, past);
}
