#include "build/job.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "build/environment.h"
#include "fs/fs.h"

enum {
	OUTPUT_MAX = 10 * 1024 * 1024,
	OUTPUT_LAST = 64 * 1024, /* of what is beyond that: a failure is told at the end */
	STOP_GRACE_MS = 3000,
	LEFT_GRACE_MS = 500, /* for what a build leaves running */
};

/* Programs of which we know how to get them. */
static const struct {
	const char *program, *command;
} sources[] = {
	{"bash", "apt-get install bash"},       {"virtualenv", "apt-get install virtualenv"},
	{"pip", "apt-get install python3-pip"}, {"pip3", "apt-get install python3-pip"},
	{"python3", "apt-get install python3"}, {"zsh", "apt-get install zsh"},
	{"ksh", "apt-get install ksh"},         {"node", "apt-get install nodejs"},
	{"npm", "apt-get install npm"},         {"yarn", "npm install --global yarn"},
	{"perl", "apt-get install perl"},       {"ruby", "apt-get install ruby"},
	{"php", "apt-get install php-cli"},     {"make", "apt-get install make"},
};

char *job_find(const struct job *job, const char *program)
{
	return proc_find(program, environment_value(job->env, "PATH"));
}

int job_fail_missing(const char *what, const char *program, struct err *e)
{
	size_t i;

	for (i = 0; i < countof(sources); i++)
		if (strcmp(sources[i].program, program) == 0)
			return err_set(e, ERR_BUILD,
				       "'%s' needs '%s', which is not installed: %s", what,
				       program, sources[i].command);
	return err_set(e, ERR_BUILD, "'%s' needs '%s', which is not installed", what, program);
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

static void call_then(void *arg)
{
	struct job *job = arg;

	job->then(job);
}

static int judge(const struct job *job, const struct proc_end *end, struct err *e)
{
	const char *subject = job->step.subject;

	if (end->dropped)
		sink_warning(job->sink, job->name,
			     "%s wrote more than %d MiB of output; of the rest only the end "
			     "is kept",
			     subject, OUTPUT_MAX >> 20);
	if (end->left)
		sink_warning(job->sink, job->name,
			     "%s left programs running in the background; they were ended",
			     subject);
	if (loop_interrupted(job->loop))
		return err_set(e, ERR_CANCELLED, "%s was interrupted", subject);
	if (end->signum)
		return err_set(e, ERR_BUILD, "%s was ended by signal %d (%s)", subject,
			       end->signum, strsignal(end->signum));
	if (end->status != 0) {
		err_set(e, ERR_BUILD, "%s exited with code %d", subject, end->status);
		e->status = end->status;
		return -1;
	}
	return 0;
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct job *job = arg;
	const struct event ev = {.type = EVENT_BUILD_ENDED,
				 .function = job->name,
				 .ms = clock_monotonic_ms() - job->start};

	loop_cancel_stop(job->cancel);
	job->cancel = NULL;
	job->proc = NULL;
	if (judge(job, end, &job->e) == 0)
		sink_emit(job->sink, &ev);
	job->then(job);
}

static void on_cancel(void *arg)
{
	struct job *job = arg;

	proc_stop(job->proc, STOP_GRACE_MS);
}

static int start(struct job *job, struct err *e)
{
	const struct event ev = {.type = EVENT_BUILD_STARTED,
				 .function = job->name,
				 .text = str_of(job->step.shown)};
	struct proc_spec spec = {.file = job->step.program,
				 .argv = job->step.argv,
				 .envp = job->env,
				 .on_line = on_line,
				 .on_end = on_end,
				 .arg = job,
				 .max_output = OUTPUT_MAX,
				 .keep_last = OUTPUT_LAST,
				 .end_group_ms = LEFT_GRACE_MS};

	if (loop_interrupted(job->loop))
		return err_set(e, ERR_CANCELLED, "%s was interrupted", job->step.subject);
	sink_emit(job->sink, &ev);
	spec.cwd = fs_open_dir(job->root, job->folder, e);
	if (spec.cwd < 0)
		return -1;
	job->start = clock_monotonic_ms();
	job->proc = proc_start(job->loop, &spec, e);
	(void)close(spec.cwd);
	if (!job->proc)
		return err_wrap(e, "cannot run %s", job->step.subject);
	job->cancel = loop_on_cancel(job->loop, on_cancel, job);
	return 0;
}

void job_run(struct job *job, const struct job_step *step, void (*then)(struct job *job))
{
	job->step = *step;
	job->then = then;
	if (start(job, &job->e) < 0)
		loop_defer(job->loop, call_then, job);
}

void job_end(struct job *job)
{
	job->then = job->on_end;
	loop_defer(job->loop, call_then, job);
}
