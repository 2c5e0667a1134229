#include "httpd/httpd.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%XX" at the start of s stands for, or -1. */
static int escaped_byte(struct str s)
{
	int high, low;

	if (s.n < 3 || s.p[0] != '%')
		return -1;
	high = hex_digit(s.p[1]);
	low = hex_digit(s.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void httpd_decode(struct strbuf *out, struct str s, bool plus)
{
	int byte;

	while (s.n) {
		byte = escaped_byte(s);
		if (byte >= 0)
			strbuf_addc(out, (char)byte);
		else if (plus && s.p[0] == '+')
			strbuf_addc(out, ' ');
		else
			strbuf_addc(out, s.p[0]);
		s = str_from(s, byte >= 0 ? 3 : 1);
	}
}
