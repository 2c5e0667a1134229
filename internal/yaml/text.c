#include "yaml/text.h"

#include "base/utf8.h"

static bool is_utf16(struct str s)
{
	return str_starts(s, "\xff\xfe") || str_starts(s, "\xfe\xff") ||
	       (s.n >= 2 && (s.p[0] == '\0') != (s.p[1] == '\0'));
}

/* A sequence of n bytes that YAML does not allow, written or not. */
static bool is_forbidden(const char *p, size_t n)
{
	unsigned char c = (unsigned char)p[0];

	if (n == 1)
		return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
	if (n == 2)
		return c == 0xc2 && (unsigned char)p[1] < 0xa0 && (unsigned char)p[1] != 0x85;
	if (n == 3)
		return memcmp(p, "\xef\xbb\xbf", 3) == 0 || memcmp(p, "\xef\xbf\xbe", 3) == 0 ||
		       memcmp(p, "\xef\xbf\xbf", 3) == 0;
	return false;
}

static const char *complaint(struct str at, size_t n)
{
	if (n == 0)
		return "this is not UTF-8; save the file as UTF-8";
	if (at.p[0] == '\0')
		return "a NUL byte cannot stand in YAML; remove it";
	return "this control character cannot stand in YAML; in double quotes write it as "
	       "an escape";
}

bool text_read(struct str text, const struct diag_source *source, struct text_lines *lines,
	       struct diags *d)
{
	uint32_t index = 0;
	size_t n;

	vec_push(&lines->starts, 0);
	if (is_utf16(text)) {
		diags_add(d, DIAG_ERROR, source, (struct pos){1, 1},
			  "this is UTF-16; save the file as UTF-8");
		return false;
	}
	for (; text.n; text = str_from(text, n)) {
		n = utf8_sequence(text);
		if (n == 0 || is_forbidden(text.p, n)) {
			diags_add(d, DIAG_ERROR, source, text_pos(lines, index), "%s",
				  complaint(text, n));
			return false;
		}
		index++;
		if (text.p[0] == '\n')
			vec_push(&lines->starts, index);
	}
	return true;
}

struct pos text_pos(struct text_lines *lines, size_t index)
{
	const uint32_t *starts = lines->starts.v;

	if (starts[lines->last] > index)
		lines->last = 0;
	while (lines->last + 1 < lines->starts.n && starts[lines->last + 1] <= index)
		lines->last++;
	return (struct pos){(uint32_t)lines->last + 1,
			    (uint32_t)index - starts[lines->last] + 1};
}

struct str text_at(struct str text, size_t index)
{
	size_t n;

	for (; text.n && index > 0; index--) {
		n = utf8_sequence(text);
		text = str_from(text, n ? n : 1);
	}
	return text;
}
