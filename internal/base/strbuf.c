#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char strbuf_empty[1];

char *strbuf_reserve(struct strbuf *b, size_t n)
{
	size_t need, cap;

	if (b->full || (b->max && (n > b->max || b->len > b->max - n))) {
		b->full = true;
		return NULL;
	}
	if (__builtin_add_overflow(b->len, n, &need) || need > SIZE_MAX / 4)
		bug("strbuf of %zu and %zu bytes", b->len, n);
	need++;
	if (need > b->cap) {
		cap = b->cap ? b->cap : 64;
		while (cap < need)
			cap *= 2;
		b->buf = xreallocarray(b->cap ? b->buf : NULL, cap, 1);
		b->cap = cap;
		b->buf[b->len] = '\0';
	}
	return b->buf + b->len;
}

void strbuf_add(struct strbuf *b, const void *p, size_t n)
{
	char *to = n ? strbuf_reserve(b, n) : NULL;

	if (!to)
		return;
	memcpy(to, p, n);
	b->len += n;
	b->buf[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addstr(struct strbuf *b, struct str s)
{
	strbuf_add(b, s.p, s.n);
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		bug("cannot format '%s'", fmt);
	to = n ? strbuf_reserve(b, (size_t)n) : NULL;
	if (!to)
		return;
	if (vsnprintf(to, (size_t)n + 1, fmt, ap) != n)
		bug("cannot format '%s'", fmt);
	b->len += (size_t)n;
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(b, fmt, ap);
	va_end(ap);
}

void strbuf_consume(struct strbuf *b, size_t n)
{
	if (n > b->len)
		bug("strbuf_consume of %zu of %zu bytes", n, b->len);
	if (n == 0)
		return;
	memmove(b->buf, b->buf + n, b->len - n + 1);
	b->len -= n;
}

struct str strbuf_str(const struct strbuf *b)
{
	return (struct str){b->buf, b->len};
}

char *strbuf_detach(struct strbuf *b, size_t *len)
{
	char *s = b->cap ? b->buf : xstrdup("");

	if (len)
		*len = b->len;
	*b = (struct strbuf){.buf = strbuf_empty, .max = b->max};
	return s;
}

void strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	b->full = false;
	if (b->cap)
		b->buf[0] = '\0';
}

void strbuf_release(struct strbuf *b)
{
	if (b->cap)
		free(b->buf);
	*b = (struct strbuf){.buf = strbuf_empty, .max = b->max};
}
