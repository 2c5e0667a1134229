#include "glob/glob.h"

#include <ctype.h>

/*
 * '*' never matches '/', so a pattern is a list of segments, each matched by
 * itself against one component of the path; "**" is to that list what '*' is
 * to the characters of a segment.  On both levels the shortest match for each
 * star but the last can be kept, which is why one place to go back to is enough.
 */

enum part { PART_END, PART_SEGMENT, PART_INVALID };

struct segment {
	struct str text;
	bool last;
	bool escaped_slash; /* ends with "\/" */
};

size_t glob_literal(struct str pattern)
{
	size_t i;

	for (i = 0; i < pattern.n; i++)
		if (strchr("*?[\\", pattern.p[i]) && pattern.p[i] != '\0')
			break;
	return i;
}

/* ASCII whatever the locale. */
static bool in_named_class(struct str name, unsigned char c, bool *known)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
		{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
		{"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
		{"lower", islower}, {"print", isprint}, {"punct", ispunct},
		{"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
	};
	size_t i;

	*known = true;
	for (i = 0; i < countof(classes); i++)
		if (str_is(name, classes[i].name))
			return c < 0x80 && classes[i].is(c) != 0;
	*known = false;
	return false;
}

/* The bytes of a bracket expression, one item after the other. */
struct bracket {
	struct str p;
	size_t at;
	unsigned char c; /* the byte asked about */
	int previous;    /* a single byte that may start a range; -1 = none */
	size_t close;    /* the first ']' at or behind `at`, once it was looked for; else 0 */
	bool matched;
};

/* The byte at b->at with its escape; -1 at the end of the pattern. */
static int take_byte(struct bracket *b)
{
	if (b->at < b->p.n && b->p.p[b->at] == '\\')
		b->at++;
	return b->at < b->p.n ? (unsigned char)b->p.p[b->at++] : -1;
}

static bool take_range(struct bracket *b)
{
	int to;

	b->at++;
	to = take_byte(b);
	if (to < 0)
		return false;
	if (b->c >= b->previous && b->c <= to)
		b->matched = true;
	b->previous = -1;
	return true;
}

/* Kept, so that many "[:" in one bracket do not each look through the rest of it. */
static bool find_close(struct bracket *b, size_t from)
{
	const char *p;

	if (b->close >= from)
		return true;
	p = from < b->p.n ? memchr(b->p.p + from, ']', b->p.n - from) : NULL;
	if (p)
		b->close = (size_t)(p - b->p.p);
	return p != NULL;
}

/* "[:name:]"; what only begins like one is a '[' like any other byte. */
static bool take_class(struct bracket *b)
{
	size_t start = b->at + 2;
	bool known;

	if (!find_close(b, start))
		return false;
	if (b->close == start || b->p.p[b->close - 1] != ':') {
		b->matched |= b->c == '[';
		b->previous = '[';
		b->at++;
		return true;
	}
	b->matched |= in_named_class((struct str){b->p.p + start, b->close - start - 1}, b->c,
				     &known);
	b->previous = -1;
	b->at = b->close + 1;
	return known;
}

static bool take_item(struct bracket *b)
{
	struct str rest = str_from(b->p, b->at);

	if (rest.n > 1 && rest.p[0] == '-' && b->previous >= 0 && rest.p[1] != ']')
		return take_range(b);
	if (str_starts(rest, "[:"))
		return take_class(b);
	b->previous = take_byte(b);
	b->matched |= b->c == b->previous;
	return b->previous >= 0;
}

/* p[*at] is '['; moves *at behind the bracket. False when it has no end. */
static bool match_bracket(struct str p, size_t *at, unsigned char c, bool *matched)
{
	struct bracket b = {.p = p, .at = *at + 1, .c = c, .previous = -1};
	bool negated = b.at < p.n && (p.p[b.at] == '!' || p.p[b.at] == '^');

	if (negated)
		b.at++;
	do {
		if (!take_item(&b))
			return false;
	} while (b.at < p.n && p.p[b.at] != ']');
	if (b.at >= p.n)
		return false;
	*at = b.at + 1;
	*matched = b.matched != negated;
	return true;
}

/* The segment at the start of *rest (p NULL: nothing left), and moves *rest behind it. */
static enum part next_segment(struct str *rest, struct segment *s)
{
	size_t i = 0;
	bool ignored;

	if (!rest->p)
		return PART_END;
	*s = (struct segment){.last = true};
	while (i < rest->n && rest->p[i] != '/') {
		if (rest->p[i] == '[') {
			if (!match_bracket(*rest, &i, 0, &ignored))
				return PART_INVALID;
			continue;
		}
		if (rest->p[i] == '\\') {
			if (i + 1 == rest->n)
				return PART_INVALID;
			s->escaped_slash = rest->p[i + 1] == '/';
			if (s->escaped_slash)
				break;
			i++;
		}
		i++;
	}
	s->text = (struct str){rest->p, i};
	s->last = i == rest->n;
	if (s->last)
		*rest = (struct str){0};
	else
		*rest = str_from(*rest, i + (s->escaped_slash ? 2 : 1));
	return PART_SEGMENT;
}

static bool is_double_star(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != '*')
			return false;
	return s.n >= 2;
}

