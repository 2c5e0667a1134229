#include "platform/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "proc/proc.h"
#include "sandbox/sandbox.h"

enum {
	TOKEN_BYTES = 16,
	READ_SIZE = 65536,
	/* Memory of a call this young is not worth a look, but at least once in SAMPLE_GAP_MS.
	 */
	YOUNG_MS = 10,
	SAMPLE_GAP_MS = 1000,
	MAX_OPEN_FILES = 1024,
};

/* A function that fills the disk takes the user's machine down with it. */
static const uint64_t max_file_bytes = 1024ull * 1024 * 1024;

struct worker {
	struct loop *l;
	struct proc *proc;
	int fd;
	struct loop_poll *poll;
	struct loop_timer *timer;
	bool armed;
	uint64_t armed_for;
	uint64_t began, deadline, sampled; /* monotonic milliseconds */
	bool busy, answered, stopping;
	bool marked[2];
	enum worker_end why;
	char token[2 * TOKEN_BYTES + 1];
	struct strbuf request;
	size_t sent;
	struct strbuf answer;
	size_t answer_size;
	struct logs logs;
	void (*on_event)(void *arg, enum worker_event event);
	void *arg;
};

static void end_because(struct worker *w, enum worker_end why)
{
	if (w->stopping)
		return;
	w->stopping = true;
	w->why = why;
	loop_poll_stop(w->poll);
	w->poll = NULL;
	proc_stop(w->proc, 0);
}

static void finish_exchange(struct worker *w)
{
	if (!w->busy || !w->answered || !w->marked[0] || !w->marked[1] || w->stopping)
		return;
	w->busy = false;
	w->on_event(w->arg, WORKER_ANSWERED);
}

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct worker *w = arg;
	bool is_stderr = stream == PROC_STDERR;

	if (!more && line.n == sizeof(w->token) - 1 && memcmp(line.p, w->token, line.n) == 0) {
		logs_end_stream(&w->logs, is_stderr);
		w->marked[is_stderr] = true;
		finish_exchange(w);
		return;
	}
	logs_add(&w->logs, is_stderr, line, more, clock_realtime_ns());
}

static void on_process_end(void *arg, const struct proc_end *end UNUSED)
{
	struct worker *w = arg;

	loop_poll_stop(w->poll);
	loop_timer_stop(w->timer);
	w->poll = NULL;
	w->timer = NULL;
	w->stopping = true;
	w->on_event(w->arg, WORKER_ENDED);
	(void)close(w->fd);
	strbuf_release(&w->request);
	strbuf_release(&w->answer);
	logs_release(&w->logs);
	free(w);
}

/*
 * The timer is not touched by every exchange: left running, it looks at the
 * deadline of the exchange of its moment and comes again when that lies ahead.
 */
static void arm(struct worker *w, uint64_t now)
{
	uint64_t ms = w->deadline > now ? w->deadline - now : 0;

	w->armed = true;
	w->armed_for = w->deadline;
	loop_timer_again(w->timer, ms);
}

static void on_timer(void *arg)
{
	struct worker *w = arg;
	uint64_t now = clock_monotonic_ms();

	w->armed = false;
	if (!w->busy || w->stopping)
		return;
	if (now < w->deadline)
		arm(w, now);
	else
		end_because(w, WORKER_TIME);
}

static void begin_exchange(struct worker *w, uint64_t limit_ms)
{
	w->busy = true;
	w->answered = w->marked[0] = w->marked[1] = false;
	w->answer_size = 0;
	strbuf_reset(&w->answer);
	w->began = clock_monotonic_ms();
	w->deadline = w->began + limit_ms;
	if (!w->armed || w->armed_for > w->deadline)
		arm(w, w->began);
}

/* The other end is gone. With ECONNRESET it left something unread. */
static void lost(struct worker *w, int error)
{
	end_because(w, error == ECONNRESET || error == EPIPE ? WORKER_UNREAD : WORKER_EXITED);
}

static void write_request(struct worker *w)
{
	ssize_t n;

	/* One that is being ended takes nothing any more; its WORKER_ENDED tells. */
	while (!w->stopping && w->sent < w->request.len) {
		n = send(w->fd, w->request.buf + w->sent, w->request.len - w->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			loop_poll_change(w->poll, LOOP_READ | LOOP_WRITE);
			return;
		}
		if (n < 0) {
			lost(w, errno);
			return;
		}
		w->sent += (size_t)n;
	}
}

