#include "build/shell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build/script.h"
#include "fs/fs.h"

enum {
	ANSWER_MS = 10000,           /* for an interpreter to tell its version */
	INLINE_MAX = 128 * 1024 - 1, /* what Linux takes as one argument (MAX_ARG_STRLEN) */
};

/* One run of a build.sh. */
struct run {
	struct job *job;
	const char *path; /* of the script: folder + "/build.sh" */
	struct script script;
	char *program; /* what runs the script */
};

/* The program of the first line; where its path does not exist, the one of that name in PATH.
 */
static int find_interpreter(struct run *run, struct err *e)
{
	const char *name = path_base(str_of(run->script.program)).p;

	if (*run->script.program == '/')
		run->program = job_find(run->job, run->script.program);
	if (!run->program)
		run->program = job_find(run->job, name);
	return run->program ? 0 : job_fail_missing(run->path, name, e);
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

/* What `python3` is, as "3.13"; empty when it cannot be asked. */
static int ask_python(struct run *run, struct strbuf *version, struct err *e)
{
	static const char *const argv[] = {
		"python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])", NULL};
	struct proc_spec spec = {
		.file = "python3", .argv = argv, .envp = run->job->env, .cwd = -1};
	struct proc_end end;
	char *path = job_find(run->job, "python3");
	int rc;

	if (!path)
		return 0;
	free(path);
	rc = proc_capture(run->job->loop, &spec, version, ANSWER_MS, &end, e);
	if (rc < 0)
		return -1;
	version->len = end.status == 0 ? str_trim(strbuf_str(version)).n : 0;
	version->buf[version->len] = '\0';
	return 0;
}

/*
 * A virtual environment of another version is silently of no use: the runtime
 * looks only into lib/python<its own version> (platform.md 3.3).
 */
static int check_python(struct run *run, const char *wanted, struct err *e)
{
	struct strbuf version = STRBUF_MAX(64);
	char *name = xasprintf("python%s", wanted);
	char *path = job_find(run->job, name);
	int rc = path ? 0 : ask_python(run, &version, e);

	if (!path && rc == 0 && strcmp(version.buf, wanted) != 0)
		rc = err_set(e, ERR_BUILD,
			     "'%s' makes a virtualenv for '%s', but this machine has no '%s' "
			     "(python3 is %s): apt-get install %s, or set a 'runtime:' that it "
			     "has",
			     run->path, run->job->runtime, name,
			     version.len ? version.buf : "missing", name);
	free(name);
	free(path);
	strbuf_release(&version);
	return rc;
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
	const char *wanted = wanted_python(run);

	if (find_interpreter(run, e) < 0 ||
	    need_tool(run, s->calls_virtualenv, "virtualenv", NULL, e) < 0 ||
	    need_tool(run, s->calls_pip, "pip", "pip3", e) < 0)
		return -1;
	if (!wanted)
		return 0;
	warn_of_pythons(run, wanted);
	return s->calls_virtualenv ? check_python(run, wanted, e) : 0;
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

int shell_build(struct job *job, struct err *e)
{
	const char *argv[SCRIPT_MAX_ARGS + 5] = {0};
	struct run run = {.job = job,
			  .path = arena_printf(&job->arena, "%s/build.sh", job->folder),
			  .script = {.program = "bash"}};
	struct job_step step = {.argv = argv};
	int rc = -1;

	if (read_script(&run, e) == 0 && check_tools(&run, e) == 0 &&
	    fill_argv(&run, argv, e) == 0) {
		step.program = run.program;
		step.shown = arena_printf(&job->arena, "%s ./build.sh", argv[0]);
		step.subject = arena_printf(&job->arena, "'%s'", run.path);
		rc = job_run(job, &step, e);
	}
	free(run.program);
	script_release(&run.script);
	return rc;
}
