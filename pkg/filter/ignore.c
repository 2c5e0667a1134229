#include "filter/filter.h"

#include <string.h>

#include "fs/fs.h"
#include "glob/glob.h"

void ignore_init(struct ignore *ig)
{
	*ig = (struct ignore){0};
	glob_set_init(&ig->wild);
}

void ignore_release(struct ignore *ig)
{
	vec_release(&ig->rules);
	vec_release(&ig->literals);
	glob_set_release(&ig->wild);
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

static void add_pattern(struct ignore *ig, const struct filter_rule *r, struct str pattern)
{
	unsigned flags =
		(r->anchored ? 0U : GLOB_BASE) | (r->directory_only ? GLOB_FOLDERS : 0U);

	(void)glob_set_add(&ig->wild, pattern, flags, ig->rules.n + 1);
}

/* The length of a "**" that is all of the segment that *rest begins with; 0: it is not. */
static size_t double_star(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] == '*')
		n++;
	if (n < 2 || (n < rest.n && rest.p[n] != '/' && !str_starts(str_from(rest, n), "\\/")))
		return 0;
	return n;
}

/* Behind all of them, p NULL when they are the end.  A slash with a '\' needs a name before it.
 */
static struct str skip_double_stars(struct str rest, bool *needs_name)
{
	size_t n;

	while ((n = double_star(rest)) > 0) {
		if (n == rest.n)
			return (struct str){NULL, 0};
		if (rest.p[n] == '\\') {
			*needs_name = true;
			n++;
		}
		rest = str_from(rest, n + 1);
	}
	return rest;
}

/*
 * git compares the part before the first special byte as it is, and what follows
 * is to it a pattern of its own, so that "foo**" + "/bar" matches "foobar" and
 * "foox/y/bar": gitignore(5) says otherwise.  That makes two patterns of it.
 */
static void add_loose(struct ignore *ig, const struct filter_rule *r, size_t prefix)
{
	bool needs_name = false;
	struct str rest = skip_double_stars(str_from(r->pattern, prefix), &needs_name);
	struct strbuf near = STRBUF_INIT, far = STRBUF_INIT;

	strbuf_add(&near, r->pattern.p, prefix);
	strbuf_add(&far, r->pattern.p, prefix);
	strbuf_adds(&far, "*/**");
	if (rest.p) {
		strbuf_addc(&far, '/');
		strbuf_addstr(&far, rest);
		strbuf_addstr(&near, rest);
	} else {
		strbuf_addc(&near, '*');
	}
	add_pattern(ig, r, strbuf_str(&far));
	if (!needs_name)
		add_pattern(ig, r, strbuf_str(&near));
	strbuf_release(&near);
	strbuf_release(&far);
}

static bool is_loose(const struct filter_rule *r, size_t prefix)
{
	return r->anchored && prefix > 0 && r->pattern.p[prefix - 1] != '/' &&
	       double_star(str_from(r->pattern, prefix)) > 0;
}

static void add_wild(struct ignore *ig, const struct filter_rule *r, size_t prefix)
{
	if (is_loose(r, prefix))
		add_loose(ig, r, prefix);
	else
		add_pattern(ig, r, r->pattern);
}

static void add_rule(struct ignore *ig, const struct filter_rule *rule)
{
	size_t prefix = glob_literal(rule->pattern);

	if (rule->pattern.n && prefix == rule->pattern.n)
		vec_push(&ig->literals,
			 ((struct filter_literal){rule->pattern, rule->anchored,
						  rule->directory_only, ig->rules.n}));
	else if (rule->pattern.n)
		add_wild(ig, rule, prefix);
	vec_push(&ig->rules, *rule);
}

void ignore_parse(struct ignore *ig, struct str text)
{
	struct filter_rule rule;
	uint32_t line = 0;
	struct str field;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	while (str_next(&text, '\n', &field)) {
		line++;
		if (field.n == 0 || field.p[0] == '#')
			continue;
		field = strip_line_end(field);
		if (field.n == 0)
			continue;
		rule = parse_rule(field, line);
		add_rule(ig, &rule);
	}
	sort_literals(ig);
	glob_set_ready(&ig->wild);
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

const struct filter_rule *ignore_match(struct ignore *ig, struct str path, bool directory)
{
	size_t last = larger(match_literals(ig, path, directory),
			     glob_set_last(&ig->wild, path, directory));

	return last ? &ig->rules.v[last - 1] : NULL;
}
