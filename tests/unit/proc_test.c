#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "proc/proc.h"
#include "test.h"

struct fixture {
	struct loop *l;
	struct strbuf log; /* "out:line|", "err:line|", pieces end with "+" */
	size_t lines, pieces, bytes;
	struct proc *proc;
	struct proc_end end;
	int ended;
	struct err e;
	char dir[32];
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->l = loop_new();
	f->log = STRBUF_MAX(4096);
	memcpy(f->dir, "/tmp/proc_test.XXXXXX", 22);
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char *file = xasprintf("%s/file", f->dir);

	(void)unlink(file);
	(void)rmdir(f->dir);
	free(file);
	loop_free(f->l);
	strbuf_release(&f->log);
	err_clear(&f->e);
	free(f);
	return 0;
}

static void on_line(void *arg, enum proc_stream stream, struct str line, bool more)
{
	struct fixture *f = arg;

	assert_int_equal(f->ended, 0);
	strbuf_addf(&f->log, "%s:%.*s%c", stream == PROC_STDOUT ? "out" : "err", STR_ARG(line),
		    more ? '+' : '|');
	f->lines += !more;
	f->pieces++;
	f->bytes += line.n;
}

static void on_end(void *arg, const struct proc_end *end)
{
	struct fixture *f = arg;

	f->ended++;
	f->end = *end;
}

#define SHELL(script) ((const char *const[]){"sh", "-c", script, NULL})

static struct proc_spec spec_of(struct fixture *f, const char *const *argv)
{
	return (struct proc_spec){.file = argv[0],
				  .argv = argv,
				  .cwd = -1,
				  .on_line = on_line,
				  .on_end = on_end,
				  .arg = f};
}

static void run(struct fixture *f, const struct proc_spec *spec)
{
	f->ended = 0;
	f->lines = f->pieces = f->bytes = 0;
	strbuf_reset(&f->log);
	f->proc = proc_start(f->l, spec, &f->e);
	assert_non_null(f->proc);
	assert_true(proc_pid(f->proc) > 0);
	loop_run(f->l);
	assert_int_equal(f->ended, 1);
}

static void run_shell(struct fixture *f, const char *script)
{
	struct proc_spec spec = spec_of(f, SHELL(script));

	run(f, &spec);
}

