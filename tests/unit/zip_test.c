#include "zip/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "zip/layout.h"
#include "zipped.h"

static const struct zip_limits wide = {1 << 30, 1 << 20};

struct file {
	const char *name;
	bool executable;
	const char *data;
};

static const struct file sample[] = {
	{"__main__.py", false, "def main(args):\n    return {}\n"},
	{"a file with spaces", false, "spaces\n"},
	{"bin/tool", true, "#!/bin/sh\n"},
	{"empty", false, ""},
	{"gr\303\274n.txt", false, "green\n"},
	{"latin-\351.txt", false, "bytes\n"},
};

static struct zip_writer *new_writer(size_t max)
{
	struct err e = ERR_INIT;
	struct zip_writer *w = zipped_new(315532800, max, &e);

	assert_non_null(w);
	return w;
}

static void add(struct zip_writer *w, const char *name, bool executable, struct str data)
{
	struct err e = ERR_INIT;

	assert_int_equal(zip_add_data(w, name, executable, data, &e), 0);
}

static void end(struct zip_writer *w, struct strbuf *out)
{
	struct err e = ERR_INIT;

	assert_int_equal(zip_writer_end_whole(w, out, &e), 0);
}

static void pack_sample(struct strbuf *out, int64_t time)
{
	struct err e = ERR_INIT;
	struct zip_writer *w = zipped_new(time, 0, &e);
	size_t i;

	assert_non_null(w);
	for (i = 0; i < countof(sample); i++)
		add(w, sample[i].name, sample[i].executable, str_of(sample[i].data));
	end(w, out);
}

static void assert_same(const struct strbuf *a, const struct strbuf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->buf, b->buf, a->len);
}

/* A file without a name, holding data, to be read from its start. */
static int file_of(struct str data)
{
	char path[] = "/tmp/zip_testXXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(fd, data.p, data.n), data.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void bytes_do_not_depend_on_the_machine(void **state UNUSED)
{
	static const char *const zones[] = {"UTC", "Asia/Tokyo", "America/New_York",
					    "ODD+12:34:56"};
	static const char *const locales[] = {"C", "C.UTF-8"};
	struct strbuf first = STRBUF_INIT, again = STRBUF_INIT;
	mode_t mask = umask(077);
	size_t i, j;

	pack_sample(&first, 1700000001);
	umask(0);
	for (i = 0; i < countof(zones); i++)
		for (j = 0; j < countof(locales); j++) {
			setenv("TZ", zones[i], 1);
			tzset();
			setlocale(LC_ALL, locales[j]);
			pack_sample(&again, 1700000001);
			assert_same(&first, &again);
		}
	setlocale(LC_ALL, "C");
	unsetenv("TZ");
	tzset();
	umask(mask);
	strbuf_release(&first);
	strbuf_release(&again);
}

static void time_is_the_date_in_utc(void **state UNUSED)
{
	static const struct {
		int64_t time;
		uint32_t dos;
	} cases[] = {
		{1700000001, (43u << 9 | 11 << 5 | 14) << 16 | 22 << 11 | 13 << 5 | 10},
		{315532800, 0x00210000},
		{0, 0x00210000},
		{-5, 0x00210000},
		{4354819198, 0xff9fbf7d},
		{INT64_MAX, 0xff9fbf7d},
	};
	struct strbuf out = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		const char *central;

		pack_sample(&out, cases[i].time);
		assert_int_equal(get32(out.buf + LOCAL_TIME), cases[i].dos);
		central = out.buf + get32(out.buf + out.len - END_SIZE + END_DIRECTORY);
		assert_int_equal(get32(central + CENTRAL_TIME), cases[i].dos);
	}
	strbuf_release(&out);
}

static void fixed_time_follows_source_date_epoch(void **state UNUSED)
{
	static const struct {
		const char *value;
		int64_t time;
	} cases[] = {
		{NULL, 315532800},           {"1700000000", 1700000000}, {"", 315532800},
		{"now", 315532800},          {"0", 315532800},           {"-1", 315532800},
		{"99999999999", 4354819198},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		if (cases[i].value)
			setenv("SOURCE_DATE_EPOCH", cases[i].value, 1);
		else
			unsetenv("SOURCE_DATE_EPOCH");
		assert_int_equal(zip_fixed_time(), cases[i].time);
	}
	unsetenv("SOURCE_DATE_EPOCH");
}

struct seen {
	size_t n;
};

static int compare_with_sample(void *arg, const struct zip_entry *entry, struct str data,
			       struct err *e UNUSED)
{
	struct seen *seen = arg;
	const struct file *file = &sample[seen->n++];

