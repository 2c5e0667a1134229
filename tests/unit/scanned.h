#ifndef TESTS_SCANNED_H
#define TESTS_SCANNED_H
/* scanned.h - a scan of a tree, as two texts to compare */
#include "scan/scan.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* A scan as text: "p/f=packages/p/f.py ..." and "level path:line: text\n" per finding. */
struct scanned {
	struct project p;
	struct diags d;
	struct err e;
	struct strbuf functions, findings;
	int r;
};

static inline void describe(struct scanned *s)
{
	static const char *const levels[] = {"note", "warning", "error"};
	size_t i, j;

	for (i = 0; i < s->p.packages.n; i++) {
		const struct package *pkg = s->p.packages.v[i];

		for (j = 0; j < pkg->functions.n; j++)
			strbuf_addf(
				&s->functions, "%s/%s=%s%s%s ", pkg->name,
				pkg->functions.v[j]->name,
				pkg->functions.v[j]->source ? pkg->functions.v[j]->source : "-",
				pkg->functions.v[j]->binary ? "!" : "",
				pkg->functions.v[j]->source_kind == SOURCE_FOLDER ? "/" : "");
	}
	for (i = 0; i < s->d.list.n; i++)
		strbuf_addf(&s->findings, "%s %s:%u: %s\n", levels[s->d.list.v[i].level],
			    s->d.list.v[i].path, s->d.list.v[i].pos.line, s->d.list.v[i].text);
}

static inline void scan_with(const char *dir, const struct scan_options *o, struct scanned *s)
{
	*s = (struct scanned){.functions = STRBUF_INIT, .findings = STRBUF_INIT};
	project_init(&s->p);
	s->r = scan_project(dir, o, &s->p, &s->d, &s->e);
	describe(s);
}

static inline void scan_at(const char *dir, struct scanned *s)
{
	scan_with(dir, &(struct scan_options){0}, s);
}

static inline void release(struct scanned *s)
{
	project_release(&s->p);
	diags_release(&s->d);
	err_clear(&s->e);
	strbuf_release(&s->functions);
	strbuf_release(&s->findings);
}

static inline void expect_with(const struct tree *t, const struct scan_options *o,
			       const char *functions, const char *findings)
{
	struct scanned s;

	scan_with(t->path, o, &s);
	if (s.r < 0)
		fail_msg("%s", s.e.msg);
	assert_string_equal(s.functions.buf, functions);
	assert_string_equal(s.findings.buf, findings);
	release(&s);
}

static inline void expect(const struct tree *t, const char *functions, const char *findings)
{
	expect_with(t, &(struct scan_options){0}, functions, findings);
}
#endif
