#include "glob/bracket.h"

#include <ctype.h>
#include <string.h>

/* The bytes of a bracket expression, one item after the other. */
struct bracket {
	struct str p;
	size_t at;
	int previous; /* a single byte that may start a range; -1 = none */
	size_t close; /* the first ']' at or behind `at`, once it was looked for; else 0 */
	struct byteset *set;
};

/* ASCII whatever the locale. False when there is no class of this name. */
static bool add_class(struct byteset *set, struct str name)
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
	int c;

	for (i = 0; i < countof(classes); i++) {
		if (!str_is(name, classes[i].name))
			continue;
		for (c = 0; c < 0x80; c++)
			if (classes[i].is(c))
				byteset_add(set, (unsigned)c);
		return true;
	}
	return false;
}

/* The byte at b->at with its escape; -1 at the end of the pattern. */
static int take_byte(struct bracket *b)
{
	if (b->at < b->p.n && b->p.p[b->at] == '\\')
		b->at++;
	return b->at < b->p.n ? (unsigned char)b->p.p[b->at++] : -1;
}

static bool take_range(struct bracket *b)
{
	int c, to;

	b->at++;
	to = take_byte(b);
	for (c = b->previous; c <= to; c++)
		byteset_add(b->set, (unsigned)c);
	b->previous = -1;
	return to >= 0;
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
	struct str name;

	if (!find_close(b, start))
		return false;
	if (b->close == start || b->p.p[b->close - 1] != ':') {
		byteset_add(b->set, '[');
		b->previous = '[';
		b->at++;
		return true;
	}
	name = (struct str){b->p.p + start, b->close - start - 1};
	b->previous = -1;
	b->at = b->close + 1;
	return add_class(b->set, name);
}

static bool take_item(struct bracket *b)
{
	struct str rest = str_from(b->p, b->at);

	if (rest.n > 1 && rest.p[0] == '-' && b->previous >= 0 && rest.p[1] != ']')
		return take_range(b);
	if (str_starts(rest, "[:"))
		return take_class(b);
	b->previous = take_byte(b);
	if (b->previous < 0)
		return false;
	byteset_add(b->set, (unsigned)b->previous);
	return true;
}

bool bracket_read(struct str p, size_t *at, struct byteset *set)
{
	struct bracket b = {.p = p, .at = *at + 1, .previous = -1, .set = set};
	bool negated = b.at < p.n && (p.p[b.at] == '!' || p.p[b.at] == '^');
	size_t i;

	*set = (struct byteset){{0}};
	if (negated)
		b.at++;
	do {
		if (!take_item(&b))
			return false;
	} while (b.at < p.n && p.p[b.at] != ']');
	if (b.at >= p.n)
		return false;
	for (i = 0; negated && i < countof(set->bits); i++)
		set->bits[i] = ~set->bits[i];
	*at = b.at + 1;
	return true;
}
