/*
 * linediff.h - how two texts differ, line by line, in the unified format: pure
 *
 * The fewest lines that turn one into the other (Myers, "An O(ND) difference
 * algorithm and its variations", 1986, the form that needs linear space).  Texts that
 * have little in common would take the time of their product: past a ceiling a stretch
 * is told as replaced as a whole, which is right too, only longer.
 *
 * A line ends with "\n"; the last one may go without, and is another line then.
 */
#ifndef LINEDIFF_LINEDIFF_H
#define LINEDIFF_LINEDIFF_H
#include "base/str.h"
#include "base/strbuf.h"

/* More bytes in one text are refused, and more lines. */
enum { LINEDIFF_MAX_BYTES = 4 * 1024 * 1024, LINEDIFF_MAX_LINES = 200000 };

/* False for more than the above. */
bool linediff_fits(struct str text);
/*
 * Appends the hunks ("@@ -1,3 +1,4 @@" and lines that begin with ' ', '-', '+' or '\'),
 * without the two lines with names; nothing when they are equal.  `context` lines around
 * each change.  Both fit.
 */
void linediff_unified(struct strbuf *out, struct str before, struct str after, size_t context);
#endif
