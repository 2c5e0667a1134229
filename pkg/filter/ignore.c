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
			vec_push(&ig->rules, parse_rule(field, line));
	}
}

/*
 * The part before the first special byte is compared as it is, and what follows
 * counts as a pattern of its own, so that "foo**" + "/bar" matches "foox/y/bar":
 * gitignore(5) says otherwise, git does it.
 */
static bool match_path(struct str pattern, struct str path)
{
	size_t n = glob_literal(pattern);

	if (path.n < n || (n && memcmp(pattern.p, path.p, n) != 0))
		return false;
	if (n == pattern.n)
		return n == path.n;
	return glob_match(str_from(pattern, n), str_from(path, n));
}

const struct filter_rule *ignore_match(const struct ignore *ig, struct str path, bool directory)
{
	struct str base = path_base(path);
	size_t i;

	for (i = ig->rules.n; i-- > 0;) {
		const struct filter_rule *r = &ig->rules.v[i];

		if (r->directory_only && !directory)
			continue;
		if (r->pattern.n && match_path(r->pattern, r->anchored ? path : base))
			return r;
	}
	return NULL;
}