static void exit_status_and_signal_are_told(void **state)
{
	static const struct {
		const char *script;
		int status, signum;
	} cases[] = {
		{"exit 0", 0, 0},
		{"exit 1", 1, 0},
		{"exit 255", 255, 0},
		{"kill -TERM $$", -1, SIGTERM},
		{"kill -KILL $$", -1, SIGKILL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		run_shell(f, cases[i].script);
		assert_int_equal(f->end.status, cases[i].status);
		assert_int_equal(f->end.signum, cases[i].signum);
		assert_false(f->end.dropped);
	}
}

static void output_comes_by_lines(void **state)
{
	static const struct {
		const char *script, *log;
	} cases[] = {
		{":", ""},
		{"echo a; echo b", "out:a|out:b|"},
		{"printf 'a\\r\\nb\\rc\\n\\n'", "out:a|out:b\rc|out:|"},
		{"printf a; printf 'b\\nc'", "out:ab|out:c|"},
		{"echo oops >&2", "err:oops|"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		run_shell(f, cases[i].script);
		assert_string_equal(f->log.buf, cases[i].log);
	}
}

/* %0*d needs no tool but the shell's own printf. */
static void long_lines_come_in_pieces(void **state)
{
	static const struct {
		const char *script;
		size_t pieces, bytes;
	} cases[] = {
		{"printf '%065536d\\n' 0", 1, 65536},
		{"printf '%065536d\\r\\n' 0", 1, 65536},
		{"printf '%065536d' 0", 1, 65536},
		{"printf '%065537d\\n' 0", 2, 65537},
		{"printf '%065537d\\r\\n' 0", 2, 65537},
		{"printf '%0200000d\\n' 0", 4, 200000},
		{"printf '%0200000d' 0", 4, 200000},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		run_shell(f, cases[i].script);
		assert_int_equal(f->lines, 1);
		assert_int_equal(f->pieces, cases[i].pieces);
		assert_int_equal(f->bytes, cases[i].bytes);
	}
}

struct counted {
	struct fixture f; /* first, for on_end */
	unsigned long next;
};

static void count_line(void *arg, enum proc_stream stream UNUSED, struct str line, bool more)
{
	struct counted *c = arg;
	uint64_t n;

	assert_false(more);
	assert_true(str_to_u64(line, &n));
	assert_int_equal(n, c->next);
	c->next++;
}

static void thousands_of_lines_keep_their_order(void **state)
{
	struct fixture *f = *state;
	struct counted c = {.f = {.l = f->l}};
	struct proc_spec spec =
		spec_of(f, SHELL("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"));

	spec.on_line = count_line;
	spec.arg = &c;
	assert_non_null(proc_start(f->l, &spec, &f->e));
	loop_run(f->l);
	assert_int_equal(c.next, 20000);
	assert_int_equal(c.f.ended, 1);
}

static void output_beyond_the_ceiling_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec =
		spec_of(f, SHELL("echo abc; echo defghi; printf '%0300000d\\n' 0; exit 3"));

	spec.max_output = 8;
	run(f, &spec);
	assert_string_equal(f->log.buf, "out:abc|out:defg|");
	assert_true(f->end.dropped);
	assert_int_equal(f->end.status, 3);
	spec = spec_of(f, SHELL("echo abc"));
	spec.max_output = 4;
	run(f, &spec);
	assert_false(f->end.dropped);
}

/* Of ten lines "0123456", eight bytes each. */
static void the_last_output_beyond_the_ceiling_is_kept(void **state)
{
	static const struct {
		size_t max, last;
		const char *log;
		bool dropped;
	} cases[] = {
		{8, 17, "out:0123456|out:8123456|out:9123456|", true},
		{8, 16, "out:0123456|out:9123456|", true}, /* the first may be half a line */
		{8, 8, "out:0123456|", true},
		{4, 20, "out:0123|out:8123456|out:9123456|", true},
		{4, 76, NULL, false},
		{80, 8, NULL, false},
		{200, 0, NULL, false},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct proc_spec spec = spec_of(
			f, SHELL("for i in 0 1 2 3 4 5 6 7 8 9; do echo ${i}123456; done"));

		spec.max_output = cases[i].max;
		spec.keep_last = cases[i].last;
		strbuf_reset(&f->log);
		f->ended = 0;
		run(f, &spec);
		assert_int_equal(f->end.dropped, cases[i].dropped);
		if (cases[i].log)
			assert_string_equal(f->log.buf, cases[i].log);
		else
			assert_int_equal(f->log.len, 10 * strlen("out:0123456|"));
	}
}

/* Who stays behind has the output open, or not. */
static void who_stays_behind_is_ended(void **state)
{
	static const struct {
		const char *script;
		bool left;
	} cases[] = {
		{"sleep 60 & echo $!", true},
		{"sleep 60 >/dev/null 2>&1 & echo $!", true},
		{"(trap '' TERM; sleep 60; sleep 60) & echo $!", true},
		{"sleep 0.05 & echo $!", false},
		{"(sleep 0.05; echo late) & echo $!", false},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct proc_spec spec = spec_of(f, SHELL(cases[i].script));
		struct proc_adoption *a = proc_adopt_begin(f->l);
		struct strbuf names = STRBUF_INIT;
		struct str rest, line;
		uint64_t pid;

		spec.end_group_ms = 100;
		strbuf_reset(&f->log);
		f->ended = 0;
		run(f, &spec);
		assert_int_equal(f->end.status, 0);
		if (f->end.left != cases[i].left)
			fail_msg("case %zu", i);
		rest = str_from(strbuf_str(&f->log), strlen("out:"));
		assert_true(str_next(&rest, '|', &line));
		assert_true(str_to_u64(line, &pid));
		proc_adopt_end(a, &names); /* reaps what this process has adopted */
		strbuf_release(&names);
		assert_int_not_equal(kill((pid_t)pid, 0), 0);
	}
}

static void whoever_left_the_group_is_found(void **state)
{
	static const struct {
		const char *script, *names;
	} cases[] = {
		{"true", ""},
		{"setsid sleep 60 >/dev/null 2>&1 & sleep 0.1", "sleep"},
		{"setsid sh -c 'sleep 60 & setsid sleep 60' >/dev/null 2>&1 & sleep 0.1",
		 "sh, sleep, sleep"},
		{"setsid sleep 0.01 >/dev/null 2>&1 & sleep 0.2", ""},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct proc_spec spec = spec_of(f, SHELL(cases[i].script));
		struct strbuf names = STRBUF_INIT;
		struct proc_adoption *a = proc_adopt_begin(f->l);

		f->ended = 0;
		run(f, &spec);
		proc_adopt_end(a, &names);
		assert_string_equal(names.len ? names.buf : "", cases[i].names);
		strbuf_release(&names);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
	}
}

/* A child from before, and its end, are someone else's business. */
static void children_from_before_are_left_alone(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("sleep 60"));
	struct strbuf names = STRBUF_INIT;
	struct proc_adoption *a;

	f->proc = proc_start(f->l, &spec, &f->e);
	assert_non_null(f->proc);
	a = proc_adopt_begin(f->l);
	proc_adopt_end(a, &names);
	assert_int_equal(names.len, 0);
	assert_int_equal(kill(proc_pid(f->proc), 0), 0);
	proc_stop(f->proc, 0);
	loop_run(f->l);
	assert_int_equal(f->end.signum, SIGKILL);
	strbuf_release(&names);
}

