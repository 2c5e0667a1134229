#include "build/environment.h"

#include "json/json.h"

/*
 * Scripts run code of packages from anywhere, and none of these is needed to
 * build.  A "*" at the end takes every name that starts so.  BASH_ENV names a
 * file that bash would run first.
 */
static const char *const withheld[] = {
	"DO_API_KEY",
	"DO_API_TOKEN",
	"DO_TOKEN",
	"DIGITALOCEAN_*",
	"DOFN_AUTH",
	"DOFN_APIHOST",
	"SPACES_*",
	"__OW_*",
	"AWS_*",
	"AZURE_*",
	"ARM_CLIENT_*",
	"GOOGLE_APPLICATION_CREDENTIALS",
	"GOOGLE_CREDENTIALS",
	"CLOUDFLARE_*",
	"VAULT_TOKEN",
	"GH_TOKEN",
	"GITHUB_TOKEN",
	"GITLAB_TOKEN",
	"CI_JOB_TOKEN",
	"ACTIONS_RUNTIME_TOKEN",
	"ACTIONS_ID_TOKEN_*",
	"NPM_TOKEN",
	"NODE_AUTH_TOKEN",
	"TWINE_*",
	"UV_PUBLISH_*",
	"CARGO_REGISTRY_TOKEN",
	"DOCKER_AUTH_CONFIG",
	"BASH_ENV",
};

static bool matches(struct str name, const char *pattern)
{
	struct str p = str_of(pattern);

	if (str_ends(p, "*"))
		return name.n >= p.n - 1 && memcmp(name.p, p.p, p.n - 1) == 0;
	return str_is(name, pattern);
}

static bool is_withheld(const char *variable)
{
	struct str name = {variable, strcspn(variable, "=")};
	size_t i;

	for (i = 0; i < countof(withheld); i++)
		if (matches(name, withheld[i]))
			return true;
	return false;
}

static bool is_given(const struct json *more, const char *variable)
{
	return json_getn(more, (struct str){variable, strcspn(variable, "=")}) != NULL;
}

const char *const *build_environment(struct arena *a, char *const *all, const struct json *more)
{
	const struct json *v;
	const char **env;
	size_t i, n = 0;

	for (i = 0; all[i]; i++)
		;
	env = arena_calloc(a, i + json_count(more) + 2, sizeof(*env));
	for (v = json_first(more); v; v = json_next(v))
		env[n++] = arena_printf(a, "%s=%s", json_name(v).p, json_cstr(v));
	for (i = 0; all[i]; i++)
		if (!is_withheld(all[i]) && !is_given(more, all[i]))
			env[n++] = all[i];
	/* pip's "no-" options are switched on by a false value (its manual, "Boolean options").
	 */
	if (!environment_value(env, "PIP_NO_COMPILE"))
		env[n++] = "PIP_NO_COMPILE=0";
	return env;
}

const char *environment_value(const char *const *env, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; env[i]; i++)
		if (strncmp(env[i], name, n) == 0 && env[i][n] == '=')
			return env[i] + n + 1;
	return NULL;
}
