#include "base/base64.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct strbuf *out, const void *p, size_t n)
{
	const unsigned char *in = p;
	char *to;
	uint32_t v;
	size_t i;

	if (n > SIZE_MAX / 4)
		bug("base64_encode of %zu bytes", n);
	if (n == 0 || !(to = strbuf_reserve(out, (n + 2) / 3 * 4)))
		return;
	for (i = 0; i + 2 < n; i += 3) {
		v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
		*to++ = alphabet[v >> 18];
		*to++ = alphabet[v >> 12 & 63];
		*to++ = alphabet[v >> 6 & 63];
		*to++ = alphabet[v & 63];
	}
	if (i < n) {
		v = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0);
		*to++ = alphabet[v >> 18];
		*to++ = alphabet[v >> 12 & 63];
		*to = '=';
		if (i + 1 < n)
			*to = alphabet[v >> 6 & 63];
		to++;
		*to++ = '=';
	}
	*to = '\0';
	out->len += (n + 2) / 3 * 4;
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* One group of `digits` (2 to 4) alphabet characters; the bits left over must be zero. */
static int decode_group(const char *p, size_t digits, char out[3])
{
	uint32_t v = 0;
	size_t i;
	int d;

	for (i = 0; i < 4; i++) {
		d = i < digits ? digit(p[i]) : 0;
		if (d < 0)
			return -1;
		v = v << 6 | (uint32_t)d;
	}
	if ((digits == 2 && (v & 0xffff)) || (digits == 3 && (v & 0xff)))
		return -1;
	out[0] = (char)(v >> 16);
	out[1] = (char)(v >> 8);
	out[2] = (char)v;
	return 0;
}

/* How many characters of the last group are no padding. */
static size_t last_digits(struct str in)
{
	if (!str_ends(in, "="))
		return 4;
	return str_ends(in, "==") ? 2 : 3;
}

int base64_decode(struct strbuf *out, struct str in)
{
	size_t last = last_digits(in), i, digits;
	size_t size = in.n / 4 * 3 - (4 - last);
	char group[3], *to;

	if (in.n % 4 != 0)
		return -1;
	if (in.n == 0)
		return 0;
	to = strbuf_reserve(out, size);
	if (!to)
		return -1;
	for (i = 0; i < in.n; i += 4) {
		digits = i + 4 == in.n ? last : 4;
		if (decode_group(in.p + i, digits, group) < 0) {
			out->buf[out->len] = '\0';
			return -1;
		}
		memcpy(to, group, digits - 1);
		to += digits - 1;
	}
	out->len += size;
	out->buf[out->len] = '\0';
	return 0;
}
