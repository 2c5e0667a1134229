/* text.h - what YAML is made of: a check of the bytes, and where a character is; private to
 * yaml/ */
#ifndef YAML_TEXT_H
#define YAML_TEXT_H
#include "base/vec.h"
#include "diag/diag.h"

/* Where lines start, in characters from the start of the text. */
struct text_lines {
	VEC(uint32_t) starts;
	size_t last; /* the line asked for last: questions mostly go forward */
};

/*
 * False, with one finding, when the text is not UTF-8 or holds a character that
 * YAML does not allow.  *lines is the caller's to release either way.
 */
bool text_read(struct str text, const struct diag_source *source, struct text_lines *lines,
	       struct diags *d);
/* The place of character number `index`, counted from 0. */
struct pos text_pos(struct text_lines *lines, size_t index);
/* From that character to the end. */
struct str text_at(struct str text, size_t index);
#endif
