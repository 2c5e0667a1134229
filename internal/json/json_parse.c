#include "json/json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "json/json_node.h"

/* What the scan saw and cJSON's tree does not keep, in the order of the text. */
struct scalar {
	size_t at, n; /* of a number: its place; of a string: n is its decoded length */
};

struct scan {
	struct str text;
	size_t at;
	unsigned depth;
	bool has_nul;     /* the last string holds \u0000 */
	bool long_number; /* longer than cJSON's buffer */
	VEC(struct scalar) scalars;
	struct err *e;
};

/* cJSON 1.7 copies a number into 64 bytes before it reads it. */
enum { CJSON_NUMBER_MAX = 63 };

PRINTF(3, 4)
static int fail_at(struct scan *s, size_t at, const char *fmt, ...)
{
	struct strbuf what = STRBUF_INIT;
	size_t i, line = 1, column = 1;
	va_list ap;

	for (i = 0; i < at; i++) {
		if (s->text.p[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)s->text.p[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	va_start(ap, fmt);
	strbuf_vaddf(&what, fmt, ap);
	va_end(ap);
	err_set(s->e, ERR_REMOTE, "line %zu, column %zu: %s", line, column, what.buf);
	strbuf_release(&what);
	return -1;
}

static int fail_expected(struct scan *s, const char *what)
{
	return fail_at(s, s->at, "expected %s%s", what,
		       s->at < s->text.n ? "" : ", but the text ends here");
}

/* The byte at the cursor, or 0 at the end; a NUL byte fits nowhere in JSON anyway. */
static char peek(const struct scan *s)
{
	if (s->at == s->text.n)
		return '\0';
	return s->text.p[s->at];
}

static char peek_token(struct scan *s)
{
	char c = peek(s);

	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		s->at++;
		c = peek(s);
	}
	return c;
}

static size_t count_digits(struct str s, size_t from)
{
	size_t i = from;

	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i - from;
}

/* The optional fraction (mark '.') or exponent (mark 'e') at byte `from`; false when malformed.
 */
static bool skip_part(struct str s, char mark, size_t *from)
{
	size_t at = *from, digits;

	if (at == s.n || (s.p[at] != mark && !(mark == 'e' && s.p[at] == 'E')))
		return true;
	at++;
	if (mark == 'e' && at < s.n && (s.p[at] == '+' || s.p[at] == '-'))
		at++;
	digits = count_digits(s, at);
	*from = at + digits;
	return digits > 0;
}

size_t json_scan_number(struct str s)
{
	size_t n = str_starts(s, "-") ? 1 : 0;
	size_t digits = count_digits(s, n);

	if (digits == 0 || (digits > 1 && s.p[n] == '0'))
		return 0;
	n += digits;
	return skip_part(s, '.', &n) && skip_part(s, 'e', &n) ? n : 0;
}

static int scan_number(struct scan *s)
{
	size_t n = json_scan_number(str_from(s->text, s->at));
	struct scalar number = {s->at, n};

	if (n == 0)
		return fail_at(s, s->at, "malformed number");
	if (n > CJSON_NUMBER_MAX)
		s->long_number = true;
	vec_push(&s->scalars, number);
	s->at += n;
	return 0;
}

static int scan_literal(struct scan *s, const char *word)
{
	if (!str_starts(str_from(s->text, s->at), word))
		return fail_expected(s, "a value");
	s->at += strlen(word);
	return 0;
}

/* Four hexadecimal digits at the cursor; -1 without an error when there are none. */
static int read_hex4(struct scan *s)
{
	int v = 0, i;

	for (i = 0; i < 4; i++) {
		char c = peek(s);

		if (c >= '0' && c <= '9')
			v = v * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			v = v * 16 + c - 'A' + 10;
		else
			return -1;
		s->at++;
	}
	return v;
}

static bool is_high_surrogate(int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Behind "\u": the length in UTF-8 of what it stands for, or -1. */
static int scan_unicode(struct scan *s)
{
	size_t start = s->at - 2;
	int unit = read_hex4(s);

	if (unit < 0)
		return fail_at(s, start, "expected four hexadecimal digits behind '\\u'");
	if (is_high_surrogate(unit) && str_starts(str_from(s->text, s->at), "\\u")) {
		s->at += 2;
		if (is_low_surrogate(read_hex4(s)))
			return 4;
	}
	if (is_high_surrogate(unit) || is_low_surrogate(unit))
		return fail_at(s, start, "half of a surrogate pair");
	if (unit == 0)
		s->has_nul = true;
	return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

/* Behind a backslash; the length in UTF-8 of what the escape stands for, or -1. */
static int scan_escape(struct scan *s)
{
	char c = peek(s);

	if (c == '\0' || !strchr("\"\\/bfnrtu", c))
		return fail_at(s, s->at - 1, "unknown escape in a string");
	s->at++;
	return c == 'u' ? scan_unicode(s) : 1;
}

/* One character that is not plain ASCII: its decoded length, or -1. */
static int scan_special(struct scan *s)
{
	unsigned char c = (unsigned char)s->text.p[s->at];
	size_t n;

	if (c == '\\') {
		s->at++;
		return scan_escape(s);
	}
	if (c < 0x20)
		return fail_at(s, s->at, "control character 0x%02x in a string; write \\u%04x",
			       c, c);
	n = utf8_sequence(str_from(s->text, s->at));
	if (n == 0)
		return fail_at(s, s->at, "byte 0x%02x is not UTF-8", c);
	s->at += n;
	return (int)n;
}

/* At the opening quote; *length is the decoded one in bytes. */
static int scan_string(struct scan *s, size_t *length)
{
	size_t start = s->at++;
	int n;

	s->has_nul = false;
	*length = 0;
	while (s->at < s->text.n) {
		unsigned char c = (unsigned char)s->text.p[s->at];

		if (c == '"') {
			s->at++;
			return 0;
		}
		if (c >= 0x20 && c < 0x80 && c != '\\') {
			s->at++;
			*length += 1;
			continue;
		}
		n = scan_special(s);
		if (n < 0)
			return -1;
		*length += (size_t)n;
	}
	return fail_at(s, start, "the string that starts here has no end");
}

static int scan_value(struct scan *s);

static int scan_member(struct scan *s)
{
	size_t start, length;

	if (peek_token(s) != '"')
		return fail_expected(s, "a member name in double quotes");
	start = s->at;
	if (scan_string(s, &length) < 0)
		return -1;
	if (s->has_nul)
		return fail_at(s, start, "a member name must not hold \\u0000");
	if (peek_token(s) != ':')
		return fail_expected(s, "':'");
	s->at++;
	return scan_value(s);
}

/* At the opening bracket of an array or object that `close` ends. */
static int scan_container(struct scan *s, char close, int (*scan_child)(struct scan *s))
{
	if (s->depth == JSON_MAX_DEPTH)
		return fail_at(s, s->at, "nested deeper than %d levels", JSON_MAX_DEPTH);
	s->depth++;
	s->at++;
	if (peek_token(s) != close) {
		for (;;) {
			if (scan_child(s) < 0)
				return -1;
			if (peek_token(s) != ',')
				break;
			s->at++;
		}
	}
	if (peek(s) != close)
		return fail_expected(s, close == ']' ? "',' or ']'" : "',' or '}'");
	s->at++;
	s->depth--;
	return 0;
}

static int scan_string_value(struct scan *s)
{
	struct scalar string = {s->at, 0};

	if (scan_string(s, &string.n) < 0)
		return -1;
	vec_push(&s->scalars, string);
	return 0;
}

static int scan_value(struct scan *s)
{
	char c = peek_token(s);

	switch (c) {
	case '{': return scan_container(s, '}', scan_member);
	case '[': return scan_container(s, ']', scan_value);
	case '"': return scan_string_value(s);
	case 't': return scan_literal(s, "true");
	case 'f': return scan_literal(s, "false");
	case 'n': return scan_literal(s, "null");
	default: break;
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	return fail_expected(s, "a value");
}

static int scan_text(struct scan *s)
{
	if (scan_value(s) < 0)
		return -1;
	peek_token(s);
	if (s->at < s->text.n)
		return fail_at(s, s->at, "unexpected text behind the value");
	return 0;
}

/* The text with a 0 for every number that is too long for cJSON, in the same places. */
static char *shorten_numbers(const struct scan *s)
{
	char *copy = xmalloc(s->text.n);
	size_t i;

	memcpy(copy, s->text.p, s->text.n);
	for (i = 0; i < s->scalars.n; i++) {
		const struct scalar *number = &s->scalars.v[i];

		if (s->text.p[number->at] == '"' || number->n <= CJSON_NUMBER_MAX)
			continue;
		memset(copy + number->at, ' ', number->n);
		copy[number->at] = '0';
	}
	return copy;
}

static cJSON *build_tree(const struct scan *s)
{
	char *copy = s->long_number ? shorten_numbers(s) : NULL;
	const char *text = copy ? copy : s->text.p;
	cJSON *root = cJSON_ParseWithLengthOpts(text, s->text.n, NULL, false);

	free(copy);
	if (!root)
		bug("cJSON refuses a text that is valid");
	return root;
}

/* Of members with one name the last value takes the place of the first, as in JavaScript. */
static void drop_doubles(cJSON *object)
{
	struct json_members members = {0};
	size_t i;

	json_sort_members(object, &members);
	for (i = 1; i < members.list.n; i++) {
		const struct json_member *before = &members.list.v[i - 1];
		const struct json_member *m = &members.list.v[i];

		if (!str_eq(before->name, m->name))
			continue;
		cJSON_DetachItemViaPointer(object, m->value);
		cJSON_ReplaceItemViaPointer(object, before->value, m->value);
	}
	vec_release(&members.list);
}

/* Adds to the node and those below what cJSON lost; *next is the first scalar that is theirs.
 */
static void complete(const struct scan *s, cJSON *node, size_t *next)
{
	const struct scalar *scalar;
	cJSON *c;

	switch (node->type & 0xff) {
	case cJSON_Number:
		scalar = &s->scalars.v[(*next)++];
		node->valuestring = xstrndup(s->text.p + scalar->at, scalar->n);
		break;
	case cJSON_String:
		scalar = &s->scalars.v[(*next)++];
		node->valuedouble = (double)scalar->n;
		break;
	default:
		for (c = node->child; c; c = c->next)
			complete(s, c, next);
		if ((node->type & 0xff) == cJSON_Object)
			drop_doubles(node);
		break;
	}
}

struct json *json_parse(struct str text, struct err *e)
{
	struct scan s = {.text = text, .e = e};
	cJSON *root = NULL;
	size_t next = 0;

	if (scan_text(&s) == 0) {
		root = build_tree(&s);
		complete(&s, root, &next);
	}
	vec_release(&s.scalars);
	return json_of(root);
}
