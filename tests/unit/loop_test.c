#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "loop/loop.h"
#include "test.h"

struct fixture {
	struct loop *l;
	struct strbuf log;
	bool done;
	int count, status;
	struct loop_timer *timer;
	struct loop_poll *poll;
	struct loop_cancel *cancel;
	int fd;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->l = loop_new();
	f->log = STRBUF_INIT;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	loop_free(f->l);
	strbuf_release(&f->log);
	free(f);
	return 0;
}

static void finish(void *arg)
{
	struct fixture *f = arg;

	f->done = true;
}

static void note(struct fixture *f, const char *s)
{
	strbuf_adds(&f->log, s);
}

static void note_a(void *arg)
{
	note(arg, "a");
}

static void note_b(void *arg)
{
	note(arg, "b");
}

static void note_stop(void *arg)
{
	struct fixture *f = arg;

	note(f, "s");
	loop_stop(f->l);
}

static void run_without_work_returns(void **state)
{
	struct fixture *f = *state;

	loop_run(f->l);
	loop_run_until(f->l, &f->done);
	assert_false(f->done);
}

static void timers_fire_in_order_of_their_time(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *b = loop_timer_start(f->l, 4, 0, note_b, f);
	struct loop_timer *a = loop_timer_start(f->l, 1, 0, note_a, f);

	loop_run(f->l);
	assert_string_equal(f->log.buf, "ab");
	loop_timer_stop(a);
	loop_timer_stop(b);
	loop_timer_stop(NULL);
}

static void thrice(void *arg)
{
	struct fixture *f = arg;

	if (++f->count == 3)
		loop_timer_stop(f->timer);
}

static void repeating_timer_stops_inside_its_callback(void **state)
{
	struct fixture *f = *state;

	f->timer = loop_timer_start(f->l, 0, 1, thrice, f);
	loop_run(f->l);
	assert_int_equal(f->count, 3);
}

static void timer_can_be_set_again_after_it_fired(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *t = loop_timer_start(f->l, 0, 0, note_a, f);

	loop_run(f->l);
	loop_timer_again(t, 1);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "aa");
	loop_timer_stop(t);
}

static void stopped_timer_does_not_fire(void **state)
{
	struct fixture *f = *state;

	loop_timer_stop(loop_timer_start(f->l, 0, 0, note_a, f));
	loop_run(f->l);
	assert_string_equal(f->log.buf, "");
}

static void timer_counts_from_the_call_not_from_the_last_event(void **state)
{
	struct fixture *f = *state;
	uint64_t begin = clock_monotonic_ms(), now;
	struct loop_timer *t;

	do
		now = clock_monotonic_ms();
	while (now < begin + 30);
	t = loop_timer_start(f->l, 20, 0, note_a, f);
	loop_run(f->l);
	assert_true(clock_monotonic_ms() - now >= 19);
	loop_timer_stop(t);
}

/* Nothing else would wake the loop before the far timer. */
static void run_until_returns_without_waiting_for_more(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *far = loop_timer_start(f->l, 600000, 0, note_a, f);
	struct loop_timer *near = loop_timer_start(f->l, 1, 0, finish, f);

	loop_run_until(f->l, &f->done);
	assert_true(f->done);
	f->done = false;
	loop_defer(f->l, finish, f);
	loop_run_until(f->l, &f->done);
	assert_true(f->done);
	loop_timer_stop(near);
	loop_timer_stop(far);
}

static void stop_ends_the_run_and_also_counts_before_it(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *far = loop_timer_start(f->l, 600000, 0, note_a, f);

	loop_defer(f->l, note_stop, f);
	loop_run(f->l);
	loop_stop(f->l);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "s");
	loop_timer_stop(far);
}

static void defer_again(void *arg)
{
	struct fixture *f = arg;

	note(f, "(");
	if (++f->count < 3)
		loop_defer(f->l, defer_again, f);
	loop_defer(f->l, note_a, f);
	note(f, ")");
}

