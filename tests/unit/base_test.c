#include "base/base.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "test.h"

static void nothing_allocated_is_still_a_pointer(void **state UNUSED)
{
	void *p[] = {xmalloc(0), xcalloc(0, 8), xcalloc(8, 0), xreallocarray(NULL, 0, 8)};
	size_t i;

	for (i = 0; i < countof(p); i++) {
		assert_non_null(p[i]);
		free(p[i]);
	}
}

static void copies_are_their_own(void **state UNUSED)
{
	char *a = xstrdup("abc"), *b = xstrndup("abcdef", 2), *c = xasprintf("%d%%", 5);

	assert_string_equal(a, "abc");
	assert_string_equal(b, "ab");
	assert_string_equal(c, "5%");
	free(a);
	free(b);
	free(c);
}

static void vector_grows_and_empties(void **state UNUSED)
{
	VEC(int) v = {0};
	size_t i;

	for (i = 0; i < 1000; i++)
		vec_push(&v, (int)i);
	assert_int_equal(v.n, 1000);
	for (i = 0; i < v.n; i++)
		assert_int_equal(v.v[i], i);
	vec_release(&v);
	assert_int_equal(v.n, 0);
	assert_null(v.v);
	vec_push(&v, 7);
	assert_int_equal(v.v[0], 7);
	vec_release(&v);
}

/* Runs `act` in a child; its wait status, and in *said what it wrote to standard error. */
static int run_apart(void (*act)(void), struct strbuf *said)
{
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fd[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	(void)close(fd[1]);
	while ((n = read(fd[0], strbuf_reserve(said, 4096), 4096)) > 0)
		said->len += (size_t)n;
	said->buf[said->len] = '\0';
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void have_a_bug(void)
{
	bug("%s is %d", "it", 7);
}

static void overflow_a_product(void)
{
	free(xreallocarray(NULL, SIZE_MAX / 2, 4));
}

static void bug_aborts_with_its_message(void **state UNUSED)
{
	struct strbuf said = STRBUF_INIT;
	int status = run_apart(have_a_bug, &said);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_string_equal(said.buf, "dofn: internal error: it is 7\n");
	strbuf_release(&said);
}

/* The address sanitizer's allocator ends the process by itself. */
#ifdef __SANITIZE_ADDRESS__
enum { HAS_OWN_ALLOCATOR = 1 };
#else
enum { HAS_OWN_ALLOCATOR = 0 };
#endif

static void memory_that_cannot_be_had_ends_the_process(void **state UNUSED)
{
	struct strbuf said = STRBUF_INIT;
	int status;

	if (HAS_OWN_ALLOCATOR)
		skip();
	status = run_apart(overflow_a_product, &said);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_string_equal(said.buf, "dofn: out of memory\n");
	strbuf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_allocated_is_still_a_pointer),
		cmocka_unit_test(copies_are_their_own),
		cmocka_unit_test(vector_grows_and_empties),
		cmocka_unit_test(bug_aborts_with_its_message),
		cmocka_unit_test(memory_that_cannot_be_had_ends_the_process),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