	assert_string_equal(entry->name, file->name);
	assert_int_equal(entry->executable, file->executable);
	assert_int_equal(entry->size, strlen(file->data));
	assert_false(entry->directory);
	assert_true(str_is(data, file->data));
	return 0;
}

static void what_is_written_is_read_back(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct seen seen = {0};

	pack_sample(&out, 0);
	assert_int_equal(zip_read(strbuf_str(&out), &wide, compare_with_sample, &seen, &e), 0);
	assert_int_equal(seen.n, countof(sample));
	strbuf_release(&out);
}

static void a_file_gives_the_same_bytes_as_its_data(void **state UNUSED)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
	struct zip_writer *w = new_writer(0);
	struct err e = ERR_INIT;
	int fd = file_of(STR("content"));

	assert_int_equal(zip_add_fd(w, "f", true, fd, 7, &e), 0);
	end(w, &a);
	w = new_writer(0);
	add(w, "f", true, STR("content"));
	end(w, &b);
	assert_same(&a, &b);
	(void)close(fd);
	strbuf_release(&a);
	strbuf_release(&b);
}

static void an_archive_without_entries_is_valid(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct seen seen = {0};

	end(new_writer(0), &out);
	assert_int_equal(out.len, END_SIZE);
	assert_int_equal(zip_read(strbuf_str(&out), &wide, compare_with_sample, &seen, &e), 0);
	assert_int_equal(seen.n, 0);
	strbuf_release(&out);
}

static void names_are_checked(void **state UNUSED)
{
	static const struct {
		const char *name, *message;
	} cases[] = {
		{"b", "'b' is added to a zip archive twice"},
		{"a\033", "'a\\x1b' is added to a zip archive out of order"},
		{"", "'' is no name for a file in a zip archive"},
		{"/c", "'/c' is no name for a file in a zip archive"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct zip_writer *w = new_writer(0);
		struct err e = ERR_INIT;

		add(w, "b", false, STR("x"));
		assert_int_equal(zip_add_data(w, cases[i].name, false, STR("y"), &e), -1);
		assert_int_equal(e.code, ERR_PROJECT);
		assert_string_equal(e.msg, cases[i].message);
		err_clear(&e);
		zip_writer_free(w);
	}
}

static void a_file_that_changes_is_an_error(void **state UNUSED)
{
	static const struct {
		uint64_t size;
		const char *word;
	} cases[] = {{6, "'f' grew"}, {8, "'f' shrank"}, {UINT64_MAX, "'f' is too large"}};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct zip_writer *w = new_writer(0);
		struct err e = ERR_INIT;
		int fd = file_of(STR("content"));

		assert_int_equal(zip_add_fd(w, "f", false, fd, cases[i].size, &e), -1);
		assert_int_equal(e.code, ERR_PROJECT);
		assert_true(str_starts(str_of(e.msg), cases[i].word));
		err_clear(&e);
		zip_writer_free(w);
		(void)close(fd);
	}
}

static void an_unreadable_descriptor_is_an_error(void **state UNUSED)
{
	struct zip_writer *w = new_writer(0);
	struct err e = ERR_INIT;

	assert_int_equal(zip_add_fd(w, "f", false, -1, 1, &e), -1);
	assert_string_equal(e.msg, "'f' cannot be read: Bad file descriptor");
	err_clear(&e);
	zip_writer_free(w);
}

/* xorshift: bytes that deflate cannot shrink, the same in every run. */
static char *noise(size_t n)
{
	char *p = xmalloc(n);
	uint32_t x = 2463534242u;
	size_t i;

	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		p[i] = (char)x;
	}
	return p;
}

static int compare_noise(void *arg, const struct zip_entry *entry, struct str data,
			 struct err *e UNUSED)
{
	assert_int_equal(entry->size, 5000000);
	assert_memory_equal(data.p, arg, data.n);
	return 0;
}

static void incompressible_data_hardly_grows(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;
	struct zip_writer *w = new_writer(0);
	struct err e = ERR_INIT;
	char *p = noise(5000000);

	add(w, "noise", false, (struct str){p, 5000000});
	end(w, &out);
	assert_in_range(out.len, 5000000, 5010000);
	assert_int_equal(zip_read(strbuf_str(&out), &wide, compare_noise, p, &e), 0);
	strbuf_release(&out);
	free(p);
}

static int count(void *arg, const struct zip_entry *entry UNUSED, struct str data UNUSED,
		 struct err *e UNUSED)
{
	(*(size_t *)arg)++;
	return 0;
}

