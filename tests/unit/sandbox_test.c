#include "sandbox/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { MEGABYTE = 1024 * 1024 };

/* A child that runs fn and ends with its answer. */
static int status_of(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int enter_and_look(void)
{
	struct sandbox s = {.max_file = 4096, .max_files = 64};
	struct rlimit core, file, files;

	if (sandbox_enter(&s) || getrlimit(RLIMIT_CORE, &core) ||
	    getrlimit(RLIMIT_FSIZE, &file) || getrlimit(RLIMIT_NOFILE, &files))
		return 1;
	if (core.rlim_max != 0 || file.rlim_cur != 4096 || files.rlim_cur != 64)
		return 2;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 3;
}

static void entering_lowers_limits_and_refuses_new_privileges(void **state UNUSED)
{
	assert_int_equal(status_of(enter_and_look), 0);
}

static int enter_twice(void)
{
	struct sandbox low = {.max_files = 32}, high = {.max_files = 64};
	struct rlimit files;

	if (sandbox_enter(&low) || sandbox_enter(&high) || getrlimit(RLIMIT_NOFILE, &files))
		return 1;
	return files.rlim_cur == 32 ? 0 : 2;
}

static void a_limit_is_never_raised(void **state UNUSED)
{
	assert_int_equal(status_of(enter_twice), 0);
}

static int enter_without_limits(void)
{
	struct sandbox s = {0};
	struct rlimit before, after;

	if (getrlimit(RLIMIT_NOFILE, &before) || sandbox_enter(&s) ||
	    getrlimit(RLIMIT_NOFILE, &after))
		return 1;
	return before.rlim_cur == after.rlim_cur ? 0 : 2;
}

static void zero_leaves_a_limit_alone(void **state UNUSED)
{
	assert_int_equal(status_of(enter_without_limits), 0);
}

/* Touches `megabytes`, tells the parent through fd and waits to be killed. */
static void hold_memory(size_t megabytes, int fd)
{
	char *p = mmap(NULL, megabytes * MEGABYTE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, megabytes * MEGABYTE);
	if (write(fd, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A process that holds 8 MB and, as its child, one that holds 24 MB. */
static pid_t start_tree(void)
{
	int fds[2];
	char ready[2];
	pid_t pid, child;
	size_t n = 0;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setpgid(0, 0);
		child = fork();
		hold_memory(child == 0 ? 24 : 8, fds[1]);
	}
	(void)close(fds[1]);
	while (n < 2 && read(fds[0], ready, 1) == 1)
		n++;
	(void)close(fds[0]);
	assert_int_equal(n, 2);
	return pid;
}

static void memory_counts_a_process_and_its_descendants(void **state UNUSED)
{
	pid_t pid = start_tree();
	uint64_t bytes = sandbox_memory(pid);
	bool above_low = sandbox_memory_above(pid, 30ull * MEGABYTE);
	bool above_high = sandbox_memory_above(pid, 4096ull * MEGABYTE);
	int status;

	assert_int_equal(kill(-pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(bytes >= 32ull * MEGABYTE);
	assert_true(bytes < 512ull * MEGABYTE);
	assert_true(above_low);
	assert_false(above_high);
}

static int leave_at_once(void)
{
	return 0;
}

static void memory_of_a_process_that_is_gone_is_zero(void **state UNUSED)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(leave_at_once());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(sandbox_memory(pid), 0);
	assert_false(sandbox_memory_above(pid, 0));
}

static void description_has_one_line_for_each_layer(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;

	sandbox_describe(&out);
	assert_non_null(strstr(out.buf, "memory: sampled every 20 ms"));
	assert_non_null(strstr(out.buf, "privileges: "));
	assert_int_equal(out.buf[out.len - 1], '\n');
	strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entering_lowers_limits_and_refuses_new_privileges),
		cmocka_unit_test(a_limit_is_never_raised),
		cmocka_unit_test(zero_leaves_a_limit_alone),
		cmocka_unit_test(memory_counts_a_process_and_its_descendants),
		cmocka_unit_test(memory_of_a_process_that_is_gone_is_zero),
		cmocka_unit_test(description_has_one_line_for_each_layer),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