static void take_answer(struct worker *w, struct str data)
{
	const char *end = memchr(data.p, '\n', data.n);
	size_t n = end ? (size_t)(end - data.p) : data.n, room;

	/* The launcher speaks only when asked, and one line: anything else was the function. */
	if (!w->busy || w->answered || (end && n + 1 < data.n)) {
		end_because(w, WORKER_EXITED);
		return;
	}
	room = WORKER_ANSWER_MAX - w->answer.len;
	strbuf_add(&w->answer, data.p, n < room ? n : room);
	w->answer_size += n;
	w->answered = end != NULL;
	finish_exchange(w);
}

/* What has arrived; a full buffer may have more behind it, which the loop will tell. */
static void read_answer(struct worker *w)
{
	char buf[READ_SIZE];
	ssize_t n;

	do
		n = recv(w->fd, buf, sizeof(buf), MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		take_answer(w, (struct str){buf, (size_t)n});
	else if (n == 0 || errno != EAGAIN)
		lost(w, n == 0 ? 0 : errno);
}

static void on_socket(void *arg, int events)
{
	struct worker *w = arg;

	if (events & LOOP_WRITE) {
		loop_poll_change(w->poll, LOOP_READ);
		write_request(w);
	}
	if (events & LOOP_READ && !w->stopping)
		read_answer(w);
}

static struct worker *worker_new(struct loop *l, const struct worker_spec *spec, int fd)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	*w = (struct worker){
		.l = l,
		.fd = fd,
		.why = WORKER_EXITED,
		.request = STRBUF_INIT,
		.answer = STRBUF_INIT,
		.on_event = spec->on_event,
		.arg = spec->arg,
	};
	random_hex(w->token, TOKEN_BYTES);
	logs_init(&w->logs, spec->log_limit);
	return w;
}

static struct proc *launch(struct worker *w, const struct worker_spec *spec, int fd,
			   struct err *e)
{
	const char *argv[] = {spec->program, "-B", spec->launcher, NULL};
	struct sandbox box = {.max_file = max_file_bytes, .max_files = MAX_OPEN_FILES};
	struct proc_spec child = {
		.file = spec->program,
		.argv = argv,
		.envp = spec->envp,
		.cwd = spec->cwd,
		.pass = &fd,
		.pass_n = 1,
		.prepare = sandbox_enter,
		.prepare_arg = &box,
		.on_line = on_line,
		.on_end = on_process_end,
		.arg = w,
	};

	return proc_start(w->l, &child, e);
}

/* The launcher learns the mark here and not by its arguments, which all users can read. */
static void greet(struct worker *w, uint64_t start_ms)
{
	strbuf_addf(worker_request(w), "{\"token\":\"%s\"}", w->token);
	worker_send(w, start_ms);
}

struct worker *worker_start(struct loop *l, const struct worker_spec *spec, struct err *e)
{
	struct worker *w;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		err_sys(e, "socketpair");
		return NULL;
	}
	w = worker_new(l, spec, fds[0]);
	w->proc = launch(w, spec, fds[1], e);
	(void)close(fds[1]);
	if (!w->proc) {
		(void)close(fds[0]);
		logs_release(&w->logs);
		free(w);
		return NULL;
	}
	w->poll = loop_poll_start(l, w->fd, LOOP_READ, on_socket, w);
	w->timer = loop_timer_start(l, spec->start_ms, 0, on_timer, w);
	w->armed = true;
	w->armed_for = UINT64_MAX;
	greet(w, spec->start_ms);
	return w;
}

struct strbuf *worker_request(struct worker *w)
{
	strbuf_reset(&w->request);
	return &w->request;
}

void worker_send(struct worker *w, uint64_t limit_ms)
{
	strbuf_addc(&w->request, '\n');
	w->sent = 0;
	begin_exchange(w, limit_ms);
	write_request(w);
}

struct str worker_answer(const struct worker *w)
{
	return strbuf_str(&w->answer);
}

size_t worker_answer_size(const struct worker *w)
{
	return w->answer_size;
}

struct logs *worker_logs(struct worker *w)
{
	return &w->logs;
}

enum worker_end worker_why(const struct worker *w)
{
	return w->why;
}

bool worker_is_usable(const struct worker *w)
{
	return !w->stopping;
}

void worker_check_memory(struct worker *w, uint64_t limit)
{
	uint64_t now = clock_monotonic_ms();

	if (!w->busy || w->stopping ||
	    (now - w->began < YOUNG_MS && now - w->sampled < SAMPLE_GAP_MS))
		return;
	w->sampled = now;
	if (sandbox_memory_above(proc_pid(w->proc), limit))
		end_because(w, WORKER_MEMORY);
}

void worker_stop(struct worker *w)
{
	end_because(w, WORKER_STOPPED);
}
