#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "build/environment.h"
#include "fs/fs.h"
#include "platform/platform.h"
#include "platform/state.h"
#include "proc/proc.h"

enum {
	START_MS = 10000,
	START_TRIES = 3, /* when something else stops what was just started */
	STOP_MS = 5000,  /* then it is killed */
	TICK_MS = 10,
	LINE_MAX_BYTES = 4096,
	LOG_MAX = 1024 * 1024,
	LOG_SHOWN = 2000, /* bytes of its end in a message */
	READY_FD = 3,
};

void platform_info_release(struct platform_info *info)
{
	free(info->api_host);
	free(info->auth);
	free(info->namespace);
	free(info->data);
	*info = (struct platform_info){0};
}

static void find_server(int dir, struct platform_info *info)
{
	pid_t pid = state_holder(dir);

	if (pid == 0)
		return;
	info->pid = pid;
	info->port = state_server_port(dir, pid);
	info->running = info->port != 0;
	if (info->running)
		info->api_host = xasprintf("http://127.0.0.1:%d", info->port);
}

static int find_in(int dir, const char *data UNUSED, void *arg, struct err *e)
{
	struct platform_info *info = arg;
	struct err failure = ERR_INIT;

	info->auth = state_read_key(dir, &failure);
	if (failure.code != ERR_OK)
		return err_move(e, &failure);
	if (info->auth)
		info->namespace = state_namespace(info->auth);
	find_server(dir, info);
	return 0;
}

/* Calls fn with the data folder; 0 when there is none. */
static int in_folder(const char *data,
		     int (*fn)(int dir, const char *data, void *arg, struct err *e), void *arg,
		     struct err *e)
{
	struct err failure = ERR_INIT;
	int dir = state_open_dir(data, &failure), r;

	if (dir < 0)
		return failure.code != ERR_OK ? err_move(e, &failure) : 0;
	r = fn(dir, data, arg, e);
	(void)close(dir);
	return r;
}

int platform_find(struct platform_info *info, struct err *e)
{
	*info = (struct platform_info){0};
	info->data = state_dir(e);
	if (!info->data)
		return -1;
	if (in_folder(info->data, find_in, info, e) == 0)
		return 0;
	platform_info_release(info);
	return -1;
}

/* The log of the runs before is kept once it is large, one file of it. */
static int open_log(int dir, struct err *e)
{
	struct stat st;
	int fd;

	if (fstatat(dir, "log", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > LOG_MAX &&
	    renameat(dir, "log", dir, "log.1") < 0)
		return err_sys(e, "cannot rotate the log");
	fd = openat(dir, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0 ? fd : err_sys(e, "cannot open the log");
}

struct launch {
	char *const *argv, *const *env;
	int null, log, ready;
};

/* In the grandchild, between fork and exec: async-signal-safe calls only. */
static void NORETURN become_server(const struct launch *l)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &dfl, NULL);
	sigaction(SIGHUP, &dfl, NULL);
	sigaction(SIGINT, &dfl, NULL);
	sigaction(SIGTERM, &dfl, NULL);
	/* The pipe last: its number may be one of those replaced before. */
	if (dup2(l->null, 0) >= 0 && dup2(l->log, 1) >= 0 && dup2(l->log, 2) >= 0 &&
	    dup2(l->ready, READY_FD) >= 0) {
		/* What the caller's shell left open (a lock, a pipe) must not live as long as
		 * we do. */
		proc_close_from(READY_FD + 1);
		execvpe(l->argv[0], l->argv, l->env);
	}
	_exit(127);
}

/* Twice forked, in a session of its own: no terminal's and no shell's signal reaches it. */
static int fork_server(const struct launch *l, struct err *e)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(e, "cannot start a process");
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid == 0)
			become_server(l);
		_exit(pid < 0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, ERR_SYSTEM, "cannot start a process in the background");
	return 0;
}

/* A descriptor that no dup2() to 0..3 can hit. */
static int move_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	(void)close(fd);
	return high;
}

