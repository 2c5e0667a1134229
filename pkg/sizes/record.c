#include "sizes/record.h"

/* Where the row goes on: whether quotes are open, and which field it is. */
struct row {
	bool quoted, behind_path;
	struct strbuf *path;
};

static void take(struct row *r, char c)
{
	if (!r->behind_path)
		strbuf_addc(r->path, c);
}

/* One character, or two of a doubled quote; how many. */
static size_t step(struct row *r, struct str rest)
{
	char c = rest.p[0];

	if (c == '"' && r->quoted && rest.n > 1 && rest.p[1] == '"') {
		take(r, c);
		return 2;
	}
	if (c == '"')
		r->quoted = !r->quoted;
	else if (c == ',' && !r->quoted)
		r->behind_path = true;
	else
		take(r, c);
	return 1;
}

static bool is_end(const struct row *r, char c)
{
	return !r->quoted && (c == '\n' || c == '\r');
}

bool record_next(struct str *rest, struct strbuf *path)
{
	struct row r = {.path = path};

	strbuf_reset(path);
	if (rest->n == 0)
		return false;
	while (rest->n && !is_end(&r, rest->p[0]))
		*rest = str_from(*rest, step(&r, *rest));
	if (rest->n)
		*rest = str_from(
			*rest, rest->p[0] == '\r' && rest->n > 1 && rest->p[1] == '\n' ? 2 : 1);
	if (path->len > RECORD_PATH_MAX || memchr(path->buf, '\0', path->len))
		strbuf_reset(path);
	return true;
}
