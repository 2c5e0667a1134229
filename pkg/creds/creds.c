#include "creds/creds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fs/fs.h"
#include "http/http.h"
#include "json/json.h"

enum { MAX_FILE = 64 * 1024 };

static const char file_name[] = "credentials.json";
/* What stands for the local platform where a host stands otherwise. */
static const char local_host[] = "local";

const char *creds_token(void)
{
	static const char *const names[] = {"DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN"};
	const char *v;
	size_t i;

	for (i = 0; i < countof(names); i++) {
		v = getenv(names[i]);
		if (v && *v)
			return v;
	}
	return NULL;
}

const char *creds_api_url(void)
{
	const char *v = getenv("DIGITALOCEAN_API_URL");

	return v && *v ? v : NULL;
}

void creds_release(struct creds *c)
{
	free(c->api_host);
	free(c->auth);
	free(c->namespace);
	free(c->label);
	free(c->api_url);
	*c = (struct creds){0};
}

/* "faas-nyc1-2ef2e6cc" alone is a host of DigitalOcean (functions.md 3.1). */
static char *base_url(const char *host, struct err *e)
{
	char *whole, *url;

	if (strpbrk(host, ".:/") || strcmp(host, "localhost") == 0)
		return http_base_url(host, e);
	whole = xasprintf("%s.doserverless.co", host);
	url = http_base_url(whole, e);
	free(whole);
	return url;
}

static int from_pair(enum creds_from from, const char *apihost, const char *auth,
		     struct creds *c, struct err *e)
{
	if (!strchr(auth, ':') || strpbrk(auth, " \t\r\n"))
		return err_set(e, ERR_USAGE,
			       "the key must have the form 'user:password' (uuid:key, or "
			       "dof_v1_<id>:<secret>)");
	c->api_host = base_url(apihost, e);
	if (!c->api_host)
		return -1;
	c->from = from;
	c->auth = xstrdup(auth);
	return 0;
}

static char *copy_member(const struct json *j, const char *name)
{
	const char *s = json_cstr(json_get(j, name));

	return s && *s ? xstrdup(s) : NULL;
}

/* The file's tree; NULL without an error when there is no file. */
static struct json *read_file(const char *path, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct json *j;

	if (fs_read(AT_FDCWD, path, MAX_FILE, &text, e) < 0) {
		if (e->sys == ENOENT || e->sys == ENOTDIR)
			err_clear(e);
		strbuf_release(&text);
		return NULL;
	}
	j = json_parse(strbuf_str(&text), e);
	strbuf_release(&text);
	if (!j)
		err_wrap(e, "'%s' is damaged ('dofn connect' writes a new one)", path);
	return j;
}

static int from_json(const struct json *j, const char *path, struct creds *c, struct err *e)
{
	const char *host = json_cstr(json_get(j, "currentHost"));
	const char *ns = json_cstr(json_get(j, "currentNamespace"));
	const struct json *entry;

	if (host && strcmp(host, local_host) == 0) {
		c->from = CREDS_LOCAL;
		return 0;
	}
	entry = host && ns ? json_get(json_get(json_get(j, "credentials"), host), ns) : NULL;
	c->auth = copy_member(entry, "api_key");
	if (!c->auth)
		return err_set(
			e, ERR_AUTH,
			"'%s' holds no usable credentials; 'dofn connect' writes new ones",
			path);
	c->from = CREDS_STORED;
	c->api_host = xstrdup(host);
	c->namespace = xstrdup(ns);
	c->label = copy_member(j, "label");
	c->api_url = copy_member(j, "apiUrl");
	return 0;
}

/* 1 found, 0 nothing stored, -1 failure. */
static int from_store(struct creds *c, struct err *e)
{
	char *dir = fs_home_dir(FS_CONFIG, e), *path;
	struct json *j;
	int r = 0;

	if (!dir)
		return -1;
	path = xasprintf("%s/%s", dir, file_name);
	free(dir);
	j = read_file(path, e);
	if (j)
		r = from_json(j, path, c, e) < 0 ? -1 : 1;
	else if (e->code != ERR_OK)
		r = -1;
	json_free(j);
	free(path);
	return r;
}

