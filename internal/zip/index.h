/*
 * index.h - the central directory of an archive in memory, checked
 *
 * Private to zip/.  libarchive takes a name from the local header, converts it
 * by the process's locale and cuts it at a NUL, so names and what is allowed
 * are decided here, on the archive's own bytes; libarchive only inflates.
 */
#ifndef ZIP_INDEX_H
#define ZIP_INDEX_H
#include "base/arena.h"
#include "zip/zip.h"

struct zip_item {
	const char
		*name; /* without "./" in front and "/" at the end; empty for the root itself */
	bool directory, executable;
	uint64_t packed, size;
	uint64_t local, end; /* offsets: its local header, the first byte behind its data */
};

struct zip_index {
	struct arena arena;
	struct zip_item *items; /* in the order of their data */
	size_t n;
};

#define ZIP_INDEX_INIT ((struct zip_index){0})

int zip_index_read(struct zip_index *index, struct str archive, const struct zip_limits *limits,
		   struct err *e) NODISCARD;
void zip_index_release(struct zip_index *index);
/* For messages; heap. */
char *zip_printable(struct str name) NODISCARD;
#endif