/* Runs the program; the end of the pipe that the server writes to is closed here after. */
static int spawn(int dir, char *const *argv, int ready, struct err *e)
{
	struct arena a = ARENA_INIT;
	/* Functions of the same user can read it: what the server does not need stays here. */
	union {
		const char *const *in;
		char *const *out;
	} env = {build_environment(&a, environ, NULL, NULL)};
	struct launch l = {.argv = argv, .env = env.out, .null = -1, .ready = ready};
	int r = -1;

	l.log = open_log(dir, e);
	if (l.log >= 0) {
		l.log = move_up(l.log);
		l.null = move_up(open("/dev/null", O_RDWR | O_CLOEXEC));
		if (l.log < 0 || l.null < 0)
			err_sys(e, "cannot open /dev/null");
		else
			r = fork_server(&l, e);
		(void)close(l.null);
		(void)close(l.log);
	}
	arena_release(&a);
	return r;
}

/* One line from the server, without its end; empty when it ended or the time was over. */
static void read_line(int fd, struct strbuf *line)
{
	uint64_t deadline = clock_monotonic_ms() + START_MS, now;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;
	char *to;

	while (!memchr(line->buf, '\n', line->len)) {
		now = clock_monotonic_ms();
		if (now >= deadline)
			break;
		if (poll(&p, 1, (int)(deadline - now)) < 0 && errno != EINTR)
			break;
		if (!p.revents)
			continue;
		to = strbuf_reserve(line, 512);
		n = to ? read(fd, to, 512) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		line->len += (size_t)n;
		line->buf[line->len] = '\0';
	}
	while (line->len > 0 && line->buf[line->len - 1] == '\n')
		line->buf[--line->len] = '\0';
}