static void output_without_a_reader_is_thrown_away(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("printf '%0300000d\\n' 0; exit 4"));

	spec.on_line = NULL;
	run(f, &spec);
	assert_int_equal(f->end.status, 4);
}

static void child_starts_in_cwd_with_its_environment(void **state)
{
	static const char *const envp[] = {"PATH=/usr/bin:/bin", "A=b c", NULL};
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("pwd -P; echo \"$A${HOME-}\""));
	char *want = xasprintf("out:%s|out:b c|", f->dir);

	spec.cwd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	spec.envp = envp;
	run(f, &spec);
	assert_string_equal(f->log.buf, want);
	(void)close(spec.cwd);
	free(want);
}

static void environment_is_inherited_when_none_is_given(void **state)
{
	struct fixture *f = *state;

	setenv("PROC_TEST_WORD", "here", 1);
	run_shell(f, "echo $PROC_TEST_WORD");
	unsetenv("PROC_TEST_WORD");
	assert_string_equal(f->log.buf, "out:here|");
}

static void put_file(struct fixture *f, const char *text, mode_t mode)
{
	char *file = xasprintf("%s/file", f->dir);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	free(file);
}

static void program_that_cannot_run_is_an_error(void **state)
{
	static const char *const no_path[] = {"PATH=/nonexistent:relative::", NULL};
	static const struct {
		const char *name, *text;
		mode_t mode;
		int sys;
		const char *said;
	} cases[] = {
		{"no-such-program", "", 0600, ENOENT, "no such program in PATH"},
		{"", "", 0600, ENOENT, "no such program in PATH"},
		{"./nothing", "", 0600, ENOENT, "cannot run './nothing'"},
		{"./file", "#!/bin/sh\n", 0600, EACCES, "cannot run './file'"},
		{"./file", "#!/nonexistent/sh\n", 0700, ENOENT, "interpreter"},
		{"./file", "no program\n", 0700, ENOEXEC, "cannot run './file'"},
	};
	struct fixture *f = *state;
	struct proc_spec spec;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		put_file(f, cases[i].text, cases[i].mode);
		spec = spec_of(f, (const char *const[]){cases[i].name, NULL});
		spec.cwd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		spec.envp = no_path;
		assert_null(proc_start(f->l, &spec, &f->e));
		assert_int_equal(f->e.code, ERR_SYSTEM);
		assert_int_equal(f->e.sys, cases[i].sys);
		assert_non_null(strstr(f->e.msg, cases[i].said));
		err_clear(&f->e);
		(void)close(spec.cwd);
	}
	loop_run(f->l);
	assert_int_equal(f->ended, 0);
}

