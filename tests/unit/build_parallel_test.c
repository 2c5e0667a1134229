#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "building.h"

enum { MANY = 6 };

/* Further functions of the fixture's package: packages/p/f0, f1, ... */
struct many {
	struct function functions[MANY];
	const struct function *list[MANY];
	char names[MANY][4], sources[MANY][16];
};

static void many(struct fixture *f, struct many *m, size_t n, const char *script)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *path;

		snprintf(m->names[i], sizeof(m->names[i]), "f%zu", i);
		snprintf(m->sources[i], sizeof(m->sources[i]), "packages/p/f%zu", i);
		m->functions[i] = (struct function){.name = m->names[i],
						    .package = &f->package,
						    .source_kind = SOURCE_FOLDER,
						    .source = m->sources[i]};
		m->list[i] = &m->functions[i];
		tree_dirs(f->tree, m->sources[i]);
		path = xasprintf("%s/build.sh", m->sources[i]);
		if (script)
			tree_file(f->tree, path, script);
		free(path);
	}
}

static int build_many(struct fixture *f, struct many *m, size_t n)
{
	err_clear(&f->e);
	strbuf_reset(&f->log);
	return build_all(&f->build, m->list, n, &f->e);
}

/* A build that goes on only when `n` have begun: "in <folder>", for as long as it takes. */
static const char meet[] =
	"touch ../../../begun-${PWD##*/}\n"
	"until [ $(ls ../../.. | grep -c begun) = %d ]; do sleep 0.01; done\n"
	"echo met\n";

static void builds_go_on_side_by_side(void **state)
{
	struct fixture *f = *state;
	char *script = xasprintf(meet, 4);
	struct many m;

	many(f, &m, 4, script);
	free(script);
	f->build.options.jobs = 4;
	assert_int_equal(build_many(f, &m, 4), 0);
	assert_logged(f, "out:met|");
}

/* Fails when more than two are under way. */
static const char count[] =
	"touch ../../../now-${PWD##*/}\nsleep 0.05\n"
	"n=$(ls ../../.. | grep -c now)\nrm ../../../now-${PWD##*/}\n[ $n -le %d ]\n";

static void no_more_builds_run_than_allowed(void **state)
{
	struct fixture *f = *state;
	unsigned jobs;
	struct many m;

	for (jobs = 1; jobs <= 2; jobs++) {
		char *script = xasprintf(count, (int)jobs);

		many(f, &m, MANY, script);
		free(script);
		f->build.options.jobs = jobs;
		if (build_many(f, &m, MANY) < 0)
			fail_msg("%u: %s", jobs, f->e.msg);
	}
}

static void a_failure_keeps_others_from_starting(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 3, "touch ../../../ran-${PWD##*/}\n[ ${PWD##*/} != f1 ]\n");
	f->build.options.jobs = 1;
	assert_int_equal(build_many(f, &m, 3), -1);
	assert_string_equal(f->e.msg, "'packages/p/f1/build.sh' exited with code 1");
	assert_int_equal(f->e.status, 1);
	assert_logged(f, "failed:'packages/p/f1/build.sh' exited with code 1|");
	assert_null(strstr(f->log.buf, "error:"));
	assert_int_equal(faccessat(f->tree->fd, "ran-f0", F_OK, 0), 0);
	assert_int_not_equal(faccessat(f->tree->fd, "ran-f2", F_OK, 0), 0);
}

/* The second ends first. */
static void every_failure_is_told_in_the_order_of_functions(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 3, NULL);
	tree_file(f->tree, "packages/p/f0/build.sh",
		  "until [ -e ../f1/ended ]; do sleep 0.01; done; exit 3\n");
	tree_file(f->tree, "packages/p/f1/build.sh", "touch ended; exit 4\n");
	f->build.options.jobs = 2;
	assert_int_equal(build_many(f, &m, 3), -1);
	assert_int_equal(f->e.code, ERR_BUILD);
	assert_string_equal(f->e.msg, "2 builds failed");
	assert_logged(f, "error:'packages/p/f0/build.sh' exited with code 3|"
			 "error:'packages/p/f1/build.sh' exited with code 4|");
}

static void what_runs_when_another_fails_comes_to_its_end(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 2, NULL);
	tree_file(f->tree, "packages/p/f0/build.sh",
		  "until [ -e ../f1/ended ]; do sleep 0.01; done; sleep 0.1; touch whole\n");
	tree_file(f->tree, "packages/p/f1/build.sh", "touch ended; exit 4\n");
	f->build.options.jobs = 2;
	assert_int_equal(build_many(f, &m, 2), -1);
	assert_string_equal(f->e.msg, "'packages/p/f1/build.sh' exited with code 4");
	assert_int_equal(faccessat(f->tree->fd, "packages/p/f0/whole", F_OK, 0), 0);
}

