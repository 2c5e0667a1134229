#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build/choose.h"
#include "build/environment.h"
#include "build/node.h"
#include "build/pythons.h"
#include "build/reuse.h"
#include "build/shell.h"
#include "build/virtualenv.h"

/* Builds that do little but wait for a network gain by more of them; the user's own use of the
 * machine does not. */
enum { JOBS_DEFAULT_MAX = 16 };

/* The builds of one run that may go on side by side. */
struct crew {
	const struct build *build;
	struct arena arena;
	const char *const *env;
	struct pythons pythons;
	struct reuse_run *reuse;
	struct job *jobs; /* of those that have something to build */
	size_t n, max;    /* how many may run at once */
	size_t running;
	bool failed; /* nothing new starts */
	bool done;   /* for the loop */
};

static void crew_init(struct crew *c, const struct build *b, struct reuse_run *reuse,
		      size_t jobs_max)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*c = (struct crew){.build = b, .reuse = reuse, .max = b->options.jobs};
	if (c->max == 0)
		c->max = cpus < 1 ? 1 : (size_t)cpus;
	if (b->options.jobs == 0 && c->max > JOBS_DEFAULT_MAX)
		c->max = JOBS_DEFAULT_MAX;
	c->env = build_environment(&c->arena, environ, b->project->build_environment,
				   b->options.pass_env);
	c->jobs = arena_calloc(&c->arena, jobs_max, sizeof(*c->jobs));
}

static void crew_release(struct crew *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		arena_release(&c->jobs[i].arena);
		err_clear(&c->jobs[i].e);
	}
	pythons_release(&c->pythons);
	arena_release(&c->arena);
}

/* What the build missed may be what dofn did not hand over. */
static void tell_withheld(const struct crew *c, const struct job *job)
{
	struct strbuf names = STRBUF_INIT;

	environment_list_withheld(&names, environ, c->build->project->build_environment,
				  c->build->options.pass_env);
	if (names.len)
		sink_note(
			job->sink, job->name,
			"the build did not get %s from the environment; --build-pass-env NAME "
			"hands one over",
			names.buf);
	strbuf_release(&names);
}

static void tell_failed(const struct crew *c, const struct job *job)
{
	const struct event ev = {
		.type = EVENT_BUILD_FAILED, .function = job->name, .text = str_of(job->e.msg)};

	sink_emit(job->sink, &ev);
	if (job->e.code == ERR_BUILD)
		tell_withheld(c, job);
}

static void start_more(struct crew *c);

static void ended(struct job *job)
{
	struct crew *c = job->crew;

	job->state = JOB_DONE;
	c->running--;
	if (job->e.code) {
		c->failed = true;
		if (job->e.code != ERR_CANCELLED)
			tell_failed(c, job);
	}
	start_more(c);
}

static void on_end(struct job *job)
{
	reuse_end(job, ended);
}

/* The one place where a function's folder, or lib/, is built. */
static void start(struct job *job)
{
	switch (job->kind) {
	case BUILD_NONE: break;
	case BUILD_SCRIPT: shell_build(job); return;
	case BUILD_NODE: node_build(job); return;
	case BUILD_PYTHON: virtualenv_build(job); return;
	}
	bug("build kind %d", (int)job->kind);
}

/* Two functions may be one folder, by a link: its builds would be in each other's way. */
static bool folder_is_busy(const struct crew *c, const struct job *job)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->jobs[i].state == JOB_RUNNING && c->jobs[i].dev == job->dev &&
		    c->jobs[i].ino == job->ino)
			return true;
	return false;
}

static struct job *next_job(struct crew *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->jobs[i].state == JOB_WAITING && !folder_is_busy(c, &c->jobs[i]))
			return &c->jobs[i];
	return NULL;
}

static void start_more(struct crew *c)
{
	struct job *job;

	while (!c->failed && c->running < c->max && (job = next_job(c))) {
		job->state = JOB_RUNNING;
		c->running++;
		start(job);
	}
	c->done = c->running == 0;
}

/* Adds what is to be done there, if anything. */
static int add_job(struct crew *c, const char *folder, const char *name, const char *runtime,
		   struct err *e)
{
	const struct project *p = c->build->project;
	struct job *job = &c->jobs[c->n];
	struct stat st;