static int refuse(void *arg)
{
	return *(int *)arg;
}

static void failure_before_exec_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("echo ran"));
	int errnum = EDOM, bad = 900000;

	spec.prepare = refuse;
	spec.prepare_arg = &errnum;
	assert_null(proc_start(f->l, &spec, &f->e));
	assert_int_equal(f->e.sys, EDOM);
	assert_non_null(strstr(f->e.msg, "confine"));
	err_clear(&f->e);

	spec.prepare = NULL;
	spec.cwd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_null(proc_start(f->l, &spec, &f->e));
	assert_int_equal(f->e.sys, ENOTDIR);
	assert_non_null(strstr(f->e.msg, "working directory"));
	err_clear(&f->e);
	(void)close(spec.cwd);

	spec.cwd = -1;
	spec.pass = &bad;
	spec.pass_n = 1;
	assert_null(proc_start(f->l, &spec, &f->e));
	assert_int_equal(f->e.sys, EBADF);
}

static int change_umask(void *arg)
{
	(void)umask(0);
	return refuse(arg);
}

static void prepare_runs_in_the_child_only(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("umask"));
	int none = 0;
	mode_t before = umask(027);

	spec.prepare = change_umask;
	spec.prepare_arg = &none;
	run(f, &spec);
	assert_int_equal(umask(before), 027);
	assert_string_equal(f->log.buf, "out:0000|");
}

static void child_has_its_own_session_and_no_input(void **state)
{
	struct fixture *f = *state;

	run_shell(f, "read pid comm state ppid pgrp session rest < /proc/$$/stat; "
		     "test $pgrp = $$ && test $session = $$ && echo own; read x || echo empty");
	assert_string_equal(f->log.buf, "out:own|out:empty|");
}

static void child_has_default_signals(void **state)
{
	struct sigaction ign = {.sa_handler = SIG_IGN}, before;
	struct fixture *f = *state;
	sigset_t set, old;

	sigaction(SIGPIPE, &ign, &before);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	run_shell(f, "kill -PIPE $$");
	assert_int_equal(f->end.signum, SIGPIPE);
	run_shell(f, "kill -USR1 $$");
	assert_int_equal(f->end.signum, SIGUSR1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGPIPE, &before, NULL);
}

static void passed_descriptors_become_3_and_up(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("cat <&3; cat <&4; cat <&5"));
	int a[2], b[2], pass[3];

	assert_int_equal(pipe2(a, O_CLOEXEC), 0);
	assert_int_equal(pipe2(b, O_CLOEXEC), 0);
	assert_int_equal(write(a[1], "from a\n", 7), 7);
	assert_int_equal(write(b[1], "from b\n", 7), 7);
	/* Numbers that overlap with those they become. */
	pass[0] = b[0];
	pass[1] = a[0];
	pass[2] = b[0];
	(void)close(a[1]);
	(void)close(b[1]);
	spec.pass = pass;
	spec.pass_n = 3;
	run(f, &spec);
	(void)close(a[0]);
	(void)close(b[0]);
	assert_string_equal(f->log.buf, "out:from b|out:from a|");
}

