/* doapi.h - the DigitalOcean API v2: functions namespaces (functions.md 4.10) */
#ifndef DOAPI_DOAPI_H
#define DOAPI_DOAPI_H
#include "http/http.h"
#include "json/json.h"

/*
 * GET /v2/functions/namespaces: the "namespaces" array.  api_url NULL =
 * https://api.digitalocean.com.  ERR_AUTH for a token that is refused.
 */
struct json *doapi_list_namespaces(struct http_client *c, const char *api_url,
				   const char *token, struct err *e) NODISCARD;
/* The API host of a namespace as its functions are reached (functions.md 4.3 step 4). Heap. */
char *doapi_api_host(const struct json *namespace_info) NODISCARD;
#endif
