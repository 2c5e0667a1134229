/* patching.h - what a patch makes of a text, for tests: hunks as linediff_unified() writes */
#ifndef TESTS_PATCHING_H
#define TESTS_PATCHING_H
#include "base/str.h"
#include "base/strbuf.h"

/* The next line with its end. */
static inline struct str patching_line(struct str *rest)
{
	const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	struct str line = {rest->p, end ? (size_t)(end - rest->p) + 1 : rest->n};

	*rest = str_from(*rest, line.n);
	return line;
}

/* The number behind "@@ -". */
static inline size_t patching_start(struct str head, bool *empty)
{
	struct str rest = str_from(head, 4), range, number, count = {"1", 1};
	uint64_t from = 0;

	(void)str_next(&rest, ' ', &range);
	(void)str_next(&range, ',', &number);
	if (range.n)
		count = range;
	(void)str_to_u64(number, &from);
	*empty = str_is(count, "0");
	return (size_t)from;
}

/* The text of a line of a hunk; the end goes when the next line says that there is none. */
static inline struct str patching_text(struct str line, struct str *patch)
{
	struct str text = str_from(line, 1);

	if (str_starts(*patch, "\\")) {
		(void)patching_line(patch);
		text.n--;
	}
	return text;
}

static inline bool patching_hunk(struct strbuf *out, struct str *old, size_t *at,
				 struct str *patch)
{
	struct str head = patching_line(patch), line, text;
	bool empty;
	size_t from;

	if (!str_starts(head, "@@ -"))
		return false;
	from = patching_start(head, &empty);
	for (; *at + !empty < from; ++*at)
		strbuf_addstr(out, patching_line(old));
	while (patch->n && patch->p[0] != '@') {
		line = patching_line(patch);
		text = patching_text(line, patch);
		if (line.p[0] != '+') {
			++*at;
			if (!str_eq(patching_line(old), text))
				return false;
		}
		if (line.p[0] != '-')
			strbuf_addstr(out, text);
	}
	return true;
}

/* False when it does not apply exactly where it says. */
static inline bool patching_apply(struct strbuf *out, struct str old, struct str patch)
{
	size_t at = 0;

	while (patch.n)
		if (!patching_hunk(out, &old, &at, &patch))
			return false;
	strbuf_addstr(out, old);
	return true;
}
#endif
