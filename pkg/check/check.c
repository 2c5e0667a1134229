#include "check/check.h"

#include <string.h>

#include "base/utf8.h"
#include "build/build.h"
#include "fs/fs.h"
#include "pack/pack.h"

struct check {
	struct project *p;
	struct diags *d;
	const struct function *f;
	bool built; /* by a script or a tool: its files are not final */
};

/* What is wrong with path, which is the function or one of its files. */
static void report(struct check *c, const char *path, const char *text)
{
	if (c->built)
		diags_add_path(c->d, DIAG_WARNING, path, "before it is built: %s", text);
	else
		diags_add_path(c->d, DIAG_ERROR, path, "%s", text);
}

static void warn(struct check *c, const char *const *notes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		diags_add_path(c->d, DIAG_WARNING, c->f->source, "%s", notes[i]);
}

static void check_list(struct check *c, const struct filter_list *list)
{
	struct artifact a;
	struct err e = ERR_INIT;

	if (pack_check(c->p, c->f, list, &a, &e) < 0) {
		report(c, c->f->source, e.msg);
		err_clear(&e);
		return;
	}
	warn(c, a.notes.v, a.notes.n);
	diags_copy(c->d, &a.findings);
	artifact_release(&a);
}

/* True when it is the file that e is about. */
static bool report_refused(struct check *c, const struct filter_decision *d,
			   const struct err *e)
{
	struct arena *a = &c->p->arena;
	const char *path = path_resolve(a, str_of(c->f->source), d->path);
	const char *shown = path ? path : c->f->source;
	struct strbuf printed = STRBUF_INIT;
	bool same;

	report(c, shown, arena_printf(a, "cannot go into the artifact: %s", d->why));
	utf8_add_printable(&printed, str_of(shown));
	same = strstr(e->msg, arena_printf(a, "'%s'", printed.buf)) != NULL;
	strbuf_release(&printed);
	return same;
}

/* The first failure ended the listing; now everything that stands in the way. */
static void report_all(struct check *c)
{
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	bool told = false;
	size_t i;

	if (pack_explain(c->p, c->f, &list, &e) < 0) {
		for (i = 0; i < list.bad_items.n; i++) {
			report(c, c->f->source, list.bad_items.v[i]);
			told |= strcmp(list.bad_items.v[i], e.msg) == 0;
		}
		for (i = 0; i < list.decisions.n; i++)
			if (list.decisions.v[i].verdict == FILTER_REFUSED)
				told |= report_refused(c, &list.decisions.v[i], &e);
		if (!told)
			report(c, c->f->source, e.msg);
	}
	warn(c, list.notes.v, list.notes.n);
	filter_list_release(&list);
	err_clear(&e);
}

static void check_files(struct check *c)
{
	struct filter_list list = {0};
	struct err e = ERR_INIT;

	if (pack_files(c->p, c->f, &list, &e) < 0)
		report_all(c);
	else if (c->built)
		warn(c, list.notes.v, list.notes.n);
	else
		check_list(c, &list);
	err_clear(&e);
	filter_list_release(&list);
}

static void check_function(struct project *p, const struct function *f, struct diags *d)
{
	struct check c = {.p = p, .d = d, .f = f};
	enum build_kind kind = BUILD_NONE;
	struct err e = ERR_INIT;

	if (f->source_kind == SOURCE_FOLDER &&
	    build_choose(p->root_fd, f->source, f->runtime, &kind, &e) < 0) {
		report(&c, f->source, e.msg);
		err_clear(&e);
		return;
	}
	c.built = kind != BUILD_NONE;
	check_files(&c);
}

void check_functions(struct project *p, struct diags *d)
{
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		const struct package *pkg = p->packages.v[i];

		for (j = 0; j < pkg->functions.n; j++) {
			const struct function *f = pkg->functions.v[j];

			if (f->source_kind != SOURCE_NONE && !f->empty)
				check_function(p, f, d);
		}
	}
}
