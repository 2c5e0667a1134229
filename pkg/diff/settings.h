/* settings.h - a function's configuration, live against local; private to diff/, pure */
#ifndef DIFF_SETTINGS_H
#define DIFF_SETTINGS_H
#include "json/json.h"

/*
 * live: the server's answer.  local: {"exec", "annotations", "parameters", "limits"} as a
 * request for it would be; of limits those that the project decides.
 *
 * A list of {"what", "change": "added", "removed" or "changed"}, of parameters, variables,
 * annotations and limits with "name", of what is no secret with "live" and "local".
 */
struct json *settings_compare(const struct json *live, const struct json *local) NODISCARD;
#endif
