#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "doapi/doapi.h"

struct connect_options {
	struct connection_flags connection;
	const char *access_key, *api_url;
};

static const struct cli_option options[] = {
	CLI_OPT(struct connect_options, connection.apihost, "apihost", 0, CLI_STRING, "HOST",
		"API host of any OpenWhisk, with --auth or --access-key"),
	CLI_OPT(struct connect_options, connection.auth, "auth", 0, CLI_STRING, "KEY",
		"its credentials, as user:password"),
	CLI_OPT(struct connect_options, access_key, "access-key", 0, CLI_STRING, "KEY",
		"access key of a DigitalOcean namespace: dof_v1_<id>:<secret>"),
	CLI_OPT(struct connect_options, api_url, "api-url", 0, CLI_STRING, "URL",
		"DigitalOcean API to ask for the namespace"),
	CLI_OPT(struct connect_options, connection.insecure, "insecure", 0, CLI_FLAG, NULL,
		"do not check the server's certificate"),
	CLI_END,
};

static void print_connected(struct context *c, const struct creds *k)
{
	struct json *j;

	if (!c->json) {
		ui_outf(&c->ui, "Connected to functions namespace '%s' on API host '%s'",
			k->namespace, k->api_host);
		if (k->label && *k->label)
			ui_outf(&c->ui, " (label=%s)", k->label);
		ui_outf(&c->ui, "\n");
		return;
	}
	j = json_new_object();
	json_set(j, "namespace", json_new_cstr(k->namespace));
	json_set(j, "apihost", json_new_cstr(k->api_host));
	json_set(j, "label", json_new_cstr(k->label ? k->label : ""));
	context_print_json(c, j);
	json_free(j);
}

/* Asks the server whose the credentials are; fills the namespace or compares it. */
static int verify(struct context *c, struct creds *k, bool insecure, struct err *e)
{
	struct whisk_options o = {
		.api_host = k->api_host, .auth = k->auth, .insecure = insecure};
	struct whisk *w;
	char *ns;

	if (context_silence_ms(&o.silence_ms, e) < 0)
		return -1;
	w = whisk_new(context_loop(c), &o, e);
	ns = w ? whisk_namespace(w, e) : NULL;
	whisk_free(w);
	if (!ns)
		return err_wrap(e, "connecting to '%s'", k->api_host);
	if (k->namespace && strcmp(k->namespace, ns) != 0) {
		err_set(e, ERR_AUTH, "the access key is for namespace '%s', not for '%s'", ns,
			k->namespace);
		free(ns);
		return -1;
	}
	free(k->namespace);
	k->namespace = ns;
	return 0;
}

static int connect_host(struct context *c, const struct connect_options *o, const char *auth,
			struct err *e)
{
	struct creds k;
	int r = creds_find(o->connection.apihost, auth, &k, e);

	if (r == 0)
		r = verify(c, &k, o->connection.insecure, e);
	if (r == 0)
		r = creds_store(&k, e);
	if (r == 0)
		print_connected(c, &k);
	creds_release(&k);
	return r;
}

static int connect_local(struct context *c, struct err *e)
{
	struct creds k = {.from = CREDS_LOCAL};
	int r = context_use_local(c, &k, e);

	if (r == 0)
		r = creds_store_local(e);
	if (r == 0)
		print_connected(c, &k);
	creds_release(&k);
	return r;
}

/* App Platform's own namespaces are not for us. */
static bool matches(const struct json *ns, const char *hint)
{
	const char *id = json_cstr(json_get(ns, "namespace"));
	const char *label = json_cstr(json_get(ns, "label"));

	if (!id || strncmp(id, "ap-", 3) == 0)
		return false;
	return !hint || strstr(id, hint) || (label && strstr(label, hint));
}

static bool is_exactly(const struct json *ns, const char *hint)
{
	return hint && (str_is(json_str(json_get(ns, "namespace")), hint) ||
			str_is(json_str(json_get(ns, "label")), hint));
}

