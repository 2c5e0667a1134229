#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "build/environment.h"
#include "build/script.h"
#include "fs/fs.h"
#include "proc/proc.h"

enum {
	OUTPUT_MAX = 10 * 1024 * 1024,
	STOP_GRACE_MS = 3000,
	ANSWER_MS = 10000,           /* for an interpreter to tell its version */
	INLINE_MAX = 128 * 1024 - 1, /* what Linux takes as one argument (MAX_ARG_STRLEN) */
};

/* One run of a build.sh. */
struct job {
	struct loop *loop;
	struct sink *sink;
	struct arena arena;
	int root;                     /* the project's */
	const char *folder;           /* below the root */
	const char *path;             /* of the script: folder + "/build.sh" */
	const char *name;             /* in events */
	const char *runtime;          /* of the function, or NULL */
	const struct json *variables; /* the project's own for builds, or NULL */
	const char *const *env;
	struct script script;
	char *program; /* what runs the script */
	struct proc *proc;
	struct proc_end end;
	bool done;
};

/* Programs of which we know what to install. */
static const struct {
	const char *program, *package;
} packages[] = {
	{"bash", "bash"},        {"virtualenv", "virtualenv"}, {"pip", "python3-pip"},
	{"pip3", "python3-pip"}, {"python3", "python3"},       {"zsh", "zsh"},
	{"ksh", "ksh"},          {"node", "nodejs"},           {"perl", "perl"},
	{"ruby", "ruby"},        {"php", "php-cli"},           {"make", "make"},
};

static int has_file(int root, const char *folder, const char *name, struct err *e)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	int found = 0;

	if (fstatat(root, path, &st, 0) == 0)
		found = S_ISREG(st.st_mode);
	else if (errno != ENOENT && errno != ENOTDIR)
		found = err_sys(e, "cannot look at '%s'", path);
	free(path);
	return found;
}

/* A build that silently does not happen is the worst: a build.sh that is there runs or is an
 * error; a folder of that name is one like others. */
static int has_script(int root, const char *folder, struct err *e)
{
	char *path = xasprintf("%s/build.sh", folder);
	int found = has_file(root, folder, "build.sh", e);
	struct stat st;

	if (found == 0 && fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode))
		found = err_set(e, ERR_PROJECT,
				"'%s' is no file that could be run; remove it or put a script "
				"in its place",
				path);
	free(path);
	return found;
}

int build_choose(int root, const char *folder, enum build_kind *kind, struct err *e)
{
	int script = has_script(root, folder, e), other;

	if (script < 0)
		return -1;
	*kind = script ? BUILD_SCRIPT : BUILD_NONE;
	if (script)
		return 0;
	other = has_file(root, folder, "build.cmd", e);
	if (other > 0)
		return err_set(
			e, ERR_PROJECT,
			"'%s/build.cmd' runs on Windows only; add a 'build.sh' that does "
			"the same",
			folder);
	if (other == 0)
		other = has_file(root, folder, "package.json", e);
	if (other > 0)
		return err_set(e, ERR_PROJECT,
			       "'%s' has a package.json, and npm builds are not supported yet; "
			       "add a 'build.sh' with the npm commands, e.g. 'npm install "
			       "--omit=dev', or an empty one",
			       folder);
	return other;
}

static char *find_program(const struct job *job, const char *name)
{
	return proc_find(name, environment_value(job->env, "PATH"));
}

static int fail_missing(const struct job *job, const char *program, struct err *e)
{
	size_t i;

	for (i = 0; i < countof(packages); i++)
		if (strcmp(packages[i].program, program) == 0)
			return err_set(e, ERR_BUILD,
				       "'%s' needs '%s', which is not installed: apt-get "
				       "install %s",
				       job->path, program, packages[i].package);
	return err_set(e, ERR_BUILD, "'%s' needs '%s', which is not installed", job->path,
		       program);
}

/* The program of the first line; where its path does not exist, the one of that name in PATH.
 */
static int find_interpreter(struct job *job, struct err *e)
{
	const char *name = path_base(str_of(job->script.program)).p;

	if (*job->script.program == '/')
		job->program = find_program(job, job->script.program);
	if (!job->program)
		job->program = find_program(job, name);
	return job->program ? 0 : fail_missing(job, name, e);
}

