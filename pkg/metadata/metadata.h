/*
 * metadata.h - a project as one JSON object, for other tools
 *
 * The shape is that of doctl's `serverless get-metadata` (functions.md 3.10):
 * what the files say merged with what project.yml says, without what only
 * doctl's own deployer can use (reader, feedback, includer).  The members are
 * listed in dofn-get-metadata(1).
 */
#ifndef METADATA_METADATA_H
#define METADATA_METADATA_H
#include "project/project.h"

/*
 * Of a project that was scanned, errors or not: what could not be read is
 * missing.  Looks into function folders for the kind of build and, where
 * project.yml does not tell it, the runtime; a folder that cannot be read has
 * neither.  The caller frees.
 */
struct json *metadata_of_project(struct project *p) NODISCARD;
#endif
