#include "doapi/answer.h"

#include "base/utf8.h"

const char doapi_default_url[] = "https://api.digitalocean.com";

static const char *way_out(int status)
{
	switch (status) {
	case 401: return "; check the token in DIGITALOCEAN_ACCESS_TOKEN";
	case 403:
		return "; the token needs the scopes function:read, create, update and delete";
	case 429: return "; try again in a minute";
	case 500:
	case 502:
	case 503:
	case 504: return "; the API is in trouble, try again later";
	default: return "";
	}
}

/* Of what a server says in an error, no more than a person reads. */
enum { SAID_MAX = 1000, REQUEST_MAX = 100 };

int answer_error(int status, struct str body, struct err *e)
{
	struct err parse = ERR_INIT;
	struct json *j = json_parse(body, &parse);
	struct str message = utf8_cut(json_str(json_get(j, "message")), SAID_MAX);
	struct str request = utf8_cut(json_str(json_get(j, "request_id")), REQUEST_MAX);

	err_set(e, status == 401 || status == 403 ? ERR_AUTH : ERR_REMOTE,
		"the DigitalOcean API answered %d%s%.*s%s%.*s%s%s", status,
		message.n ? ": " : "", STR_ARG(message), request.n ? " (request " : "",
		STR_ARG(request), request.n ? ")" : "", way_out(status));
	e->status = status;
	err_clear(&parse);
	json_free(j);
	return -1;
}

struct json *answer_tree(int status, struct str body, struct err *e)
{
	struct json *j;

	if (status < 200 || status > 299) {
		answer_error(status, body, e);
		return NULL;
	}
	j = json_parse(body, e);
	if (!j)
		err_wrap(e, "the DigitalOcean API's answer is no JSON");
	return j;
}

struct json *answer_member(struct json *tree, const char *name, enum json_type type,
			   struct err *e)
{
	struct json *member =
		json_is(json_get(tree, name), type) ? json_take(tree, name) : NULL;

	if (tree && !member)
		err_set(e, ERR_REMOTE, "the DigitalOcean API's answer has no '%s'", name);
	json_free(tree);
	return member;
}
