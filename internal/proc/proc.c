#include "proc/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "proc/spawn.h"

enum {
	LINE_BYTES = 64 << 10,
	READ_BYTES = 64 << 10,
	DRAIN_BYTES = 1 << 20, /* the most a pipe holds without privilege */
	STRAY_MS = 200,        /* for the output of those who outlive the child */
	GROUP_MS = 20,         /* between looks whether a stopped group is gone */
	CAPTURE_GRACE_MS = 500,
};

struct output {
	struct proc *proc;
	enum proc_stream stream;
	int fd; /* -1 at its end */
	struct loop_poll *poll;
	struct strbuf pending; /* the beginning of a line */
	struct strbuf last;    /* what came beyond the ceiling, the end of it */
	bool lost;             /* something stood before `last` */
};

struct proc {
	struct loop *l;
	pid_t pid;
	struct output out[2];
	struct loop_timer *kill; /* runs while a stop waits */
	struct loop_timer *last; /* runs once the child is reaped but not all is over */
	bool reaped, stopping, killed;
	size_t passed; /* bytes, against max_output */
	struct proc_end end;
	struct strbuf *raw; /* of proc_capture(): takes stdout as it is */
	void (*on_line)(void *arg, enum proc_stream stream, struct str line, bool more);
	void (*on_end)(void *arg, const struct proc_end *end);
	void *arg;
	size_t max_output, keep_last;
	uint64_t end_group_ms;
};

static void on_readable(void *arg, int events);

static void output_open(struct output *o, struct proc *p, enum proc_stream stream, int fd)
{
	*o = (struct output){.proc = p,
			     .stream = stream,
			     .fd = fd,
			     .pending = STRBUF_INIT,
			     .last = STRBUF_INIT};
	o->poll = loop_poll_start(p->l, fd, LOOP_READ, on_readable, o);
}

static void emit(struct output *o, struct str line, bool more)
{
	struct proc *p = o->proc;

	if (p->on_line)
		p->on_line(p->arg, o->stream, line, more);
}

/* Passes a line on that is too long for one piece, but for its last piece. */
static struct str emit_pieces(struct output *o, struct str line, size_t keep)
{
	while (line.n > LINE_BYTES + keep) {
		emit(o, (struct str){line.p, LINE_BYTES}, true);
		line = str_from(line, LINE_BYTES);
	}
	return line;
}

static void emit_line(struct output *o, struct str line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	emit(o, emit_pieces(o, line, 0), false);
}

static void emit_lines(struct output *o)
{
	struct str rest = strbuf_str(&o->pending);
	const char *end;

	while (rest.n && (end = memchr(rest.p, '\n', rest.n))) {
		emit_line(o, (struct str){rest.p, (size_t)(end - rest.p)});
		rest = str_from(rest, (size_t)(end - rest.p) + 1);
	}
	/* One byte is kept back: it may be the '\r' of the end of the line. */
	rest = emit_pieces(o, rest, 1);
	strbuf_consume(&o->pending, o->pending.len - rest.n);
}

static void output_close(struct output *o)
{
	if (o->fd < 0)
		return;
	loop_poll_stop(o->poll);
	(void)close(o->fd);
	o->fd = -1;
}

/* What is not passed on yet.  Half a line behind a gap would be taken for a whole one. */
static void output_end(struct output *o)
{
	struct str last = strbuf_str(&o->last);
	const char *end = o->lost && last.n ? memchr(last.p, '\n', last.n) : NULL;

	if (o->lost && o->pending.len) {
		emit_line(o, strbuf_str(&o->pending));
		strbuf_reset(&o->pending);
	}
	if (end)
		last = str_from(last, (size_t)(end - last.p) + 1);
	strbuf_add(&o->pending, last.p, last.n);
	emit_lines(o);
	if (o->pending.len)
		emit_line(o, strbuf_str(&o->pending));
	strbuf_release(&o->pending);
	strbuf_release(&o->last);
}

/* How many of n bytes may still be passed on. */
static size_t below_ceiling(struct proc *p, size_t n)
{
	size_t left = p->max_output ? p->max_output - p->passed : n;

	if (n > left)
		n = left;
	p->passed += n;
	return n;
}

/* What is beyond the ceiling: the end of it may still be asked for. */
static void keep_last(struct output *o, const char *bytes, size_t n)
{
	struct proc *p = o->proc;

	if (n == 0)
		return;
	strbuf_add(&o->last, bytes, n);
	if (o->last.len <= p->keep_last)
		return;
	strbuf_consume(&o->last, o->last.len - p->keep_last);
	p->end.dropped = o->lost = true;
}

static void add_raw(struct proc *p, const char *bytes, size_t n)
{
	size_t left = p->raw->max ? p->raw->max - p->raw->len : n;

	if (n > left)
		p->end.dropped = true;
	strbuf_add(p->raw, bytes, n < left ? n : left);
}

static void take(struct output *o, const char *bytes, size_t all)
{
	struct proc *p = o->proc;
	size_t n = below_ceiling(p, all);

	keep_last(o, bytes + n, all - n);
	if (o->stream == PROC_STDOUT && p->raw) {
		add_raw(p, bytes, n);
	} else {
		strbuf_add(&o->pending, bytes, n);
		emit_lines(o);
	}
}

/* Bytes read; 0 when there are none for now, or no more at all (fd is -1 then). */
static size_t output_read(struct output *o)
{
	char buf[READ_BYTES];
	ssize_t n;

	do
		n = read(o->fd, buf, sizeof(buf));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		output_close(o);
		return 0;
	}
	take(o, buf, (size_t)n);
	return (size_t)n;
}

