/* outcome.h - what an activation of the builder says; pure; private to remote/ */
#ifndef REMOTE_OUTCOME_H
#define REMOTE_OUTCOME_H
#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

/* False while the record is not that of an activation that has ended. */
bool outcome_is_final(const struct json *record);
/*
 * Of getUploadUrl: where to send the slice, and its name; they point into record.
 * -1 with ERR_REMOTE.
 */
int outcome_upload(const struct json *record, const char **url, const char **slice,
		   struct err *e) NODISCARD;
/*
 * Of build_*: 0 when the function was deployed; else ERR_BUILD with the reason,
 * which may have many lines.
 */
int outcome_build(const struct json *record, struct err *e) NODISCARD;
/* The lines that the builder told, of its result or else of its logs: a list, or NULL. */
const struct json *outcome_transcript(const struct json *record);
#endif