	*job = (struct job){.loop = c->build->loop,
			    .sink = c->build->sink,
			    .root = p->root_fd,
			    .real = p->real,
			    .folder = folder,
			    .name = name,
			    .runtime = runtime,
			    .env = c->env,
			    .given = p->build_environment,
			    .yarn = c->build->options.yarn,
			    .pythons = &c->pythons,
			    .reuse_run = c->reuse,
			    .crew = c,
			    .on_end = on_end};
	if (build_choose(p->root_fd, folder, runtime, &job->kind, e) < 0)
		return -1;
	if (job->kind == BUILD_NONE) {
		choose_tell_unread(job);
		return 0;
	}
	if (fstatat(p->root_fd, folder, &st, 0) < 0)
		return err_sys(e, "cannot look at '%s'", folder);
	job->dev = st.st_dev;
	job->ino = st.st_ino;
	c->n++;
	return 0;
}

/* One failure is the whole story; of several each is told, in the order of the functions. */
static int report(struct crew *c, struct err *e)
{
	struct job *first = NULL;
	size_t i, failures = 0;

	for (i = 0; i < c->n; i++) {
		if (c->jobs[i].e.code == ERR_CANCELLED)
			return err_move(e, &c->jobs[i].e);
		if (!c->jobs[i].e.code)
			continue;
		failures++;
		if (!first)
			first = &c->jobs[i];
	}
	if (failures == 1)
		return err_move(e, &first->e);
	for (i = 0; i < c->n; i++) {
		const struct event ev = {.type = EVENT_FAILED,
					 .function = c->jobs[i].name,
					 .text = str_of(c->jobs[i].e.msg)};

		if (c->jobs[i].e.code)
			sink_emit(c->build->sink, &ev);
	}
	return failures ? err_set(e, first->e.code, "%zu builds failed", failures) : 0;
}

/* What a build leaves running could still change files, and would outlive dofn. */
static void run_to_end(struct crew *c)
{
	struct proc_adoption *orphans = proc_adopt_begin(c->build->loop);
	struct strbuf names = STRBUF_INIT;

	proc_hide_memory(true); /* the credentials of the deploy are in it */
	start_more(c);
	if (!c->done)
		loop_run_until(c->build->loop, &c->done);
	proc_hide_memory(false);
	proc_adopt_end(orphans, &names);
	if (names.len && !loop_interrupted(c->build->loop))
		sink_warning(c->build->sink, NULL,
			     "programs that builds left running were ended: %s", names.buf);
	strbuf_release(&names);
}

static int crew_run(struct crew *c, struct err *e)
{
	if (c->n)
		run_to_end(c);
	return report(c, e);
}

static int build_lib(const struct build *b, struct reuse_run *reuse, struct err *e)
{
	struct crew c;
	int rc;

	crew_init(&c, b, reuse, 1);
	rc = add_job(&c, "lib", "lib", NULL, e);
	/* Packages are for one function's runtime, and it looks for them in its own folder. */
	if (c.n && c.jobs[0].kind == BUILD_PYTHON)
		c.n = 0;
	if (rc == 0)
		rc = crew_run(&c, e);
	crew_release(&c);
	return rc;
}

static int build_functions(const struct build *b, struct reuse_run *reuse,
			   const struct function *const *fs, size_t n, struct err *e)
{
	struct crew c;
	size_t i;
	int rc = 0;

	crew_init(&c, b, reuse, n);
	for (i = 0; i < n && rc == 0; i++)
		if (fs[i]->source_kind == SOURCE_FOLDER)
			rc = add_job(&c, fs[i]->source, function_full_name(b->project, fs[i]),
				     fs[i]->runtime, e);
	if (rc == 0)
		rc = crew_run(&c, e);
	crew_release(&c);
	return rc;
}

int build_all(const struct build *b, const struct function *const *fs, size_t n, struct err *e)
{
	struct reuse_run reuse = {.again = b->options.no_cache};
	int rc = 0;

	if (b->project->has_lib)
		rc = build_lib(b, &reuse, e);
	if (rc == 0)
		rc = build_functions(b, &reuse, fs, n, e);
	reuse_run_release(&reuse);
	return rc;
}

int build_find_why(const struct build *b, const struct function *f, struct build_why *why,
		   struct err *e)
{
	struct reuse_run reuse = {.why = why, .why_arena = &b->project->arena};
	int rc;

	*why = (struct build_why){0};
	rc = build_functions(b, &reuse, &f, 1, e);
	reuse_run_release(&reuse);
	return rc;
}
