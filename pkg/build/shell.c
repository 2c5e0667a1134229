#include "build/shell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/reuse.h"
#include "build/script.h"
#include "build/seen.h"
#include "build/steer.h"
#include "fs/fs.h"

enum { INLINE_MAX = 128 * 1024 - 1 /* what Linux takes as one argument (MAX_ARG_STRLEN) */ };

/* One run of a build.sh. */
struct run {
	struct job *job;
	const char *path; /* of the script: folder + "/build.sh" */
	struct script script;
	const char *program;         /* what runs the script */
	struct python_target target; /* of a function whose runtime names a Python */
	struct python here, own;     /* `python3`, and the target's own; empty without one */
	bool steered;                /* pip is told of the target */
};

/* The program of the first line; where its path does not exist, the one of that name in PATH.
 */
static int find_interpreter(struct run *run, struct err *e)
{
	const char *name = path_base(str_of(run->script.program)).p;
	char *path = NULL;

	if (*run->script.program == '/')
		path = job_find(run->job, run->script.program);
	if (!path)
		path = job_find(run->job, name);
	if (!path)
		return job_fail_missing(run->path, name, e);
	run->program = arena_strdup(&run->job->arena, path);
	free(path);
	return 0;
}

static int need_tool(const struct run *run, bool needed, const char *name, const char *other,
		     struct err *e)
{
	char *path = needed ? job_find(run->job, name) : NULL;

	if (needed && !path && other)
		path = job_find(run->job, other);
	if (needed && !path)
		return job_fail_missing(run->path, name, e);
	free(path);
	return 0;
}

/* Not where the host decides which Python the default is. */
static bool find_target(struct run *run)
{
	const char *runtime = run->job->runtime;

	return runtime && str_starts(str_of(runtime), "python:3.") &&
	       target_find(&run->target, &run->job->arena, runtime);
}

static void start(struct job *job);

/* False when it has to be asked first. */
static bool ask_python(const struct run *run, const char *name, struct python *python)
{
	char *path = job_find(run->job, name);
	const struct python *found = path ? pythons_ask(run->job, path, start) : NULL;
	bool waiting = path && !found;

	free(path);
	if (found)
		*python = *found;
	return !waiting;
}

static bool runs_own(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->script.runs.n; i++)
		if (strcmp(run->script.runs.v[i], run->target.version) == 0)
			return target_is_native(&run->target, &run->own);
	return false;
}

static bool can_steer(const struct run *run)
{
	const struct script *s = &run->script;

	return s->pip_targets > 0 && s->pip_others == 0 && !steer_is_set(run->job->env) &&
	       !runs_own(run);
}

static void steer(struct run *run)
{
	struct job *job = run->job;

	run->steered = true;
	job->env = steer_environment(&job->arena, job->env, &run->target);
	sink_note(job->sink, job->name,
		  "here is Python %.*s on %.*s: 'pip install --target' in '%s' is told to take "
		  "packages for Python %s on Linux x86-64",
		  STR_ARG(run->here.version), STR_ARG(run->here.system), run->path,
		  run->target.version);
}

/*
 * A virtual environment of another version is silently of no use: the runtime
 * looks only into lib/python<its own version> (platform.md 3.3).
 */
static int refuse(const struct run *run, struct err *e)
{
	const char *version = run->target.version;
	struct str here = run->here.version.n ? run->here.version : STR("missing");

	return err_set(
		e, ERR_BUILD,
		"'%s' makes a virtualenv for '%s', but this machine has no 'python%s' "
		"(python3 is %.*s)%s: apt-get install python%s, set a 'runtime:' that it "
		"has, or deploy with --remote-build",
		run->path, run->job->runtime, version, STR_ARG(here),
		run->script.pip_others
			? ", and 'pip install' without --target installs for the Python "
			  "that runs it"
			: "",
		version);
}

static int choose_python(struct run *run, struct err *e)
{
	const char *version = run->target.version;

	if (target_is_native(&run->target, &run->here))
		return 0;
	if (run->here.system.n && can_steer(run))
		steer(run);
	else if (run->script.calls_virtualenv && !str_is(run->here.version, version) &&
		 !str_is(run->own.version, version))
		return refuse(run, e);
	return 0;
}

static void warn_of_pythons(const struct run *run)
{
	const char *wanted = run->target.version;
	size_t i;

	for (i = 0; i < run->script.pythons.n; i++)
		if (strcmp(run->script.pythons.v[i], wanted) != 0)
			sink_warning(
				run->job->sink, run->job->name,
				"'%s' names python%s but the function's runtime is '%s': what "
				"it installs there will not be found",
				run->path, run->script.pythons.v[i], run->job->runtime);
}

static int check_tools(struct run *run, struct err *e)
{
	const struct script *s = &run->script;

	if (find_interpreter(run, e) < 0 ||
	    need_tool(run, s->calls_virtualenv, "virtualenv", NULL, e) < 0)
		return -1;
	return need_tool(run, s->calls_pip, "pip", "pip3", e);
}