/* One byte against what stands at p[*at], no star; moves *at behind it when it matches. */
static bool match_byte(struct str p, size_t *at, char c)
{
	size_t i = *at;
	bool matched;

	if (i >= p.n)
		return false;
	switch (p.p[i]) {
	case '[':
		if (!match_bracket(p, &i, (unsigned char)c, &matched))
			return false;
		break;
	case '?':
		i++;
		matched = true;
		break;
	case '\\': i++; /* fall through */
	default: matched = i < p.n && p.p[i] == c; i++;
	}
	if (matched)
		*at = i;
	return matched;
}

static bool match_segment(struct str p, struct str text)
{
	size_t at = 0, i = 0, star = 0, star_text = 0;
	bool have_star = false;

	for (;;) {
		if (at < p.n && p.p[at] == '*') {
			star = ++at;
			star_text = i;
			have_star = true;
		} else if (i == text.n) {
			return at == p.n;
		} else if (match_byte(p, &at, text.p[i])) {
			i++;
		} else if (have_star) {
			at = star;
			i = ++star_text;
		} else {
			return false;
		}
	}
}

/* Where to go on after a "**": with the pattern behind it, one component later. */
struct back {
	struct str pattern, text;
	bool set;
};

static bool go_back(struct back *b, struct str *pattern, struct str *text)
{
	struct str skipped;

	if (!b->set || !str_next(&b->text, '/', &skipped) || !b->text.p)
		return false;
	*pattern = b->pattern;
	*text = b->text;
	return true;
}

/* Every segment has to be valid, also one that no comparison would reach. */
bool glob_is_valid(struct str pattern)
{
	struct segment s;
	enum part part;

	pattern = pattern.p ? pattern : STR("");
	do {
		part = next_segment(&pattern, &s);
	} while (part == PART_SEGMENT);
	return part == PART_END;
}

bool glob_match_valid(struct str pattern, struct str path)
{
	struct str text = path.p ? path : STR(""), component;
	struct back back = {.set = false};
	struct segment s;

	pattern = pattern.p ? pattern : STR("");
	for (;;) {
		if (next_segment(&pattern, &s) == PART_END) {
			if (!text.p)
				return true;
			if (!go_back(&back, &pattern, &text))
				return false;
			continue;
		}
		if (!text.p) /* going back would leave even less of it */
			return false;
		if (is_double_star(s.text)) {
			if (s.last)
				return true;
			if (s.escaped_slash && (!str_next(&text, '/', &component) || !text.p))
				return false;
			back = (struct back){pattern, text, true};
			continue;
		}
		(void)str_next(&text, '/', &component);
		if (!match_segment(s.text, component) && !go_back(&back, &pattern, &text))
			return false;
	}
}

bool glob_match(struct str pattern, struct str path)
{
	return glob_is_valid(pattern) && glob_match_valid(pattern, path);
}
