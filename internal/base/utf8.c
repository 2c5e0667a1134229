#include "base/utf8.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* What the first byte promises; 0 for one that starts nothing (0xc0, 0xc1 are overlong). */
static size_t promised_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* Overlong forms, surrogates and what is above U+10FFFF show in the second byte. */
static bool is_second(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second < 0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second < 0x90;
	default: return true;
	}
}

struct str utf8_cut(struct str s, size_t most)
{
	if (s.n <= most)
		return s;
	while (most > 0 && is_tail((unsigned char)s.p[most]))
		most--;
	return (struct str){s.p, most};
}

size_t utf8_sequence(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = s.n ? promised_length(p[0]) : 0, i;

	if (n > s.n)
		return 0;
	for (i = 1; i < n; i++)
		if (!is_tail(p[i]))
			return 0;
	return n > 1 && !is_second(p[0], p[1]) ? 0 : n;
}

bool utf8_is_valid(struct str s)
{
	size_t n;

	while (s.n) {
		n = utf8_sequence(s);
		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

void utf8_add_clean(struct strbuf *b, struct str s)
{
	size_t n, run = 0;

	while (run < s.n) {
		n = utf8_sequence(str_from(s, run));
		if (n) {
			run += n;
			continue;
		}
		strbuf_add(b, s.p, run);
		strbuf_adds(b, "\xef\xbf\xbd");
		s = str_from(s, run + 1);
		run = 0;
	}
	strbuf_add(b, s.p, run);
}

static bool is_control(struct str s, size_t n)
{
	unsigned char c = (unsigned char)s.p[0];

	if (n == 1)
		return (c < 0x20 && c != '\t') || c == 0x7f;
	return n == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0;
}

void utf8_add_printable(struct strbuf *b, struct str s)
{
	size_t n;

	while (s.n) {
		n = utf8_sequence(s);
		if (n == 0) {
			strbuf_adds(b, "\xef\xbf\xbd");
			n = 1;
		} else if (is_control(s, n)) {
			strbuf_addf(b, "\\x%02x", (unsigned char)s.p[n - 1]);
		} else {
			strbuf_add(b, s.p, n);
		}
		s = str_from(s, n);
	}
}

void utf8_add_codepoint(struct strbuf *b, uint32_t cp)
{
	char t[4];

	if (cp < 0x80) {
		strbuf_addc(b, (char)cp);
	} else if (cp < 0x800) {
		t[0] = (char)(0xc0 | cp >> 6);
		t[1] = (char)(0x80 | (cp & 0x3f));
		strbuf_add(b, t, 2);
	} else if (cp < 0x10000) {
		t[0] = (char)(0xe0 | cp >> 12);
		t[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		t[2] = (char)(0x80 | (cp & 0x3f));
		strbuf_add(b, t, 3);
	} else {
		t[0] = (char)(0xf0 | cp >> 18);
		t[1] = (char)(0x80 | (cp >> 12 & 0x3f));
		t[2] = (char)(0x80 | (cp >> 6 & 0x3f));
		t[3] = (char)(0x80 | (cp & 0x3f));
		strbuf_add(b, t, 4);
	}
}
