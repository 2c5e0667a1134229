/*
 * dist.h - everything of a deploy up to the artifact, into a folder
 *
 * Builds and packs every function of a scanned project that has code and
 * writes <package>/<function>.zip, or its only file as
 * <package>/<function>.<extension>, and manifest.json.  Functions without a
 * package are in default/.
 */
#ifndef DIST_DIST_H
#define DIST_DIST_H
#include "build/build.h"

struct json;

/*
 * ERR_USAGE when folder (which need not exist) is the project's own or inside
 * packages/ or lib/: what is written there would be sources of the next run.
 */
int dist_check_folder(const struct project *p, const char *folder, struct err *e) NODISCARD;

/*
 * Makes the folder; replaces files of its names one by one, each at once, and
 * removes nothing.  manifest.json comes last.  *manifest is what it says, an
 * array with for each function built: function (its name on the platform),
 * file (below the folder), kind, main (null: the runtime's own), binary (sent as
 * base64), bytes, sha256 (of the file), files (how many are in it); the caller
 * frees.  Ends at the first failure, as a deploy does before it uploads, but goes
 * on behind a function that is too large or has errors found in it.
 */
int dist_write(const struct build *b, const char *folder, struct json **manifest,
	       struct err *e) NODISCARD;
#endif
