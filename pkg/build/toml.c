#include "build/toml.h"

#include <string.h>

#include "base/strbuf.h"

enum { DEPTH_MAX = 64, PATH_BYTES = 200 };

enum token { TOKEN_END, TOKEN_LINE, TOKEN_STRING, TOKEN_BARE, TOKEN_SIGN, TOKEN_BAD };

struct reader {
	struct str rest;
	enum token token;      /* the one that is looked at */
	struct str text;       /* of a string what is between the quotes, escapes and all */
	char sign;             /* one of =.,[]{} */
	char path[PATH_BYTES]; /* of the key under way: "project.dependencies" */
	char table[PATH_BYTES];
	struct toml_dependencies found;
};

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '+' || c == ':';
}

/* The text up to the closing quotes; a backslash hides a quote in basic strings. */
static enum token read_string(struct reader *r, const char *quotes, bool lines)
{
	struct str text = r->rest;
	size_t i, n = strlen(quotes);

	for (i = 0; i < text.n; i++) {
		if (str_starts(str_from(text, i), quotes)) {
			/* Of five quotes the first two are text. */
			while (lines && i + n < text.n && text.p[i + n] == *quotes)
				i++;
			r->text = (struct str){text.p, i};
			r->rest = str_from(text, i + n);
			return TOKEN_STRING;
		}
		if (text.p[i] == '\n' && !lines)
			return TOKEN_BAD;
		if (text.p[i] == '\\' && *quotes == '"')
			i++;
	}
	return TOKEN_BAD;
}

static enum token read_quoted(struct reader *r)
{
	static const char *const triple[] = {"\"\"\"", "'''"};
	static const char *const single[] = {"\"", "'"};
	size_t i;

	for (i = 0; i < countof(triple); i++)
		if (str_starts(r->rest, triple[i])) {
			r->rest = str_from(r->rest, 3);
			return read_string(r, triple[i], true);
		}
	i = *r->rest.p == '"' ? 0 : 1;
	r->rest = str_from(r->rest, 1);
	return read_string(r, single[i], false);
}

static void skip_blanks(struct reader *r)
{
	while (r->rest.n > 0 && strchr(" \t\r", *r->rest.p) && *r->rest.p)
		r->rest = str_from(r->rest, 1);
	if (r->rest.n > 0 && *r->rest.p == '#')
		while (r->rest.n > 0 && *r->rest.p != '\n')
			r->rest = str_from(r->rest, 1);
}

static enum token read_token(struct reader *r)
{
	char c;

	skip_blanks(r);
	if (r->rest.n == 0)
		return TOKEN_END;
	c = *r->rest.p;
	if (c == '"' || c == '\'')
		return read_quoted(r);
	r->text = (struct str){r->rest.p, 0};
	while (r->rest.n > 0 && is_bare(*r->rest.p)) {
		r->text.n++;
		r->rest = str_from(r->rest, 1);
	}
	if (r->text.n > 0)
		return TOKEN_BARE;
	r->rest = str_from(r->rest, 1);
	r->sign = c;
	if (c == '\n')
		return TOKEN_LINE;
	return c && strchr("=.,[]{}", c) ? TOKEN_SIGN : TOKEN_BAD;
}

static void next(struct reader *r)
{
	if (r->token != TOKEN_BAD)
		r->token = read_token(r);
}

static bool at(const struct reader *r, char sign)
{
	return r->token == TOKEN_SIGN && r->sign == sign;
}

static bool take(struct reader *r, char sign)
{
	if (!at(r, sign))
		return false;
	next(r);
	return true;
}

static void skip_lines(struct reader *r)
{
	while (r->token == TOKEN_LINE)
		next(r);
}

/* What is too long is none that we look for. */
static void add_part(char *path, struct str part)
{
	size_t n = strlen(path);

	if (n + part.n + 2 > PATH_BYTES)
		return;
	if (n > 0)
		path[n++] = '.';
	memcpy(path + n, part.p, part.n);
	path[n + part.n] = '\0';
}

