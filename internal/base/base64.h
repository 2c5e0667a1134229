/* base64.h - RFC 4648 section 4, with padding, without line breaks */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H
#include "base/str.h"
#include "base/strbuf.h"

void base64_encode(struct strbuf *out, const void *p, size_t n);
/* Strict: only the alphabet, right padding, nothing behind. 0, or -1 with *out as before. */
int base64_decode(struct strbuf *out, struct str in);
#endif
