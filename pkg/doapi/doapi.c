#include "doapi/doapi.h"

#include <stdlib.h>
#include <string.h>

#include "doapi/answer.h"

struct json *doapi_list_namespaces(struct http_client *c, const char *api_url,
				   const char *token, struct err *e)
{
	char *base = http_base_url(api_url ? api_url : doapi_default_url, e), *url;
	struct http_request q = {.method = "GET", .bearer = token, .repeatable = true};
	struct strbuf body = STRBUF_INIT;
	struct json *list = NULL;
	int status;

	if (!base)
		return NULL;
	url = xasprintf("%s/v2/functions/namespaces", base);
	q.url = url;
	status = http_call(c, &q, &body, e);
	if (status >= 0)
		list = answer_member(answer_tree(status, strbuf_str(&body), e), "namespaces",
				     JSON_ARRAY, e);
	strbuf_release(&body);
	free(url);
	free(base);
	return list;
}

char *doapi_api_host(const struct json *namespace_info)
{
	const char *host = json_cstr(json_get(namespace_info, "api_host"));
	const char *ns = json_cstr(json_get(namespace_info, "namespace"));
	const char *dot = host ? strrchr(host, '.') : NULL;

	if (!host || !ns)
		return NULL;
	/* Functions of "fn-" namespaces answer under .co, whatever the list says. */
	if (dot && strncmp(ns, "fn-", 3) == 0)
		return xasprintf("%.*s.co", (int)(dot - host), host);
	return xstrdup(host);
}
