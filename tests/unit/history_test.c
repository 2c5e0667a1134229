#include "history/history.h"

#include <limits.h>

#include "base/clock.h"
#include "history/run.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, state_setup, state_teardown)

static const struct history_place place = {"https://host", "ns"};

static int state_setup(void **state)
{
	const struct tree *t;
	int rc = tree_setup(state);

	t = *state;
	unsetenv("DOFN_HISTORY_MAX");
	return rc < 0 ? rc : setenv("XDG_STATE_HOME", t->path, 1);
}

static int state_teardown(void **state)
{
	unsetenv("XDG_STATE_HOME");
	unsetenv("DOFN_HISTORY_MAX");
	return tree_teardown(state);
}

static struct history_writer *writer(void)
{
	struct err e = ERR_INIT;
	struct history_writer *w = history_writer_new(&place, &e);

	if (!w)
		fail_msg("%s", e.code == ERR_OK ? "nothing is kept" : e.msg);
	return w;
}

static void keep(struct history_writer *w, const char *function, const char *version,
		 const char *code)
{
	struct history_new n = {
		.function = function, .version = version, .bytes = strlen(code)};
	struct err e = ERR_INIT;
	struct spool spool;
	char hex[SHA256_HEX];

	spool_init(&spool, NULL, 1 << 20);
	assert_int_equal(spool_add(&spool, "xx", 2, &e), 0);
	assert_int_equal(spool_add(&spool, code, n.bytes, &e), 0);
	sha256_of(code, n.bytes, hex);
	n.body = STR("{\"exec\":{\"code\":\"\"}}");
	n.spool = &spool;
	n.at = 2;
	n.sha256 = hex;
	history_keep(w, &n);
	spool_release(&spool);
}

/* A run of one function. */
static void deploy(const char *function, const char *code)
{
	struct history_writer *w = writer();

	keep(w, function, "0.0.1", code);
	assert_null(history_writer_failure(w));
	history_writer_free(w);
}

static void put_back(const char *function, uint64_t number)
{
	struct history_writer *w = writer();
	const struct history_new n = {.function = function, .again = number};

	history_keep(w, &n);
	assert_null(history_writer_failure(w));
	history_writer_free(w);
}

static void read_all(const char *function, struct history *h)
{
	struct err e = ERR_INIT;

	if (history_read(&place, function, h, &e) < 0)
		fail_msg("%s", e.msg);
}

/* "3 2@1 1": numbers, the latest first, and what was put back. */
static void assert_numbers(const char *function, const char *want)
{
	struct strbuf got = STRBUF_INIT;
	struct history h;
	size_t i;

	read_all(function, &h);
	for (i = 0; i < h.entries.n; i++) {
		strbuf_addf(&got, "%s%llu", i ? " " : "",
			    (unsigned long long)h.entries.v[i]->number);
		if (h.entries.v[i]->again)
			strbuf_addf(&got, "@%llu", (unsigned long long)h.entries.v[i]->again);
	}
	assert_string_equal(got.buf, want);
	strbuf_release(&got);
	history_release(&h);
}

static void assert_code(const struct history *h, const struct history_entry *entry,
			const char *want)
{
	struct err e = ERR_INIT;
	struct spool s;

	spool_init(&s, NULL, 1 << 20);
	if (history_read_code(h, entry, &s, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.memory.buf, want, s.n);
	spool_release(&s);
}

static char *folder(void)
{
	struct err e = ERR_INIT;
	char *path = run_folder(&place, &e);

	assert_non_null(path);
	return path;
}

static void file_of(uint64_t number, char path[PATH_MAX])
{
	char *dir = folder();

	(void)snprintf(path, PATH_MAX, "%s/%llu", dir, (unsigned long long)number);
	free(dir);
}

static bool has_file(uint64_t number)
{
	char path[PATH_MAX];

	file_of(number, path);
	return access(path, F_OK) == 0;
}

static void what_is_kept_is_read_again(void **state UNUSED)
{
	uint64_t before = clock_realtime_ms();
	const struct history_entry *entry;
	struct history h;

	deploy("p/f", "one");
	deploy("p/f", "two");
	read_all("p/f", &h);
	assert_int_equal(h.entries.n, 2);
	entry = h.entries.v[0];
	assert_int_equal(entry->number, 2);
	assert_string_equal(entry->version, "0.0.1");
	assert_true(entry->at_ms >= before && entry->at_ms <= clock_realtime_ms());
	assert_true(entry->has_code && !entry->binary && !entry->remote);
	assert_true(json_is(json_get(entry->body, "exec"), JSON_OBJECT));
	assert_code(&h, entry, "two");
	assert_code(&h, h.entries.v[1], "one");
	assert_ptr_equal(history_find(&h, 2), entry);
	assert_null(history_find(&h, 3));
	history_release(&h);
}

static void functions_of_one_run_lie_side_by_side(void **state UNUSED)
{
	struct history_writer *w = writer();
	char name[24];
	int i;

	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "p/f%d", i);
		keep(w, name, "0.0.1", name);
	}
	history_writer_free(w);
	for (i = 0; i < 300; i += 99) {
		struct history h;

		(void)snprintf(name, sizeof(name), "p/f%d", i);
		read_all(name, &h);
		assert_int_equal(h.entries.n, 1);
		assert_code(&h, h.entries.v[0], name);
		history_release(&h);
	}
	assert_numbers("p/f", "");
}

