#include "scan/values.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "json/json.h"

/* A path as the user gave it, or with NULL the project's own file. */
static int read_file(struct project *p, const char *path, struct envfile *env, struct diags *d)
{
	const char *name = path ? path : ".env";
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	int r;

	if (path)
		r = fs_read(AT_FDCWD, path, ENVFILE_MAX_BYTES, &text, &e);
	else
		r = fs_read_below(p->root_fd, -1, name, ENVFILE_MAX_BYTES, &text, &e);
	if (r == 0)
		r = envfile_read(env, &p->arena, name, strbuf_str(&text), d, &e);
	if (r < 0)
		diags_add_path(d, DIAG_ERROR, name, "%s", e.msg);
	err_clear(&e);
	strbuf_release(&text);
	return r;
}

/* A broken link counts as there, and is told. */
static bool has_own_file(const struct project *p)
{
	struct stat st;

	return fstatat(p->root_fd, ".env", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void scan_values_read(struct scan_values *v, struct project *p, const struct scan_options *o,
		      struct diags *d)
{
	const char *name = o->env_file ? o->env_file : ".env";
	size_t n;

	*v = (struct scan_values){.looked_in = "not in the environment, no .env"};
	if (!o->env_file && !has_own_file(p))
		return;
	if (read_file(p, o->env_file, &v->env, d) < 0) {
		v->looked_in = arena_printf(
			&p->arena, "not in the environment; %s could not be read", name);
		return;
	}
	n = envfile_count(&v->env);
	v->looked_in = arena_printf(&p->arena, "not in the environment, not in %s (%zu name%s)",
				    name, n, n == 1 ? "" : "s");
}

void scan_values_release(struct scan_values *v)
{
	envfile_release(&v->env);
}

const char *scan_values_get(void *arg, const char *name)
{
	const struct scan_values *v = arg;
	const char *value = getenv(name), *filed;

	if (value && *value)
		return value;
	filed = envfile_get(&v->env, name);
	return filed ? filed : value;
}

static bool names_variables(const struct json *values, const char *path, struct diags *d)
{
	const struct json *v;

	for (v = json_first(values); v; v = json_next(v)) {
		struct str name = json_name(v);

		if (name.n && !memchr(name.p, '=', name.n))
			continue;
		diags_add_path(d, DIAG_ERROR, path,
			       "'%.*s' cannot be the name of an environment variable",
			       STR_ARG(name));
		return false;
	}
	return true;
}

void scan_build_environment(struct project *p, const struct scan_options *o, struct diags *d)
{
	struct envfile env = {0};

	if (!o->build_env_file || read_file(p, o->build_env_file, &env, d) < 0)
		return;
	if (names_variables(env.values, o->build_env_file, d))
		p->build_environment = envfile_detach(&env);
	envfile_release(&env);
}
