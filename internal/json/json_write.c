#include "json/json.h"

#include "base/utf8.h"

struct style {
	const char *comma, *colon;
	bool lines; /* every member and item on a line of its own */
};

/* The escape of a byte that cannot stand for itself in a string. */
static void add_escape(struct strbuf *out, unsigned char c)
{
	switch (c) {
	case '"': strbuf_adds(out, "\\\""); break;
	case '\\': strbuf_adds(out, "\\\\"); break;
	case '\b': strbuf_adds(out, "\\b"); break;
	case '\f': strbuf_adds(out, "\\f"); break;
	case '\n': strbuf_adds(out, "\\n"); break;
	case '\r': strbuf_adds(out, "\\r"); break;
	case '\t': strbuf_adds(out, "\\t"); break;
	default: strbuf_addf(out, "\\u%04x", c); break;
	}
}

void json_write_str(struct strbuf *out, struct str s)
{
	size_t run = 0, n;

	strbuf_addc(out, '"');
	while (run < s.n) {
		unsigned char c = (unsigned char)s.p[run];

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			run++;
			continue;
		}
		n = c < 0x80 ? 0 : utf8_sequence(str_from(s, run));
		if (n) {
			run += n;
			continue;
		}
		strbuf_add(out, s.p, run);
		if (c < 0x80)
			add_escape(out, c);
		else
			strbuf_adds(out, "\xef\xbf\xbd");
		s = str_from(s, run + 1);
		run = 0;
	}
	strbuf_add(out, s.p, run);
	strbuf_addc(out, '"');
}

static void add_line(struct strbuf *out, const struct style *style, unsigned level)
{
	if (!style->lines)
		return;
	strbuf_addc(out, '\n');
	for (; level > 0; level--)
		strbuf_adds(out, "  ");
}

static void write_value(struct strbuf *out, const struct json *j, const struct style *style,
			unsigned level);

static void write_children(struct strbuf *out, const struct json *j, const struct style *style,
			   unsigned level)
{
	const struct json *c;

	for (c = json_first(j); c; c = json_next(c)) {
		add_line(out, style, level + 1);
		if (json_is(j, JSON_OBJECT)) {
			json_write_str(out, json_name(c));
			strbuf_adds(out, style->colon);
		}
		write_value(out, c, style, level + 1);
		if (json_next(c))
			strbuf_adds(out, style->comma);
	}
	if (json_first(j))
		add_line(out, style, level);
}

static void write_value(struct strbuf *out, const struct json *j, const struct style *style,
			unsigned level)
{
	switch (json_type(j)) {
	case JSON_NULL: strbuf_adds(out, "null"); break;
	case JSON_BOOL: strbuf_adds(out, json_is_true(j) ? "true" : "false"); break;
	case JSON_NUMBER: strbuf_addstr(out, json_number(j)); break;
	case JSON_STRING: json_write_str(out, json_str(j)); break;
	case JSON_ARRAY:
		strbuf_addc(out, '[');
		write_children(out, j, style, level);
		strbuf_addc(out, ']');
		break;
	case JSON_OBJECT:
		strbuf_addc(out, '{');
		write_children(out, j, style, level);
		strbuf_addc(out, '}');
		break;
	}
}

void json_write(struct strbuf *out, const struct json *j)
{
	static const struct style compact = {",", ":", false};

	write_value(out, j, &compact, 0);
}

void json_write_pretty(struct strbuf *out, const struct json *j)
{
	static const struct style pretty = {",", ": ", true};

	write_value(out, j, &pretty, 0);
}

void json_write_spaced(struct strbuf *out, const struct json *j)
{
	static const struct style spaced = {", ", ": ", false};

	write_value(out, j, &spaced, 0);
}