static void deferred_calls_come_later_and_in_order(void **state)
{
	struct fixture *f = *state;

	loop_defer(f->l, defer_again, f);
	loop_defer(f->l, note_b, f);
	assert_string_equal(f->log.buf, "");
	loop_run(f->l);
	assert_string_equal(f->log.buf, "()b()a()aa");
}

static void free_makes_the_deferred_calls(void **state UNUSED)
{
	struct fixture f = {.l = loop_new(), .log = STRBUF_INIT};

	loop_defer(f.l, note_a, &f);
	loop_free(f.l);
	assert_string_equal(f.log.buf, "a");
	strbuf_release(&f.log);
}

static void read_all(void *arg, int events)
{
	struct fixture *f = arg;
	char buf[16];
	ssize_t n = read(f->fd, buf, 2);

	assert_int_equal(events, LOOP_READ);
	assert_true(n >= 0);
	if (n == 0) {
		loop_poll_stop(f->poll);
		(void)close(f->fd);
		return;
	}
	strbuf_add(&f->log, buf, (size_t)n);
}

static void readiness_is_level_triggered_and_ends_with_the_pipe(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	f->fd = fd[0];
	f->poll = loop_poll_start(f->l, fd[0], LOOP_READ, read_all, f);
	assert_int_equal(write(fd[1], "abcde", 5), 5);
	(void)close(fd[1]);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "abcde");
	loop_poll_stop(NULL);
}

static void paused_poll_is_silent(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	f->fd = fd[0];
	f->poll = loop_poll_start(f->l, fd[0], LOOP_READ, read_all, f);
	(void)close(fd[1]);
	loop_poll_change(f->poll, 0);
	loop_run(f->l);
	loop_poll_change(f->poll, LOOP_READ);
	loop_run(f->l);
}

static void write_broken_pipe(void *arg, int events)
{
	struct fixture *f = arg;

	assert_int_equal(events, LOOP_WRITE);
	assert_int_equal(write(f->fd, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	if (++f->count == 2)
		loop_poll_stop(f->poll);
}

static void error_on_a_descriptor_is_readiness_each_time(void **state)
{
	struct fixture *f = *state;
	struct sigaction ign = {.sa_handler = SIG_IGN}, before;
	int fd[2];

	sigaction(SIGPIPE, &ign, &before);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	(void)close(fd[0]);
	f->fd = fd[1];
	f->poll = loop_poll_start(f->l, fd[1], LOOP_WRITE, write_broken_pipe, f);
	loop_run(f->l);
	assert_int_equal(f->count, 2);
	(void)close(fd[1]);
	sigaction(SIGPIPE, &before, NULL);
}

static pid_t child_that_exits(int status)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(status);
	return pid;
}

static void note_status(void *arg, int status)
{
	struct fixture *f = arg;

	f->count++;
	f->status += status;
}

static void every_child_ends_once(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 20; i++)
		(void)!loop_child_watch(f->l, child_that_exits(1), note_status, f);
	loop_run(f->l);
	assert_int_equal(f->count, 20);
	assert_int_equal(f->status, 20 << 8);
}

static void child_that_ended_before_the_watch_is_reaped(void **state)
{
	struct fixture *f = *state;
	pid_t pid = child_that_exits(7);
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	(void)!loop_child_watch(f->l, pid, note_status, f);
	loop_run(f->l);
	assert_int_equal(WEXITSTATUS(f->status), 7);
}

static void watch_next(void *arg, int status)
{
	struct fixture *f = arg;

	f->status = status;
	if (++f->count < 3)
		(void)!loop_child_watch(f->l, child_that_exits(f->count), watch_next, f);
}

static void child_can_follow_child(void **state)
{
	struct fixture *f = *state;

	(void)!loop_child_watch(f->l, child_that_exits(0), watch_next, f);
	loop_run(f->l);
	assert_int_equal(f->count, 3);
	assert_int_equal(WEXITSTATUS(f->status), 2);
}

struct job {
	pthread_t here;
	bool elsewhere;
	struct fixture *f;
};

static void look_around(void *arg)
{
	struct job *j = arg;

	j->elsewhere = !pthread_equal(j->here, pthread_self());
}

