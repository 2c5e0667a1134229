#include "fs/fs.h"

#include <stdlib.h>

static bool is_dots(struct str part)
{
	return str_is(part, ".") || str_is(part, "..");
}

bool path_is_below(struct str rel)
{
	struct str part;

	if (rel.n == 0 || memchr(rel.p, '\0', rel.n))
		return false;
	while (str_next(&rel, '/', &part))
		if (part.n == 0 || is_dots(part))
			return false;
	return true;
}

char *path_join(struct arena *a, struct str dir, struct str name)
{
	char *s;

	if (dir.n == 0)
		return arena_strndup(a, name.p, name.n);
	s = arena_alloc(a, dir.n + name.n + 2);
	memcpy(s, dir.p, dir.n);
	s[dir.n] = '/';
	if (name.n)
		memcpy(s + dir.n + 1, name.p, name.n);
	s[dir.n + 1 + name.n] = '\0';
	return s;
}

struct str path_base(struct str path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? str_from(path, (size_t)(slash - path.p) + 1) : path;
}

struct str path_dir(struct str path)
{
	const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

	return (struct str){path.p, slash ? (size_t)(slash - path.p) : 0};
}

/* Removes the last component; false when there is none. */
static bool climb(struct strbuf *out)
{
	if (out->len == 0)
		return false;
	out->len = path_dir(strbuf_str(out)).n;
	out->buf[out->len] = '\0';
	return true;
}

char *path_resolve(struct arena *a, struct str base, struct str rel)
{
	struct strbuf out = STRBUF_INIT;
	struct str part;
	char *s = NULL;

	if (rel.n && (rel.p[0] == '/' || memchr(rel.p, '\0', rel.n)))
		return NULL;
	strbuf_addstr(&out, base);
	while (str_next(&rel, '/', &part)) {
		if (part.n == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			if (!climb(&out))
				goto out;
			continue;
		}
		if (out.len)
			strbuf_addc(&out, '/');
		strbuf_addstr(&out, part);
	}
	s = arena_strndup(a, out.buf, out.len);
out:
	strbuf_release(&out);
	return s;
}
