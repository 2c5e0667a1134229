#include "build/node.h"

#include <stdlib.h>
#include <string.h>

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
	for (i = 0; i < countof(lists); i++)
		if (json_count(json_get(package, lists[i])) > 0)
			return NODE_INSTALL;
	return has_any(scripts, installs, countof(installs)) ? NODE_INSTALL : NODE_NOTHING;
}

int node_work(int root, const char *folder, enum node_work *work, struct err *e)
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
		rc = err_wrap(e, "'%s' is not JSON", path);
		e->code = ERR_PROJECT;
	}
	if (rc == 0)
		*work = work_of(package);
	json_free(package);
	strbuf_release(&text);
	free(path);
	return rc;
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

	if (node_work(job->root, job->folder, &m->work, e) < 0)
		return -1;
	program = job_find(job, name);
	if (!program)
		return job_fail_missing(
			arena_printf(&job->arena, "%s/package.json", job->folder), name, e);
	m->program = arena_strdup(&job->arena, program);
	free(program);
	return 0;
}

void node_build(struct job *job)
{
	struct making *m = job->own = arena_new(&job->arena, struct making);

	if (prepare(job, m, &job->e) < 0)
		job_end(job);
	else if (m->work == NODE_BUILD)
		run(job, job->yarn ? &yarn.install_all : &npm.install_all, installed);
	else
		run(job, job->yarn ? &yarn.install : &npm.install, installed);
}
