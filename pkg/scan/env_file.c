#include "scan/env_file.h"

#include <string.h>

static bool is_name(struct str s)
{
	static const char *const allowed =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(allowed, s.p[i]))
			return false;
	return s.n > 0;
}

/* Line breaks written as "\n" and "\r", as in double quotes. */
static const char *expand(struct arena *a, struct str text)
{
	char *out = arena_strndup(a, text.p, text.n), *to = out;
	size_t taken;

	for (; text.n; text = str_from(text, taken)) {
		taken = 2;
		if (str_starts(text, "\\n")) {
			*to++ = '\n';
		} else if (str_starts(text, "\\r")) {
			*to++ = '\r';
		} else {
			*to++ = text.p[0];
			taken = 1;
		}
	}
	*to = '\0';
	return out;
}

/* NULL when a quote has no end in this line, or something else than a comment follows it. */
static const char *read_value(struct arena *a, struct str text)
{
	char quote = '\0';
	const char *end;
	struct str inside, behind;

	if (text.n)
		quote = text.p[0];
	if (quote != '\'' && quote != '"' && quote != '`') {
		end = text.n ? memchr(text.p, '#', text.n) : NULL;
		if (end)
			text.n = (size_t)(end - text.p);
		text = str_trim(text);
		return arena_strndup(a, text.p, text.n);
	}
	end = memchr(text.p + 1, quote, text.n - 1);
	if (!end)
		return NULL;
	inside = (struct str){text.p + 1, (size_t)(end - text.p) - 1};
	behind = str_trim(str_from(text, inside.n + 2));
	if (behind.n && behind.p[0] != '#')
		return NULL;
	return quote == '"' ? expand(a, inside) : arena_strndup(a, inside.p, inside.n);
}

static bool read_line(struct env_file *env, struct arena *a, struct str line)
{
	const char *equals = memchr(line.p, '=', line.n);
	struct env_variable v = {.value = NULL};

	if (!equals || memchr(line.p, '\0', line.n))
		return false;
	v.name = str_trim((struct str){line.p, (size_t)(equals - line.p)});
	if (str_starts(v.name, "export ") || str_starts(v.name, "export\t"))
		v.name = str_trim(str_from(v.name, strlen("export ")));
	if (!is_name(v.name))
		return false;
	v.value = read_value(a, str_trim(str_from(line, (size_t)(equals - line.p) + 1)));
	if (!v.value)
		return false;
	vec_push(&env->variables, v);
	return true;
}

void env_file_parse(struct env_file *env, struct arena *a, const struct diag_source *source,
		    struct diags *d)
{
	struct str rest = source->text, line;
	unsigned number = 0;

	if (str_starts(rest, "\xef\xbb\xbf"))
		rest = str_from(rest, 3);
	while (str_next(&rest, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || read_line(env, a, line))
			continue;
		/* No source: showing the line could show a secret. */
		diags_add_path(
			d, DIAG_WARNING, source->name,
			"line %u is not read: it is not NAME=value with its quotes closed",
			number);
	}
}

const char *env_file_get(const struct env_file *env, const char *name)
{
	size_t i;

	for (i = env->variables.n; i-- > 0;)
		if (str_is(env->variables.v[i].name, name))
			return env->variables.v[i].value;
	return NULL;
}

void env_file_release(struct env_file *env)
{
	vec_release(&env->variables);
}
