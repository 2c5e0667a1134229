#include "build/installer.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { ANSWER_MS = 10000, ARGS_MAX = 24 };

extern const unsigned char embed_pip_py[];

/* A Python of this machine, as pip.py describes it. */
struct python {
	const char *program; /* its path */
	struct str version, system;
	bool glibc, pip;
};

static const char *launcher(void)
{
	return (const char *)embed_pip_py;
}

/* Empty when it cannot be run, as the stand-ins of version managers cannot. */
static int ask(struct job *job, const char *program, struct strbuf *answer, struct err *e)
{
	const char *argv[] = {program, "-c", launcher(), NULL};
	struct proc_spec spec = {.file = program, .argv = argv, .envp = job->env, .cwd = -1};
	struct proc_end end;

	if (proc_capture(job->loop, &spec, answer, ANSWER_MS, &end, e) < 0)
		return -1;
	if (end.status != 0)
		strbuf_reset(answer);
	return 0;
}

static int describe(struct job *job, struct python *python, struct err *e)
{
	struct strbuf answer = STRBUF_MAX(256), clean = STRBUF_INIT;
	int rc = ask(job, python->program, &answer, e);
	struct str rest, libc = {0}, pip = {0};

	utf8_add_printable(&clean, str_trim(strbuf_str(&answer)));
	rest = str_of(arena_strdup(&job->arena, clean.buf));
	(void)str_next(&rest, ' ', &python->version);
	(void)str_next(&rest, ' ', &python->system);
	(void)str_next(&rest, ' ', &libc);
	(void)str_next(&rest, ' ', &pip);
	python->glibc = str_is(libc, "glibc");
	python->pip = str_is(pip, "pip");
	strbuf_release(&answer);
	strbuf_release(&clean);
	return rc;
}

static bool has_system(const struct python *python)
{
	return python->glibc && str_is(python->system, "linux-x86_64");
}

static bool is_native(const struct python *python, const struct python_target *target)
{
	return has_system(python) && str_is(python->version, target->version);
}

/* The one that is like the target's, else one with pip, else any. */
static bool is_better(const struct python *a, const struct python *b,
		      const struct python_target *target)
{
	if (!b->program || a->pip != b->pip)
		return !b->program || a->pip;
	return is_native(a, target) && !is_native(b, target);
}

static int find_python(struct job *job, const struct python_target *target, struct python *best,
		       struct err *e)
{
	const char *names[] = {arena_printf(&job->arena, "python%s", target->version),
			       "python3", "python"};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		char *path = job_find(job, names[i]);
		struct python found = {0};

		if (!path)
			continue;
		found.program = arena_strdup(&job->arena, path);
		free(path);
		if (describe(job, &found, e) < 0)
			return -1;
		if (found.version.n && is_better(&found, best, target))
			*best = found;
		if (best->pip && is_native(best, target))
			break;
	}
	return 0;
}

static int take_uv(struct installer *in, struct job *job, struct err *e)
{
	char *uv = job_find(job, "uv");

	if (!uv)
		return err_set(e, ERR_BUILD,
			       "'%s' has Python packages to install and needs 'pip', which is "
			       "not installed: apt-get install python3-pip, or install uv",
			       job->folder);
	in->program = arena_strdup(&job->arena, uv);
	in->is_uv = true;
	free(uv);
	return 0;
}

int installer_find(struct installer *in, struct job *job, const struct python_target *target,
		   struct err *e)
{
	struct python best = {0};

	*in = (struct installer){.here = "no Python"};
	if (find_python(job, target, &best, e) < 0)
		return -1;
	if (best.program) {
		in->here = arena_printf(&job->arena, "Python %.*s on %.*s",
					STR_ARG(best.version), STR_ARG(best.system));
		in->program = best.program;
		in->native = is_native(&best, target);
		in->same_system = has_system(&best);
	}
	return best.pip ? 0 : take_uv(in, job, e);
}

static void fill_pip(const struct installer *in, struct job *job,
		     const struct python_target *target, const char **argv)
{
	size_t n = 0;

	argv[n++] = in->program;
	argv[n++] = "-c";
	argv[n++] = launcher();
	argv[n++] = in->native ? "native" : "foreign";
	argv[n++] = target->version;
	argv[n] = arena_printf(&job->arena, "%u", target->glibc);
}

static void fill_uv(const struct installer *in, struct job *job,
		    const struct python_target *target, const char **argv)
{
	size_t n = 0;

	argv[n++] = in->program;
	argv[n++] = "pip";
	argv[n++] = "install";
	argv[n++] = "--link-mode=copy";
	argv[n++] = "--no-progress";
	argv[n++] = "--python-version";
	argv[n++] = target->version;
	argv[n++] = "--python-platform";
	argv[n++] = arena_printf(&job->arena, "x86_64-manylinux_2_%u", target->glibc);
	if (!in->native)
		argv[n++] = "--only-binary=:all:";
	argv[n++] = "--target";
}

static void add(const char **argv, const char *argument)
{
	while (*argv)
		argv++;
	*argv = argument;
}

int installer_run(const struct installer *in, struct job *job,
		  const struct python_target *target, const char *file, const char *into,
		  struct err *e)
{
	const char *argv[ARGS_MAX] = {0}, *tool = in->is_uv ? "uv pip" : "pip";
	struct job_step step = {.program = in->program, .argv = argv};

	if (in->is_uv) {
		fill_uv(in, job, target, argv);
		add(argv, into);
		add(argv, "-r");
		add(argv, file);
	} else {
		fill_pip(in, job, target, argv);
		add(argv, file);
		add(argv, into);
	}
	step.shown = arena_printf(&job->arena, "%s install -r %s, for Python %s%s", tool, file,
				  target->version, in->native ? "" : " on Linux x86-64");
	step.subject =
		arena_printf(&job->arena, "'%s install' of '%s/%s'", tool, job->folder, file);
	return job_run(job, &step, e);
}
