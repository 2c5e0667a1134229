/*
 * live.h - what a namespace holds, from its lists
 *
 * A few requests for any number of functions, some at the same time: the lists
 * carry annotations and limits, but neither code nor parameters (platform.md
 * 1.8).
 */
#ifndef DEPLOY_LIVE_H
#define DEPLOY_LIVE_H
#include "loop/loop.h"
#include "project/project.h"
#include "whisk/whisk.h"

struct live_function {
	const char *name;    /* "p/f", or "f" */
	const char *package; /* "default" for "f" */
	const struct json *item;
};

struct live_package {
	const char *name;
	const struct json *item;
};

struct live {
	struct arena arena;
	VEC(struct json *) lists; /* what items are in */
	VEC(struct live_function *) functions;
	VEC(struct live_package *) packages;
	struct names function_names, package_names;
	bool whole;            /* nothing is missing, see live_read() */
	const char *namespace; /* NULL when there is nothing that tells it */
};

/*
 * Reads everything.  With p, reading ends early when the pages so far hold
 * exactly the functions of p: of a project of 200, 400, ... functions, older
 * ones that it no longer has may then be missing.  *live is to be released in
 * any case.
 */
int live_read(struct loop *l, struct whisk *w, const struct project *p, struct live *live,
	      struct err *e) NODISCARD;
/* NULL when it is not live. */
const struct live_function *live_function(const struct live *live, const char *full_name);
const struct live_package *live_package(const struct live *live, const char *name);
void live_release(struct live *live);
#endif
