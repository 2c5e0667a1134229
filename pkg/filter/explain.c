#include "filter/collect.h"

#include <stdlib.h>
#include <string.h>

/* A rule as long as a file may be would be told for each of many files. */
enum { SHOWN_RULE = 120 };

struct str explain_path(struct collector *c, const char *source)
{
	size_t n = strlen(c->folder);
	struct strbuf b = STRBUF_INIT;
	struct str up = str_of(c->folder), part, path;

	if (strncmp(source, c->folder, n) == 0 && source[n] == '/')
		return str_of(source + n + 1);
	while (str_next(&up, '/', &part))
		strbuf_adds(&b, "../");
	strbuf_adds(&b, source);
	path = arena_str(c->a, strbuf_str(&b));
	strbuf_release(&b);
	return path;
}

void explain_out(struct collector *c, const char *source, bool folder,
		 enum filter_verdict verdict, const char *why, uint32_t line)
{
	struct filter_decision d = {.verdict = verdict, .why = why, .line = line};

	if (!c->explain)
		return;
	d.path = explain_path(c, source);
	if (folder)
		d.path = str_of(arena_printf(c->a, "%s/", d.path.p));
	vec_push(&c->list->decisions, d);
}

const char *explain_line(struct collector *c, const char *file, uint32_t line, struct str text)
{
	bool cut = text.n > SHOWN_RULE;

	if (!c->explain)
		return "";
	if (cut)
		text.n = SHOWN_RULE;
	return arena_printf(c->a, "%s:%u: %s%s", file, line, collect_shown(c, text),
			    cut ? "..." : "");
}

int explain_go_on(struct collector *c)
{
	if (!c->explain)
		return -1;
	if (c->kept.code == ERR_OK)
		(void)err_move(&c->kept, c->e);
	else
		err_clear(c->e);
	return 0;
}

static int compare_decisions(const void *a, const void *b)
{
	const struct filter_decision *x = a, *y = b;
	int r = str_cmp(x->path, y->path);

	if (r == 0)
		r = (int)x->verdict - (int)y->verdict;
	if (r == 0)
		r = str_cmp(x->name, y->name);
	return r ? r : (x->line > y->line) - (x->line < y->line);
}

/* A file that one line of .include brings is in, whatever another says about it. */
static bool is_settled(const struct filter_decision *before, const struct filter_decision *d)
{
	return str_eq(before->path, d->path) &&
	       (d->verdict != FILTER_IN || str_eq(before->name, d->name));
}

void explain_sort(struct collector *c)
{
	struct filter_decision *v = c->list->decisions.v;
	size_t i, n = 0;

	if (c->list->decisions.n == 0)
		return;
	qsort(v, c->list->decisions.n, sizeof(*v), compare_decisions);
	for (i = 0; i < c->list->decisions.n; i++)
		if (n == 0 || !is_settled(&v[n - 1], &v[i]))
			v[n++] = v[i];
	c->list->decisions.n = n;
}

static int visit_rest(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	struct collector *c = arg;
	const char *source = path_join(c->a, str_of(c->folder), entry->path);
	bool folder = entry->type == FS_DIR;

	if (include_covers(c, str_of(source)))
		return 1; /* its items told about it */
	if (folder && include_reaches(c, str_of(source)))
		return 0;
	explain_out(c, source, folder, FILTER_OUT, ".include does not list it", 0);
	return 1;
}

static int skip_unreadable(void *arg UNUSED, struct str path UNUSED, struct err *e)
{
	err_clear(e); /* an item below it has said so */
	return 0;
}

int explain_rest(struct collector *c)
{
	struct fs_walk w = {
		.root = c->folder_fd,
		.boundary = c->root,
		.shown = c->folder,
		.visit = visit_rest,
		.unreadable = skip_unreadable,
		.arg = c,
	};

	return fs_walk(&w, c->e);
}