static int open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static void nothing_leaks_into_the_child(void **state)
{
	struct fixture *f = *state;
	int low = open("/dev/null", O_RDONLY); /* inheritable on purpose */
	int high = fcntl(low, F_DUPFD, 200);

	run_shell(f, "for i in /proc/self/fd/*; do test -e $i && echo ${i##*/}; done");
	(void)close(low);
	(void)close(high);
	assert_string_equal(f->log.buf, "out:0|out:1|out:2|");
}

static void nothing_leaks_here(void **state)
{
	struct fixture *f = *state;
	struct proc_spec bad = spec_of(f, (const char *const[]){"/nonexistent", NULL});
	int before, i;

	run_shell(f, "exit 0");
	before = open_descriptors();
	for (i = 0; i < 20; i++) {
		run_shell(f, "echo a; exit 1");
		assert_null(proc_start(f->l, &bad, &f->e));
		err_clear(&f->e);
	}
	assert_int_equal(open_descriptors(), before);
}

static void children_run_side_by_side(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("printf '%09999d\\n' 0; exit 2"));
	int i;

	spec.on_line = NULL;
	for (i = 0; i < 20; i++)
		assert_non_null(proc_start(f->l, &spec, &f->e));
	loop_run(f->l);
	assert_int_equal(f->ended, 20);
}

/* The stray one keeps both pipes open far longer than the test may last. */
static void stray_grandchild_does_not_hold_the_end(void **state)
{
	struct fixture *f = *state;
	uint64_t begin = clock_monotonic_ms();

	run_shell(f, "sleep 20 & echo $!; printf rest; exit 5");
	assert_true(clock_monotonic_ms() - begin < 10000);
	assert_int_equal(f->end.status, 5);
	assert_int_equal(f->lines, 2);
	assert_non_null(strstr(f->log.buf, "|out:rest|"));
	(void)kill((pid_t)strtol(f->log.buf + 4, NULL, 10), SIGKILL);
}

static void stop_at_first_line(void *arg, enum proc_stream stream UNUSED,
			       struct str line UNUSED, bool more UNUSED)
{
	struct fixture *f = arg;

	if (f->lines++ == 0)
		proc_stop(f->proc, 50);
}

static void stop_ends_the_group(void **state)
{
	static const struct {
		const char *script;
		int signum;
	} cases[] = {
		{"echo ready; while :; do sleep 20; done", SIGTERM},
		{"trap '' TERM; echo ready; while :; do sleep 20; done", SIGKILL},
		{"(kill -STOP $$; echo ready) & while :; do sleep 20; done", SIGTERM},
	};
	struct fixture *f = *state;
	uint64_t begin = clock_monotonic_ms();
	struct proc_spec spec;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		spec = spec_of(f, SHELL(cases[i].script));
		spec.on_line = stop_at_first_line;
		run(f, &spec);
		assert_int_equal(f->end.signum, cases[i].signum);
		assert_int_equal(f->end.status, -1);
	}
	assert_true(clock_monotonic_ms() - begin < 10000);
}

/* The child goes at once, its own child only when it is killed. */
static void stop_waits_for_the_whole_group(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec =
		spec_of(f, SHELL("(trap '' TERM; echo ready; exec >/dev/null 2>&1; "
				 "while :; do sleep 20; done) & wait"));
	pid_t group;

	spec.on_line = stop_at_first_line;
	f->ended = 0;
	f->lines = 0;
	f->proc = proc_start(f->l, &spec, &f->e);
	group = proc_pid(f->proc);
	loop_run(f->l);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->end.signum, SIGTERM);
	/* Only zombies that nobody has reaped yet may answer to the group. */
	if (kill(-group, 0) == 0)
		assert_int_equal(kill(-group, SIGKILL), 0);
}

static void stop_at_once(void *arg, enum proc_stream stream UNUSED, struct str line UNUSED,
			 bool more UNUSED)
{
	struct fixture *f = arg;

	proc_stop(f->proc, 60000);
	proc_stop(f->proc, 0);
	proc_stop(f->proc, 0);
}

