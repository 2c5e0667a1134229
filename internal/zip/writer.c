#include "zip/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "fs/fs.h"
#include "zip/index.h"
#include "zip/layout.h"
#include "zip/write.h"

/*
 * zlib's level.  Measured on a site-packages tree; see the commit that chose
 * it.  Above it the archive hardly shrinks while the time doubles.
 */
#define DEFLATE_LEVEL "5"

/* 1980-01-01 and 2107-12-31 23:59:58: what a DOS date can say. */
static const int64_t earliest_time = 315532800;
static const int64_t latest_time = 4354819198;

struct zip_writer {
	struct archive *archive;
	struct archive_entry *entry;
	struct zip_part part;
	struct strbuf *to;    /* where libarchive's output goes instead of part.data, or NULL */
	struct strbuf head;   /* of the entry that begins */
	VEC(uint32_t) starts; /* of the entries, in part.data */
	struct err broken;    /* why part.data could not be written to */
	uint64_t max;
	bool full;
	char *last_name; /* of the entry before; NULL for the first */
	uint32_t dos_time;
	bool failed;
};

PRINTF(4, 5)
static int fail_entry(struct zip_writer *w, const char *name, struct err *e, const char *fmt,
		      ...)
{
	char *shown = zip_printable(str_of(name));
	struct strbuf why = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&why, fmt, ap);
	va_end(ap);
	w->failed = true;
	err_set(e, ERR_PROJECT, "'%s' %s", shown, why.buf);
	free(shown);
	strbuf_release(&why);
	return -1;
}

static void add_data(struct zip_writer *w, const void *p, size_t n)
{
	w->full = w->part.data.n + n > w->max || spool_add(&w->part.data, p, n, &w->broken) < 0;
}

/*
 * Takes everything, also past the ceiling: libarchive 3.6 leaks its deflate
 * state when an entry cannot be ended.  `full` tells.
 */
static la_ssize_t collect(struct archive *a UNUSED, void *data, const void *p, size_t n)
{
	struct zip_writer *w = data;

	if (w->to)
		strbuf_add(w->to, p, n);
	else if (!w->full)
		add_data(w, p, n);
	return (la_ssize_t)n;
}

static int fail_archive(struct zip_writer *w, struct err *e)
{
	const char *why = archive_error_string(w->archive);

	w->failed = true;
	return err_set(e, ERR_SYSTEM, "cannot write a zip archive: %s",
		       why ? why : "no reason");
}

int zip_too_large(uint64_t max, struct err *e)
{
	err_set(e, ERR_PROJECT, "the zip archive would be larger than %llu bytes",
		(unsigned long long)max);
	e->sys = EFBIG;
	return -1;
}

static int check_ceiling(struct zip_writer *w, struct err *e)
{
	if (!w->full)
		return 0;
	w->failed = true;
	return w->broken.code != ERR_OK ? err_move(e, &w->broken) : zip_too_large(w->max, e);
}

static uint32_t to_dos_time(int64_t time)
{
	time_t t = (time_t)(time < earliest_time ? earliest_time
			    : time > latest_time ? latest_time
						 : time);
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		bug("no calendar date for %lld", (long long)t);
	return (uint32_t)(tm.tm_year - 80) << 25 | (uint32_t)(tm.tm_mon + 1) << 21 |
	       (uint32_t)tm.tm_mday << 16 | (uint32_t)tm.tm_hour << 11 |
	       (uint32_t)tm.tm_min << 5 | (uint32_t)tm.tm_sec / 2;
}

int64_t zip_fixed_time(void)
{
	const char *given = getenv("SOURCE_DATE_EPOCH");
	int64_t time;

	if (!given || !str_to_i64(str_of(given), &time))
		return earliest_time;
	return time < earliest_time ? earliest_time : time > latest_time ? latest_time : time;
}

/*
 * No zip64: nothing near 4 GiB can be deployed, and some readers do not know
 * it.  No padding to a tape block at the end.
 */
static bool configure(struct zip_writer *w)
{
	struct archive *a = w->archive;

	return archive_write_set_format_zip(a) == ARCHIVE_OK &&
	       archive_write_set_format_option(a, "zip", "compression-level", DEFLATE_LEVEL) ==
		       ARCHIVE_OK &&
	       archive_write_set_format_option(a, "zip", "zip64", NULL) == ARCHIVE_OK &&
	       archive_write_set_bytes_per_block(a, 0) == ARCHIVE_OK &&
	       archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
	       archive_write_open2(a, w, NULL, collect, NULL, NULL) == ARCHIVE_OK;
}

