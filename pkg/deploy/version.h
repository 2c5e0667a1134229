/*
 * version.h - who wrote a function last: pure
 *
 * A server counts the writes of a function: 0.0.1 when it is made, then one more
 * for each PUT, whoever sends it (platform.md 1.6).  The annotation `deployer`
 * says which version it came with, so another one that is live tells of somebody
 * who wrote since then and kept the annotation.
 */
#ifndef DEPLOY_VERSION_H
#define DEPLOY_VERSION_H
#include "json/json.h"

/*
 * The version after so many more writes of what has `version`, a string "0.0.4";
 * NULL version: of what is not live.  NULL when it is no version.
 */
struct json *version_after(const struct json *version, unsigned writes) NODISCARD;
/* item: of the server's list.  False also when the last deploy noted no version. */
bool version_is_foreign(const struct json *item);
#endif
