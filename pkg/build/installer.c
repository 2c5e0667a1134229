#include "build/installer.h"

#include <stdlib.h>
#include <string.h>

enum { ARGS_MAX = 24 };

/* The one that is like the target's, else one with pip, else any. */
static bool is_better(const struct python *a, const struct python *b,
		      const struct python_target *target)
{
	if (!b->program || a->pip != b->pip)
		return !b->program || a->pip;
	return target_is_native(target, a) && !target_is_native(target, b);
}

/* False when one has to be asked first. */
static bool find_python(struct job *job, const struct python_target *target,
			struct python *best, void (*then)(struct job *job))
{
	const char *names[] = {arena_printf(&job->arena, "python%s", target->version),
			       "python3", "python"};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		char *path = job_find(job, names[i]);
		const struct python *found = path ? pythons_ask(job, path, then) : NULL;

		free(path);
		if (path && !found)
			return false;
		if (found && found->version.n && is_better(found, best, target))
			*best = *found;
		if (best->pip && target_is_native(target, best))
			break;
	}
	return true;
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

bool installer_find(struct installer *in, struct job *job, void (*then)(struct job *job))
{
	struct python best = {0};

	if (!find_python(job, &in->target, &best, then))
		return false;
	in->here = "no Python";
	if (best.program) {
		in->here = arena_printf(&job->arena, "Python %.*s on %.*s",
					STR_ARG(best.version), STR_ARG(best.system));
		in->program = best.program;
		in->version =
			arena_strndup(&job->arena, best.pip_version.p, best.pip_version.n);
		in->native = target_is_native(&in->target, &best);
		in->same_system = target_is_system_of(&best);
	}
	if (!best.pip)
		(void)!take_uv(in, job, &job->e);
	return true;
}

static void add(const char **argv, const char *argument)
{
	while (*argv)
		argv++;
	*argv = argument;
}

static void fill_pip(const struct installer *in, struct job *job, const char **argv)
{
	add(argv, in->program);
	add(argv, "-c");
	add(argv, pythons_launcher());
	add(argv, in->native ? "native" : "foreign");
	add(argv, in->target.version);
	add(argv, arena_printf(&job->arena, "%u", in->target.glibc));
}

static void fill_uv(const struct installer *in, struct job *job, const char **argv)
{
	add(argv, in->program);
	add(argv, "pip");
	add(argv, "install");
	add(argv, "--link-mode=copy");
	add(argv, "--no-progress");
	add(argv, "--python-version");
	add(argv, in->target.version);
	add(argv, "--python-platform");
	add(argv, arena_printf(&job->arena, "x86_64-manylinux_2_%u", in->target.glibc));
	if (!in->native)
		add(argv, "--only-binary=:all:");
	add(argv, "--target");
}

void installer_run(const struct installer *in, struct job *job, const char *file,
		   const char *into, void (*then)(struct job *job))
{
	const char **argv = arena_calloc(&job->arena, ARGS_MAX, sizeof(*argv));
	const char *tool = in->is_uv ? "uv pip" : "pip";
	struct job_step step = {.program = in->program, .argv = argv};

	if (in->is_uv) {
		fill_uv(in, job, argv);
		add(argv, into);
		add(argv, "-r");
		add(argv, file);
	} else {
		fill_pip(in, job, argv);
		add(argv, file);
		add(argv, into);
	}
	step.shown = arena_printf(&job->arena, "%s install -r %s, for Python %s%s", tool, file,
				  in->target.version, in->native ? "" : " on Linux x86-64");
	step.subject =
		arena_printf(&job->arena, "'%s install' of '%s/%s'", tool, job->folder, file);
	job_run(job, &step, then);
}
