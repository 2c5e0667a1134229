#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "test.h"

static const char *const one[] = {"CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB) STRICT", NULL};
static const char *const two[] = {
	"CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB) STRICT",
	"ALTER TABLE t ADD COLUMN n INTEGER; UPDATE t SET n = 7;",
	NULL,
};
static const char *const broken[] = {
	"CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB) STRICT",
	"CREATE TABLE u (a INTEGER) STRICT; CREATE TABLE u (a INTEGER) STRICT;",
	NULL,
};

struct fixture {
	char dir[64];
	char path[96];
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/dofn-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/x.db", f->dir);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const suffix[] = {"", "-wal", "-shm", "-journal"};
	struct fixture *f = *state;
	char path[128];
	size_t i;

	for (i = 0; i < countof(suffix); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", f->path, suffix[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct store *must_open(const char *path, const char *const *migrations)
{
	struct err e = ERR_INIT;
	struct store *s = store_open(path, migrations, &e);

	if (!s)
		fail_msg("%s", e.msg);
	return s;
}

static void put(struct store *s, const char *key, struct str value)
{
	struct err e = ERR_INIT;
	struct store_stmt *q = store_query(s, "INSERT INTO t (k, v) VALUES (?1, ?2)");

	store_bind_str(q, 1, str_of(key));
	store_bind_blob(q, 2, value);
	assert_int_equal(store_exec(q, &e), 0);
}

static int64_t number(struct store *s, const char *sql)
{
	struct err e = ERR_INIT;
	struct store_stmt *q = store_query(s, sql);
	int64_t n;

	assert_int_equal(store_step(q, &e), 1);
	n = store_column_i64(q, 0);
	store_done(q);
	return n;
}

static int64_t rows(struct store *s)
{
	return number(s, "SELECT count(*) FROM t");
}

static void what_was_written_is_there_after_reopening(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->path, one);

	put(s, "a", STR("x"));
	store_close(s);
	s = must_open(f->path, one);
	assert_int_equal(rows(s), 1);
	store_close(s);
}

static void bytes_with_nul_come_back_whole(void **state)
{
	struct fixture *f = *state;
	struct str bytes = STR("a\0b\xff\0");
	struct store *s = must_open(f->path, one);
	struct err e = ERR_INIT;
	struct store_stmt *q;

	put(s, "bin", bytes);
	put(s, "empty", (struct str){NULL, 0});
	q = store_query(s, "SELECT v FROM t ORDER BY k");
	assert_int_equal(store_step(q, &e), 1);
	assert_true(str_eq(store_column_str(q, 0), bytes));
	assert_int_equal(store_step(q, &e), 1);
	assert_int_equal(store_column_str(q, 0).n, 0);
	assert_non_null(store_column_str(q, 0).p);
	assert_int_equal(store_step(q, &e), 0);
	store_done(q);
	store_close(s);
}

static void null_is_no_empty_text(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->path, one);
	struct err e = ERR_INIT;
	struct store_stmt *q = store_query(s, "SELECT NULL, ?1");

	store_bind_str(q, 1, (struct str){NULL, 0});
	assert_int_equal(store_step(q, &e), 1);
	assert_null(store_column_str(q, 0).p);
	assert_non_null(store_column_str(q, 1).p);
	store_done(q);
	store_close(s);
}

static void statement_is_prepared_once(void **state UNUSED)
{
	struct store *s = must_open(":memory:", one);
	const char copy[] = "SELECT count(*) FROM t";
	struct store_stmt *a = store_query(s, "SELECT count(*) FROM t"), *b;

	store_done(a);
	b = store_query(s, copy);
	assert_ptr_equal(a, b);
	store_done(b);
	store_close(s);
}

static void later_migration_keeps_rows(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->path, one);

	put(s, "a", STR("x"));
	store_close(s);
	s = must_open(f->path, two);
	assert_int_equal(number(s, "SELECT n FROM t"), 7);
	store_close(s);
}

static void newer_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	store_close(must_open(f->path, two));
	assert_null(store_open(f->path, one, &e));
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "has version 2, this program knows only 1"));
	err_clear(&e);
}

static void failed_migration_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct store *s = must_open(f->path, one);

	put(s, "a", STR("x"));
	store_close(s);
	assert_null(store_open(f->path, broken, &e));
	assert_non_null(strstr(e.msg, "bringing it to version 2"));
	err_clear(&e);
	s = must_open(f->path, one);
	assert_int_equal(rows(s), 1);
	assert_int_equal(number(s, "SELECT count(*) FROM sqlite_schema WHERE name = 'u'"), 0);
	store_close(s);
}

