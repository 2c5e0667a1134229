#include "base/utf8.h"

struct block {
	uint32_t first, last;
	unsigned columns;
};

/*
 * What does not take one column, by blocks of Unicode.  Coarse on purpose: a
 * table that is off by one in a rare script does no harm, and wcwidth() would
 * depend on the locale.
 */
static const struct block blocks[] = {
	{0x0000, 0x001f, 4},                        /* shown as \xNN */
	{0x007f, 0x009f, 4},   {0x0300, 0x036f, 0}, /* combining marks */
	{0x1100, 0x115f, 2},                        /* Hangul that starts a syllable */
	{0x200b, 0x200f, 0},                        /* zero width spaces and joiners */
	{0x20d0, 0x20ff, 0},                        /* combining marks for symbols */
	{0x2e80, 0x303e, 2},                        /* East Asian from here on */
	{0x3041, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
	{0xfe00, 0xfe0f, 0}, /* variation selectors */
	{0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
	{0x1f300, 0x1f64f, 2}, /* pictographs */
	{0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

static uint32_t codepoint(struct str s, size_t n)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t cp = (unsigned char)s.p[0] & first_bits[n];
	size_t i;

	for (i = 1; i < n; i++)
		cp = cp << 6 | ((unsigned char)s.p[i] & 0x3f);
	return cp;
}

static unsigned columns_of(uint32_t cp)
{
	size_t i;

	if (cp == '\t')
		return 1;
	for (i = 0; i < countof(blocks) && cp >= blocks[i].first; i++)
		if (cp <= blocks[i].last)
			return blocks[i].columns;
	return 1;
}

size_t utf8_columns(struct str s)
{
	size_t sum = 0, n;

	while (s.n) {
		n = utf8_sequence(s);
		sum += n ? columns_of(codepoint(s, n)) : 1;
		s = str_from(s, n ? n : 1);
	}
	return sum;
}
