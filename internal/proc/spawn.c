#include "proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

/* How far the child came; sent with errno to the parent. */
enum step { STEP_START, STEP_CWD, STEP_PREPARE, STEP_EXEC };

struct failure {
	int step, errnum;
};

/* What the child needs, all of it made before the fork: after it nothing may allocate. */
struct plan {
	const struct proc_spec *spec;
	char *path;    /* of the program */
	int *fd;       /* fd[i] becomes i in the child */
	int fd_n;      /* 0, 1, 2 and those of pass[] */
	int null;      /* /dev/null */
	int out[2][2]; /* pipes: stdout, stderr */
	int report[2]; /* pipe for struct failure; exec closes it */
	pid_t parent;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void plan_release(struct plan *p)
{
	int i;

	close_fd(&p->null);
	for (i = 0; i < 2; i++) {
		close_fd(&p->out[0][i]);
		close_fd(&p->out[1][i]);
		close_fd(&p->report[i]);
	}
	free(p->fd);
	free(p->path);
}

static int plan_descriptors(struct plan *p, struct err *e)
{
	const struct proc_spec *spec = p->spec;

	p->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (p->null < 0)
		return err_sys(e, "cannot open '/dev/null'");
	if (pipe2(p->out[0], O_CLOEXEC) < 0 || pipe2(p->out[1], O_CLOEXEC) < 0 ||
	    pipe2(p->report, O_CLOEXEC) < 0)
		return err_sys(e, "cannot start '%s'", spec->file);
	p->fd_n = 3 + (int)spec->pass_n;
	p->fd = xcalloc((size_t)p->fd_n, sizeof(*p->fd));
	p->fd[STDIN_FILENO] = p->null;
	p->fd[STDOUT_FILENO] = p->out[0][1];
	p->fd[STDERR_FILENO] = p->out[1][1];
	if (spec->pass_n)
		memcpy(p->fd + 3, spec->pass, spec->pass_n * sizeof(*p->fd));
	return 0;
}

static const char *path_of(const char *const *envp)
{
	if (!envp)
		return getenv("PATH");
	for (; *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return NULL;
}

static int plan_program(struct plan *p, struct err *e)
{
	const char *file = p->spec->file;

	if (strchr(file, '/')) {
		p->path = xstrdup(file);
		return 0;
	}
	p->path = proc_find(file, path_of(p->spec->envp));
	if (p->path)
		return 0;
	err_set(e, ERR_SYSTEM, "cannot run '%s': no such program in PATH", file);
	e->sys = ENOENT;
	return -1;
}

/* From here to run_child() only what is async-signal-safe. */

void proc_close_from(int first)
{
	int fd;

#ifdef CLOSE_RANGE_UNSHARE
	if (close_range((unsigned)first, ~0U, 0) == 0)
		return;
#endif
	/* Ours are close-on-exec anyway, so a bound is no leak. */
	for (fd = first; fd < 65536; fd++)
		(void)close(fd);
}

static NORETURN void give_up(const struct plan *p, enum step step, int errnum)
{
	struct failure f = {(int)step, errnum};

	/* Less than PIPE_BUF: whole or not at all. */
	(void)!write(p->report[1], &f, sizeof(f));
	_exit(127);
}

/* Above the numbers that the child's own descriptors will have. */
static void lift(const struct plan *p, int *fd)
{
	*fd = fcntl(*fd, F_DUPFD_CLOEXEC, p->fd_n);
	if (*fd < 0)
		give_up(p, STEP_START, errno);
}

/* fd[i] to i, the report behind them, nothing else open. */
static void place_descriptors(struct plan *p)
{
	int i;

	for (i = 0; i < p->fd_n; i++)
		if (dup2(p->fd[i], i) < 0)
			give_up(p, STEP_START, errno);
	if (p->report[1] != p->fd_n) {
		if (dup3(p->report[1], p->fd_n, O_CLOEXEC) < 0)
			give_up(p, STEP_START, errno);
		p->report[1] = p->fd_n;
	}
	proc_close_from(p->fd_n + 1);
}

static void die_with_parent(const struct plan *p UNUSED)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended before. */
	if (getppid() != p->parent)
		_exit(127);
#endif
}

static void default_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execve() is older than const and writes to none of the strings. */
static char *const *unconst(const char *const *v)
{
	union {
		const char *const *in;
		char *const *out;
	} same = {.in = v};

	return same.out;
}

static NORETURN void run_child(struct plan *p)
{
	const struct proc_spec *spec = p->spec;
	int i, errnum;

	(void)setsid();
	lift(p, &p->report[1]);
	for (i = 0; i < p->fd_n; i++)
		lift(p, &p->fd[i]);
	if (spec->cwd >= 0 && fchdir(spec->cwd) < 0)
		give_up(p, STEP_CWD, errno);
	/* Before descriptors are replaced, as it may use some; before die_with_parent(), as a
	 * change of credentials would undo that. */
	errnum = spec->prepare ? spec->prepare(spec->prepare_arg) : 0;
	if (errnum)
		give_up(p, STEP_PREPARE, errnum);
	die_with_parent(p);
	place_descriptors(p);
	default_signals();
	execve(p->path, unconst(spec->argv), spec->envp ? unconst(spec->envp) : environ);
	give_up(p, STEP_EXEC, errno);
}

/* Signals wait meanwhile: a handler of ours must not run in the child. */
static pid_t fork_child(struct plan *p)
{
	sigset_t all, before;
	pid_t pid;
	int saved;

	p->parent = getpid();
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		run_child(p);
	saved = errno;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

static int explain(const struct plan *p, const struct failure *f, struct err *e)
{
	const struct proc_spec *spec = p->spec;
	int at = spec->cwd >= 0 ? spec->cwd : AT_FDCWD;
	struct stat st;

	errno = f->errnum;
	if (f->step == STEP_CWD)
		return err_sys(e, "cannot enter the working directory of '%s'", spec->file);
	if (f->step == STEP_PREPARE)
		return err_sys(e, "cannot confine '%s'", spec->file);
	if (f->step == STEP_EXEC && errno == ENOENT && fstatat(at, p->path, &st, 0) == 0) {
		err_set(e, ERR_SYSTEM,
			"cannot run '%s': the interpreter that its first line names is missing",
			p->path);
		e->sys = ENOENT;
		return -1;
	}
	errno = f->errnum;
	return err_sys(e, "cannot run '%s'", p->path);
}

/* Waits until the child has become its program: then the pipe ends without a word. */
static int await_exec(struct plan *p, pid_t pid, struct err *e)
{
	struct failure f;
	ssize_t n;

	close_fd(&p->report[1]);
	do
		n = read(p->report[0], &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(f))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return explain(p, &f, e);
}

pid_t proc_spawn(const struct proc_spec *spec, int out[2], struct err *e)
{
	struct plan p = {
		.spec = spec, .null = -1, .out = {{-1, -1}, {-1, -1}}, .report = {-1, -1}};
	pid_t pid = -1;

	if (plan_program(&p, e) < 0 || plan_descriptors(&p, e) < 0)
		goto out;
	pid = fork_child(&p);
	if (pid < 0) {
		err_sys(e, "cannot start '%s'", spec->file);
	} else if (await_exec(&p, pid, e) < 0) {
		pid = -1;
	} else {
		out[0] = p.out[0][0];
		out[1] = p.out[1][0];
		p.out[0][0] = p.out[1][0] = -1;
	}
out:
	plan_release(&p);
	return pid;
}
