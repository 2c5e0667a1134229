#include "filter/filter.h"

#include <string.h>

#include "fs/fs.h"
#include "glob/glob.h"

void ignore_init(struct ignore *ig)
{
	*ig = (struct ignore){0};
}

void ignore_release(struct ignore *ig)
{
	vec_release(&ig->rules);
	vec_release(&ig->literals);
	vec_release(&ig->wild);
}

/* Spaces only, and not one behind a backslash; a lone backslash at the end stops it all. */
static struct str trim_spaces(struct str line)
{
	size_t i = 0, end = 0;

	while (i < line.n) {
		if (line.p[i] == '\\') {
			if (i + 1 == line.n)
				return line;
			i += 2;
			end = i;
		} else if (line.p[i++] != ' ') {
			end = i;
		}
	}
	return (struct str){line.p, end};
}

static struct str strip_line_end(struct str line)
{
	const char *nul;

	if (str_ends(line, "\r"))
		line.n--;
	/* git reads lines as C strings */
	nul = line.n ? memchr(line.p, '\0', line.n) : NULL;
	if (nul)
		line.n = (size_t)(nul - line.p);
	return trim_spaces(line);
}

static struct filter_rule parse_rule(struct str text, uint32_t line)
{
	struct filter_rule r = {.text = text, .pattern = text, .line = line};

	if (str_starts(r.pattern, "!")) {
		r.negated = true;
		r.pattern = str_from(r.pattern, 1);
	}
	if (str_ends(r.pattern, "/")) {
		r.directory_only = true;
		r.pattern.n--;
	}
	r.anchored = r.pattern.n && memchr(r.pattern.p, '/', r.pattern.n);
	if (str_starts(r.pattern, "/"))
		r.pattern = str_from(r.pattern, 1);
	return r;
}

/* The bytes behind the last special one and the last slash match only themselves. */
static size_t literal_end(struct str pattern)
{
	size_t n = 0;

	while (n < pattern.n && !strchr("*?[]\\/", pattern.p[pattern.n - n - 1]))
		n++;
	return n;
}

static int compare_literals(const void *a, const void *b)
{
	const struct filter_literal *x = a, *y = b;
	int r = str_cmp(x->pattern, y->pattern);

	if (r == 0)
		r = (x->anchored - y->anchored) * 2 + x->directory_only - y->directory_only;
	return r;
}

static int compare_with_rule(const void *a, const void *b)
{
	const struct filter_literal *x = a, *y = b;
	int r = compare_literals(a, b);

	return r ? r : (x->rule > y->rule) - (x->rule < y->rule);
}

/* Sorts what is found by a search; of equal ones the last rule counts. */
static void sort_literals(struct ignore *ig)
{
	struct filter_literal *v = ig->literals.v;
	size_t i, n = 0;

	if (ig->literals.n == 0)
		return;
	qsort(v, ig->literals.n, sizeof(*v), compare_with_rule);
	for (i = 0; i < ig->literals.n; i++) {
		if (n && compare_literals(&v[n - 1], &v[i]) == 0)
			n--;
		v[n++] = v[i];
	}
	ig->literals.n = n;
}

static void add_grams(struct filter_grams *g, struct str text)
{
	uint32_t h;
	size_t i;

	for (i = 0; i + 2 < text.n; i++) {
		h = (uint32_t)(unsigned char)text.p[i] << 16 |
		    (uint32_t)(unsigned char)text.p[i + 1] << 8 | (unsigned char)text.p[i + 2];
		h = h * 2654435761U >> 24; /* Knuth's multiplicative hash, to 256 bits */
		g->bits[h / 64] |= UINT64_C(1) << h % 64;
	}
}

static bool has_grams(const struct filter_grams *g, const struct filter_grams *wanted)
{
	return ((wanted->bits[0] & ~g->bits[0]) | (wanted->bits[1] & ~g->bits[1]) |
		(wanted->bits[2] & ~g->bits[2]) | (wanted->bits[3] & ~g->bits[3])) == 0;
}

