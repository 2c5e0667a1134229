#ifndef TESTS_VERIFY_H
#define TESTS_VERIFY_H
/* verify.h - files of a function below mkdtemp(), and what is found in them as text */
#include "verify/verify.h"

#include "pack/pack.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

struct looked {
	struct project p;
	struct package package;
	struct function f;
	struct diags d;
};

/* Of the folder packages/p/f, or of the file packages/p/f.<extension>. */
static inline void look(const struct tree *t, const char *source, const char *runtime,
			const char *entry, struct looked *l)
{
	struct filter_list list = {0};
	struct verify v = {t->fd, &l->f, &list, runtime};
	struct err e = ERR_INIT;

	*l = (struct looked){.package = {.name = "p"}};
	project_init(&l->p);
	l->p.root_fd = dup(t->fd);
	l->f = (struct function){.name = "f",
				 .package = &l->package,
				 .main = entry,
				 .source = source,
				 .source_kind = strchr(path_base(str_of(source)).p, '.')
							? SOURCE_FILE
							: SOURCE_FOLDER};
	if (pack_files(&l->p, &l->f, &list, &e) < 0)
		fail_msg("%s", e.msg);
	verify_function(&v, &l->d);
	filter_list_release(&list);
}

static inline void looked_release(struct looked *l)
{
	diags_release(&l->d);
	project_release(&l->p);
}

/* "error path:line: text\n" for each finding; to be freed. */
static inline char *looked_text(const struct looked *l)
{
	static const char *const levels[] = {"note", "warning", "error"};
	struct strbuf out = STRBUF_INIT;
	size_t i;

	for (i = 0; i < l->d.list.n; i++)
		strbuf_addf(&out, "%s %s:%u: %s\n", levels[l->d.list.v[i].level],
			    l->d.list.v[i].path, l->d.list.v[i].pos.line, l->d.list.v[i].text);
	return strbuf_detach(&out, NULL);
}

static inline void expect_of(const struct tree *t, const char *source, const char *runtime,
			     const char *entry, const char *findings)
{
	struct looked l;
	char *text;

	look(t, source, runtime, entry, &l);
	text = looked_text(&l);
	assert_string_equal(text, findings);
	free(text);
	looked_release(&l);
}

/* Every line of `parts` (";" between) is in the findings in this order, and there are no more.
 */
static inline void expect_parts(const struct tree *t, const char *runtime, const char *parts)
{
	struct str rest = str_of(parts), part;
	struct looked l;
	char *text, *at;
	size_t n = 0;

	look(t, "packages/p/f", runtime, NULL, &l);
	at = text = looked_text(&l);
	while (*parts && str_next(&rest, ';', &part)) {
		char *found = memmem(at, strlen(at), part.p, part.n);

		if (!found)
			fail_msg("'%.*s' is not in:\n%s", STR_ARG(part), at);
		else
			at = found + part.n;
		n++;
	}
	if (n != l.d.list.n)
		fail_msg("%zu findings instead of %zu:\n%s", l.d.list.n, n, text);
	free(text);
	looked_release(&l);
}

/* A file of packages/p/f. */
static inline void put(const struct tree *t, const char *name, const char *text)
{
	char *path = xasprintf("packages/p/f/%s", name);

	tree_file(t, path, text);
	free(path);
}
#endif
