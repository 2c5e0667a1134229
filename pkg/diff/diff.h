/*
 * diff.h - what is live against what a deploy would make of the project
 *
 * Built, packed and planned as a deploy does it.  Of functions whose record says that they
 * are the same nothing more is asked for; the others are fetched with their code, a few at
 * a time, and compared piece by piece.
 */
#ifndef DIFF_DIFF_H
#define DIFF_DIFF_H
#include "deploy/deploy.h"
#include "json/json.h"

/*
 * A list with an object for each package, function and trigger, as dofn-diff(1) describes it;
 * the caller frees.  *differences counts those that are not the same.  NULL with *e as
 * deploy_project(), dry_run or not.  Events of the plan are not told.
 */
struct json *diff_project(const struct deploy_request *q, size_t *differences,
			  struct err *e) NODISCARD;
#endif