struct zip_writer *zip_writer_new(const struct zip_options *o, struct err *e)
{
	struct zip_writer *w = xcalloc(1, sizeof(*w));

	spool_init(&w->part.data, o->folder, o->keep);
	w->part.central = w->head = STRBUF_INIT;
	w->max = zip_ceiling(o->max);
	w->dos_time = to_dos_time(o->time);
	w->archive = archive_write_new();
	w->entry = archive_entry_new();
	if (!w->archive || !w->entry)
		bug("out of memory in libarchive");
	if (!configure(w)) {
		(void)fail_archive(w, e);
		zip_writer_free(w);
		return NULL;
	}
	return w;
}

void zip_part_release(struct zip_part *part)
{
	spool_release(&part->data);
	strbuf_release(&part->central);
}

void zip_writer_free(struct zip_writer *w)
{
	if (!w)
		return;
	archive_entry_free(w->entry);
	archive_write_free(w->archive);
	zip_part_release(&w->part);
	strbuf_release(&w->head);
	vec_release(&w->starts);
	err_clear(&w->broken);
	free(w->last_name);
	free(w);
}

static int check_name(struct zip_writer *w, const char *name, struct err *e)
{
	int order = w->last_name ? strcmp(w->last_name, name) : -1;

	if (!*name || *name == '/' || strlen(name) > UINT16_MAX)
		return fail_entry(w, name, e, "is no name for a file in a zip archive");
	if (order == 0)
		return fail_entry(w, name, e, "is added to a zip archive twice");
	if (order > 0)
		return fail_entry(w, name, e, "is added to a zip archive out of order");
	free(w->last_name);
	w->last_name = xstrdup(name);
	return 0;
}

static bool is_ascii(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 127)
			return false;
	return true;
}

static bool is_marked_utf8(struct str name)
{
	return !is_ascii(name) && utf8_is_valid(name);
}

static void stamp_header(char *flags, char *time, bool utf8, uint32_t dos_time)
{
	put16(flags, (uint16_t)((get16(flags) & ~FLAG_UTF8) | (utf8 ? FLAG_UTF8 : 0)));
	put32(time, dos_time);
}

/* libarchive writes the local header, and nothing else, at once. */
static int write_head(struct zip_writer *w, const char *name, struct err *e)
{
	int rc;

	strbuf_reset(&w->head);
	w->to = &w->head;
	rc = archive_write_header(w->archive, w->entry);
	w->to = NULL;
	if (rc != ARCHIVE_OK)
		return fail_archive(w, e);
	if (w->head.len < LOCAL_SIZE || get32(w->head.buf) != SIGNATURE_LOCAL)
		bug("libarchive began an entry without its header");
	stamp_header(w->head.buf + LOCAL_FLAGS, w->head.buf + LOCAL_TIME,
		     is_marked_utf8(str_of(name)), w->dos_time);
	put16(w->head.buf + LOCAL_EXTRA_N, 0);
	vec_push(&w->starts, (uint32_t)w->part.data.n);
	if (!w->full)
		add_data(w, w->head.buf, LOCAL_SIZE + get16(w->head.buf + LOCAL_NAME_N));
	return check_ceiling(w, e);
}

/*
 * Times stay unset: libarchive would put the DOS date in local time and the
 * UTC one beside it, which no choice of value makes the same in every time
 * zone.  They are written into what it makes, as is the flag that says a name is
 * UTF-8, which it sets by the process's locale instead of by the name.  Its extra
 * fields, which say nothing here (no time, owner 0), are left out: 40 bytes a file.
 */
static int begin_entry(struct zip_writer *w, const char *name, bool executable, uint64_t size,
		       struct err *e)
{
	if (check_name(w, name, e) < 0)
		return -1;
	if (size > UINT32_MAX)
		return fail_entry(w, name, e, "is too large for a zip archive: %llu bytes",
				  (unsigned long long)size);
	archive_entry_clear(w->entry);
	archive_entry_copy_pathname(w->entry, name);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, executable ? 0755 : 0644);
	archive_entry_set_size(w->entry, (la_int64_t)size);
	return write_head(w, name, e);
}

static int write_data(struct zip_writer *w, const void *p, size_t n, struct err *e)
{
	if (n > 0 && archive_write_data(w->archive, p, n) != (la_ssize_t)n)
		return fail_archive(w, e);
	return check_ceiling(w, e);
}

