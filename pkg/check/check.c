#include "check/check.h"

#include "build/build.h"
#include "check/entry.h"
#include "pack/pack.h"

struct check {
	struct project *p;
	struct diags *d;
	const struct function *f;
	bool built; /* by a script: its files are not final */
};

/* About the function's files, all of it that e says. */
static void report(struct check *c, struct err *e)
{
	if (c->built)
		diags_add_path(c->d, DIAG_WARNING, c->f->source,
			       "before its build.sh has run: %s", e->msg);
	else
		diags_add_path(c->d, DIAG_ERROR, c->f->source, "%s", e->msg);
	err_clear(e);
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
	const char *missing;

	if (pack_check(c->p, c->f, list, &a, &e) < 0) {
		report(c, &e);
		return;
	}
	warn(c, a.notes.v, a.notes.n);
	missing = entry_missing(list, a.runtime);
	if (missing)
		diags_add_path(c->d, DIAG_WARNING, c->f->source,
			       "has no %s, with which a function of the runtime '%s' starts",
			       missing, a.runtime);
	artifact_release(&a);
}

static void check_files(struct check *c)
{
	struct filter_list list = {0};
	struct err e = ERR_INIT;

	if (pack_files(c->p, c->f, &list, &e) < 0)
		report(c, &e);
	else if (c->built)
		warn(c, list.notes.v, list.notes.n);
	else
		check_list(c, &list);
	filter_list_release(&list);
}

static void check_function(struct project *p, const struct function *f, struct diags *d)
{
	struct check c = {.p = p, .d = d, .f = f};
	enum build_kind kind = BUILD_NONE;
	struct err e = ERR_INIT;

	if (f->source_kind == SOURCE_FOLDER &&
	    build_choose(p->root_fd, f->source, &kind, &e) < 0) {
		report(&c, &e);
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

		for (j = 0; j < pkg->functions.n; j++)
			if (pkg->functions.v[j]->source_kind != SOURCE_NONE)
				check_function(p, pkg->functions.v[j], d);
	}
}
