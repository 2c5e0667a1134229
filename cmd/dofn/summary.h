/*
 * summary.h - a deploy as Markdown, for the page of a GitHub Actions job
 *
 * Gets the events first and hands them on.  What it writes goes to the end of
 * the file that $GITHUB_STEP_SUMMARY names (GitHub's documentation, "Workflow
 * commands", "Adding a job summary"), which may hold what other steps wrote.
 */
#ifndef DOFN_SUMMARY_H
#define DOFN_SUMMARY_H
#include "base/err.h"
#include "base/vec.h"
#include "events/events.h"
#include "project/names.h"

struct summary_row;
struct deploy_result;

struct summary {
	struct sink sink;
	struct sink *next;
	const char *path; /* of the file; NULL: no summary is wanted */
	bool dry_run;
	VEC(struct summary_row *) rows; /* in the order of the plan */
	struct names names;
};

/* ERR_USAGE when `wanted` and the variable is not there. */
int summary_init(struct summary *s, bool wanted, struct err *e) NODISCARD;
/* Events go to *sink from now on, and on to what was there. */
void summary_begin(struct summary *s, struct sink **sink);
/* namespace: NULL when it is not known; failure: how the deploy ended, or NULL. */
int summary_write(const struct summary *s, const char *namespace, const struct err *failure,
		  struct err *e) NODISCARD;
void summary_release(struct summary *s);
#endif
