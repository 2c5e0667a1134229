#include "base/utf8.h"
#include "config/substitute.h"
#include "envfile/envfile.h"
#include "fs/fs.h"
#include "json/json.h"

enum form { FORM_OPEN, FORM_EMPTY, FORM_VALUE, FORM_VALUES, FORM_FILE };

enum { SHOWN_MAX = 40 }; /* bytes */

/* A name in a placeholder, for findings at its place. */
struct name {
	struct str text;
	struct pos pos;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool has_blank(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (is_blank(s.p[i]))
			return true;
	return false;
}

/* Names or a path without the signs around them go to *inside. */
static enum form form_of(const struct placeholder *p, struct str *inside)
{
	enum form form = p->text.p[1] == '(' ? FORM_VALUES : FORM_VALUE;

	*inside = p->text;
	if (p->text.n == 2)
		return FORM_OPEN;
	*inside = str_trim((struct str){p->text.p + 2, p->text.n - 3});
	if (form == FORM_VALUE && str_starts(*inside, "<"))
		form = FORM_FILE;
	if (form == FORM_FILE || (form == FORM_VALUE && str_starts(*inside, "|")))
		*inside = str_trim(str_from(*inside, 1));
	if (form == FORM_VALUE && has_blank(*inside))
		form = FORM_VALUES;
	return inside->n ? form : FORM_EMPTY;
}

bool placeholder_is_structure(const struct placeholder *p)
{
	struct str inside;
	enum form form = form_of(p, &inside);

	return form == FORM_VALUES || form == FORM_FILE;
}

static bool is_variable(struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
			return false;
	}
	return name.n > 0;
}

/* `fmt` has one "%.*s", for the text. */
#define REPORT(s, at, fmt, text) \
	diags_add((s)->diags, DIAG_ERROR, &(s)->project->config, at, fmt, STR_ARG(text))

/* What is not closed: its beginning, to the next blank or where its end should have been. */
static void report_open(struct substitute *s, const struct placeholder *p)
{
	struct str all = s->project->config.text;
	struct str rest = {p->text.p, (size_t)(all.p + all.n - p->text.p)};
	size_t n = 2;

	while (n < rest.n && n < SHOWN_MAX && !is_blank(rest.p[n]) && rest.p[n] != '\n' &&
	       rest.p[n] != '"' && rest.p[n] != '\'')
		n++;
	while (n < rest.n && ((unsigned char)rest.p[n] & 0xc0) == 0x80)
		n++; /* the whole of a character */
	rest.n = n;
	if (p->text.p[1] == '{')
		REPORT(s, p->pos, "'%.*s' has no '}' in this line before a quote ends", rest);
	else
		REPORT(s, p->pos, "'%.*s' has no ')' in this line before a quote ends", rest);
}

static void report_odd(struct substitute *s, const struct placeholder *p, struct name name)
{
	if (str_starts(name.text, "<"))
		REPORT(s, name.pos, "'%.*s' names no variable; a file is read by '${<path}'",
		       name.text);
	else
		REPORT(s, name.pos,
		       "'%.*s' names no variable; a name has letters, digits, '_', '.' and '-'",
		       p->text.p[1] == '(' ? name.text : p->text);
}

static void keep_unresolved(struct substitute *s, const char *sign, struct str name)
{
	struct project *p = s->project;

	vec_push(&p->unresolved, arena_printf(&p->arena, "%s%.*s", sign, STR_ARG(name)));
}

static void report_missing(struct substitute *s, struct name name, const char *value)
{
	const char *where = s->options->looked_in;

	keep_unresolved(s, "", name.text);
	if (value)
		REPORT(s, name.pos, "'%.*s' is empty, which counts as not set", name.text);
	else
		diags_add(s->diags, DIAG_ERROR, &s->project->config, name.pos,
			  "'%.*s' is not set%s%s", STR_ARG(name.text), where ? ": " : "",
			  where ? where : "");
}

/* All values together have a ceiling: one may stand in many places. */
static bool count_bytes(struct substitute *s, struct pos pos, size_t n)
{
	bool was_full = s->filled > SUBSTITUTE_MAX;

	s->filled += n;
	if (s->filled <= SUBSTITUTE_MAX)
		return true;
	if (!was_full)
		diags_add(s->diags, DIAG_ERROR, &s->project->config, pos,
			  "from here on more than %d MB would be filled in",
			  SUBSTITUTE_MAX >> 20);
	return false;
}

/* NULL with a finding when the variable has no value. */
static const char *value_of(struct substitute *s, const struct placeholder *p, struct name name,
			    struct arena *a)
{
	const struct config_options *o = s->options;
	const char *value = NULL;

