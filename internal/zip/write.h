/* write.h - what writer.c and join.c share; private to zip/ */
#ifndef ZIP_WRITE_H
#define ZIP_WRITE_H
#include "zip/layout.h"
#include "zip/zip.h"

/* The end of the file's contents must be found with 32 bits. */
static inline uint64_t zip_ceiling(uint64_t max)
{
	return max && max < UINT32_MAX ? max : UINT32_MAX;
}

/* Of the record of the directory at p. */
static inline size_t zip_central_size(const char *p)
{
	return (size_t)CENTRAL_SIZE + get16(p + CENTRAL_NAME_N) + get16(p + CENTRAL_EXTRA_N) +
	       get16(p + CENTRAL_COMMENT_N);
}

/* -1 with ERR_PROJECT and sys EFBIG. */
int zip_too_large(uint64_t max, struct err *e);
#endif
