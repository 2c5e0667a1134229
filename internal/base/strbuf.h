/*
 * strbuf.h - a growing byte buffer with a ceiling
 *
 * buf is always NUL-terminated behind len bytes (len may count NULs inside).
 * A ceiling (max > 0) makes additions beyond it fail: they are dropped whole
 * and `full` stays true until clear, so that a run of additions needs one
 * check at its end.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H
#include "base/base.h"
#include "base/str.h"

#include <stdarg.h>

struct strbuf {
	char *buf;
	size_t len, cap;
	size_t max; /* ceiling of len in bytes; 0 = none */
	bool full;
};

extern char strbuf_empty[1];
#define STRBUF_INIT ((struct strbuf){.buf = strbuf_empty})
#define STRBUF_MAX(bytes) ((struct strbuf){.buf = strbuf_empty, .max = (bytes)})

void strbuf_add(struct strbuf *b, const void *p, size_t n);
void strbuf_adds(struct strbuf *b, const char *s);
void strbuf_addstr(struct strbuf *b, struct str s);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF(2, 3);
void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap) PRINTF(2, 0);
/* Room for n more bytes at the returned place; add the used ones to len. NULL when full. */
char *strbuf_reserve(struct strbuf *b, size_t n);
/* Drops the first n bytes. */
void strbuf_consume(struct strbuf *b, size_t n);
struct str strbuf_str(const struct strbuf *b);
/* The heap string, to be freed by the caller; *b is empty after. */
char *strbuf_detach(struct strbuf *b, size_t *len) NODISCARD;
/* Length 0, memory and ceiling kept. */
void strbuf_reset(struct strbuf *b);
/* Frees the contents; *b is empty and usable, the ceiling stays. */
void strbuf_release(struct strbuf *b);
#endif
