#include "findings.h"

#include <string.h>

#include "base/utf8.h"
#include "json/json.h"

void finding_describe(struct json *to, const struct diag *d)
{
	static const char *const levels[] = {
		[DIAG_NOTE] = "note", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error"};

	json_set(to, "level", json_new_cstr(levels[d->level]));
	json_set(to, "path", json_new_cstr(d->path));
	if (d->pos.line) {
		json_set(to, "line", json_new_int(d->pos.line));
		json_set(to, "column", json_new_int(d->pos.col));
	}
	json_set(to, "text", json_new_cstr(d->text));
}

struct json *findings_as_json(const struct diags *d)
{
	struct json *list = json_new_array(), *item;
	size_t i;

	for (i = 0; i < d->list.n; i++) {
		item = json_new_object();
		finding_describe(item, &d->list.v[i]);
		json_push(list, item);
	}
	return list;
}

/*
 * Text of a workflow command: its own characters as %XX, others that cannot be
 * shown as in every message.  `separators`: also what ends a property.
 */
static void add_escaped(struct strbuf *out, const char *text, bool separators)
{
	struct strbuf shown = STRBUF_INIT;
	size_t i;

	utf8_add_printable(&shown, str_of(text));
	for (i = 0; i < shown.len; i++) {
		char ch = shown.buf[i];

		if (ch == '%' || ch == '\r' || ch == '\n' ||
		    (separators && (ch == ':' || ch == ',')))
			strbuf_addf(out, "%%%02X", (unsigned)ch);
		else
			strbuf_addc(out, ch);
	}
	strbuf_release(&shown);
}

/* "./x/" and "x" are the same folder; "." is none. */
static struct str folder_prefix(const char *dir)
{
	struct str s = str_of(dir);

	while (str_starts(s, "./") || (s.n > 1 && str_ends(s, "/"))) {
		if (str_starts(s, "./"))
			s = str_from(s, 2);
		else
			s.n--;
	}
	return str_is(s, ".") ? (struct str){"", 0} : s;
}

static void add_path(struct strbuf *out, const char *dir, const char *path)
{
	struct str folder = folder_prefix(dir);
	struct strbuf whole = STRBUF_INIT;

	if (folder.n && *path != '/')
		strbuf_addf(&whole, "%.*s/", STR_ARG(folder));
	strbuf_adds(&whole, path);
	add_escaped(out, whole.buf, true);
	strbuf_release(&whole);
}

static bool is_one_of(const char *path, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(path, *list) == 0)
			return true;
	return false;
}

void findings_write_github(struct strbuf *out, const struct diags *d, const char *dir,
			   const char *const *as_given)
{
	static const char *const commands[] = {
		[DIAG_NOTE] = "notice", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error"};
	const struct diag *one;
	size_t i;

	for (i = 0; i < d->list.n; i++) {
		one = &d->list.v[i];
		strbuf_addf(out, "::%s file=", commands[one->level]);
		add_path(out, is_one_of(one->path, as_given) ? "." : dir, one->path);
		if (one->pos.line)
			strbuf_addf(out, ",line=%u,col=%u", one->pos.line, one->pos.col);
		strbuf_adds(out, "::");
		add_escaped(out, one->text, false);
		strbuf_addc(out, '\n');
	}
}
