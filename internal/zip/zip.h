/*
 * zip.h - zip archives through libarchive: a deterministic writer, a checked reader
 *
 * The same entries in the same order give the same bytes on any machine: fixed
 * time, no owner, no extra fields that depend on the machine, modes 0644 and
 * 0755 only.  Archives are what unzip, Python's zipfile and the platform read.
 */
#ifndef ZIP_ZIP_H
#define ZIP_ZIP_H
#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "fs/spool.h"

/*
 * Writing: an archive is made of parts, each by a writer of its own (also on
 * threads of their own), which are joined in order.  Parts are cut by what is in
 * them, so the bytes do not depend on who wrote which part when.
 */
struct zip_writer;

struct zip_options {
	int64_t time;       /* stamp of every entry, seconds since 1970 (zip_fixed_time() is the
			       usual one), as a date in UTC */
	uint64_t max;       /* ceiling of the archive in bytes; 0 = what the format can address
			       without zip64: 4 GiB */
	const char *folder; /* spool.h: where a part goes of which more than `keep` bytes */
	size_t keep;        /* were written */
};

/* Consecutive entries. */
struct zip_part {
	struct spool data;     /* local headers and contents */
	struct strbuf central; /* records for the directory, offsets from the start of data */
	size_t entries;
};

/* Over the ceiling adding and ending fail with ERR_PROJECT and sys EFBIG. */
struct zip_writer *zip_writer_new(const struct zip_options *o, struct err *e) NODISCARD;
/*
 * One file, read from fd to its end; `size` is what the caller saw and must
 * still be true (a file that changes while it is read is an error).  `name` has
 * forward slashes, no leading one, valid or not as UTF-8; executable gives 0755.
 * Names must come in byte order; a repeated one is an error.  After a failure
 * the writer can only be freed.
 */
int zip_add_fd(struct zip_writer *w, const char *name, bool executable, int fd, uint64_t size,
	       struct err *e) NODISCARD;
int zip_add_data(struct zip_writer *w, const char *name, bool executable, struct str data,
		 struct err *e) NODISCARD;
/* Ends the part into *part, to be released, and frees w; after -1 there is nothing in *part. */
int zip_writer_end(struct zip_writer *w, struct zip_part *part, struct err *e) NODISCARD;
void zip_writer_free(struct zip_writer *w); /* gives up; NULL is allowed */
void zip_part_release(struct zip_part *part);
/*
 * What each of the part's entries takes in an archive, in bytes: its header, its contents and
 * its record in the directory.  An archive is its entries and zip_end_size().
 */
void zip_part_sizes(const struct zip_part *part, uint64_t *bytes);
uint64_t zip_end_size(size_t entries);

/*
 * Joins parts, whose names must go on in order, to the archive that comes out
 * of `write`.  Only the directory's end is in the form of zip64, and only with
 * more than 65535 entries.
 */
struct zip_join {
	int (*write)(void *arg, struct str bytes, struct err *e);
	void *arg;
	uint64_t max; /* as above */
	/* The rest begins as zero. */
	uint64_t n;
	size_t entries;
	struct strbuf central;
};

int zip_join_add(struct zip_join *j, struct zip_part *part, struct err *e) NODISCARD;
int zip_join_end(struct zip_join *j, struct err *e) NODISCARD;
void zip_join_release(struct zip_join *j);

/* Ends w, whose part is all of a small archive, in memory: *out, which is replaced. */
int zip_writer_end_whole(struct zip_writer *w, struct strbuf *out, struct err *e) NODISCARD;

/* SOURCE_DATE_EPOCH when set and a number (clamped to what zip can say), else 1980-01-01. */
int64_t zip_fixed_time(void);

/* What a reader may meet. */
struct zip_limits {
	uint64_t max_bytes; /* of all contents */
	uint64_t max_entries;
};

struct zip_entry {
	const char *name; /* without "./" in front and "/" at the end; checked: relative, no
			     "..", no NUL, unique, not below another entry that is a file */
	bool directory;
	bool executable;
	uint64_t size;
};

/*
 * Calls fn for every entry of an archive in memory; data is the whole content.
 * Refuses with ERR_PROJECT, before the first call: absolute names, "..",
 * repeated names, links, encrypted entries, methods other than stored and
 * deflated, overlapping entries, a name that differs between the two headers,
 * and whatever exceeds the limits by its headers.  A content that is damaged or
 * not of the size told ends the reading when its turn comes.  fn returns -1
 * with *e set to stop.
 */
int zip_read(struct str archive, const struct zip_limits *limits,
	     int (*fn)(void *arg, const struct zip_entry *entry, struct str data,
		       struct err *e),
	     void *arg, struct err *e) NODISCARD;
/*
 * Unpacks below the directory descriptor, files 0644 or 0755, directories 0755.
 * Follows no link and replaces nothing: what is there already is ERR_SYSTEM.
 */
int zip_extract(struct str archive, const struct zip_limits *limits, int dir,
		struct err *e) NODISCARD;
#endif