static void large_code_is_copied_whole(void **state UNUSED)
{
	size_t n = 300000, i;
	char *code = xcalloc(n + 1, 1);
	struct history h;

	for (i = 0; i < n; i++)
		code[i] = (char)('a' + i % 23);
	deploy("f", code);
	deploy("g", "behind");
	read_all("f", &h);
	assert_code(&h, h.entries.v[0], code);
	history_release(&h);
	free(code);
}

static void places_do_not_mix(void **state UNUSED)
{
	static const struct history_place others[] = {
		{"https://host", "n"}, {"https://hostn", "s"}, {"https://other", "ns"}};
	struct err e = ERR_INIT;
	struct history h;
	size_t i;

	deploy("f", "one");
	for (i = 0; i < countof(others); i++) {
		assert_int_equal(history_read(&others[i], "f", &h, &e), 0);
		assert_int_equal(h.entries.n, 0);
		history_release(&h);
	}
}

static void what_was_built_elsewhere_has_no_code(void **state UNUSED)
{
	struct history_writer *w = writer();
	const struct history_new n = {
		.function = "f", .version = "0.0.7", .body = STR("{}"), .remote = true};
	struct history h;

	history_keep(w, &n);
	history_writer_free(w);
	read_all("f", &h);
	assert_true(h.entries.v[0]->remote && !h.entries.v[0]->has_code);
	history_release(&h);
}

static void five_versions_are_read_and_older_files_go(void **state UNUSED)
{
	int i;

	deploy("other", "x");
	for (i = 0; i < 6; i++)
		deploy("f", "x");
	assert_numbers("f", "7 6 5 4 3");
	assert_true(has_file(2));
	deploy("f", "x"); /* the eighth: time to look */
	assert_numbers("f", "8 7 6 5 4");
	assert_false(has_file(3));
	assert_false(has_file(2));
	assert_true(has_file(1));
	assert_numbers("other", "1");
}

static void what_was_put_back_pushes_nothing_out(void **state UNUSED)
{
	int i;

	deploy("f", "one");
	for (i = 2; i <= 15; i++)
		put_back("f", 1);
	deploy("g", "x"); /* the sixteenth */
	assert_numbers("f", "15@1 1");
	assert_false(has_file(14));
	deploy("f", "two");
	assert_numbers("f", "17 15@1 1");
}

static void oldest_go_when_there_is_too_much(void **state UNUSED)
{
	char code[1001] = {0};

	memset(code, 'x', 1000);
	setenv("DOFN_HISTORY_MAX", "3K", 1);
	deploy("f", code);
	deploy("g", code);
	deploy("h", code);
	assert_numbers("f", "");
	assert_numbers("g", "2");
	assert_numbers("h", "3");
}

static void limit_is_checked_and_may_be_nothing(void **state UNUSED)
{
	struct err e = ERR_INIT;

	setenv("DOFN_HISTORY_MAX", "0", 1);
	assert_null(history_writer_new(&place, &e));
	assert_int_equal(e.code, ERR_OK);
	setenv("DOFN_HISTORY_MAX", "plenty", 1);
	assert_null(history_writer_new(&place, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.msg, "'plenty'"));
	err_clear(&e);
	history_keep(NULL, NULL);
	history_writer_free(NULL);
	assert_null(history_writer_failure(NULL));
}

