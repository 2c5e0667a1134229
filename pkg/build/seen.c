#include "build/seen.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "build/environment.h"
#include "fs/fs.h"
#include "json/json.h"

static const char *const passing[] = {
	"_",
	"PWD",
	"OLDPWD",
	"SHLVL",
	"TERM",
	"TERM_*",
	"COLORTERM",
	"COLUMNS",
	"LINES",
	"LS_COLORS",
	"WINDOWID",
	"DISPLAY",
	"WAYLAND_DISPLAY",
	"XAUTHORITY",
	"XDG_SESSION_*",
	"XDG_RUNTIME_DIR",
	"XDG_VTNR",
	"XDG_SEAT",
	"DBUS_SESSION_BUS_ADDRESS",
	"SESSION_MANAGER",
	"SSH_*",
	"GPG_*",
	"TMUX",
	"TMUX_*",
	"STY",
	"ITERM_*",
	"VSCODE_*",
	"VTE_VERSION",
	"KITTY_*",
	"PS1",
	"PROMPT_COMMAND",
	"DOFN_CACHE",
	"DOFN_CACHE_MAX",
	"XDG_CACHE_HOME",
};

static bool matches(const char *pattern, struct str name)
{
	struct str p = str_of(pattern);

	if (!str_ends(p, "*"))
		return str_eq(p, name);
	p.n--;
	return name.n >= p.n && memcmp(p.p, name.p, p.n) == 0;
}

static bool is_passing(struct str name)
{
	size_t i;

	for (i = 0; i < countof(passing); i++)
		if (matches(passing[i], name))
			return true;
	return false;
}

static bool is_listed(struct str name, const char *const *patterns)
{
	for (; *patterns; patterns++)
		if (matches(*patterns, name))
			return true;
	return false;
}

static void add_variable(struct ledger *r, const char *variable, struct str name)
{
	char *thing = xasprintf("variable %.*s", STR_ARG(name));
	struct str value = str_from(str_of(variable), name.n);

	ledger_add(r, thing, value.p, value.n);
	free(thing);
}

void seen_variables(struct ledger *r, const char *const *env)
{
	for (; *env; env++) {
		struct str name = {*env, strcspn(*env, "=")};

		if (!is_passing(name))
			add_variable(r, *env, name);
	}
}

void seen_variables_of(struct ledger *r, const char *const *env, const char *const *patterns,
		       const struct json *more)
{
	for (; *env; env++) {
		struct str name = {*env, strcspn(*env, "=")};

		if (is_listed(name, patterns) || json_getn(more, name))
			add_variable(r, *env, name);
	}
}

/* Of an absolute path; version managers' stand-ins are what they are, see seen_version_files().
 */
void seen_tool(struct ledger *r, const char *name, const char *path)
{
	char *thing = xasprintf("tool %s", name), *real = realpath(path, NULL), *text;
	struct stat st = {0};

	if (stat(path, &st) < 0)
		st = (struct stat){0};
	text = xasprintf("%s %lld %lld.%09ld", real ? real : path, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	ledger_add(r, thing, text, strlen(text));
	free(text);
	free(real);
	free(thing);
}

void seen_tools(struct ledger *r, const struct job *job, const char *const *names)
{
	for (; *names; names++) {
		char *path = job_find(job, *names);

		if (path)
			seen_tool(r, *names, path);
		free(path);
	}
}

void seen_file(struct ledger *r, const char *path)
{
	unsigned char digest[SHA256_SIZE];
	char *thing = xasprintf("machine file %s", path);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	uint64_t size;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    fs_hash_rest(fd, digest, &size) == 0)
		ledger_add_digest(r, thing, digest);
	if (fd >= 0)
		(void)close(fd);
	free(thing);
}

void seen_home_file(struct ledger *r, const char *const *env, const char *name)
{
	const char *home = environment_value(env, "HOME");
	char *path = home ? xasprintf("%s/%s", home, name) : NULL;

	if (path)
		seen_file(r, path);
	free(path);
}

void seen_config_file(struct ledger *r, const char *const *env, const char *name)
{
	const char *config = environment_value(env, "XDG_CONFIG_HOME");
	char *path;

	if (config && *config == '/')
		path = xasprintf("%s/%s", config, name);
	else
		path = xasprintf(".config/%s", name);
	if (*path == '/')
		seen_file(r, path);
	else
		seen_home_file(r, env, path);
	free(path);
}

static void add_version_files(struct ledger *r, struct str folder)
{
	static const char *const names[] = {".python-version", ".node-version", ".nvmrc",
					    ".tool-versions",  "mise.toml",     ".mise.toml"};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		char *path = xasprintf("%.*s/%s", STR_ARG(folder), names[i]);

		if (access(path, F_OK) == 0)
			seen_file(r, path);
		free(path);
	}
}

void seen_version_files(struct ledger *r, const struct job *job)
{
	const char *pyenv = environment_value(job->env, "PYENV_ROOT");
	char *path = xasprintf("%s/%s", job->real, job->folder);
	struct str folder = path_dir(str_of(path));

	for (; folder.n; folder = path_dir(folder))
		add_version_files(r, folder);
	free(path);
	path = xasprintf("%s/version", pyenv ? pyenv : "");
	if (pyenv)
		seen_file(r, path);
	else
		seen_home_file(r, job->env, ".pyenv/version");
	free(path);
	seen_home_file(r, job->env, ".tool-versions");
}

void seen_runtime(struct ledger *r, const struct job *job)
{
	if (job->runtime)
		ledger_add(r, "runtime", job->runtime, strlen(job->runtime));
}

void seen_system(struct ledger *r)
{
	struct utsname name;
	char *text;

	if (uname(&name) < 0)
		return;
	text = xasprintf("%s %s", name.sysname, name.machine);
	ledger_add(r, "system", text, strlen(text));
	free(text);
}