static void the_ceiling_is_an_error(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;
	struct zip_join join = {.write = zipped_add, .arg = &out, .max = 80};
	struct zip_writer *w = new_writer(100000);
	struct zip_part part;
	struct err e = ERR_INIT;
	char *p = noise(200000);

	add(w, "a", false, STR("fits"));
	assert_int_equal(zip_add_data(w, "b", false, (struct str){p, 200000}, &e), -1);
	assert_int_equal(e.code, ERR_PROJECT);
	assert_int_equal(e.sys, EFBIG);
	assert_string_equal(e.msg, "the zip archive would be larger than 100000 bytes");
	err_clear(&e);
	zip_writer_free(w);
	free(p);

	/* The directory at the end counts too. */
	w = new_writer(80);
	add(w, "a", false, STR(""));
	assert_int_equal(zip_writer_end(w, &part, &e), 0);
	assert_int_equal(zip_join_add(&join, &part, &e), -1);
	assert_int_equal(e.sys, EFBIG);
	assert_int_equal(out.len, 0);
	err_clear(&e);
	zip_part_release(&part);
	zip_join_release(&join);
}

/* n entries, their contents told by their number, as parts of so many entries each. */
static void pack_parts(struct strbuf *out, size_t n, size_t each, size_t keep)
{
	const struct zip_options o = {.time = zip_fixed_time(), .keep = keep};
	struct zip_join join = {.write = zipped_add, .arg = out};
	struct zip_writer *w = NULL;
	struct err e = ERR_INIT;
	struct zip_part part;
	char name[32], data[64];
	size_t i;

	strbuf_reset(out);
	for (i = 0; i < n; i++) {
		if (!w)
			w = zip_writer_new(&o, &e);
		assert_non_null(w);
		(void)snprintf(name, sizeof(name), "dir/%06zu", i);
		(void)snprintf(data, sizeof(data), "%0*zu", (int)(i % 40), i);
		add(w, name, i % 7 == 0, i % 11 ? str_of(data) : STR(""));
		if ((i + 1) % each && i + 1 < n)
			continue;
		assert_int_equal(zip_writer_end(w, &part, &e), 0);
		assert_int_equal(zip_join_add(&join, &part, &e), 0);
		zip_part_release(&part);
		w = NULL;
	}
	assert_int_equal(zip_join_end(&join, &e), 0);
	zip_join_release(&join);
}

static void parts_join_to_what_one_writer_writes(void **state UNUSED)
{
	static const size_t parts[] = {1, 2, 99, 100, 101, 250, 299, 300};
	struct strbuf whole = STRBUF_INIT, joined = STRBUF_INIT;
	size_t i;

	pack_parts(&whole, 300, 1000, SIZE_MAX);
	for (i = 0; i < countof(parts); i++) {
		pack_parts(&joined, 300, parts[i], i % 2 ? 0 : SIZE_MAX);
		assert_same(&whole, &joined);
	}
	strbuf_release(&whole);
	strbuf_release(&joined);
}

static void the_number_of_entries_may_need_a_larger_field(void **state UNUSED)
{
	static const size_t sizes[] = {0, 65535};
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t i, seen;

	for (i = 0; i < countof(sizes); i++) {
		const char *end;

		pack_parts(&out, sizes[i], 20000, SIZE_MAX);
		seen = 0;
		assert_int_equal(zip_read(strbuf_str(&out), &wide, count, &seen, &e), 0);
		assert_int_equal(seen, sizes[i]);
		end = out.buf + out.len - END_SIZE;
		assert_int_equal(sizes[i] > 0 && get32(end - LOCATOR_SIZE) == SIGNATURE_LOCATOR,
				 sizes[i] >= 65535);
	}
	strbuf_release(&out);
}

static int refuse(void *arg UNUSED, struct str bytes UNUSED, struct err *e)
{
	return err_set(e, ERR_SYSTEM, "no room");
}

static void what_the_archive_goes_to_may_fail(void **state UNUSED)
{
	struct zip_join join = {.write = refuse};
	struct zip_writer *w = new_writer(0);
	struct err e = ERR_INIT;
	struct zip_part part;

	add(w, "a", false, STR("text"));
	assert_int_equal(zip_writer_end(w, &part, &e), 0);
	assert_int_equal(zip_join_add(&join, &part, &e), -1);
	assert_string_equal(e.msg, "no room");
	err_clear(&e);
	assert_int_equal(zip_join_end(&join, &e), -1);
	err_clear(&e);
	zip_part_release(&part);
	zip_join_release(&join);
}

static void a_part_that_cannot_be_kept_is_an_error(void **state UNUSED)
{
	const struct zip_options o = {.folder = "/dev/null/x", .keep = 10};
	const char *tmp = getenv("TMPDIR");
	char *before = tmp ? xstrdup(tmp) : NULL;
	struct err e = ERR_INIT;
	struct zip_writer *w = zip_writer_new(&o, &e);

	setenv("TMPDIR", "/dev/null/y", 1);
	assert_int_equal(zip_add_data(w, "a", false, STR("text"), &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "/dev/null/y"));
	err_clear(&e);
	zip_writer_free(w);
	if (before)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
	free(before);
}

