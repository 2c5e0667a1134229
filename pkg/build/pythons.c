#include "build/pythons.h"

#include <string.h>

#include "base/utf8.h"

enum { ANSWER_MS = 10000, ANSWER_MAX = 256 };

extern const unsigned char embed_pip_py[];

struct asker {
	struct job *job;
	void (*then)(struct job *job);
};

struct question {
	struct python python;
	bool answered;
	struct arena *arena;
	struct loop *loop;
	struct strbuf answer; /* its first line */
	VEC(struct asker) askers;
	struct proc *proc;
	struct loop_timer *timeout;
	struct loop_cancel *cancel;
};

const char *pythons_launcher(void)
{
	return (const char *)embed_pip_py;
}

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more UNUSED)
{
	struct question *q = arg;

	if (stream == PROC_STDOUT && q->answer.len == 0)
		strbuf_add(&q->answer, line.p, line.n < ANSWER_MAX ? line.n : ANSWER_MAX);
}

static void describe(struct question *q)
{
	struct python *python = &q->python;
	struct strbuf clean = STRBUF_INIT;
	struct str rest, libc = {0}, pip = {0};

	utf8_add_printable(&clean, str_trim(strbuf_str(&q->answer)));
	rest = str_of(arena_strdup(q->arena, clean.buf));
	(void)str_next(&rest, ' ', &python->version);
	(void)str_next(&rest, ' ', &python->system);
	(void)str_next(&rest, ' ', &libc);
	(void)str_next(&rest, ' ', &pip);
	python->glibc = str_is(libc, "glibc");
	python->pip = str_starts(pip, "pip");
	python->pip_version = pip;
	strbuf_release(&clean);
}

static void answer_askers(struct question *q)
{
	bool interrupted = loop_interrupted(q->loop) != 0;
	size_t i;

	for (i = 0; i < q->askers.n; i++) {
		struct asker *asker = &q->askers.v[i];

		if (interrupted)
			err_set(&asker->job->e, ERR_CANCELLED,
				"interrupted while '%s' told its version", q->python.program);
		asker->then(asker->job);
	}
	vec_release(&q->askers);
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct question *q = arg;

	loop_timer_stop(q->timeout);
	loop_cancel_stop(q->cancel);
	q->proc = NULL;
	if (end->status == 0)
		describe(q);
	strbuf_release(&q->answer);
	q->answered = true;
	answer_askers(q);
}

static void stop(void *arg)
{
	struct question *q = arg;

	proc_stop(q->proc, 0);
}

static void start(struct question *q, struct job *job)
{
	const char *argv[] = {q->python.program, "-c", pythons_launcher(), NULL};
	const struct proc_spec spec = {.file = q->python.program,
				       .argv = argv,
				       .envp = job->env,
				       .cwd = -1,
				       .on_line = on_line,
				       .on_end = on_end,
				       .arg = q};
	struct err ignored = ERR_INIT;

	q->proc = proc_start(job->loop, &spec, &ignored);
	err_clear(&ignored);
	if (!q->proc) {
		q->answered = true;
		return;
	}
	q->timeout = loop_timer_start(job->loop, ANSWER_MS, 0, stop, q);
	q->cancel = loop_on_cancel(job->loop, stop, q);
}

static struct question *find(struct job *job, const char *program)
{
	struct pythons *p = job->pythons;
	struct question *q;
	size_t i;

	for (i = 0; i < p->asked.n; i++)
		if (strcmp(p->asked.v[i]->python.program, program) == 0)
			return p->asked.v[i];
	q = arena_new(&p->arena, struct question);
	q->python.program = arena_strdup(&p->arena, program);
	q->arena = &p->arena;
	q->loop = job->loop;
	q->answer = STRBUF_INIT;
	vec_push(&p->asked, q);
	start(q, job);
	return q;
}

const struct python *pythons_ask(struct job *job, const char *program,
				 void (*then)(struct job *job))
{
	struct question *q = find(job, program);

	if (q->answered)
		return &q->python;
	vec_push(&q->askers, ((struct asker){job, then}));
	return NULL;
}

void pythons_release(struct pythons *p)
{
	vec_release(&p->asked);
	arena_release(&p->arena);
}