static void stop_without_grace_kills(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec =
		spec_of(f, SHELL("trap '' TERM; echo ready; while :; do sleep 20; done"));

	spec.on_line = stop_at_once;
	run(f, &spec);
	assert_int_equal(f->end.signum, SIGKILL);
}

static void child_dies_with_its_parent(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, (const char *const[]){"sleep", "20", NULL});
	uint64_t begin = clock_monotonic_ms();
	int life[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	spec.pass = &life[1];
	spec.pass_n = 1;
	pid = fork();
	if (pid == 0) {
		struct loop *l = loop_new();

		if (proc_start(l, &spec, &f->e))
			(void)kill(getpid(), SIGKILL);
		_exit(1);
	}
	(void)close(life[1]);
	assert_int_equal(read(life[0], &c, 1), 0);
	(void)close(life[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(clock_monotonic_ms() - begin < 10000);
}

static void capture_collects_stdout_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("printf 'a\\r\\nb\\n'; echo c >&2; exit 6"));
	struct strbuf out = STRBUF_MAX(100);
	struct proc_end end;

	assert_int_equal(proc_capture(f->l, &spec, &out, 0, &end, &f->e), 0);
	assert_string_equal(out.buf, "a\r\nb\n");
	assert_string_equal(f->log.buf, "err:c|");
	assert_int_equal(end.status, 6);
	assert_int_equal(f->ended, 0);
	assert_int_equal(proc_capture(f->l, &spec, NULL, 0, &end, &f->e), 0);
	strbuf_release(&out);

	out = STRBUF_MAX(3);
	spec.on_line = NULL;
	assert_int_equal(proc_capture(f->l, &spec, &out, 60000, &end, &f->e), 0);
	assert_string_equal(out.buf, "a\r\n");
	assert_true(end.dropped);
	strbuf_release(&out);
}

static void capture_fails_when_the_program_is_missing(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, (const char *const[]){"no-such-program", NULL});
	struct proc_end end;

	assert_int_equal(proc_capture(f->l, &spec, NULL, 0, &end, &f->e), -1);
	assert_int_equal(f->e.sys, ENOENT);
}

static void capture_kills_after_its_time(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("trap '' TERM; while :; do sleep 20; done"));
	struct proc_end end;

	assert_int_equal(proc_capture(f->l, &spec, NULL, 20, &end, &f->e), 0);
	assert_int_equal(end.signum, SIGKILL);
}

static void interrupt(void *arg)
{
	loop_interrupt(arg, SIGINT);
}