static void many_entries_are_written_and_read(void **state UNUSED)
{
	static const size_t sizes[] = {10000, 66000}; /* the second needs a zip64 end record */
	size_t i, j;

	for (i = 0; i < countof(sizes); i++) {
		struct strbuf out = STRBUF_INIT;
		struct zip_writer *w = new_writer(0);
		struct err e = ERR_INIT;
		size_t seen = 0;
		char name[32];

		for (j = 0; j < sizes[i]; j++) {
			(void)snprintf(name, sizeof(name), "d/%06zu", j);
			add(w, name, false, str_of(name));
		}
		end(w, &out);
		assert_int_equal(zip_read(strbuf_str(&out), &wide, count, &seen, &e), 0);
		assert_int_equal(seen, sizes[i]);
		strbuf_release(&out);
	}
}

static void write_archive(const char *path)
{
	struct strbuf out = STRBUF_INIT;
	FILE *f = fopen(path, "w");

	pack_sample(&out, 0);
	assert_non_null(f);
	assert_int_equal(fwrite(out.buf, 1, out.len, f), out.len);
	assert_int_equal(fclose(f), 0);
	strbuf_release(&out);
}

/* Exit status of argv with its output in the file `to`; 127 when there is no such program. */
static int run(const char *const *argv, const char *to)
{
	char *copy[8] = {0};
	size_t i;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, 1);
		dup2(fd, 2);
		for (i = 0; argv[i] && i < countof(copy) - 1; i++)
			copy[i] = xstrdup(argv[i]);
		execvp(copy[0], copy);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	buf[fread(buf, 1, size - 1, f)] = '\0';
	(void)fclose(f);
}

/* Other readers have no complaint and see the same names, modes, dates and contents. */
static void unzip_and_python_agree(void **state UNUSED)
{
	static const char script[] =
		"import sys, zipfile\n"
		"z = zipfile.ZipFile(sys.argv[1])\n"
		"assert z.testzip() is None\n"
		"for i in z.infolist():\n"
		"    assert i.date_time == (1980, 1, 1, 0, 0, 0), i.date_time\n"
		"    print(ascii(i.filename), oct(i.external_attr >> 16), i.file_size, "
		"i.create_system)\n";
	static const char expected[] = "'__main__.py' 0o100644 30 3\n"
				       "'a file with spaces' 0o100644 7 3\n"
				       "'bin/tool' 0o100755 10 3\n"
				       "'empty' 0o100644 0 3\n"
				       "'gr\\xfcn.txt' 0o100644 6 3\n"
				       "'latin-\\u0398.txt' 0o100644 6 3\n";
	char dir[] = "/tmp/zip_testXXXXXX", zip[64], log[64], text[4096];
	const char *const unzip[] = {"unzip", "-t", zip, NULL};
	const char *const python[] = {"python3", "-c", script, zip, NULL};
	int rc;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(zip, sizeof(zip), "%s/a.zip", dir);
	(void)snprintf(log, sizeof(log), "%s/log", dir);
	write_archive(zip);

	rc = run(unzip, log);
	read_text(log, text, sizeof(text));
	if (rc == 127)
		print_message("no unzip: skipped\n");
	else if (rc != 0 || strstr(text, "warning") || !strstr(text, "No errors detected"))
		fail_msg("unzip -t: status %d: %s", rc, text);

	rc = run(python, log);
	read_text(log, text, sizeof(text));
	if (rc == 127)
		print_message("no python3: skipped\n");
	else
		assert_string_equal(text, expected);

	(void)unlink(log);
	(void)unlink(zip);
	(void)rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_do_not_depend_on_the_machine),
		cmocka_unit_test(time_is_the_date_in_utc),
		cmocka_unit_test(fixed_time_follows_source_date_epoch),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_file_gives_the_same_bytes_as_its_data),
		cmocka_unit_test(an_archive_without_entries_is_valid),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(a_file_that_changes_is_an_error),
		cmocka_unit_test(an_unreadable_descriptor_is_an_error),
		cmocka_unit_test(incompressible_data_hardly_grows),
		cmocka_unit_test(the_ceiling_is_an_error),
		cmocka_unit_test(parts_join_to_what_one_writer_writes),
		cmocka_unit_test(the_number_of_entries_may_need_a_larger_field),
		cmocka_unit_test(what_the_archive_goes_to_may_fail),
		cmocka_unit_test(a_part_that_cannot_be_kept_is_an_error),
		cmocka_unit_test(many_entries_are_written_and_read),
		cmocka_unit_test(unzip_and_python_agree),
	};

	return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
