/*
 * host.h - which runtimes the connected host has
 *
 * DigitalOcean lists them under GET /api/v1, as {"runtimes": {"python":
 * [{"kind": "python:3.11", "default": true, "deprecated": false}]}}
 * (platform.md 1.1).  A host that does not tell has those of runtime/.
 */
#ifndef DEPLOY_HOST_H
#define DEPLOY_HOST_H
#include "deploy/live.h"

struct host_runtimes {
	struct arena arena;
	VEC(const char *) kinds;      /* NULL at the end; empty when the host does not tell */
	VEC(const char *) deprecated; /* those of kinds that will go */
};

/* More of a host's kinds are not looked at, nor longer ones. */
enum { HOST_MAX_KINDS = 1000, HOST_MAX_KIND = 100 };

/* An answer of the host; *h is zero before. */
void host_runtimes_take(struct host_runtimes *h, const struct json *info);
/* Asks once; whatever goes wrong is like a host that does not tell. */
void host_runtimes_ask(struct host_runtimes *h, struct whisk *w);
/* For scan_options: NULL when the host does not tell. */
const char *const *host_kinds(const struct host_runtimes *h);
/*
 * Whether a function of p names a runtime with which it is not live already:
 * what runs needs no question.
 */
bool host_runtimes_matter(struct project *p, const struct live *live);
/* A runtime that the host does not have is an error, one that will go a warning. */
void host_runtimes_check(const struct project *p, const struct host_runtimes *h,
			 struct diags *d);
void host_runtimes_release(struct host_runtimes *h);
#endif