/* a."b".c; false when there is none. */
static bool read_key(struct reader *r, char *path)
{
	do {
		if (r->token != TOKEN_BARE && r->token != TOKEN_STRING)
			return false;
		add_part(path, r->text);
		next(r);
	} while (take(r, '.'));
	return true;
}

/* Something stands at r->path; `item` is true in an array of that name. */
static void see_value(struct reader *r, bool item)
{
	static const char poetry[] = "tool.poetry.dependencies.";

	if (item && strcmp(r->path, "project.dependencies") == 0)
		r->found.listed = true;
	if (item && strcmp(r->path, "project.dynamic") == 0 && r->token == TOKEN_STRING &&
	    str_is(r->text, "dependencies"))
		r->found.dynamic = true;
	if (str_starts(str_of(r->path), poetry) &&
	    strcmp(r->path + sizeof(poetry) - 1, "python") != 0)
		r->found.poetry = true;
}

static void read_value(struct reader *r, int depth);

static void read_array(struct reader *r, int depth)
{
	skip_lines(r);
	while (!at(r, ']') && r->token != TOKEN_END && r->token != TOKEN_BAD) {
		see_value(r, true);
		read_value(r, depth + 1);
		skip_lines(r);
		if (!take(r, ',') && !at(r, ']'))
			r->token = TOKEN_BAD;
		skip_lines(r);
	}
	(void)take(r, ']');
}

static void read_pair(struct reader *r, int depth)
{
	size_t before = strlen(r->path);

	if (!read_key(r, r->path) || !take(r, '='))
		r->token = TOKEN_BAD;
	if (r->token != TOKEN_BAD) {
		see_value(r, false);
		read_value(r, depth);
	}
	r->path[before] = '\0';
}

static void read_inline_table(struct reader *r, int depth)
{
	while (!at(r, '}') && r->token != TOKEN_END && r->token != TOKEN_BAD) {
		read_pair(r, depth + 1);
		if (!take(r, ',') && !at(r, '}'))
			r->token = TOKEN_BAD;
	}
	(void)take(r, '}');
}

/* Numbers with points and dates with blanks come as several. */
static void skip_plain(struct reader *r)
{
	bool any = false;

	while (r->token == TOKEN_BARE || at(r, '.')) {
		any = true;
		next(r);
	}
	if (!any)
		r->token = TOKEN_BAD;
}

static void read_value(struct reader *r, int depth)
{
	if (depth > DEPTH_MAX)
		r->token = TOKEN_BAD;
	else if (r->token == TOKEN_STRING)
		next(r);
	else if (take(r, '['))
		read_array(r, depth);
	else if (take(r, '{'))
		read_inline_table(r, depth);
	else
		skip_plain(r);
}

/* [a.b] and [[a.b]] */
static void read_header(struct reader *r)
{
	bool list;

	next(r);
	list = take(r, '[');
	r->table[0] = '\0';
	if (!read_key(r, r->table) || !take(r, ']') || (list && !take(r, ']')))
		r->token = TOKEN_BAD;
}

static void read_line(struct reader *r)
{
	if (at(r, '[')) {
		read_header(r);
	} else {
		memcpy(r->path, r->table, sizeof(r->path));
		read_pair(r, 0);
	}
	if (r->token != TOKEN_LINE && r->token != TOKEN_END)
		r->token = TOKEN_BAD;
}

struct toml_dependencies toml_dependencies(struct str text)
{
	struct reader r = {.rest = text};

	if (str_starts(r.rest, "\xef\xbb\xbf"))
		r.rest = str_from(r.rest, 3);
	next(&r);
	skip_lines(&r);
	while (r.token != TOKEN_END && r.token != TOKEN_BAD) {
		read_line(&r);
		skip_lines(&r);
	}
	return r.found;
}
