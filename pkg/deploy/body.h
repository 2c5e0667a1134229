/*
 * body.h - the request bodies of a deploy: pure
 *
 * Sources: functions.md 3.3 (package) and 3.4 (function).  The order of
 * members and of list entries is the one given there.
 */
#ifndef DEPLOY_BODY_H
#define DEPLOY_BODY_H
#include "pack/pack.h"
#include "project/project.h"
#include "json/json.h"

/*
 * Project-level parameters and environment go to every package, the package's
 * own values win; environment entries are parameters with "init": true.
 */
struct json *package_body(const struct project *p, const struct package *pkg) NODISCARD;

/*
 * A function of the default package has no package to inherit from: the
 * project-level values are written on the function itself, its own win.
 * Appended to *out as text, because code may be 48 MB.
 */
void function_body(struct strbuf *out, const struct project *p, const struct function *f,
		   const struct artifact *a);
#endif