static void count_job(void *arg)
{
	struct job *j = arg;

	assert_true(pthread_equal(j->here, pthread_self()));
	j->f->count += j->elsewhere;
}

static void work_runs_elsewhere_and_is_done_here(void **state)
{
	struct fixture *f = *state;
	struct job jobs[10];
	size_t i;

	for (i = 0; i < countof(jobs); i++) {
		jobs[i] = (struct job){.here = pthread_self(), .f = f};
		loop_work(f->l, look_around, count_job, &jobs[i]);
	}
	loop_run(f->l);
	assert_int_equal(f->count, 10);
}

static void stop_cancel(void *arg)
{
	struct fixture *f = arg;

	note(f, "x");
	loop_cancel_stop(f->cancel);
}

static void interruption_calls_newest_first_and_once(void **state)
{
	struct fixture *f = *state;
	struct loop_cancel *a = loop_on_cancel(f->l, note_a, f), *b;

	f->cancel = loop_on_cancel(f->l, stop_cancel, f);
	b = loop_on_cancel(f->l, note_b, f);
	loop_cancel_stop(loop_on_cancel(f->l, note_b, f));
	assert_int_equal(loop_interrupted(f->l), 0);
	loop_interrupt(f->l, SIGTERM);
	loop_interrupt(f->l, SIGINT);
	assert_string_equal(f->log.buf, "");
	loop_run(f->l);
	assert_int_equal(loop_interrupted(f->l), SIGTERM);
	assert_string_equal(f->log.buf, "bxa");
	loop_cancel_stop(a);
	loop_cancel_stop(b);
	loop_cancel_stop(NULL);
}

static void cancel_function_that_comes_late_is_called_too(void **state)
{
	struct fixture *f = *state;
	struct loop_cancel *a;

	loop_interrupt(f->l, SIGINT);
	loop_run(f->l);
	a = loop_on_cancel(f->l, note_a, f);
	loop_run(f->l);
	assert_string_equal(f->log.buf, "a");
	loop_cancel_stop(a);
}

static void caught_signal_raises_the_flag_at_once_and_cancels(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction dfl = {.sa_handler = SIG_DFL}, before, after;
	struct fixture f = {.log = STRBUF_INIT};
	struct loop_timer *far;
	size_t i;

	for (i = 0; i < countof(signals); i++) {
		f.done = false;
		sigaction(signals[i], &dfl, &before);
		f.l = loop_new();
		loop_catch_interrupt(f.l);
		f.cancel = loop_on_cancel(f.l, finish, &f);
		far = loop_timer_start(f.l, 600000, 0, note_a, &f);
		raise(signals[i]);
		assert_int_equal(loop_interrupted(f.l), signals[i]);
		loop_run_until(f.l, &f.done);
		assert_true(f.done);
		loop_timer_stop(far);
		loop_cancel_stop(f.cancel);
		loop_free(f.l);
		sigaction(signals[i], &before, &after);
		assert_ptr_equal(after.sa_handler, SIG_DFL);
	}
	(void)state;
}

static void signal_ignored_at_the_start_stays_ignored(void **state UNUSED)
{
	struct sigaction ign = {.sa_handler = SIG_IGN}, before, after;
	struct loop *l = loop_new();

	sigaction(SIGHUP, &ign, &before);
	loop_catch_interrupt(l);
	raise(SIGHUP);
	assert_int_equal(loop_interrupted(l), 0);
	loop_free(l);
	sigaction(SIGHUP, &before, &after);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
}

/* The signal that ends a child process which runs fn, or 0; *said gets its stderr. */
static int signal_that_ends(void (*fn)(void), struct strbuf *said)
{
	static const struct rlimit no_core = {0, 0};
	int status, fd[2];
	char buf[512];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		(void)dup2(fd[1], STDERR_FILENO);
		fn();
		_exit(0);
	}
	(void)close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		strbuf_add(said, buf, (size_t)n);
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void raise_after_default(int first, int second)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct loop *l;

	sigaction(first, &dfl, NULL);
	sigaction(second, &dfl, NULL);
	l = loop_new();
	loop_catch_interrupt(l);
	raise(first);
	raise(second);
	loop_free(l);
}