static int need_tool(const struct job *job, bool needed, const char *name, const char *other,
		     struct err *e)
{
	char *path = needed ? find_program(job, name) : NULL;

	if (needed && !path && other)
		path = find_program(job, other);
	if (needed && !path)
		return fail_missing(job, name, e);
	free(path);
	return 0;
}

/* "3.11" of a function on "python:3.11"; NULL when the script need not care. */
static const char *wanted_python(const struct job *job)
{
	struct str runtime = str_of(job->runtime);

	if (!job->runtime || !str_starts(runtime, "python:3."))
		return NULL;
	return job->runtime + strlen("python:");
}

/* What `python3` is, as "3.13"; empty when it cannot be asked. */
static int ask_python(struct job *job, struct strbuf *version, struct err *e)
{
	static const char *const argv[] = {
		"python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])", NULL};
	struct proc_spec spec = {.file = "python3", .argv = argv, .envp = job->env, .cwd = -1};
	struct proc_end end;
	char *path = find_program(job, "python3");
	int rc;

	if (!path)
		return 0;
	free(path);
	rc = proc_capture(job->loop, &spec, version, ANSWER_MS, &end, e);
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
static int check_python(struct job *job, const char *wanted, struct err *e)
{
	struct strbuf version = STRBUF_MAX(64);
	char *name = xasprintf("python%s", wanted);
	char *path = find_program(job, name);
	int rc = path ? 0 : ask_python(job, &version, e);

	if (!path && rc == 0 && strcmp(version.buf, wanted) != 0)
		rc = err_set(e, ERR_BUILD,
			     "'%s' makes a virtualenv for '%s', but this machine has no '%s' "
			     "(python3 is %s): apt-get install %s, or set a 'runtime:' that it "
			     "has",
			     job->path, job->runtime, name,
			     version.len ? version.buf : "missing", name);
	free(name);
	free(path);
	strbuf_release(&version);
	return rc;
}

static void warn_of_pythons(const struct job *job, const char *wanted)
{
	size_t i;

	for (i = 0; i < job->script.pythons.n; i++)
		if (strcmp(job->script.pythons.v[i], wanted) != 0)
			sink_warning(
				job->sink, job->name,
				"'%s' names python%s but the function's runtime is '%s': what "
				"it installs there will not be found",
				job->path, job->script.pythons.v[i], job->runtime);
}

static int check_tools(struct job *job, struct err *e)
{
	const struct script *s = &job->script;
	const char *wanted = wanted_python(job);

	if (find_interpreter(job, e) < 0 ||
	    need_tool(job, s->calls_virtualenv, "virtualenv", NULL, e) < 0 ||
	    need_tool(job, s->calls_pip, "pip", "pip3", e) < 0)
		return -1;
	if (!wanted)
		return 0;
	warn_of_pythons(job, wanted);
	return s->calls_virtualenv ? check_python(job, wanted, e) : 0;
}

static int read_script(struct job *job, struct err *e)
{
	struct strbuf text = STRBUF_INIT;
	struct stat st;
	int rc = fs_read_below(job->root, -1, job->path, SCRIPT_MAX, &text, e);

	if (rc == 0 && script_parse(&job->script, &job->arena, strbuf_str(&text), e) < 0)
		rc = err_wrap(e, "'%s'", job->path);
	strbuf_release(&text);
	if (rc < 0)
		return -1;
	if (fstatat(job->root, job->path, &st, 0) == 0 && !(st.st_mode & 0111))
		sink_note(job->sink, job->name, "'%s' is not executable; it runs all the same",
			  job->path);
	return 0;
}

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more UNUSED)
{
	struct job *job = arg;
	const struct event ev = {.type = EVENT_BUILD_LINE,
				 .function = job->name,
				 .text = line,
				 .stderr_line = stream == PROC_STDERR};

	sink_emit(job->sink, &ev);
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct job *job = arg;

	job->end = *end;
	job->proc = NULL;
	job->done = true;
}

static void on_cancel(void *arg)
{
	struct job *job = arg;

	if (job->proc)
		proc_stop(job->proc, STOP_GRACE_MS);
}

