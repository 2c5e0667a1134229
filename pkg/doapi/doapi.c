#include "doapi/doapi.h"

#include <stdlib.h>
#include <string.h>

static const char default_url[] = "https://api.digitalocean.com";

static struct json *check(int status, struct str body, struct err *e)
{
	struct err parse = ERR_INIT;
	struct json *j = json_parse(body, &parse), *list;
	struct str message = json_str(json_get(j, "message"));

	err_clear(&parse);
	if (status != 200) {
		err_set(e, status == 401 || status == 403 ? ERR_AUTH : ERR_REMOTE,
			"the DigitalOcean API answered %d%s%.*s%s", status,
			message.n ? ": " : "", STR_ARG(message),
			status == 401 ? "; check the token in DIGITALOCEAN_ACCESS_TOKEN" : "");
		e->status = status;
		json_free(j);
		return NULL;
	}
	list = json_is(json_get(j, "namespaces"), JSON_ARRAY) ? json_take(j, "namespaces")
							      : NULL;
	json_free(j);
	if (!list)
		err_set(e, ERR_REMOTE,
			"the DigitalOcean API's answer has no list of namespaces");
	return list;
}

struct json *doapi_list_namespaces(struct http_client *c, const char *api_url,
				   const char *token, struct err *e)
{
	char *base = http_base_url(api_url ? api_url : default_url, e), *url;
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
		list = check(status, strbuf_str(&body), e);
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