static const struct json *choose(const struct json *list, const char *hint, struct err *e)
{
	const struct json *ns, *found = NULL;
	struct strbuf names = STRBUF_INIT;
	size_t n = 0;

	for (ns = json_first(list); ns; ns = json_next(ns)) {
		if (!matches(ns, hint))
			continue;
		found = ns;
		if (is_exactly(ns, hint)) {
			n = 1;
			break;
		}
		strbuf_addf(&names, "%s%.*s", n++ ? ", " : "",
			    STR_ARG(json_str(json_get(ns, "namespace"))));
	}
	if (n == 0)
		err_set(e, ERR_USAGE, "you have no namespace%s%s%s", hint ? " matching '" : "",
			hint ? hint : "", hint ? "'" : "; create one in the control panel");
	else if (n > 1)
		err_set(e, ERR_USAGE, "several namespaces match (%s); name one", names.buf);
	strbuf_release(&names);
	return n == 1 ? found : NULL;
}

static int fill_from(struct creds *k, const struct json *ns, const char *key, struct err *e)
{
	char *host = doapi_api_host(ns);

	if (!host)
		return err_set(e, ERR_REMOTE,
			       "the DigitalOcean API gave a namespace without an API host");
	k->api_host = host;
	k->auth = xstrdup(key);
	k->namespace = xstrdup(json_cstr(json_get(ns, "namespace")));
	if (json_cstr(json_get(ns, "label")))
		k->label = xstrdup(json_cstr(json_get(ns, "label")));
	return 0;
}

static int connect_namespace(struct context *c, const struct connect_options *o,
			     const char *hint, struct err *e)
{
	struct http_options ho = {.user_agent = "dofn", .insecure = o->connection.insecure};
	const char *token = creds_token();
	const char *api_url = o->api_url ? o->api_url : creds_api_url();
	struct creds k = {.from = CREDS_STORED};
	const struct json *ns;
	struct http_client *http;
	struct json *list;
	int r = -1;

	if (!token)
		return err_set(e, ERR_AUTH,
			       "to find the namespace of an access key, set "
			       "DIGITALOCEAN_ACCESS_TOKEN, or name its host with --apihost");
	if (context_silence_ms(&ho.silence_ms, e) < 0)
		return -1;
	http = http_client_new(context_loop(c), &ho);
	list = doapi_list_namespaces(http, api_url, token, e);
	http_client_free(http);
	ns = list ? choose(list, hint, e) : NULL;
	k.api_url = api_url ? xstrdup(api_url) : NULL;
	if (ns && fill_from(&k, ns, o->access_key, e) == 0 &&
	    verify(c, &k, o->connection.insecure, e) == 0)
		r = creds_store(&k, e);
	if (r == 0)
		print_connected(c, &k);
	json_free(list);
	creds_release(&k);
	return r;
}

static int run(struct context *c, void *opt, const struct cli_list *args, struct err *e)
{
	struct connect_options *o = opt;
	const char *hint = args->items.n ? args->items.v[0] : NULL;

	if (o->access_key && creds_check_access_key(o->access_key, e) < 0)
		return -1;
	if (o->access_key && o->connection.auth)
		return err_set(e, ERR_USAGE, "--access-key and --auth exclude each other");
	if (o->connection.apihost || o->connection.auth) {
		if (hint)
			return err_set(e, ERR_USAGE, "--apihost goes without a namespace");
		return connect_host(c, o, o->access_key ? o->access_key : o->connection.auth,
				    e);
	}
	if (o->access_key)
		return connect_namespace(c, o, hint, e);
	if (hint && strcmp(hint, "local") == 0)
		return connect_local(c, e);
	return err_set(
		e, ERR_USAGE,
		"say what to connect to: 'local', or --access-key KEY, or --apihost HOST "
		"--auth KEY");
}

const struct command cmd_connect = {
	.name = "connect",
	.args = "[local | NAMESPACE]",
	.summary = "choose the namespace that commands talk to",
	.help = "  dofn connect local                         the platform on this machine\n"
		"  dofn connect --access-key KEY [NAMESPACE]  a DigitalOcean namespace\n"
		"  dofn connect --apihost HOST --auth KEY     any Apache OpenWhisk\n\n"
		"NAMESPACE is an id or label, or a part of one.",
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct connect_options),
	.run = run,
};