static int run_to_end(struct job *job, const char *const *argv, struct err *e)
{
	struct proc_spec spec = {.file = job->program,
				 .argv = argv,
				 .envp = job->env,
				 .on_line = on_line,
				 .on_end = on_end,
				 .arg = job,
				 .max_output = OUTPUT_MAX};
	struct loop_cancel *cancel;

	spec.cwd = fs_open_dir(job->root, job->folder, e);
	if (spec.cwd < 0)
		return -1;
	job->proc = proc_start(job->loop, &spec, e);
	(void)close(spec.cwd);
	if (!job->proc)
		return err_wrap(e, "cannot run '%s'", job->path);
	cancel = loop_on_cancel(job->loop, on_cancel, job);
	loop_run_until(job->loop, &job->done);
	loop_cancel_stop(cancel);
	return 0;
}

static int judge(const struct job *job, struct err *e)
{
	if (job->end.dropped)
		sink_warning(job->sink, job->name,
			     "'%s' wrote more than %d MiB of output; the rest is not shown",
			     job->path, OUTPUT_MAX >> 20);
	if (loop_interrupted(job->loop))
		return err_set(e, ERR_CANCELLED, "'%s' was interrupted", job->path);
	if (job->end.signum)
		return err_set(e, ERR_BUILD, "'%s' was ended by signal %d (%s)", job->path,
			       job->end.signum, strsignal(job->end.signum));
	if (job->end.status != 0) {
		err_set(e, ERR_BUILD, "'%s' exited with code %d", job->path, job->end.status);
		e->status = job->end.status;
		return -1;
	}
	return 0;
}

/*
 * A shell cannot read CR LF, so it gets the corrected text as its -c argument:
 * unlike a corrected copy elsewhere this keeps $0, from which scripts find
 * their folder.  Other interpreters take CR LF; only the kernel, which would
 * read the first line, does not, and it is not asked.
 */
static int fill_argv(struct job *job, const char **argv, struct err *e)
{
	const struct script *s = &job->script;
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
				       job->path);
		sink_note(job->sink, job->name,
			  "'%s' has Windows line ends; it runs as if they were not there",
			  job->path);
		argv[n++] = "-c";
		argv[n++] = s->text;
	}
	argv[n] = "./build.sh";
	return 0;
}

static int run_script(struct job *job, struct err *e)
{
	const char *argv[SCRIPT_MAX_ARGS + 5] = {0};
	struct event ev = {.type = EVENT_BUILD_STARTED, .function = job->name};
	uint64_t start;

	if (read_script(job, e) < 0 || check_tools(job, e) < 0 || fill_argv(job, argv, e) < 0)
		return -1;
	if (loop_interrupted(job->loop))
		return err_set(e, ERR_CANCELLED, "'%s' was interrupted", job->path);
	ev.text = str_of(arena_printf(&job->arena, "%s ./build.sh", argv[0]));
	sink_emit(job->sink, &ev);
	start = clock_monotonic_ms();
	if (run_to_end(job, argv, e) < 0 || judge(job, e) < 0)
		return -1;
	ev = (struct event){.type = EVENT_BUILD_ENDED,
			    .function = job->name,
			    .ms = clock_monotonic_ms() - start};
	sink_emit(job->sink, &ev);
	return 0;
}

static int build_folder(struct job *job, struct err *e)
{
	enum build_kind kind;
	int rc;

	if (build_choose(job->root, job->folder, &kind, e) < 0)
		return -1;
	if (kind == BUILD_NONE)
		return 0;
	job->path = arena_printf(&job->arena, "%s/build.sh", job->folder);
	job->env = build_environment(&job->arena, environ, job->variables);
	rc = run_script(job, e);
	free(job->program);
	script_release(&job->script);
	arena_release(&job->arena);
	return rc;
}

int build_function(struct loop *l, struct project *p, const struct function *f,
		   struct sink *sink, struct err *e)
{
	struct job job = {.loop = l,
			  .sink = sink,
			  .root = p->root_fd,
			  .folder = f->source,
			  .name = function_full_name(p, f),
			  .runtime = f->runtime,
			  .variables = p->build_environment};

	return f->source_kind == SOURCE_FOLDER ? build_folder(&job, e) : 0;
}

int build_lib(struct loop *l, struct project *p, struct sink *sink, struct err *e)
{
	struct job job = {.loop = l,
			  .sink = sink,
			  .root = p->root_fd,
			  .folder = "lib",
			  .name = "lib",
			  .variables = p->build_environment};

	return p->has_lib ? build_folder(&job, e) : 0;
}