	if (!is_variable(name.text)) {
		report_odd(s, p, name);
		return NULL;
	}
	if (o->lookup)
		value = o->lookup(o->arg, arena_strndup(a, name.text.p, name.text.n));
	if (!value || !*value)
		report_missing(s, name, value);
	else if (!utf8_is_valid(str_of(value)))
		REPORT(s, name.pos, "the value of '%.*s' is not UTF-8", name.text);
	else if (count_bytes(s, name.pos, strlen(value)))
		return value;
	return NULL;
}

/* The next of the names, or false. */
static bool next_name(struct str *rest, struct name *name)
{
	size_t n = 0;

	name->pos.col += (uint32_t)name->text.n; /* ASCII, or a finding was made */
	for (; rest->n && is_blank(rest->p[0]); *rest = str_from(*rest, 1))
		name->pos.col++;
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	name->text = (struct str){rest->p, n};
	*rest = str_from(*rest, n);
	return n > 0;
}

static struct meaning resolve_values(struct substitute *s, const struct placeholder *p,
				     struct str names, struct arena *a)
{
	struct meaning m = {.kind = MEANS_JSON};
	struct strbuf json = STRBUF_INIT;
	struct name name = {.pos = p->pos};
	struct str rest = names;
	struct err e = ERR_INIT;
	size_t errors = s->diags->errors, n = 0;

	name.pos.col += (uint32_t)(names.p - p->text.p);
	strbuf_addc(&json, '{');
	while (next_name(&rest, &name)) {
		const char *value = value_of(s, p, name, a);

		strbuf_adds(&json, n++ ? "," : "");
		json_write_str(&json, name.text);
		strbuf_addc(&json, ':');
		json_write_str(&json, str_of(value));
	}
	strbuf_addc(&json, '}');
	if (p->text.p[1] == '{')
		diags_add(s->diags, DIAG_WARNING, &s->project->config, p->pos,
			  "this spelling of several variables is deprecated; write '$(%.*s)'",
			  STR_ARG(names));
	if (s->diags->errors > errors)
		m.kind = MEANS_NOTHING;
	else
		m.json = json_parse(strbuf_str(&json), &e);
	strbuf_release(&json);
	err_clear(&e);
	return m;
}

static struct json *parse_file(struct substitute *s, const char *path, struct str text,
			       struct err *e)
{
	struct json *j;

	if (str_starts(str_trim(text), "["))
		j = json_parse(text, e);
	else
		j = envfile_parse(&s->project->arena, path, text, s->diags, e);
	if (!j)
		err_wrap(e, "'%s'", path);
	else if (json_count(j) == 0)
		err_set(e, ERR_PROJECT, "'%s' has nothing in it to fill in", path);
	return j;
}

static struct meaning resolve_file(struct substitute *s, const struct placeholder *p,
				   struct str written, struct arena *a)
{
	char *path = path_resolve(a, STR(""), written);
	struct meaning m = {.kind = MEANS_NOTHING};
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	int r;

	if (!path || !*path) {
		REPORT(s, p->pos,
		       "'%.*s' is not below the project's folder; only such files are read",
		       written);
		return m;
	}
	vec_push(&s->project->read_files, arena_strdup(&s->project->arena, path));
	r = fs_read_below(s->project->root_fd, -1, path, ENVFILE_MAX_BYTES, &text, &e);
	if (r == 0 && count_bytes(s, p->pos, text.len))
		m.json = parse_file(s, path, strbuf_str(&text), &e);
	if (e.code) {
		keep_unresolved(s, "<", written);
		diags_add(s->diags, DIAG_ERROR, &s->project->config, p->pos, "%s", e.msg);
	} else if (m.json) {
		m.kind = MEANS_JSON;
	}
	err_clear(&e);
	strbuf_release(&text);
	return m;
}

struct meaning placeholder_resolve(struct substitute *s, const struct placeholder *p,
				   struct arena *a)
{
	struct meaning m = {.kind = MEANS_NOTHING};
	struct str inside;

	switch (form_of(p, &inside)) {
	case FORM_OPEN: report_open(s, p); break;
	case FORM_EMPTY: REPORT(s, p->pos, "'%.*s' names nothing to fill in", p->text); break;
	case FORM_VALUE:
		m.text = value_of(s, p, (struct name){inside, p->pos}, a);
		m.kind = m.text ? MEANS_TEXT : MEANS_NOTHING;
		break;
	case FORM_VALUES: return resolve_values(s, p, inside, a);
	case FORM_FILE: return resolve_file(s, p, inside, a);
	}
	return m;
}