static void an_interrupt_ends_all_of_them(void **state)
{
	struct fixture *f = *state;
	uint64_t start = clock_monotonic_ms();
	struct many m;

	many(f, &m, 4, "sleep 60 &\necho started\nsleep 60\n");
	f->build.options.jobs = 3;
	f->interrupt = SIGTERM;
	assert_int_equal(build_many(f, &m, 4), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
	assert_in_range(clock_monotonic_ms() - start, 0, 10000);
	assert_null(strstr(f->log.buf, "error:"));
}

static void one_folder_is_not_built_twice_at_once(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 3, NULL);
	tree_file(f->tree, "packages/p/f0/build.sh",
		  "mkdir lock && sleep 0.05 && rmdir lock && echo alone\n");
	assert_int_equal(fs_remove_tree(f->tree->fd, "packages/p/f1", &f->e), 0);
	tree_link(f->tree, "packages/p/f1", "f0");
	f->build.options.jobs = 3;
	if (build_many(f, &m, 3) < 0)
		fail_msg("%s", f->e.msg);
	assert_logged(f, "out:alone|");
}

static void lib_comes_before_all(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 3, "cat ../../../lib/made\n");
	tree_file(f->tree, "lib/build.sh", "sleep 0.05; echo of lib > made\n");
	f->build.options.jobs = 4;
	assert_int_equal(build_many(f, &m, 3), 0);
	assert_logged(f, "out:of lib|");
	tree_file(f->tree, "lib/build.sh", "exit 2\n");
	assert_int_equal(build_many(f, &m, 3), -1);
	assert_string_equal(f->e.msg, "'lib/build.sh' exited with code 2");
	assert_null(strstr(f->log.buf, "out:"));
}

static void a_mistake_in_a_folder_is_found_before_any_build(void **state)
{
	struct fixture *f = *state;
	struct many m;

	many(f, &m, 2, "echo ran\n");
	assert_int_equal(fs_remove_tree(f->tree->fd, "packages/p/f1/build.sh", &f->e), 0);
	tree_file(f->tree, "packages/p/f1/package.json", "{");
	assert_int_equal(build_many(f, &m, 2), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_int_equal(f->log.len, 0);
}

/* A Python that counts in bin/asked how often it was asked what it is. */
static void a_python_is_asked_once_for_all(void **state)
{
	struct fixture *f = *state;
	struct strbuf asked = STRBUF_INIT;
	struct many m;
	size_t i;

	own_path(f);
	tree_link(f->tree, "bin/sleep", "/bin/sleep");
	add_program(f, "python3",
		    "#!/bin/sh\n[ $# = 2 ] || exit 0\necho x >> \"${0%/*}/asked\"\nsleep 0.05\n"
		    "echo '3.11 linux-x86_64 glibc pip'\n");
	many(f, &m, MANY, NULL);
	for (i = 0; i < MANY; i++) {
		char *path = xasprintf("%s/requirements.txt", m.sources[i]);

		tree_file(f->tree, path, "greet\n");
		free(path);
		m.functions[i].runtime = "python:3.11";
	}
	f->build.options.jobs = 3;
	if (build_many(f, &m, MANY) < 0)
		fail_msg("%s", f->e.msg);
	assert_int_equal(fs_read(f->tree->fd, "bin/asked", 100, &asked, &f->e), 0);
	assert_string_equal(asked.buf, "x\n");
	strbuf_release(&asked);
}

/* Interrupted while one is asked, all that wait for it are. */
static void an_interrupt_reaches_those_who_wait_for_an_answer(void **state)
{
	struct fixture *f = *state;
	struct many m;

	own_path(f);
	tree_link(f->tree, "bin/sleep", "/bin/sleep");
	add_program(f, "python3", "#!/bin/sh\nkill -TERM $PPID\nsleep 60\n");
	many(f, &m, 2, NULL);
	tree_file(f->tree, "packages/p/f0/requirements.txt", "greet\n");
	tree_file(f->tree, "packages/p/f1/requirements.txt", "greet\n");
	m.functions[0].runtime = m.functions[1].runtime = "python:3.11";
	f->build.options.jobs = 2;
	loop_catch_interrupt(f->loop);
	assert_int_equal(build_many(f, &m, 2), -1);
	assert_int_equal(f->e.code, ERR_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(builds_go_on_side_by_side),
		TEST(no_more_builds_run_than_allowed),
		TEST(a_failure_keeps_others_from_starting),
		TEST(every_failure_is_told_in_the_order_of_functions),
		TEST(what_runs_when_another_fails_comes_to_its_end),
		TEST(an_interrupt_ends_all_of_them),
		TEST(one_folder_is_not_built_twice_at_once),
		TEST(lib_comes_before_all),
		TEST(a_mistake_in_a_folder_is_found_before_any_build),
		TEST(a_python_is_asked_once_for_all),
		TEST(an_interrupt_reaches_those_who_wait_for_an_answer),
	};

	return cmocka_run_group_tests_name("build_parallel", tests, NULL, NULL);
}