/* A slash may stand for nothing, beside "**", and what is in brackets is no literal. */
static struct filter_grams grams_of_rule(const struct filter_rule *r)
{
	struct filter_grams g = {{0}};
	struct str rest = r->pattern;
	size_t n;

	add_grams(&g, str_from(r->pattern, r->pattern.n - r->suffix));
	while (rest.n && rest.p[0] != '[') {
		n = 0;
		while (n < rest.n && !strchr("*?[]\\/", rest.p[n]))
			n++;
		add_grams(&g, (struct str){rest.p, n});
		if (n < rest.n && rest.p[n] != '[')
			n += rest.p[n] == '\\' ? 2 : 1;
		rest = str_from(rest, n);
	}
	return g;
}

static void add_rule(struct ignore *ig, struct filter_rule rule)
{
	rule.prefix = glob_literal(rule.pattern);
	rule.suffix = literal_end(rule.pattern);
	if (rule.pattern.n && rule.prefix == rule.pattern.n)
		vec_push(&ig->literals,
			 ((struct filter_literal){rule.pattern, rule.anchored,
						  rule.directory_only, ig->rules.n}));
	else if (glob_is_valid(rule.pattern) && rule.pattern.n)
		vec_push(&ig->wild, ((struct filter_wild){grams_of_rule(&rule), ig->rules.n}));
	vec_push(&ig->rules, rule);
}

void ignore_parse(struct ignore *ig, struct str text)
{
	uint32_t line = 0;
	struct str field;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	while (str_next(&text, '\n', &field)) {
		line++;
		if (field.n == 0 || field.p[0] == '#')
			continue;
		field = strip_line_end(field);
		if (field.n)
			add_rule(ig, parse_rule(field, line));
	}
	sort_literals(ig);
}

/*
 * The part before the first special byte is compared as it is, and what follows
 * counts as a pattern of its own, so that "foo**" + "/bar" matches "foox/y/bar":
 * gitignore(5) says otherwise, git does it.
 */
static bool match_wild(const struct filter_rule *r, struct str path)
{
	if (path.n < r->prefix + r->suffix ||
	    memcmp(r->pattern.p + r->pattern.n - r->suffix, path.p + path.n - r->suffix,
		   r->suffix) != 0 ||
	    memcmp(r->pattern.p, path.p, r->prefix) != 0)
		return false;
	return glob_match_valid(str_from(r->pattern, r->prefix), str_from(path, r->prefix));
}

/* The number of the rule from 1; 0 = none. */
static size_t find_literal(const struct ignore *ig, struct str path, bool anchored,
			   bool directory_only)
{
	struct filter_literal key = {path, anchored, directory_only, 0}, *found = NULL;

	if (ig->literals.n)
		found = bsearch(&key, ig->literals.v, ig->literals.n, sizeof(key),
				compare_literals);
	return found ? found->rule + 1 : 0;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The number of the last rule without wildcards that matches, from 1; 0 = none. */
static size_t match_literals(const struct ignore *ig, struct str path, bool directory)
{
	struct str base = path_base(path);
	size_t last = larger(find_literal(ig, base, false, false),
			     find_literal(ig, path, true, false));

	if (!directory)
		return last;
	return larger(last, larger(find_literal(ig, base, false, true),
				   find_literal(ig, path, true, true)));
}

const struct filter_rule *ignore_match(const struct ignore *ig, struct str path, bool directory)
{
	size_t last = match_literals(ig, path, directory), i;
	struct filter_grams grams = {{0}};
	struct str base = path_base(path);

	/* Of the whole path, so they hold for the last name too. */
	if (ig->wild.n)
		add_grams(&grams, path);
	for (i = ig->wild.n; i-- > 0 && ig->wild.v[i].rule >= last;) {
		const struct filter_rule *r = &ig->rules.v[ig->wild.v[i].rule];

		if (has_grams(&grams, &ig->wild.v[i].grams) &&
		    (directory || !r->directory_only) &&
		    match_wild(r, r->anchored ? path : base))
			return r;
	}
	return last ? &ig->rules.v[last - 1] : NULL;
}