static void interrupt_twice(void)
{
	raise_after_default(SIGINT, SIGINT);
}

static void interrupt_then_terminate(void)
{
	raise_after_default(SIGINT, SIGTERM);
}

static void hang_up_twice(void)
{
	raise_after_default(SIGHUP, SIGHUP);
}

static void second_signal_insists_unless_it_is_a_hang_up(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(signal_that_ends(interrupt_twice, &f->log), SIGINT);
	assert_int_equal(signal_that_ends(interrupt_then_terminate, &f->log), SIGTERM);
	assert_int_equal(signal_that_ends(hang_up_twice, &f->log), 0);
	assert_string_equal(f->log.buf, "");
}

static void ignore(void *arg UNUSED)
{
}

static void leave_timer(void)
{
	struct loop *l = loop_new();

	(void)!loop_timer_start(l, 0, 0, ignore, NULL);
	loop_free(l);
}

static void leave_cancel(void)
{
	struct loop *l = loop_new();

	(void)!loop_on_cancel(l, ignore, NULL);
	loop_free(l);
}

static void run_nested(void *arg)
{
	loop_run(arg);
}

static void nest_runs(void)
{
	struct loop *l = loop_new();

	loop_defer(l, run_nested, l);
	loop_run(l);
}

static void free_inside(void *arg)
{
	loop_free(arg);
}

static void free_inside_a_run(void)
{
	struct loop *l = loop_new();

	loop_defer(l, free_inside, l);
	loop_run(l);
}

static void watch_reaped_child(void)
{
	struct loop *l = loop_new();
	struct fixture f = {0};
	pid_t pid = child_that_exits(0);

	waitpid(pid, NULL, 0);
	(void)!loop_child_watch(l, pid, note_status, &f);
	loop_run(l);
}

static void wrong_use_is_a_bug(void **state)
{
	static const struct {
		void (*fn)(void);
		const char *said;
	} wrong[] = {
		{leave_timer, "timer handle left over"},
		{leave_cancel, "cancel function left over"},
		{nest_runs, "run from inside"},
		{free_inside_a_run, "inside a run"},
		{watch_reaped_child, "reaped elsewhere"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(wrong); i++) {
		strbuf_reset(&f->log);
		assert_int_equal(signal_that_ends(wrong[i].fn, &f->log), SIGABRT);
		assert_non_null(strstr(f->log.buf, wrong[i].said));
	}
}

#define with_loop(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_loop(run_without_work_returns),
		with_loop(timers_fire_in_order_of_their_time),
		with_loop(repeating_timer_stops_inside_its_callback),
		with_loop(timer_can_be_set_again_after_it_fired),
		with_loop(stopped_timer_does_not_fire),
		with_loop(timer_counts_from_the_call_not_from_the_last_event),
		with_loop(run_until_returns_without_waiting_for_more),
		with_loop(stop_ends_the_run_and_also_counts_before_it),
		with_loop(deferred_calls_come_later_and_in_order),
		cmocka_unit_test(free_makes_the_deferred_calls),
		with_loop(readiness_is_level_triggered_and_ends_with_the_pipe),
		with_loop(paused_poll_is_silent),
		with_loop(error_on_a_descriptor_is_readiness_each_time),
		with_loop(every_child_ends_once),
		with_loop(child_that_ended_before_the_watch_is_reaped),
		with_loop(child_can_follow_child),
		with_loop(work_runs_elsewhere_and_is_done_here),
		with_loop(interruption_calls_newest_first_and_once),
		with_loop(cancel_function_that_comes_late_is_called_too),
		cmocka_unit_test(caught_signal_raises_the_flag_at_once_and_cancels),
		cmocka_unit_test(signal_ignored_at_the_start_stays_ignored),
		with_loop(second_signal_insists_unless_it_is_a_hang_up),
		with_loop(wrong_use_is_a_bug),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