static void add_log_end(int dir, struct strbuf *out)
{
	int fd = openat(dir, "log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = size > LOG_SHOWN ? size - LOG_SHOWN : 0;
	char *to = strbuf_reserve(out, LOG_SHOWN);
	ssize_t n = fd < 0 || !to ? 0 : pread(fd, to, LOG_SHOWN, from);

	if (n > 0)
		out->len += (size_t)n;
	out->buf[out->len] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

static int not_ready(int dir, const char *data, struct err *e)
{
	struct strbuf log = STRBUF_INIT;
	struct str end;

	add_log_end(dir, &log);
	end = str_trim(strbuf_str(&log));
	err_set(e, ERR_SYSTEM, "the local platform did not start; see '%s/log'%s%.*s", data,
		end.n ? ", which ends:\n" : "", STR_ARG(end));
	strbuf_release(&log);
	return -1;
}

static int await_ready(int dir, const char *data, int fd, struct err *e)
{
	struct strbuf line = STRBUF_MAX(LINE_MAX_BYTES);
	struct str text;
	int r = 0;

	read_line(fd, &line);
	text = strbuf_str(&line);
	if (str_starts(text, "error "))
		r = err_set(e, ERR_SYSTEM, "the local platform did not start: %.*s",
			    STR_ARG(str_from(text, 6)));
	else if (!str_starts(text, "ready "))
		r = not_ready(dir, data, e);
	strbuf_release(&line);
	return r;
}

static int launch(int dir, const char *data, const char *program, uint16_t port, struct err *e)
{
	char number[8];
	/* execvp() is older than const and writes to none of the strings. */
	union {
		const char *in[8];
		char *out[8];
	} argv = {{program, "local", "serve", "--data", data, "--port", number}};
	int fds[2], r;

	if (port == 0)
		argv.in[5] = NULL;
	(void)snprintf(number, sizeof(number), "%d", port);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	fds[1] = move_up(fds[1]);
	(void)setenv(STATE_READY_VARIABLE, "3", 1);
	r = spawn(dir, argv.out, fds[1], e);
	(void)unsetenv(STATE_READY_VARIABLE);
	(void)close(fds[1]);
	if (r == 0)
		r = await_ready(dir, data, fds[0], e);
	(void)close(fds[0]);
	return r;
}

/* True when this server no longer holds the lock; another one may, started since. */
static bool wait_until_gone(int dir, pid_t pid, uint64_t ms)
{
	uint64_t deadline = clock_monotonic_ms() + ms;

	while (state_holder(dir) == pid) {
		if (clock_monotonic_ms() >= deadline)
			return false;
		(void)poll(NULL, 0, TICK_MS);
	}
	return true;
}

struct start {
	const char *program;
	uint16_t port;
	bool *started;
};

/* Under the lock of changes: of two at a time the second finds what the first started. */
static int start_in(int dir, const char *data, void *arg, struct err *e)
{
	const struct start *s = arg;
	struct platform_info now = {0};
	int r = 0;

	find_server(dir, &now);
	/* One that is ending takes its server.json away first and leaves its lock last. */
	if (!now.running && now.pid)
		(void)wait_until_gone(dir, now.pid, STOP_MS);
	*s->started = !now.running;
	if (!now.running)
		r = launch(dir, data, s->program, s->port, e);
	else if (s->port != 0 && now.port != s->port)
		r = err_set(e, ERR_USAGE,
			    "the local platform runs already, on port %d; stop it first",
			    now.port);
	platform_info_release(&now);
	return r;
}

static int start(const char *data, const char *program, uint16_t port, bool *started,
		 struct err *e)
{
	struct start s = {program, port, started};
	int lock = state_lock_changes(e), r = -1;

	if (lock < 0)
		return -1;
	if (fs_make_dirs(AT_FDCWD, data, 0700, e) == 0)
		r = in_folder(data, start_in, &s, e);
	(void)close(lock);
	return r;
}

/* 1 it runs, 0 it was stopped again at the same time, -1 failure. */
static int start_once(const char *data, const char *program, uint16_t port,
		      struct platform_info *info, bool *started, struct err *e)
{
	struct platform_info now = {0};

	if (start(data, program, port, started, e) < 0 || platform_find(&now, e) < 0)
		return -1;
	if (now.running) {
		*info = now;
		return 1;
	}
	platform_info_release(&now);
	return 0;
}

int platform_start(const char *program, uint16_t port, struct platform_info *info,
		   bool *started, struct err *e)
{
	char *data = state_dir(e);
	int tries = 0, r = data ? 0 : -1;

	*info = (struct platform_info){0};
	*started = false;
	while (r == 0 && tries++ < START_TRIES)
		r = start_once(data, program, port, info, started, e);
	if (r == 0)
		r = err_set(e, ERR_SYSTEM,
			    "the local platform ended right after its start; was it stopped at "
			    "the same time? See '%s/log'",
			    data);
	free(data);
	return r < 0 ? -1 : 0;
}

static int stop_in(int dir, const char *data UNUSED, void *arg, struct err *e)
{
	pid_t pid = state_holder(dir);
	bool *stopped = arg;

	if (pid == 0)
		return 0;
	if (kill(pid, SIGTERM) < 0 && errno != ESRCH)
		return err_sys(e, "cannot stop process %d", (int)pid);
	if (!wait_until_gone(dir, pid, STOP_MS)) {
		(void)kill(pid, SIGKILL);
		if (!wait_until_gone(dir, pid, STOP_MS))
			return err_set(e, ERR_SYSTEM, "process %d does not end", (int)pid);
	}
	*stopped = true;
	return 0;
}

int platform_stop(bool *stopped, struct err *e)
{
	char *data = state_dir(e);
	int r;

	*stopped = false;
	if (!data)
		return -1;
	r = in_folder(data, stop_in, stopped, e);
	free(data);
	return r;
}

/* The server's lock is held meanwhile, against one that is started by hand. */
static int reset_in(int dir, const char *data, void *stopped, struct err *e)
{
	int lock, r;

	if (stop_in(dir, data, stopped, e) < 0)
		return -1;
	lock = state_lock(dir, e);
	if (lock < 0)
		return err_wrap(e, "stop it with 'dofn local stop'");
	r = fs_remove_tree(AT_FDCWD, data, e);
	(void)close(lock);
	return r;
}

/* Nobody who starts or resets it at the same time sees half of it. */
static int reset(const char *data, bool *stopped, struct err *e)
{
	int lock, r;

	if (access(data, F_OK) < 0 && errno == ENOENT)
		return 0;
	lock = state_lock_changes(e);
	if (lock < 0)
		return -1;
	r = in_folder(data, reset_in, stopped, e);
	(void)close(lock);
	return r;
}

int platform_reset(bool *stopped, struct err *e)
{
	char *data = state_dir(e);
	int r;

	*stopped = false;
	if (!data)
		return -1;
	r = reset(data, stopped, e);
	free(data);
	return r;
}
