#include "build/shell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/pythons.h"
#include "build/script.h"
#include "fs/fs.h"

enum { INLINE_MAX = 128 * 1024 - 1 /* what Linux takes as one argument (MAX_ARG_STRLEN) */ };

/* One run of a build.sh. */
struct run {
	struct job *job;
	const char *path; /* of the script: folder + "/build.sh" */
	struct script script;
	const char *program; /* what runs the script */
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

/* "3.11" of a function on "python:3.11"; NULL when the script need not care. */
static const char *wanted_python(const struct run *run)
{
	struct str runtime = str_of(run->job->runtime);

	if (!run->job->runtime || !str_starts(runtime, "python:3."))
		return NULL;
	return run->job->runtime + strlen("python:");
}

static void start(struct job *job);

/* What `python3` is, as "3.13", or "missing". False when it has to be asked first. */
static bool ask_python(const struct run *run, struct str *version)
{
	char *path = job_find(run->job, "python3");
	const struct python *python = path ? pythons_ask(run->job, path, start) : NULL;
	bool asked = path && !python;

	free(path);
	*version = python && python->version.n ? python->version : STR("missing");
	return !asked;
}

/*
 * A virtual environment of another version is silently of no use: the runtime
 * looks only into lib/python<its own version> (platform.md 3.3).  False when
 * Python has to be asked first.
 */
static bool check_python(const struct run *run, const char *wanted, struct err *e)
{
	const char *name = arena_printf(&run->job->arena, "python%s", wanted);
	char *path = job_find(run->job, name);
	struct str version;

	free(path);
	if (path)
		return true;
	if (!ask_python(run, &version))
		return false;
	if (!str_is(version, wanted))
		err_set(e, ERR_BUILD,
			"'%s' makes a virtualenv for '%s', but this machine has no '%s' "
			"(python3 is %.*s): apt-get install %s, or set a 'runtime:' that it "
			"has",
			run->path, run->job->runtime, name, STR_ARG(version), name);
	return true;
}

static void warn_of_pythons(const struct run *run, const char *wanted)
{
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

static void run_script(struct run *run)
{
	struct job *job = run->job;
	const char **argv = arena_calloc(&job->arena, SCRIPT_MAX_ARGS + 5, sizeof(*argv));
	struct job_step step = {.program = run->program, .argv = argv};

	if (fill_argv(run, argv, &job->e) < 0) {
		end(job);
		return;
	}
	step.shown = arena_printf(&job->arena, "%s ./build.sh", argv[0]);
	step.subject = arena_printf(&job->arena, "'%s'", run->path);
	job_run(job, &step, end);
}

/* Again when a Python has told its version. */
static void start(struct job *job)
{
	struct run *run = job->own;
	const char *wanted = wanted_python(run);

	if (!job->e.code && wanted && run->script.calls_virtualenv &&
	    !check_python(run, wanted, &job->e))
		return;
	if (job->e.code)
		end(job);
	else
		run_script(run);
}

void shell_build(struct job *job)
{
	struct run *run = job->own = arena_new(&job->arena, struct run);
	const char *wanted;

	run->job = job;
	run->path = arena_printf(&job->arena, "%s/build.sh", job->folder);
	if (read_script(run, &job->e) < 0 || check_tools(run, &job->e) < 0) {
		end(job);
		return;
	}
	wanted = wanted_python(run);
	if (wanted)
		warn_of_pythons(run, wanted);
	start(job);
}
