/*
 * glob.h - gitignore's wildmatch: a pure function
 *
 * '*' and '?' do not match '/', '[...]' with ranges, '!' or '^' negation and
 * POSIX classes, '\' escapes, "**" between slashes any number of directories
 * (gitignore(5), "PATTERN FORMAT").  Case-sensitive, byte by byte.  A bracket
 * without its end, an unknown class name or a '\' at the end matches nothing.
 * The time is bounded by pattern length times text length for any input.
 */
#ifndef GLOB_GLOB_H
#define GLOB_GLOB_H
#include "base/str.h"

bool glob_match(struct str pattern, struct str path);
/* In two steps, for a pattern that is matched often: one that is not valid matches nothing. */
bool glob_is_valid(struct str pattern);
bool glob_match_valid(struct str pattern, struct str path);
/* The length of the part before the first of * ? [ \, which matches only itself. */
size_t glob_literal(struct str pattern);
#endif
