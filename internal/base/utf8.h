/* utf8.h - UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, at most U+10FFFF */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H
#include "base/str.h"
#include "base/strbuf.h"

/* The length of the well-formed sequence at the start of s (1 to 4), 0 when there is none. */
size_t utf8_sequence(struct str s);
bool utf8_is_valid(struct str s);
/* At most `most` bytes of s, not cut inside a character. */
struct str utf8_cut(struct str s, size_t most);
/* Appends s with every byte that is no part of a well-formed sequence replaced by U+FFFD. */
void utf8_add_clean(struct strbuf *b, struct str s);
/*
 * Appends s for a terminal or a one-line message: like utf8_add_clean, and
 * control characters (C0 but tab, DEL, C1) as \xNN, so that no outside text
 * can move the cursor or change colours.
 */
void utf8_add_printable(struct strbuf *b, struct str s);
/*
 * How many columns of a terminal the text takes that utf8_add_printable() makes of
 * s; a tab counts as one.
 */
size_t utf8_columns(struct str s);
/* Appends code point cp (not a surrogate, at most 0x10FFFF). */
void utf8_add_codepoint(struct strbuf *b, uint32_t cp);
#endif
