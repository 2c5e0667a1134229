#include "filter/collect.h"

#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "secrets/secrets.h"

enum { NAMED = 10 };

/* The start of the file; empty when it cannot be read: packing will say why. */
static void read_start(int root, const char *source, struct strbuf *text)
{
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd = fs_open_file(root, -1, source, &st, &ignored);
	char *to;
	ssize_t n;

	err_clear(&ignored);
	if (fd < 0)
		return;
	while (text->len < SECRETS_MAX_BYTES) {
		to = strbuf_reserve(text, SECRETS_MAX_BYTES - text->len);
		n = read(fd, to, SECRETS_MAX_BYTES - text->len);
		if (n <= 0)
			break;
		text->len += (size_t)n;
	}
	(void)close(fd);
}

static const char *find_secret(int root, const char *source, struct str path)
{
	struct strbuf text = STRBUF_INIT;
	const char *what;

	if (!secrets_may_be_in(path))
		return NULL;
	read_start(root, source, &text);
	what = secrets_find(path, strbuf_str(&text));
	strbuf_release(&text);
	return what;
}

int filter_check_single(int root, const char *path, struct err *e)
{
	const char *what = find_secret(root, path, str_of(path));
	struct strbuf shown = STRBUF_INIT;

	if (!what)
		return 0;
	utf8_add_printable(&shown, str_of(path));
	err_set(e, ERR_PROJECT,
		"'%s' holds %s and would go up as the function's code; name another file, or "
		"make it one of a function's folder, where a line in .include lets it in",
		shown.buf, what);
	strbuf_release(&shown);
	return -1;
}

/* One byte of a path as it stands in a pattern; how many bytes of it that was. */
static size_t add_byte(struct strbuf *b, struct str rest)
{
	size_t n = utf8_sequence(rest);
	unsigned char c = (unsigned char)rest.p[0];

	if (n == 0 || c < 0x20 || c == 0x7f) {
		strbuf_addc(b, '?'); /* a line cannot hold it, or a message cannot show it */
		return 1;
	}
	if (strchr("*?[\\", c) || (c == ' ' && rest.n == 1))
		strbuf_addc(b, '\\');
	strbuf_add(b, rest.p, n);
	return n;
}

/* path as a pattern of .ignore that matches it, with `start` in front. */
static const char *as_pattern(struct collector *c, const char *start, struct str path)
{
	struct strbuf b = STRBUF_INIT;
	const char *pattern;

	strbuf_adds(&b, start);
	if (!*start && (str_starts(path, "#") || str_starts(path, "!")))
		strbuf_addc(&b, '\\');
	while (path.n)
		path = str_from(path, add_byte(&b, path));
	pattern = arena_strndup(c->a, b.buf, b.len);
	strbuf_release(&b);
	return pattern;
}

static const char *way_out(struct collector *c, struct str path)
{
	if (c->included)
		return arena_printf(c->a, "a line '%s' in .include lets it in",
				    collect_shown(c, path));
	return arena_printf(c->a,
			    "a line '%s' at the end of .ignore leaves it out, '%s' lets it in",
			    as_pattern(c, "", path), as_pattern(c, "!", path));
}

static void refuse(struct collector *c, const char *source, struct str path, const char *what)
{
	struct secret_file s = {source, what, way_out(c, path)};

	vec_push(&c->secrets, s);
	if (c->explain)
		explain_out(c, source, false, FILTER_REFUSED,
			    arena_printf(c->a, "%s; %s", what, s.way_out), 0);
}

static void note_env(struct collector *c, const char *source, struct str path)
{
	const char *shown = collect_shown(c, str_of(source));

	if (c->included)
		collect_note(c,
			     arena_printf(c->a,
					  "'%s' goes into the artifact with its folder; list "
					  "files in .include to leave it out",
					  shown));
	else
		collect_note(c,
			     arena_printf(c->a,
					  "'%s' goes into the artifact; a line '%s' in .ignore "
					  "leaves it out",
					  shown, as_pattern(c, "", path)));
}

bool guard_admits(struct collector *c, const char *source, const struct fs_entry *entry)
{
	struct str path = explain_path(c, source);
	const char *what = entry->size ? find_secret(c->root, source, path) : NULL;

	if (what && !secrets_is_dependency(path)) {
		refuse(c, source, path, what);
		return false;
	}
	if (what && c->secret_dependencies++ == 0)
		c->secret_dependency = arena_printf(c->a, "'%s' holds %s",
						    collect_shown(c, str_of(source)), what);
	if (secrets_is_env(path) && c->for_build) {
		collect_note(c, arena_printf(c->a, "'%s' stays out of the remote build",
					     collect_shown(c, str_of(source))));
		return false;
	}
	if (secrets_is_env(path))
		note_env(c, source, path);
	return true;
}

static void add_others(struct collector *c, struct strbuf *b)
{
	size_t i;

	for (i = 1; i < c->secrets.n && i <= NAMED; i++)
		strbuf_addf(b, "%s'%s' (%s)", i > 1 ? ", " : "; so do ",
			    collect_shown(c, str_of(c->secrets.v[i].source)),
			    c->secrets.v[i].what);
	if (c->secrets.n > NAMED + 1)
		strbuf_addf(b, " and %zu more", c->secrets.n - NAMED - 1);
}

static int fail(struct collector *c)
{
	const struct secret_file *first = &c->secrets.v[0];
	struct strbuf others = STRBUF_INIT;

	add_others(c, &others);
	err_set(c->e, ERR_PROJECT, "'%s' holds %s and would go %s; %s%s",
		collect_shown(c, str_of(first->source)), first->what,
		c->for_build ? "to the remote builder" : "into the artifact", first->way_out,
		others.buf);
	strbuf_release(&others);
	return explain_go_on(c);
}

static void note_dependencies(struct collector *c)
{
	if (c->secret_dependencies == 0)
		return;
	if (c->secret_dependencies == 1)
		collect_note(c, arena_printf(c->a, "%s and goes in, being among dependencies",
					     c->secret_dependency));
	else
		collect_note(c,
			     arena_printf(c->a,
					  "%s and goes in, being among dependencies, as do %zu "
					  "more files with secrets",
					  c->secret_dependency, c->secret_dependencies - 1));
}

int guard_end(struct collector *c)
{
	note_dependencies(c);
	return c->secrets.n ? fail(c) : 0;
}
