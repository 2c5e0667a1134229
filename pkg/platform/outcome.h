/*
 * outcome.h - what became of a call: from the launcher's answer, or its end, to
 * a result
 *
 * Rules and texts: platform.md 1.10 and 3.2.
 */
#ifndef PLATFORM_OUTCOME_H
#define PLATFORM_OUTCOME_H
#include "base/strbuf.h"
#include "platform/invoker.h"

/*
 * Fills outcome, result and size of *end.  `size` is the whole answer's length,
 * of which `answer` is the beginning.  The result lies in *scratch or is the
 * answer itself.
 */
void outcome_of_answer(struct invocation_end *end, struct str answer, size_t size,
		       struct strbuf *scratch);
/* An outcome without an answer, with {"error": text}. */
void outcome_set(struct invocation_end *end, enum outcome outcome, struct strbuf *scratch,
		 const char *fmt, ...) PRINTF(4, 5);
#endif
