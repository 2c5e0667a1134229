#include "base/base64.h"
#include "http/client.h"

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

static void add_line(struct call *k, const char *line)
{
	struct curl_slist *all = curl_slist_append(k->headers, line);

	if (!all)
		bug("curl_slist_append");
	k->headers = all;
}

static int add_header(struct call *k, const char *name, const char *value, struct err *e)
{
	/* The value may be secret, so only the name is told. */
	if (has_control(value) || has_control(name) || strpbrk(name, ": ;"))
		return err_set(
			e, ERR_USAGE,
			"%s %s: the header '%s' holds a character that HTTP does not allow "
			"there (a line end at the end of a token?)",
			k->method, k->server, has_control(name) ? "?" : name);
	/* curl takes "Name:" as an order to leave the header out, "Name;" as an empty one. */
	if (*value)
		add_line(k, arena_printf(&k->mem, "%s: %s", name, value));
	else
		add_line(k, arena_printf(&k->mem, "%s;", name));
	return 0;
}

static int add_authorization(struct call *k, const struct http_request *q, struct err *e)
{
	struct strbuf value = STRBUF_INIT;
	int rc = 0;

	if (q->bearer) {
		strbuf_addf(&value, "Bearer %s", q->bearer);
	} else if (q->basic) {
		strbuf_adds(&value, "Basic ");
		base64_encode(&value, q->basic, strlen(q->basic));
	}
	if (value.len)
		rc = add_header(k, "Authorization", value.buf, e);
	strbuf_release(&value);
	return rc;
}

static int add_headers(struct call *k, const struct http_request *q, struct err *e)
{
	const char *type = q->content_type ? q->content_type : "application/json";
	size_t i;

	/* No round trip for a permission to send, and no type that curl makes up. */
	add_line(k, "Expect:");
	if (!q->body.p && !q->source)
		add_line(k, "Content-Type:");
	else if (add_header(k, "Content-Type", type, e) < 0)
		return -1;
	for (i = 0; i < q->headers_n; i++)
		if (add_header(k, q->headers[i].name, q->headers[i].value, e) < 0)
			return -1;
	return add_authorization(k, q, e);
}

/* "host:port" of the URL for messages, which also shows whether curl will understand it. */
static const char *server_of(struct call *k)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	const char *server = NULL;

	if (!u)
		bug("curl_url");
	if (curl_url_set(u, CURLUPART_URL, k->url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER)
		server = arena_printf(&k->mem, "%s:%s", host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(u);
	return server;
}

int call_prepare(struct call *k, const struct http_request *q, struct err *e)
{
	k->method = arena_strdup(&k->mem, q->method);
	k->url = arena_strdup(&k->mem, q->url);
	k->body = q->body;
	k->source = q->source;
	k->repeatable = q->repeatable;
	k->silence_ms = q->silence_ms ? q->silence_ms : k->c->o.silence_ms;
	k->total_ms = q->total_ms;
	k->max_body = q->max_body ? q->max_body : (size_t)16 << 20;
	k->answer = STRBUF_MAX(k->max_body);
	k->server = server_of(k);
	if (!k->server)
		return err_set(e, ERR_USAGE,
			       "%s: the address of the request is malformed; "
			       "it starts with https:// or http://, and holds no user name",
			       k->method);
	return add_headers(k, q, e);
}