static int read_script(struct run *run, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct stat st;
	int rc = fs_read_below(run->job->root, -1, run->path, SCRIPT_MAX, &text, e);

	if (rc == 0 && script_parse(&run->script, &run->job->arena, strbuf_str(&text), e) < 0)
		rc = err_wrap(e, "'%s'", run->path);
	strbuf_release(&text);
	if (rc < 0)
		return -1;
	if (fstatat(run->job->root, run->path, &st, 0) == 0 && !(st.st_mode & 0111))
		sink_note(run->job->sink, run->job->name,
			  "'%s' is not executable; it runs all the same", run->path);
	return 0;
}

/*
 * A shell cannot read CR LF, so it gets the corrected text as its -c argument:
 * unlike a corrected copy elsewhere this keeps $0, from which scripts find
 * their folder.  Other interpreters take CR LF; only the kernel, which would
 * read the first line, does not, and it is not asked.
 */
static int fill_argv(struct run *run, const char **argv, struct err *e)
{
	const struct script *s = &run->script;
	bool corrected = s->crlf && script_is_shell(s);
	size_t i, n = 0;

	argv[n++] = path_base(str_of(s->program)).p;
	for (i = 0; i < s->args_n; i++)
		argv[n++] = s->args[i];
	if (corrected) {
		if (s->n > INLINE_MAX)
			return err_set(e, ERR_BUILD,
				       "'%s' has Windows line ends and is too long to correct "
				       "on the way: run dos2unix on it",
				       run->path);
		sink_note(run->job->sink, run->job->name,
			  "'%s' has Windows line ends; it runs as if they were not there",
			  run->path);
		argv[n++] = "-c";
		argv[n++] = s->text;
	}
	argv[n] = "./build.sh";
	return 0;
}

/* The end of it, well or not. */
static void end(struct job *job)
{
	struct run *run = job->own;

	script_release(&run->script);
	job_end(job);
}

/* pip does not say why it looks for something else than what is here. */
static void explain(const struct run *run, struct err *e)
{
	char *first = e->msg;

	if (e->code != ERR_BUILD)
		return;
	e->msg = xasprintf("%s; its 'pip install --target' looked for wheels for Python %s on "
			   "Linux x86-64. If a package has none, take a version that has one, "
			   "install python%s here, or deploy with --remote-build",
			   first, run->target.version, run->target.version);
	free(first);
}

static void ran(struct job *job)
{
	struct run *run = job->own;

	if (run->steered && job->e.code)
		explain(run, &job->e);
	else if (run->steered)
		(void)!steer_activation(job, &run->target, &job->e);
	end(job);
}

static void run_script(struct job *job)
{
	struct run *run = job->own;
	const char **argv = arena_calloc(&job->arena, SCRIPT_MAX_ARGS + 5, sizeof(*argv));
	struct job_step step = {.program = run->program, .argv = argv};

	if (job->e.code || job->reused || fill_argv(run, argv, &job->e) < 0) {
		end(job);
		return;
	}
	step.shown = arena_printf(&job->arena, "%s ./build.sh", argv[0]);
	step.subject = arena_printf(&job->arena, "'%s'", run->path);
	job_run(job, &step, ran);
}

/* A script may look at anything; what it can hardly mean is left out. */
static void reuse(struct run *run)
{
	static const char *const tools[] = {"node",   "npm",      "yarn",  "pnpm", "python3",
					    "python", "pip",      "pip3",  "uv",   "virtualenv",
					    "poetry", "go",       "cargo", "gcc",  "make",
					    "php",    "composer", NULL};
	const char *const program[] = {run->program, NULL};
	const struct past_scope scope = {0};
	struct ledger *things = reuse_things(run->job);

	ledger_add(things, "kind of build", "build.sh", 8);
	seen_runtime(things, run->job);
	seen_variables(things, run->job->env);
	seen_tools(things, run->job, program);
	seen_tools(things, run->job, tools);
	seen_version_files(things, run->job);
	seen_system(things);
	reuse_begin(run->job, &scope, run_script);
}

/* Again when a Python has told its version. */
static void start(struct job *job)
{
	struct run *run = job->own;
	const struct script *s = &run->script;
	bool concerned = run->target.version && (s->calls_virtualenv || s->pip_targets);

	if (!job->e.code && concerned) {
		const char *own = arena_printf(&job->arena, "python%s", run->target.version);

		if (!ask_python(run, "python3", &run->here) || !ask_python(run, own, &run->own))
			return;
		(void)!choose_python(run, &job->e);
	}
	if (job->e.code)
		end(job);
	else
		reuse(run);
}

void shell_build(struct job *job)
{
	struct run *run = job->own = arena_new(&job->arena, struct run);

	run->job = job;
	run->path = arena_printf(&job->arena, "%s/build.sh", job->folder);
	if (read_script(run, &job->e) < 0 || check_tools(run, &job->e) < 0) {
		end(job);
		return;
	}
	if (find_target(run))
		warn_of_pythons(run);
	start(job);
}
