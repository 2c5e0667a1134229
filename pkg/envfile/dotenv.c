#include "envfile/dotenv.h"

#include "base/utf8.h"
#include "json/json.h"

/*
 * dotenv is one regular expression, tried at every start of a line:
 *
 *	space* (export space+)? NAME (space* '=' | ':' space) VALUE? space* comment?
 *
 * Its white space includes line breaks, so that '=' and a quoted value may
 * stand in a later line than the name.
 */
struct reader {
	struct str text;
	size_t at;
	uint32_t line; /* of `at`, from 1 */
	struct diag_source *source;
	struct diags *diags;
};

struct assignment {
	struct str name;
	struct str value; /* with its quotes */
	size_t end;
	bool odd; /* starts with a quote, but is no quoted value */
};

/* The byte there, or '\n' behind the end: both end a line. */
static char byte_at(struct str s, size_t at)
{
	if (at >= s.n)
		return '\n';
	return s.p[at];
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_space(struct str s, size_t at)
{
	while (at < s.n && is_space(s.p[at]))
		at++;
	return at;
}

static size_t skip_blanks(struct str s, size_t at)
{
	while (is_space(byte_at(s, at)) && byte_at(s, at) != '\n')
		at++;
	return at;
}

static size_t line_end(struct str s, size_t at)
{
	while (byte_at(s, at) != '\n')
		at++;
	return at;
}

static size_t skip_name(struct str s, size_t at)
{
	char c = byte_at(s, at);

	while ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-')
		c = byte_at(s, ++at);
	return at;
}

/* Where the value may start, or 0 when there is no name and sign at `at`. */
static size_t match_name(struct str s, size_t at, struct str *name)
{
	size_t end = skip_name(s, at), sign;

	if (end == at)
		return 0;
	*name = (struct str){s.p + at, end - at};
	sign = skip_space(s, end);
	if (byte_at(s, sign) == '=')
		return sign + 1;
	return byte_at(s, end) == ':' && end + 1 < s.n && is_space(s.p[end + 1]) ? end + 2 : 0;
}

static bool ends_value(struct str s, size_t at)
{
	char c = byte_at(s, skip_blanks(s, at));

	return c == '\n' || c == '#';
}

/*
 * Behind the quote that closes the one at `at`, or 0.  That is the next one without a
 * backslash; when something else than a comment follows that, the last one before it that
 * has a backslash and nothing else behind it.
 */
static size_t match_quoted(struct str s, size_t at)
{
	char quote = s.p[at];
	size_t i, close = 0;

	for (i = at + 1; i < s.n; i++) {
		bool escaped = s.p[i] == '\\' && byte_at(s, i + 1) == quote;

		if (!escaped && s.p[i] != quote)
			continue;
		i += escaped;
		if (ends_value(s, i + 1))
			close = i + 1;
		if (!escaped)
			break;
	}
	return close;
}

static void match_value(struct str s, size_t at, struct assignment *m)
{
	size_t start = skip_space(s, at), end;
	char first = byte_at(s, start);
	bool quoted = first == '\'' || first == '"' || first == '`';

	m->end = quoted ? match_quoted(s, start) : 0;
	if (m->end) {
		m->value = (struct str){s.p + start, m->end - start};
		return;
	}
	for (end = at; byte_at(s, end) != '\n' && s.p[end] != '#'; end++)
		;
	m->value = str_trim((struct str){s.p + at, end - at});
	m->odd = m->value.n && m->value.p == s.p + start && quoted;
	m->end = end;
}

static bool match(struct str s, size_t at, struct assignment *m)
{
	struct str rest = str_from(s, at);
	size_t value = 0;

	if (str_starts(rest, "export") && is_space(byte_at(s, at + 6)))
		value = match_name(s, skip_space(s, at + 6), &m->name);
	if (!value)
		value = match_name(s, at, &m->name);
	if (value)
		match_value(s, value, m);
	return value > 0;
}

static bool is_in_quotes(struct str v)
{
	return v.n >= 2 && (v.p[0] == '\'' || v.p[0] == '"' || v.p[0] == '`') &&
	       v.p[0] == v.p[v.n - 1];
}

/* The value without its quotes; in double quotes, line breaks for "\n" and "\r". */
static void write_value(struct strbuf *out, struct str v)
{
	bool expand = str_starts(v, "\"");
	struct strbuf plain = STRBUF_INIT;

	if (is_in_quotes(v))
		v = (struct str){v.p + 1, v.n - 2};
	while (v.n) {
		if (expand && str_starts(v, "\\n"))
			strbuf_addc(&plain, '\n');
		else if (expand && str_starts(v, "\\r"))
			strbuf_addc(&plain, '\r');
		else
			strbuf_addc(&plain, v.p[0]);
		v = str_from(v, plain.buf[plain.len - 1] != v.p[0] ? 2 : 1);
	}
	json_write_str(out, strbuf_str(&plain));
	strbuf_release(&plain);
}

static void warn(struct reader *r, const char *what)
{
	diags_add(r->diags, DIAG_WARNING, r->source, (struct pos){r->line, 1}, "%s", what);
}

static void move_to(struct reader *r, size_t at)
{
	for (; r->at < at; r->at++)
		r->line += r->text.p[r->at] == '\n';
}

static void read_assignment(struct reader *r, const struct assignment *m, struct strbuf *out)
{
	if (!utf8_is_valid(m->value)) {
		warn(r, "this line is not read: it is not UTF-8");
		return;
	}
	if (m->odd)
		warn(r, "the quote is not closed, or something stands behind the closing one; "
			"the value is what stands in the line");
	if (out->buf[out->len - 1] != '{')
		strbuf_addc(out, ',');
	json_write_str(out, m->name);
	strbuf_addc(out, ':');
	write_value(out, m->value);
}

/* With "\n" at the end of every line. */
static struct str clean(struct arena *a, struct str text)
{
	char *to, *start = arena_strndup(a, text.p, text.n);
	size_t i;

	for (i = 0, to = start; i < text.n; i++) {
		if (text.p[i] != '\r')
			*to++ = text.p[i];
		else if (byte_at(text, i + 1) != '\n' || i + 1 == text.n)
			*to++ = '\n';
	}
	return (struct str){start, (size_t)(to - start)};
}

void dotenv_write_json(struct strbuf *out, struct arena *a, const char *name, struct str text,
		       struct diags *d)
{
	struct diag_source *source = arena_new(a, struct diag_source);
	struct reader r = {.text = clean(a, text), .line = 1, .source = source, .diags = d};
	struct assignment m;

	source->name =
		arena_strdup(a, name); /* and no text: showing a line would show a value */
	strbuf_addc(out, '{');
	for (move_to(&r, skip_space(r.text, 0)); r.at < r.text.n;
	     move_to(&r, skip_space(r.text, m.end))) {
		m = (struct assignment){.end = r.at};
		if (match(r.text, r.at, &m))
			read_assignment(&r, &m, out);
		else if (r.text.p[r.at] != '#')
			warn(&r, "this line is not read: it is not NAME=value");
		m.end = line_end(r.text, m.end);
	}
	strbuf_addc(out, '}');
}
