#include "build/environment.h"

#include "json/json.h"

/*
 * Scripts run code of packages from anywhere, and none of these is needed to
 * build.  A "*" at an end stands for anything.  BASH_ENV names a file that bash
 * would run first.
 */
static const char *const withheld[] = {
	"DIGITALOCEAN_*",
	"DOFN_AUTH",
	"DOFN_APIHOST",
	"SPACES_*",
	"__OW_*",
	"AWS_*",
	"AZURE_*",
	"ARM_CLIENT_*",
	"CLOUDFLARE_*",
	"ACTIONS_ID_TOKEN_*",
	"TWINE_*",
	"UV_PUBLISH_*",
	"DOCKER_AUTH_CONFIG",
	"BASH_ENV",
	"*_TOKEN",
	"*_SECRET",
	"*_SECRET_KEY",
	"*_ACCESS_KEY",
	"*_PRIVATE_KEY",
	"*_API_KEY",
	"*_PASSWORD",
	"*_PASSWD",
	"*_CREDENTIALS",
};

/* Those of the kinds above that say where something is, and a build may need. */
static const char *const harmless[] = {"AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION"};

static bool matches(struct str name, const char *pattern)
{
	struct str p = str_of(pattern);

	if (*pattern == '*')
		return str_ends(name, pattern + 1);
	if (str_ends(p, "*"))
		return name.n >= p.n - 1 && memcmp(name.p, p.p, p.n - 1) == 0;
	return str_is(name, pattern);
}

static bool is_one_of(struct str name, const char *const *patterns, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (matches(name, patterns[i]))
			return true;
	return false;
}

static bool is_withheld(const char *variable)
{
	struct str name = {variable, strcspn(variable, "=")};

	return is_one_of(name, withheld, countof(withheld)) &&
	       !is_one_of(name, harmless, countof(harmless));
}

static bool is_given(const struct json *more, const char *variable)
{
	return json_getn(more, (struct str){variable, strcspn(variable, "=")}) != NULL;
}

static bool is_passed(const char *const *pass, const char *variable)
{
	struct str name = {variable, strcspn(variable, "=")};

	for (; pass && *pass; pass++)
		if (str_is(name, *pass))
			return true;
	return false;
}

const char *const *build_environment(struct arena *a, char *const *all, const struct json *more,
				     const char *const *pass)
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
		if (!is_given(more, all[i]) &&
		    (!is_withheld(all[i]) || is_passed(pass, all[i])))
			env[n++] = all[i];
	/* pip's "no-" options are switched on by a false value (its manual, "Boolean options").
	 */
	if (!environment_value(env, "PIP_NO_COMPILE"))
		env[n++] = "PIP_NO_COMPILE=0";
	return env;
}

void environment_list_withheld(struct strbuf *out, char *const *all, const struct json *more,
			       const char *const *pass)
{
	for (; *all; all++)
		if (is_withheld(*all) && !is_given(more, *all) && !is_passed(pass, *all))
			strbuf_addf(out, "%s%.*s", out->len ? ", " : "",
				    (int)strcspn(*all, "="), *all);
}

const char *environment_value(const char *const *env, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; env[i]; i++)
		if (strncmp(env[i], name, n) == 0 && env[i][n] == '=')
			return env[i] + n + 1;
	return NULL;
}