static void rollback_undoes(void **state UNUSED)
{
	struct store *s = must_open(":memory:", one);
	struct err e = ERR_INIT;

	assert_int_equal(store_begin(s, &e), 0);
	put(s, "a", STR("x"));
	store_rollback(s);
	assert_int_equal(rows(s), 0);
	store_rollback(s);
	assert_int_equal(store_begin(s, &e), 0);
	put(s, "a", STR("x"));
	assert_int_equal(store_commit(s, &e), 0);
	assert_int_equal(rows(s), 1);
	store_close(s);
}

static void broken_constraint_is_an_error(void **state UNUSED)
{
	struct store *s = must_open(":memory:", one);
	struct err e = ERR_INIT;
	struct store_stmt *q;

	put(s, "a", STR("x"));
	q = store_query(s, "INSERT INTO t (k) VALUES (?1)");
	store_bind_str(q, 1, STR("a"));
	assert_int_equal(store_exec(q, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "UNIQUE"));
	err_clear(&e);
	put(s, "b", STR("y"));
	assert_int_equal(store_changes(s), 1);
	assert_int_equal(rows(s), 2);
	store_close(s);
}

static void missing_folder_is_named(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_null(store_open("/nonexistent-dofn/x.db", one, &e));
	assert_non_null(strstr(e.msg, "/nonexistent-dofn/x.db"));
	err_clear(&e);
}

static void overwrite(const char *path, off_t at, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	size_t i;

	assert_true(fd >= 0);
	for (i = 0; i < n; i++)
		assert_int_equal(pwrite(fd, "#", 1, at + (off_t)i), 1);
	(void)close(fd);
}

static void file_that_is_no_database_is_called_damaged(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	overwrite(f->path, 0, 4096);
	assert_null(store_open(f->path, one, &e));
	assert_non_null(strstr(e.msg, "is damaged"));
	assert_non_null(strstr(e.msg, f->path));
	err_clear(&e);
}

static void damaged_page_is_reported_when_read(void **state)
{
	struct fixture *f = *state;
	struct store *s = must_open(f->path, one);
	struct err e = ERR_INIT;
	struct store_stmt *q;
	int rc;

	put(s, "a", STR("x"));
	store_close(s);
	overwrite(f->path, 4096, 8192);
	s = store_open(f->path, one, &e);
	if (s) {
		q = store_query(s, "SELECT k FROM t");
		while ((rc = store_step(q, &e)) == 1)
			continue;
		store_done(q);
		assert_int_equal(rc, -1);
		store_close(s);
	}
	assert_non_null(strstr(e.msg, "is damaged"));
	err_clear(&e);
}

/* Inserts and says so, one byte a commit, until it is killed. */
static void NORETURN write_until_killed(const char *path, int fd)
{
	struct store *s = must_open(path, one);
	char key[32];
	int i;

	for (i = 0; i < 1000000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		put(s, key, STR("x"));
		if (write(fd, "", 1) != 1)
			break;
	}
	_exit(0);
}

static void every_committed_row_survives_kill(void **state)
{
	struct fixture *f = *state;
	int fds[2], status;
	int64_t told = 0;
	ssize_t n;
	char buf[256];
	struct store *s;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		write_until_killed(f->path, fds[1]);
	(void)close(fds[1]);
	while (told < 200 && (n = read(fds[0], buf, sizeof(buf))) > 0)
		told += n;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		told += n;
	(void)close(fds[0]);
	s = must_open(f->path, one);
	assert_true(rows(s) >= told);
	assert_true(rows(s) <= told + 1);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_written_is_there_after_reopening,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_with_nul_come_back_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(null_is_no_empty_text, set_up, tear_down),
		cmocka_unit_test(statement_is_prepared_once),
		cmocka_unit_test_setup_teardown(later_migration_keeps_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(newer_database_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failed_migration_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test(rollback_undoes),
		cmocka_unit_test(broken_constraint_is_an_error),
		cmocka_unit_test(missing_folder_is_named),
		cmocka_unit_test_setup_teardown(file_that_is_no_database_is_called_damaged,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_page_is_reported_when_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_committed_row_survives_kill, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