/* What the child had written before its end, though the pipe is held open by another. */
static void drain(struct output *o)
{
	size_t n, all = 0;

	while (o->fd >= 0 && all < DRAIN_BYTES && (n = output_read(o)))
		all += n;
	output_close(o);
}

static void finish(struct proc *p)
{
	drain(&p->out[0]);
	drain(&p->out[1]);
	output_end(&p->out[0]);
	output_end(&p->out[1]); /* last, as reasons of failures mostly come there */
	loop_timer_stop(p->kill);
	loop_timer_stop(p->last);
	if (p->on_end)
		p->on_end(p->arg, &p->end);
	free(p);
}

/* The child is reaped: who is left of its group may be ours by adoption, and dead. */
static bool group_lives(const struct proc *p)
{
	while (waitpid(-p->pid, NULL, WNOHANG) > 0)
		;
	return kill(-p->pid, 0) == 0 || errno == EPERM;
}

/* Someone runs on whom the caller wants ended.  They have STRAY_MS to end by themselves, as a
 * `tee` does that writes the log of a script. */
static bool has_left(const struct proc *p)
{
	return p->end_group_ms && !p->stopping && group_lives(p);
}

/* The child is reaped: what may still be waited for? */
static void finish_when_over(struct proc *p)
{
	if (p->stopping && !p->killed && group_lives(p))
		loop_timer_again(p->last, GROUP_MS);
	else if (p->out[0].fd < 0 && p->out[1].fd < 0 && !has_left(p))
		finish(p);
}

static void on_last(void *arg)
{
	struct proc *p = arg;

	if (has_left(p)) {
		p->end.left = true;
		proc_stop(p, p->end_group_ms);
	}
	if (p->stopping && !p->killed && group_lives(p))
		loop_timer_again(p->last, GROUP_MS);
	else
		finish(p);
}

static void on_readable(void *arg, int events UNUSED)
{
	struct output *o = arg;

	output_read(o);
	if (o->fd < 0 && o->proc->reaped)
		finish_when_over(o->proc);
}

static void on_reaped(void *arg, int status)
{
	struct proc *p = arg;

	p->reaped = true;
	if (WIFSIGNALED(status)) {
		p->end.status = -1;
		p->end.signum = WTERMSIG(status);
	} else {
		p->end.status = WEXITSTATUS(status);
	}
	p->last = loop_timer_start(p->l, STRAY_MS, 0, on_last, p);
	finish_when_over(p);
}

struct proc *proc_start(struct loop *l, const struct proc_spec *spec, struct err *e)
{
	struct proc *p;
	int out[2];
	pid_t pid = proc_spawn(spec, out, e);

	if (pid < 0)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->l = l;
	p->pid = pid;
	p->on_line = spec->on_line;
	p->on_end = spec->on_end;
	p->arg = spec->arg;
	p->max_output = spec->max_output;
	p->keep_last = spec->keep_last;
	p->end_group_ms = spec->end_group_ms;
	output_open(&p->out[0], p, PROC_STDOUT, out[0]);
	output_open(&p->out[1], p, PROC_STDERR, out[1]);
	(void)!loop_child_watch(l, pid, on_reaped, p);
	return p;
}

pid_t proc_pid(const struct proc *p)
{
	return p->pid;
}

static void kill_group(void *arg)
{
	struct proc *p = arg;

	p->killed = true;
	(void)kill(-p->pid, SIGKILL);
	if (p->reaped)
		loop_timer_again(p->last, STRAY_MS);
}

void proc_stop(struct proc *p, uint64_t grace_ms)
{
	if (p->killed)
		return;
	if (grace_ms == 0) {
		p->stopping = true;
		kill_group(p);
	} else if (!p->stopping) {
		p->stopping = true;
		(void)kill(-p->pid, SIGTERM);
		(void)kill(-p->pid, SIGCONT);
		p->kill = loop_timer_start(p->l, grace_ms, 0, kill_group, p);
	}
}

struct capture {
	struct proc *proc;
	bool done;
	struct proc_end *end;
	const struct proc_spec *spec;
};

static void capture_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct capture *c = arg;

	if (stream == PROC_STDERR && c->spec->on_line)
		c->spec->on_line(c->spec->arg, stream, line, more);
}

static void capture_end(void *arg, const struct proc_end *end)
{
	struct capture *c = arg;

	*c->end = *end;
	c->done = true;
}

static void capture_timeout(void *arg)
{
	struct capture *c = arg;

	if (!c->done)
		proc_stop(c->proc, 0);
}

static void capture_cancel(void *arg)
{
	struct capture *c = arg;

	if (!c->done)
		proc_stop(c->proc, CAPTURE_GRACE_MS);
}

int proc_capture(struct loop *l, const struct proc_spec *spec, struct strbuf *out,
		 uint64_t timeout_ms, struct proc_end *end, struct err *e)
{
	struct proc_spec mine = *spec;
	struct capture c = {.end = end, .spec = spec};
	struct loop_timer *timeout = NULL;
	struct loop_cancel *cancel;

	if (loop_interrupted(l))
		return err_set(e, ERR_CANCELLED, "interrupted");
	mine.on_line = capture_line;
	mine.on_end = capture_end;
	mine.arg = &c;
	c.proc = proc_start(l, &mine, e);
	if (!c.proc)
		return -1;
	c.proc->raw = out;
	if (timeout_ms)
		timeout = loop_timer_start(l, timeout_ms, 0, capture_timeout, &c);
	cancel = loop_on_cancel(l, capture_cancel, &c);
	loop_run_until(l, &c.done);
	loop_timer_stop(timeout);
	loop_cancel_stop(cancel);
	if (loop_interrupted(l))
		return err_set(e, ERR_CANCELLED, "interrupted while '%s' ran", spec->file);
	return 0;
}
