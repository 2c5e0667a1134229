/*
 * digest.h - what a deployed thing is, in few bytes: pure
 *
 * The `deployer` annotation keeps it on the server, where the next deploy
 * compares (design decision 6):
 *
 *	{"digest": SHA-256 of everything,
 *	 "zipped": true,                                  of a function
 *	 "parts": {"code": "0a1b2c3d", "configuration": ..., "parameters": ...,
 *	           "variables": ..., "limits": ...},
 *	 "limits": {"timeout": 5000},                     those that were set
 *	 "variables": {"NAME": "0a1b2c3d"},
 *	 "version": "0.0.7"}                              added by a deploy, version.h
 *
 * Parts and variables only tell what changed, so eight digits do.  The order of
 * members in project.yml makes no difference.
 */
#ifndef DEPLOY_DIGEST_H
#define DEPLOY_DIGEST_H
#include "pack/pack.h"
#include "project/project.h"
#include "json/json.h"

/* a: as pack_read() leaves it; what its code is made of tells, not the code. */
struct json *digest_function(const struct project *p, const struct function *f,
			     const struct artifact *a) NODISCARD;
/* Of "components" instead of "code", and without "zipped"; components is the list of names. */
struct json *digest_sequence(const struct project *p, const struct function *f,
			     const struct json *components) NODISCARD;
/*
 * Also of what the project gives to all packages; without "code", "limits" and
 * "zipped", of a binding with a part "binding".
 */
struct json *digest_package(const struct project *p, const struct package *pkg) NODISCARD;
#endif
