#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "test.h"
#include "zip/layout.h"
#include "zip/zip.h"
#include "zipped.h"

static const struct zip_limits limits = {100000, 100};

/* An archive made by hand, so that it can lie. Zero means the honest value. */
struct raw {
	struct str name, local_name;
	struct str data;
	uint32_t size;   /* of the content, as told */
	uint32_t packed; /* of the data, as told */
	uint32_t crc;
	uint16_t flags, method;
	uint32_t mode;  /* 0: a regular file or directory by its name */
	bool same_data; /* its local header is the one before */
};

enum { MODE_NONE = 1 };

static uint32_t crc32_of(struct str s)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

static void add16(struct strbuf *b, uint32_t v)
{
	char p[2];

	put16(p, (uint16_t)v);
	strbuf_add(b, p, sizeof(p));
}

static void add32(struct strbuf *b, uint32_t v)
{
	char p[4];

	put32(p, v);
	strbuf_add(b, p, sizeof(p));
}

/* What both headers share: from "version needed" to the length of the name. */
static void add_shared(struct strbuf *b, const struct raw *r, struct str name)
{
	add16(b, 20);
	add16(b, r->flags);
	add16(b, r->method);
	add32(b, 0x00210000);
	add32(b, r->crc ? r->crc : crc32_of(r->data));
	add32(b, r->packed ? r->packed : (uint32_t)r->data.n);
	add32(b, r->size ? r->size : (uint32_t)r->data.n);
	add16(b, (uint32_t)name.n);
	add16(b, 0);
}

static void add_local(struct strbuf *b, const struct raw *r)
{
	struct str name = r->local_name.p ? r->local_name : r->name;

	add32(b, SIGNATURE_LOCAL);
	add_shared(b, r, name);
	strbuf_addstr(b, name);
	strbuf_addstr(b, r->data);
}

static void add_central(struct strbuf *b, const struct raw *r, uint32_t local)
{
	bool directory = str_ends(r->name, "/");
	uint32_t mode = r->mode ? r->mode : directory ? S_IFDIR | 0755 : S_IFREG | 0644;

	add32(b, SIGNATURE_CENTRAL);
	add16(b, (mode == MODE_NONE ? 0 : HOST_UNIX << 8) | 20);
	add_shared(b, r, r->name);
	add16(b, 0);
	add16(b, 0);
	add16(b, 0);
	add32(b, mode == MODE_NONE ? 0 : mode << 16);
	add32(b, local);
	strbuf_addstr(b, r->name);
}

static void build(struct strbuf *out, const struct raw *entries, size_t n)
{
	struct strbuf central = STRBUF_INIT;
	uint32_t local = 0, start;
	size_t i;

	strbuf_reset(out);
	for (i = 0; i < n; i++) {
		if (!entries[i].same_data) {
			local = (uint32_t)out->len;
			add_local(out, &entries[i]);
		}
		add_central(&central, &entries[i], local);
	}
	start = (uint32_t)out->len;
	strbuf_addstr(out, strbuf_str(&central));
	add32(out, SIGNATURE_END);
	add32(out, 0);
	add16(out, (uint32_t)n);
	add16(out, (uint32_t)n);
	add32(out, (uint32_t)central.len);
	add32(out, start);
	add16(out, 0);
	strbuf_release(&central);
}

/* "name:kind:size " of every entry. */
static int list(void *arg, const struct zip_entry *entry, struct str data, struct err *e UNUSED)
{
	assert_int_equal(data.n, entry->size);
	strbuf_addf(arg, "%s:%c:%llu ", entry->name,
		    entry->directory    ? 'd'
		    : entry->executable ? 'x'
					: 'f',
		    (unsigned long long)entry->size);
	return 0;
}

