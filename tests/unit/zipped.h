#ifndef TESTS_ZIPPED_H
#define TESTS_ZIPPED_H
/* zipped.h - archives in memory, for tests */
#include "zip/zip.h"

static inline int zipped_add(void *arg, struct str bytes, struct err *e UNUSED)
{
	strbuf_addstr(arg, bytes);
	return 0;
}

/* A writer whose parts stay in memory. */
static inline struct zip_writer *zipped_new(int64_t time, uint64_t max, struct err *e)
{
	const struct zip_options o = {.time = time, .max = max, .keep = SIZE_MAX};

	return zip_writer_new(&o, e);
}
#endif
