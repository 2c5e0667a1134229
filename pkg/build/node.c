#include "build/node.h"

#include <stdlib.h>
#include <string.h>

#include "build/reuse.h"
#include "build/seen.h"
#include "fs/fs.h"
#include "json/json.h"

enum { FILE_MAX = 1024 * 1024 };

/* Every step has at most these. */
enum { ARGS_MAX = 6 };

struct command {
	const char *argv[ARGS_MAX + 1];
};

static const struct {
	struct command install_all, install, build;
} npm =
	{
		{{"npm", "install", "--no-audit", "--no-fund"}},
		{{"npm", "install", "--omit=dev", "--no-audit", "--no-fund"}},
		{{"npm", "run", "build"}},
},
  yarn = {
	  {{"yarn", "install"}},
	  {{"yarn", "install", "--production"}},
	  {{"yarn", "run", "build"}},
};

static bool has_any(const struct json *object, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (json_get(object, names[i]))
			return true;
	return false;
}

/* "installs" are scripts that an installation alone runs. */
static enum node_work work_of(const struct json *package)
{
	static const char *const lists[] = {"dependencies", "optionalDependencies",
					    "peerDependencies"};
	static const char *const installs[] = {"preinstall", "install", "postinstall",
					       "prepare"};
	const struct json *scripts = json_get(package, "scripts");
	size_t i;

	if (json_get(scripts, "build"))
		return NODE_BUILD;
	if (has_any(scripts, installs, countof(installs)))
		return NODE_INSTALL_RUN;
	for (i = 0; i < countof(lists); i++)
		if (json_count(json_get(package, lists[i])) > 0)
			return NODE_INSTALL;
	return NODE_NOTHING;
}

/* The parsed package.json, or NULL. */
static struct json *read_package(int root, const char *folder, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	char *path = xasprintf("%s/package.json", folder);
	struct json *package = NULL;
	struct str json;
	int rc = fs_read_below(root, -1, path, FILE_MAX, &text, e);

	if (rc == 0) {
		json = strbuf_str(&text);
		package = json_parse(
			str_starts(json, "\xef\xbb\xbf") ? str_from(json, 3) : json, e);
	}
	if (rc == 0 && !package) {
		err_wrap(e, "'%s' is not JSON", path);
		e->code = ERR_PROJECT;
	}
	strbuf_release(&text);
	free(path);
	return package;
}

int node_work(int root, const char *folder, enum node_work *work, struct err *e)
{
	struct json *package = read_package(root, folder, e);

	if (!package)
		return -1;
	*work = work_of(package);
	json_free(package);
	return 0;
}

/* "file:../x" and the like: a folder, whose contents may change. */
static bool is_folder(struct str version)
{
	return str_starts(version, "file:") || str_starts(version, "link:") ||
	       str_starts(version, "portal:") || str_starts(version, "workspace:") ||
	       str_starts(version, ".") || str_starts(version, "/") ||
	       str_starts(version, "~/");
}

static bool names_folders(const struct json *package)
{
	static const char *const lists[] = {"dependencies", "devDependencies",
					    "optionalDependencies", "peerDependencies"};
	const struct json *v;
	size_t i;

	for (i = 0; i < countof(lists); i++)
		for (v = json_first(json_get(package, lists[i])); v; v = json_next(v))
			if (is_folder(json_str(v)))
				return true;
	return json_get(package, "workspaces") != NULL;
}

static const char *join(struct arena *a, const char *const *argv)
{
	const char *text = argv[0];

	for (argv++; *argv; argv++)
		text = arena_printf(a, "%s %s", text, *argv);
	return text;
}

/* One building. */
struct making {
	const char *program; /* the path of npm or yarn */
	enum node_work work;
	bool names_folders;
};

static void run(struct job *job, const struct command *command, void (*then)(struct job *job))
{
	const struct making *m = job->own;
	struct job_step step = {.program = m->program, .argv = command->argv};

	step.shown = join(&job->arena, command->argv);
	step.subject = arena_printf(&job->arena, "'%s' in '%s'", step.shown, job->folder);
	job_run(job, &step, then);
}

static void installed(struct job *job)
{
	const struct making *m = job->own;

	if (job->e.code || m->work != NODE_BUILD)
		job_end(job);
	else
		run(job, job->yarn ? &yarn.build : &npm.build, job_end);
}

static int prepare(struct job *job, struct making *m, struct err *e)
{
	const char *name = job->yarn ? "yarn" : "npm";
	char *program;

	struct json *package = read_package(job->root, job->folder, e);

	if (!package)
		return -1;
	m->work = work_of(package);
	m->names_folders = names_folders(package);
	json_free(package);
	program = job_find(job, name);
	if (!program)
		return job_fail_missing(
			arena_printf(&job->arena, "%s/package.json", job->folder), name, e);
	m->program = arena_strdup(&job->arena, program);
	free(program);
	return 0;
}

static void install(struct job *job)
{
	const struct making *m = job->own;

	if (job->e.code || job->reused)
		job_end(job);
	else if (m->work == NODE_BUILD)
		run(job, job->yarn ? &yarn.install_all : &npm.install_all, installed);
	else
		run(job, job->yarn ? &yarn.install : &npm.install, installed);
}

static void see(struct job *job, bool runs_scripts)
{
	static const char *const variables[] = {"npm_config_*", "NPM_CONFIG_*", "NODE_*",
						"YARN_*", NULL};
	const char *const tools[] = {"node", job->yarn ? "yarn" : "npm", NULL};
	const char *kind = runs_scripts ? "scripts of npm" : "packages of npm";
	struct ledger *things = reuse_things(job);

	ledger_add(things, "kind of build", kind, strlen(kind));
	seen_tools(things, job, tools);
	seen_version_files(things, job);
	seen_system(things);
	seen_home_file(things, job->env, ".npmrc");
	if (job->yarn)
		seen_home_file(things, job->env, ".yarnrc");
	if (runs_scripts)
		seen_runtime(things, job);
	if (runs_scripts)
		seen_variables(things, job->env);
	else
		seen_variables_of(things, job->env, variables, job->given);
}

/* Without scripts of the function's own, npm and yarn look at these only. */
void node_build(struct job *job)
{
	static const char *const files[] = {
		"package.json", "package-lock.json", "yarn.lock",   "npm-shrinkwrap.json",
		".npmrc",       ".yarnrc",           ".yarnrc.yml", NULL};
	struct making *m = job->own = arena_new(&job->arena, struct making);
	struct past_scope scope = {0};

	if (prepare(job, m, &job->e) < 0) {
		job_end(job);
		return;
	}
	if (m->work == NODE_INSTALL)
		scope = (struct past_scope){.files = files, .whole = "node_modules"};
	if (m->names_folders)
		scope.why_not = "package.json names packages in folders, which may change";
	see(job, m->work != NODE_INSTALL);
	reuse_begin(job, &scope, install);
}