static int from_nothing(struct creds *c, struct err *e)
{
	static const char how[] =
		"use 'dofn connect', or --apihost and --auth, or set DOFN_APIHOST "
		"and DOFN_AUTH";
	const char *ci = getenv("CI");

	if (creds_token())
		return err_set(e, ERR_AUTH,
			       "a DigitalOcean token is in the environment but no namespace is "
			       "connected; %s ('dofn connect local' for the local platform)",
			       how);
	if (ci && *ci && strcmp(ci, "false") != 0)
		return err_set(
			e, ERR_AUTH,
			"no namespace is connected, and CI is set, so the local platform is "
			"not used unasked; %s, or 'dofn connect local'",
			how);
	c->from = CREDS_LOCAL_DEFAULT;
	return 0;
}

int creds_find(const char *apihost, const char *auth, struct creds *c, struct err *e)
{
	const char *env_host = getenv("DOFN_APIHOST"), *env_auth = getenv("DOFN_AUTH");
	int r;

	*c = (struct creds){0};
	if ((apihost == NULL) != (auth == NULL))
		return err_set(e, ERR_USAGE, "--apihost and --auth must be given together");
	if (apihost)
		return from_pair(CREDS_FLAGS, apihost, auth, c, e);
	env_host = env_host && *env_host ? env_host : NULL;
	env_auth = env_auth && *env_auth ? env_auth : NULL;
	if ((env_host == NULL) != (env_auth == NULL))
		return err_set(e, ERR_USAGE, "DOFN_APIHOST and DOFN_AUTH must be set together");
	if (env_host)
		return from_pair(CREDS_ENVIRONMENT, env_host, env_auth, c, e);
	r = from_store(c, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return from_nothing(c, e);
}

static int write_file(const struct json *j, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	char *dir = fs_home_dir(FS_CONFIG, e), *path = NULL;
	int r = -1;

	if (!dir)
		return -1;
	json_write_pretty(&text, j);
	strbuf_addc(&text, '\n');
	path = xasprintf("%s/%s", dir, file_name);
	if (fs_make_dirs(AT_FDCWD, dir, 0700, e) == 0)
		r = fs_write_atomic(AT_FDCWD, path, strbuf_str(&text), 0600, e);
	strbuf_release(&text);
	free(path);
	free(dir);
	return r < 0 ? err_wrap(e, "storing the connection") : 0;
}

int creds_store(const struct creds *c, struct err *e)
{
	struct json *j = json_new_object(), *hosts = json_new_object();
	struct json *names = json_new_object(), *entry = json_new_object();
	int r;

	json_set(entry, "api_key", json_new_cstr(c->auth));
	json_set(names, c->namespace, entry);
	json_set(hosts, c->api_host, names);
	json_set(j, "currentHost", json_new_cstr(c->api_host));
	json_set(j, "currentNamespace", json_new_cstr(c->namespace));
	json_set(j, "label", json_new_cstr(c->label ? c->label : ""));
	if (c->api_url)
		json_set(j, "apiUrl", json_new_cstr(c->api_url));
	json_set(j, "credentials", hosts);
	r = write_file(j, e);
	json_free(j);
	return r;
}

int creds_store_local(struct err *e)
{
	struct json *j = json_new_object();
	int r;

	json_set(j, "currentHost", json_new_cstr(local_host));
	r = write_file(j, e);
	json_free(j);
	return r;
}

int creds_check_access_key(const char *key, struct err *e)
{
	static const char form[] = "the form is dof_v1_<id>:<secret>";
	static const char prefix[] = "dof_v1_";
	const char *colon = strchr(key, ':');

	if (strncmp(key, prefix, sizeof(prefix) - 1) != 0)
		return err_set(e, ERR_USAGE, "an access key begins with '%s'; %s", prefix,
			       form);
	if (!colon)
		return err_set(e, ERR_USAGE, "the access key has no ':' in it; %s", form);
	if (strchr(colon + 1, ':'))
		return err_set(e, ERR_USAGE, "the access key has more than one ':'; %s", form);
	if (colon == key + sizeof(prefix) - 1)
		return err_set(e, ERR_USAGE, "the access key's id is empty; %s", form);
	if (colon[1] == '\0')
		return err_set(e, ERR_USAGE, "the access key's secret is empty; %s", form);
	return 0;
}
