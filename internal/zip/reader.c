#include "zip/zip.h"

#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

#include "zip/index.h"

static int fail(struct archive *a, const struct zip_item *item, struct err *e)
{
	const char *why = archive_error_string(a);
	char *shown = zip_printable(str_of(item->name));

	err_set(e, ERR_PROJECT, "the zip archive's entry '%s' is damaged: %s", shown,
		why ? why : "its content is not what its header says");
	free(shown);
	return -1;
}

/*
 * A warning here is about what libarchive makes of names and local sizes; both
 * are checked without it (index.h).  The order is that of the data, as in the
 * index.
 */
static int next_entry(struct archive *a, const struct zip_item *item, struct err *e)
{
	struct archive_entry *entry;
	int rc = archive_read_next_header(a, &entry);
	mode_t expected = item->directory ? AE_IFDIR : AE_IFREG;

	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return fail(a, item, e);
	if (archive_entry_filetype(entry) != expected || archive_entry_is_encrypted(entry))
		return fail(a, item, e);
	return 0;
}

static int read_data(struct archive *a, const struct zip_item *item, struct strbuf *out,
		     struct err *e)
{
	const void *p;
	size_t n;
	la_int64_t offset;
	int rc;

	strbuf_reset(out);
	while ((rc = archive_read_data_block(a, &p, &n, &offset)) == ARCHIVE_OK) {
		if (n > item->size - out->len)
			return fail(a, item, e);
		strbuf_add(out, p, n);
	}
	if (rc != ARCHIVE_EOF || out->len != item->size)
		return fail(a, item, e);
	return 0;
}

static int read_items(struct archive *a, const struct zip_index *index,
		      int (*fn)(void *, const struct zip_entry *, struct str, struct err *),
		      void *arg, struct err *e)
{
	struct strbuf data = STRBUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; i < index->n && rc == 0; i++) {
		const struct zip_item *item = &index->items[i];
		struct zip_entry entry = {item->name, item->directory, item->executable,
					  item->size};

		rc = next_entry(a, item, e);
		if (rc == 0 && !item->directory)
			rc = read_data(a, item, &data, e);
		if (rc == 0 && *item->name)
			rc = fn(arg, &entry,
				item->directory ? (struct str){"", 0} : strbuf_str(&data), e);
	}
	strbuf_release(&data);
	return rc;
}

/* Only the reader that goes by the directory: the other one believes whatever it meets first.
 */
static struct archive *open_archive(struct str bytes, struct err *e)
{
	struct archive *a = archive_read_new();

	if (!a)
		bug("out of memory in libarchive");
	if (archive_read_support_format_zip_seekable(a) == ARCHIVE_OK &&
	    archive_read_open_memory(a, bytes.p, bytes.n) == ARCHIVE_OK)
		return a;
	err_set(e, ERR_PROJECT, "cannot read the zip archive: %s", archive_error_string(a));
	archive_read_free(a);
	return NULL;
}

int zip_read(struct str archive, const struct zip_limits *limits,
	     int (*fn)(void *arg, const struct zip_entry *entry, struct str data,
		       struct err *e),
	     void *arg, struct err *e)
{
	struct zip_index index = ZIP_INDEX_INIT;
	struct archive *a = NULL;
	int rc = zip_index_read(&index, archive, limits, e);

	if (rc == 0 && index.n > 0) {
		a = open_archive(archive, e);
		rc = a ? read_items(a, &index, fn, arg, e) : -1;
		archive_read_free(a);
	}
	zip_index_release(&index);
	return rc;
}