static void nothing_is_made_before_the_first_entry(void **state)
{
	const struct tree *t = *state;

	history_writer_free(writer());
	assert_int_equal(faccessat(t->fd, "dofn", F_OK, 0), -1);
	assert_numbers("f", "");
}

static void folder_is_for_its_user_alone(void **state UNUSED)
{
	char *path = folder(), file[PATH_MAX];
	struct history_writer *w = writer();
	struct err e = ERR_INIT;
	struct history h;
	struct stat st;

	deploy("f", "one");
	file_of(1, file);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(history_read(&place, "f", &h, &e), -1);
	assert_non_null(strstr(e.msg, "not for you alone"));
	err_clear(&e);
	history_release(&h);
	keep(w, "f", "0.0.2", "two");
	assert_non_null(strstr(history_writer_failure(w), "chmod 700"));
	keep(w, "g", "0.0.2", "two"); /* does nothing any more */
	history_writer_free(w);
	assert_false(has_file(2));
	free(path);
}

static void what_is_too_large_is_told(void **state UNUSED)
{
	struct history_writer *w = writer();
	struct history_new n = {.function = "f", .body = STR("{}")};
	char *text = xcalloc(RUN_MAX_META + 3, 1);

	memset(text, ' ', RUN_MAX_META + 2);
	n.body = (struct str){text, RUN_MAX_META + 2};
	history_keep(w, &n);
	assert_non_null(strstr(history_writer_failure(w), "too large"));
	history_writer_free(w);
	assert_numbers("f", "");
	free(text);
}

static void change_byte(uint64_t number, off_t at)
{
	char path[PATH_MAX], byte;
	int fd;

	file_of(number, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

static off_t size_of(uint64_t number)
{
	char path[PATH_MAX];
	struct stat st;

	file_of(number, path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Whichever byte it is: the version is gone, or its code is refused. */
static void changed_byte_is_never_taken_for_what_was_kept(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct history h;
	struct spool s;
	off_t at, end;

	deploy("f", "one");
	end = size_of(1);
	spool_init(&s, NULL, 4096);
	for (at = 0; at < end; at++) {
		change_byte(1, at);
		read_all("f", &h);
		if (h.entries.n) {
			assert_int_equal(history_read_code(&h, h.entries.v[0], &s, &e), -1);
			assert_non_null(strstr(e.msg, "damaged"));
			err_clear(&e);
		}
		history_release(&h);
		change_byte(1, at);
	}
	spool_release(&s);
	assert_numbers("f", "1");
}

static void cut_off_file_ends_with_its_last_whole_entry(void **state UNUSED)
{
	struct history_writer *w = writer();
	char path[PATH_MAX];
	off_t end;

	keep(w, "f", "0.0.1", "one");
	keep(w, "g", "0.0.1", "two");
	history_writer_free(w);
	file_of(1, path);
	for (end = size_of(1) - 1; end > 200; end--) {
		assert_int_equal(truncate(path, end), 0);
		assert_numbers("g", "");
	}
	assert_numbers("f", "");
}

static void strangers_in_the_folder_are_passed_by(void **state UNUSED)
{
	char *path = folder();
	int dir;

	deploy("f", "one");
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(dir, "2", 0700), 0);
	assert_int_equal(symlinkat("/dev/zero", dir, "3"), 0);
	assert_int_equal(mkfifoat(dir, "4", 0600), 0);
	assert_int_equal(symlinkat("1", dir, "05"), 0);
	assert_int_equal(symlinkat("1", dir, "18446744073709551615"), 0);
	deploy("f", "two"); /* takes the next free number */
	assert_numbers("f", "5 1");
	(void)close(dir);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_kept_is_read_again),
		CASE(functions_of_one_run_lie_side_by_side),
		CASE(large_code_is_copied_whole),
		CASE(places_do_not_mix),
		CASE(what_was_built_elsewhere_has_no_code),
		CASE(five_versions_are_read_and_older_files_go),
		CASE(what_was_put_back_pushes_nothing_out),
		CASE(oldest_go_when_there_is_too_much),
		CASE(limit_is_checked_and_may_be_nothing),
		CASE(nothing_is_made_before_the_first_entry),
		CASE(folder_is_for_its_user_alone),
		CASE(what_is_too_large_is_told),
		CASE(changed_byte_is_never_taken_for_what_was_kept),
		CASE(cut_off_file_ends_with_its_last_whole_entry),
		CASE(strangers_in_the_folder_are_passed_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
