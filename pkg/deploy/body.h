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

/* What of an upload is decided outside of the project. */
struct upload {
	const struct artifact *artifact; /* made */
	const struct json *components;   /* of a sequence: names, instead of the artifact */
	const struct json *deployer;     /* value of the annotation of that name */
	const char *const *stale;        /* annotations to take away */
	size_t stale_n;
	const struct json *reset; /* limits that were set and are not any more, or NULL */
};

/*
 * Project-level parameters and environment go to every package, the package's
 * own values win; environment entries are parameters with "init": true.
 */
struct json *package_body(const struct project *p, const struct package *pkg,
			  const char *namespace, const struct json *deployer) NODISCARD;
/* {"namespace", "name"} of what the package stands for, "_" being `namespace`; else NULL. */
struct json *binding_body(const struct package *pkg, const char *namespace) NODISCARD;

/*
 * A function of the default package has no package to inherit from: the
 * project-level values are written on the function itself, its own win.
 * Appended as text, what comes before the characters of the code and what comes
 * behind them: upload.h puts those between.  Without code (a sequence) tail may be head.
 */
void function_body(struct strbuf *head, struct strbuf *tail, const struct project *p,
		   const struct function *f, const struct upload *u);

/* The same without the code, for a function that is live and keeps its own. */
void values_body(struct strbuf *out, const struct project *p, const struct function *f,
		 const struct upload *u);

/* Nothing but the annotation `deployer`: a server keeps the rest of a function. */
void record_body(struct strbuf *out, const struct json *deployer);

/* Lists of {"key", "value"}; `deployer` is copied, NULL leaves it without a value. */
struct json *package_annotations(const struct package *pkg,
				 const struct json *deployer) NODISCARD;
struct json *function_annotations(const struct function *f,
				  const struct json *deployer) NODISCARD;
/* An object of those that are set. */
struct json *limits_body(const struct function_limits *l) NODISCARD;
#endif
