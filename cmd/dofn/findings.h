/* findings.h - findings about the project as JSON and as annotations */
#ifndef DOFN_FINDINGS_H
#define DOFN_FINDINGS_H
#include "diag/diag.h"

struct json;

/* Adds level, path, line and column (where there is a place) and text to an object. */
void finding_describe(struct json *to, const struct diag *d);
/* All that are kept, as a list; the caller frees. */
struct json *findings_as_json(const struct diags *d) NODISCARD;
/*
 * Workflow commands of GitHub Actions, one a line: "::error file=F,line=1,col=2::text".
 * dir is the project's folder: paths count from where the program runs, as GitHub's do
 * from the repository's root.  as_given: paths that count from there already, NULL at
 * the end.
 */
void findings_write_github(struct strbuf *out, const struct diags *d, const char *dir,
			   const char *const *as_given);
#endif
