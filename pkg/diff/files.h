/* files.h - two codes, file by file; private to diff/, pure */
#ifndef DIFF_FILES_H
#define DIFF_FILES_H
#include "json/json.h"

struct code {
	struct str bytes;
	bool binary;      /* else the text of one file */
	const char *name; /* of that file */
};

/*
 * A list of files that are not the same: {"name", "change": "added", "removed" or "changed",
 * "liveBytes", "localBytes"}, of changed text "diff" too (hunks), of other files "binary".
 * Compiled Python is left out, unless there is nothing else.  What is no zip, or one that
 * cannot be read, is one file, and then "note" may say why.
 */
struct json *files_compare(const struct code *live, const struct code *local) NODISCARD;
#endif