static void assert_lists(const struct raw *entries, size_t n, const char *expected)
{
	struct strbuf zip = STRBUF_INIT, seen = STRBUF_INIT;
	struct err e = ERR_INIT;

	build(&zip, entries, n);
	if (zip_read(strbuf_str(&zip), &limits, list, &seen, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(seen.buf, expected);
	strbuf_release(&zip);
	strbuf_release(&seen);
}

static void assert_refused_bytes(struct str zip, const char *message)
{
	struct strbuf seen = STRBUF_INIT;
	struct err e = ERR_INIT;

	if (zip_read(zip, &limits, list, &seen, &e) == 0)
		fail_msg("read '%s' instead of '%s'", seen.buf, message);
	assert_int_equal(e.code, ERR_PROJECT);
	if (!strstr(e.msg, message))
		fail_msg("'%s' is not in '%s'", message, e.msg);
	err_clear(&e);
	strbuf_release(&seen);
}

static void assert_refused(const struct raw *entries, size_t n, const char *message)
{
	struct strbuf zip = STRBUF_INIT;

	build(&zip, entries, n);
	assert_refused_bytes(strbuf_str(&zip), message);
	strbuf_release(&zip);
}

#define FILE_NAMED(s)                            \
	{                                        \
		.name = STR(s), .data = STR("x") \
	}

static void files_and_directories_are_told_apart(void **state UNUSED)
{
	const struct raw entries[] = {
		{.name = STR("d/")},
		{.name = STR("d/x"), .data = STR("abc"), .mode = S_IFREG | 0700},
		{.name = STR("f"), .data = STR(""), .mode = MODE_NONE},
		{.name = STR("g"), .data = STR("y"), .mode = 0755},
	};

	assert_lists(entries, countof(entries), "d:d:0 d/x:x:3 f:f:0 g:x:1 ");
}

static void a_dot_in_front_is_dropped(void **state UNUSED)
{
	const struct raw entries[] = {
		{.name = STR("./")},
		FILE_NAMED("./index.js"),
		{.name = STR("./lib/")},
	};

	assert_lists(entries, countof(entries), "index.js:f:1 lib:d:0 ");
}

static void names_are_bytes_in_every_locale(void **state UNUSED)
{
	static const char *const locales[] = {"C", "C.UTF-8"};
	const struct raw entries[] = {
		{.name = STR("gr\303\274n"), .data = STR("x"), .flags = FLAG_UTF8},
		{.name = STR("latin-\351"), .data = STR("x")},
		{.name = STR("lied-\351"), .data = STR("x"), .flags = FLAG_UTF8},
	};
	size_t i;

	for (i = 0; i < countof(locales); i++) {
		setlocale(LC_ALL, locales[i]);
		assert_lists(entries, countof(entries),
			     "gr\303\274n:f:1 latin-\351:f:1 lied-\351:f:1 ");
	}
	setlocale(LC_ALL, "C");
}

static void hostile_entries_are_refused(void **state UNUSED)
{
	const struct {
		struct raw entry;
		const char *message;
	} cases[] = {
		{FILE_NAMED("../x"), "'../x' has a name that leaves the archive"},
		{FILE_NAMED("/x"), "'/x' has a name that leaves"},
		{FILE_NAMED("a/../../x"), "'a/../../x' has a name that leaves"},
		{FILE_NAMED("a//x"), "is no path"},
		{FILE_NAMED("a/./x"), "is no path"},
		{FILE_NAMED(".."), "is no path"},
		{FILE_NAMED(""), "is no path"},
		{{.name = STR("../")}, "is no path"},
		{{.name = STR("/")}, "is no path"},
		{FILE_NAMED("a\0b"), "'a\\x00b' has a NUL byte in its name"},
		{FILE_NAMED("a\033[31m/.."), "'a\\x1b[31m/..' has a name"},
		{{.name = STR("l"), .data = STR("/etc"), .mode = S_IFLNK | 0777},
		 "'l' is a link"},
		{{.name = STR("p"), .mode = S_IFIFO | 0600}, "'p' is neither a file nor"},
		{{.name = STR("d"), .mode = S_IFDIR | 0755}, "'d' is a directory by its mode"},
		{{.name = STR("d/"), .mode = S_IFREG | 0755}, "'d/' is a file by its mode"},
		{{.name = STR("d/"), .data = STR("x")}, "'d/' is a directory with contents"},
		{{.name = STR("e"), .data = STR("x"), .flags = FLAG_ENCRYPTED},
		 "'e' is encrypted"},
		{{.name = STR("b"), .data = STR("x"), .method = 12},
		 "the platform cannot read"},
		{{.name = STR("s"), .data = STR("x"), .size = 9}, "size that cannot be true"},
		{{.name = STR("s"), .data = STR("x"), .packed = 9, .size = 9},
		 "directory is not consistent"},
		{{.name = STR("n"), .local_name = STR("m"), .data = STR("x")},
		 "'n' has another name in its own header"},
		{{.name = STR("c"), .data = STR("x"), .crc = 1}, "'c' is damaged"},
		{{.name = STR("z"), .data = STR("\x07garbage"), .method = 8}, "'z' is damaged"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		assert_refused(&cases[i].entry, 1, cases[i].message);
}

static void entries_that_conflict_are_refused(void **state UNUSED)
{
	const struct {
		struct raw entries[3];
		const char *message;
	} cases[] = {
		{{FILE_NAMED("a"), FILE_NAMED("b"), FILE_NAMED("a")}, "'a' is there twice"},
		{{FILE_NAMED("a"), FILE_NAMED("b"), FILE_NAMED("./a")}, "'a' is there twice"},
		{{FILE_NAMED("a"), FILE_NAMED("b"), {.name = STR("a/")}}, "'a' is there twice"},
		{{{.name = STR("d/")}, FILE_NAMED("b"), {.name = STR("d/")}},
		 "'d' is there twice"},
		{{FILE_NAMED("a/b/c"), FILE_NAMED("b"), FILE_NAMED("a")},
		 "'a/b/c' lies below an entry that is a file"},
		{{FILE_NAMED("a"),
		  FILE_NAMED("b"),
		  {.name = STR("a"), .data = STR("x"), .same_data = true}},
		 "has another name in its own header"},
		{{FILE_NAMED("x"),
		  FILE_NAMED("b"),
		  {.name = STR("b"), .data = STR("x"), .same_data = true}},
		 "overlaps the one before it"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		assert_refused(cases[i].entries, 3, cases[i].message);
}

/* A real stream of 200,000 zero bytes in an archive of a few hundred. */
static void build_bomb(struct strbuf *zip)
{
	struct err e = ERR_INIT;
	struct zip_writer *w = zipped_new(0, 0, &e);
	char *zeros = xcalloc(200000, 1);

	assert_non_null(w);
	assert_int_equal(zip_add_data(w, "bomb", false, (struct str){zeros, 200000}, &e), 0);
	assert_int_equal(zip_writer_end_whole(w, zip, &e), 0);
	free(zeros);
}

static void limits_hold(void **state UNUSED)
{
	struct strbuf zip = STRBUF_INIT;
	struct raw many[101];
	char names[101][8];
	size_t i;

	build_bomb(&zip);
	assert_in_range(zip.len, 100, 1000);
	assert_refused_bytes(strbuf_str(&zip), "contents are larger than 100000 bytes");

	/* The same stream that tells a harmless size is found out while it is inflated. */
	put32(zip.buf + get32(zip.buf + zip.len - END_SIZE + END_DIRECTORY) + CENTRAL_CONTENT,
	      1000);
	assert_refused_bytes(strbuf_str(&zip), "'bomb' is damaged");
	strbuf_release(&zip);

	for (i = 0; i < countof(many); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%zu", i);
		many[i] = (struct raw){.name = str_of(names[i])};
	}
	assert_refused(many, countof(many), "has 101 entries; at most 100 are allowed");
}

static void what_is_no_archive_is_refused(void **state UNUSED)
{
	const struct raw entry = FILE_NAMED("a");
	struct strbuf zip = STRBUF_INIT;
	size_t i;

	assert_refused_bytes(STR(""), "not a zip archive");
	assert_refused_bytes(STR("PK"), "not a zip archive");
	assert_refused_bytes(STR("#!/bin/sh\necho this is a script\n"), "not a zip archive");
	build(&zip, &entry, 1);
	for (i = 0; i < zip.len; i++)
		assert_refused_bytes((struct str){zip.buf, i}, "not a zip archive");
	strbuf_release(&zip);
}

static void archives_that_are_cut_or_overwritten_never_crash(void **state UNUSED)
{
	const struct raw entries[] = {FILE_NAMED("a"), {.name = STR("d/")}, FILE_NAMED("d/b")};
	struct strbuf zip = STRBUF_INIT, seen = STRBUF_INIT;
	size_t i, j;

	build(&zip, entries, countof(entries));
	for (i = 0; i < zip.len; i++)
		for (j = 0; j < 3; j++) {
			static const char bytes[] = {0, 0x7f, (char)0xff};
			struct err e = ERR_INIT;
			char was = zip.buf[i];

			zip.buf[i] = bytes[j];
			if (zip_read(strbuf_str(&zip), &limits, list, &seen, &e) < 0)
				assert_int_equal(e.code, ERR_PROJECT);
			err_clear(&e);
			strbuf_reset(&seen);
			zip.buf[i] = was;
		}
	strbuf_release(&zip);
	strbuf_release(&seen);
}

static int stop(void *arg UNUSED, const struct zip_entry *entry UNUSED, struct str data UNUSED,
		struct err *e)
{
	return err_set(e, ERR_CANCELLED, "stopped");
}

static void the_callback_can_stop(void **state UNUSED)
{
	const struct raw entries[] = {FILE_NAMED("a"), FILE_NAMED("b")};
	struct strbuf zip = STRBUF_INIT;
	struct err e = ERR_INIT;

	build(&zip, entries, countof(entries));
	assert_int_equal(zip_read(strbuf_str(&zip), &limits, stop, NULL, &e), -1);
	assert_string_equal(e.msg, "stopped");
	err_clear(&e);
	strbuf_release(&zip);
}

struct place {
	char path[32];
	int fd;
};

static struct place new_place(void)
{
	struct place p = {.path = "/tmp/zip_read_testXXXXXX"};

	assert_non_null(mkdtemp(p.path));
	p.fd = open(p.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p.fd >= 0);
	return p;
}

static void drop_place(struct place *p)
{
	struct err e = ERR_INIT;

	(void)close(p->fd);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->path, &e), 0);
}

static void assert_mode(int dir, const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, mode);
}

static void extract_makes_files_with_their_modes(void **state UNUSED)
{
	const struct raw entries[] = {
		{.name = STR("a/b/x"), .data = STR("run"), .mode = S_IFREG | 06755},
		{.name = STR("a/f"), .data = STR("text"), .mode = S_IFREG | 0400},
		{.name = STR("d/"), .mode = S_IFDIR | 0700},
	};
	struct place p = new_place();
	struct strbuf zip = STRBUF_INIT, text = STRBUF_INIT;
	struct err e = ERR_INIT;
	mode_t mask = umask(077);

	build(&zip, entries, countof(entries));
	assert_int_equal(zip_extract(strbuf_str(&zip), &limits, p.fd, &e), 0);
	umask(mask);
	assert_mode(p.fd, "a", S_IFDIR | 0755);
	assert_mode(p.fd, "a/b", S_IFDIR | 0755);
	assert_mode(p.fd, "a/b/x", S_IFREG | 0755);
	assert_mode(p.fd, "a/f", S_IFREG | 0644);
	assert_mode(p.fd, "d", S_IFDIR | 0755);
	assert_int_equal(fs_read(p.fd, "a/f", 100, &text, &e), 0);
	assert_string_equal(text.buf, "text");
	strbuf_release(&zip);
	strbuf_release(&text);
	drop_place(&p);
}

static void extract_follows_no_link_and_replaces_nothing(void **state UNUSED)
{
	const struct {
		struct raw entry;
		int sys;
	} cases[] = {
		{FILE_NAMED("way/f"), ENOTDIR},   {FILE_NAMED("dangling"), EEXIST},
		{FILE_NAMED("there"), EEXIST},    {FILE_NAMED("there/f"), ENOTDIR},
		{{.name = STR("way/")}, ENOTDIR},
	};
	struct place p = new_place(), outside = new_place();
	struct strbuf zip = STRBUF_INIT;
	size_t i;

	assert_int_equal(symlinkat(outside.path, p.fd, "way"), 0);
	assert_int_equal(symlinkat("new", p.fd, "dangling"), 0);
	(void)close(openat(p.fd, "there", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	for (i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;

		build(&zip, &cases[i].entry, 1);
		assert_int_equal(zip_extract(strbuf_str(&zip), &limits, p.fd, &e), -1);
		assert_int_equal(e.code, ERR_SYSTEM);
		assert_int_equal(e.sys, cases[i].sys);
		err_clear(&e);
	}
	assert_int_equal(faccessat(outside.fd, "f", F_OK, 0), -1);
	assert_int_equal(faccessat(p.fd, "new", F_OK, 0), -1);
	strbuf_release(&zip);
	drop_place(&p);
	drop_place(&outside);
}

static void extract_refuses_before_it_writes(void **state UNUSED)
{
	const struct raw entries[] = {FILE_NAMED("good"), FILE_NAMED("../bad")};
	struct place p = new_place();
	struct strbuf zip = STRBUF_INIT;
	struct err e = ERR_INIT;

	build(&zip, entries, countof(entries));
	assert_int_equal(zip_extract(strbuf_str(&zip), &limits, p.fd, &e), -1);
	err_clear(&e);
	assert_int_equal(faccessat(p.fd, "good", F_OK, 0), -1);
	strbuf_release(&zip);
	drop_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_directories_are_told_apart),
		cmocka_unit_test(a_dot_in_front_is_dropped),
		cmocka_unit_test(names_are_bytes_in_every_locale),
		cmocka_unit_test(hostile_entries_are_refused),
		cmocka_unit_test(entries_that_conflict_are_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(what_is_no_archive_is_refused),
		cmocka_unit_test(archives_that_are_cut_or_overwritten_never_crash),
		cmocka_unit_test(the_callback_can_stop),
		cmocka_unit_test(extract_makes_files_with_their_modes),
		cmocka_unit_test(extract_follows_no_link_and_replaces_nothing),
		cmocka_unit_test(extract_refuses_before_it_writes),
	};

	return cmocka_run_group_tests_name("zip_read", tests, NULL, NULL);
}