static void interruption_ends_a_capture(void **state)
{
	struct fixture *f = *state;
	struct proc_spec spec = spec_of(f, SHELL("while :; do sleep 20; done"));
	struct proc_end end = {0};

	loop_defer(f->l, interrupt, f->l);
	assert_int_equal(proc_capture(f->l, &spec, NULL, 0, &end, &f->e), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
	assert_int_equal(end.signum, SIGTERM);
	err_clear(&f->e);
	assert_int_equal(proc_capture(f->l, &spec, NULL, 0, &end, &f->e), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
}

static void the_environment_moves_out_of_sight(void **state UNUSED)
{
	char first[] = "HIDE_TEST=one",
	     second[] = "HIDE_OTHER=", *own[] = {first, second, NULL};
	char **before = environ;
	size_t i;

	environ = own;
	proc_hide_environment();
	assert_string_equal(getenv("HIDE_TEST"), "one");
	assert_string_equal(getenv("HIDE_OTHER"), "");
	for (i = 0; i < sizeof(first); i++)
		assert_int_equal(first[i], 0);
	for (i = 0; environ[i]; i++)
		free(environ[i]);
	assert_int_equal(i, 2);
	free(environ);
	environ = before;
}

static void values_of_options_are_overwritten(void **state UNUSED)
{
	static const struct {
		const char *in[4], *out[4];
	} cases[] = {
		{{"x", "--auth", "key", NULL}, {"x", "--auth", "xxx", NULL}},
		{{"x", "--auth=key", "y", NULL}, {"x", "--auth=xxx", "y", NULL}},
		{{"x", "--auth", NULL}, {"x", "--auth", NULL}},
		{{"x", "--auth=", "", NULL}, {"x", "--auth=", "", NULL}},
		{{"x", "--author", "key", NULL}, {"x", "--author", "key", NULL}},
		{{"x", "--auth", "--auth", "key"}, {"x", "--auth", "xxxxxx", "xxx"}},
	};
	static const char *const options[] = {"--auth", NULL};
	size_t i, j;

	for (i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT;
		char *argv[5] = {0}, **copy;

		for (j = 0; j < 4 && cases[i].in[j]; j++)
			argv[j] = arena_strdup(&a, cases[i].in[j]);
		copy = proc_hide_values(&a, argv, options);
		for (j = 0; argv[j]; j++) {
			assert_string_equal(copy[j], cases[i].in[j]);
			assert_string_equal(argv[j], cases[i].out[j]);
		}
		assert_null(copy[j]);
		arena_release(&a);
	}
}

static void memory_is_hidden_for_a_while(void **state UNUSED)
{
	proc_hide_memory(true);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	proc_hide_memory(false);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
}

static void find_looks_through_the_path(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("relative::/nonexistent:%s:/tmp", f->dir);
	char *want = xasprintf("%s/file", f->dir), *got;

	put_file(f, "", 0600);
	assert_null(proc_find("file", path));
	put_file(f, "", 0700);
	got = proc_find("file", path);
	assert_string_equal(got, want);
	free(got);
	got = proc_find(want, NULL);
	assert_string_equal(got, want);
	free(got);
	got = proc_find("sh", NULL);
	assert_non_null(got);
	free(got);
	assert_null(proc_find("", path));
	assert_null(proc_find("file", ""));
	assert_null(proc_find(f->dir, path)); /* a folder */
	free(want);
	free(path);
}

#define with_loop(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_loop(exit_status_and_signal_are_told),
		with_loop(output_comes_by_lines),
		with_loop(long_lines_come_in_pieces),
		with_loop(thousands_of_lines_keep_their_order),
		with_loop(output_beyond_the_ceiling_is_dropped),
		with_loop(the_last_output_beyond_the_ceiling_is_kept),
		with_loop(who_stays_behind_is_ended),
		with_loop(whoever_left_the_group_is_found),
		with_loop(children_from_before_are_left_alone),
		cmocka_unit_test(the_environment_moves_out_of_sight),
		cmocka_unit_test(values_of_options_are_overwritten),
		cmocka_unit_test(memory_is_hidden_for_a_while),
		with_loop(output_without_a_reader_is_thrown_away),
		with_loop(child_starts_in_cwd_with_its_environment),
		with_loop(environment_is_inherited_when_none_is_given),
		with_loop(program_that_cannot_run_is_an_error),
		with_loop(failure_before_exec_is_an_error),
		with_loop(prepare_runs_in_the_child_only),
		with_loop(child_has_its_own_session_and_no_input),
		with_loop(child_has_default_signals),
		with_loop(passed_descriptors_become_3_and_up),
		with_loop(nothing_leaks_into_the_child),
		with_loop(nothing_leaks_here),
		with_loop(children_run_side_by_side),
		with_loop(stray_grandchild_does_not_hold_the_end),
		with_loop(stop_ends_the_group),
		with_loop(stop_waits_for_the_whole_group),
		with_loop(stop_without_grace_kills),
		with_loop(child_dies_with_its_parent),
		with_loop(capture_collects_stdout_as_it_is),
		with_loop(capture_fails_when_the_program_is_missing),
		with_loop(capture_kills_after_its_time),
		with_loop(interruption_ends_a_capture),
		with_loop(find_looks_through_the_path),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
