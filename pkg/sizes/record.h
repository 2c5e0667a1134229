/*
 * record.h - the rows of a RECORD file; private to sizes/
 *
 * What an installer of Python packages put where: CSV, of which the first field of a row is a
 * path (packaging.python.org, "Recording installed projects").
 */
#ifndef SIZES_RECORD_H
#define SIZES_RECORD_H
#include "base/str.h"
#include "base/strbuf.h"

enum { RECORD_MAX = 4 * 1024 * 1024, RECORD_PATH_MAX = 4096 };

/*
 * Takes a row from *rest and replaces *path by its first field, without quotes; empty for
 * a row without one, and for a path over RECORD_PATH_MAX bytes or with a NUL.  False at the
 * end.  Start with a non-NULL p.  The path is as it was written: to be checked.
 */
bool record_next(struct str *rest, struct strbuf *path);
#endif