static int end_entry(struct zip_writer *w, struct err *e)
{
	if (archive_write_finish_entry(w->archive) != ARCHIVE_OK)
		return fail_archive(w, e);
	return check_ceiling(w, e);
}

static int copy_from(struct zip_writer *w, const char *name, int fd, uint64_t size,
		     struct err *e)
{
	char buf[65536];
	uint64_t seen = 0;
	ssize_t n;

	while ((n = fs_read_some(fd, buf, sizeof(buf))) > 0) {
		seen += (uint64_t)n;
		if (seen > size)
			return fail_entry(w, name, e,
					  "grew while it was read; try again when nothing "
					  "writes to it");
		if (write_data(w, buf, (size_t)n, e) < 0)
			return -1;
	}
	if (n < 0)
		return fail_entry(w, name, e, "cannot be read: %s", strerror(errno));
	if (seen < size)
		return fail_entry(w, name, e,
				  "shrank while it was read; try again when nothing writes to "
				  "it");
	return 0;
}

int zip_add_fd(struct zip_writer *w, const char *name, bool executable, int fd, uint64_t size,
	       struct err *e)
{
	if (begin_entry(w, name, executable, size, e) < 0 ||
	    copy_from(w, name, fd, size, e) < 0)
		return -1;
	return end_entry(w, e);
}

int zip_add_data(struct zip_writer *w, const char *name, bool executable, struct str data,
		 struct err *e)
{
	if (begin_entry(w, name, executable, data.n, e) < 0 ||
	    write_data(w, data.p, data.n, e) < 0)
		return -1;
	return end_entry(w, e);
}

/* The record at p as it shall be: see write_head(). */
static void add_central(struct zip_writer *w, char *p)
{
	struct strbuf *central = &w->part.central;
	struct str name = {p + CENTRAL_SIZE, get16(p + CENTRAL_NAME_N)};

	stamp_header(p + CENTRAL_FLAGS, p + CENTRAL_TIME, is_marked_utf8(name), w->dos_time);
	put16(p + CENTRAL_EXTRA_N, 0);
	put16(p + CENTRAL_COMMENT_N, 0);
	put32(p + CENTRAL_LOCAL, w->starts.v[w->part.entries++]);
	strbuf_add(central, p, CENTRAL_SIZE + name.n);
}

/* Of the directory that libarchive has written, without the records at its end. */
static void take_central(struct zip_writer *w)
{
	const struct strbuf *written = &w->head;
	char *p = written->buf, *end = p + written->len - END_SIZE;
	size_t n;

	if (written->len < END_SIZE || get32(end) != SIGNATURE_END)
		bug("libarchive ended an archive without its record");
	for (; p < end && get32(p) == SIGNATURE_CENTRAL; p += n) {
		n = zip_central_size(p);
		if (w->part.entries == w->starts.n)
			bug("libarchive wrote a record too much");
		add_central(w, p);
	}
	if (w->part.entries != w->starts.n)
		bug("libarchive wrote %zu records of %zu", w->part.entries, w->starts.n);
}

int zip_writer_end(struct zip_writer *w, struct zip_part *part, struct err *e)
{
	int rc = -1;

	if (w->failed)
		bug("zip_writer_end after a failed entry");
	strbuf_reset(&w->head);
	w->to = &w->head;
	if (archive_write_close(w->archive) != ARCHIVE_OK)
		fail_archive(w, e);
	else
		rc = check_ceiling(w, e);
	if (rc == 0) {
		take_central(w);
		*part = w->part;
		spool_init(&w->part.data, NULL, 0);
		w->part.central = STRBUF_INIT;
	}
	zip_writer_free(w);
	return rc;
}

static int add_bytes(void *arg, struct str bytes, struct err *e UNUSED)
{
	strbuf_addstr(arg, bytes);
	return 0;
}

int zip_writer_end_whole(struct zip_writer *w, struct strbuf *out, struct err *e)
{
	struct zip_join join = {.write = add_bytes, .arg = out, .max = w->max};
	struct zip_part part;
	int rc;

	if (zip_writer_end(w, &part, e) < 0)
		return -1;
	strbuf_reset(out);
	rc = zip_join_add(&join, &part, e);
	if (rc == 0)
		rc = zip_join_end(&join, e);
	zip_join_release(&join);
	zip_part_release(&part);
	return rc;
}
