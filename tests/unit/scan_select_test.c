#include "scanned.h"

static void two_packages(const struct tree *t)
{
	tree_file(t, "packages/default/root.py", "");
	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "packages/p/b.py", "");
	tree_file(t, "packages/web/w.py", "");
}

#define ROOT "default/root=packages/default/root.py "
#define PA "p/a=packages/p/a.py "
#define PB "p/b=packages/p/b.py "
#define WW "web/w=packages/web/w.py "

static void lists_choose_functions_and_packages(void **state)
{
	static const struct {
		const char *include[4], *exclude[4]; /* empty: not given */
		const char *functions;
	} rows[] = {
		{{NULL}, {NULL}, ROOT PA PB WW},
		{{"p"}, {NULL}, PA PB},
		{{"web"}, {NULL}, WW},
		{{"p/a"}, {NULL}, PA},
		{{"default/root"}, {NULL}, ROOT},
		{{"default", "web/w"}, {NULL}, ROOT WW},
		{{NULL}, {"p"}, ROOT WW},
		{{NULL}, {"web"}, ROOT PA PB},
		{{NULL}, {"p/a"}, ROOT PB WW},
		{{NULL}, {"default/root", "p/a", "p/b"}, WW},
		{{"p"}, {"p/a"}, PB},
		{{"p/a"}, {"p"}, PA},
		{{"p", "p/a"}, {"p"}, PA},
		{{"p/a"}, {"p/a"}, PA},
		{{"p", "web"}, {"web"}, PA PB},
	};
	const struct tree *t = *state;
	size_t i;

	two_packages(t);
	for (i = 0; i < countof(rows); i++) {
		struct scan_options o = {
			.include = rows[i].include[0] ? rows[i].include : NULL,
			.exclude = rows[i].exclude[0] ? rows[i].exclude : NULL,
		};

		expect_with(t, &o, rows[i].functions, "");
	}
}

static void packages_that_nothing_is_asked_of_are_gone(void **state)
{
	static const char *const one[] = {"p/a", NULL};
	const struct tree *t = *state;
	struct scanned s;

	two_packages(t);
	tree_file(t, "project.yml",
		  "packages:\n"
		  "- {name: p, parameters: {x: 1}, functions: [{name: a}, {name: b, "
		  "environment: {A: b}}]}\n"
		  "- {name: web, parameters: {x: 1}}\n");
	scan_with(t->path, &(struct scan_options){.include = one}, &s);
	assert_int_equal(s.p.packages.n, 1);
	assert_non_null(project_package(&s.p, "p"));
	assert_null(project_package(&s.p, "web"));
	assert_non_null(package_function(s.p.packages.v[0], "a"));
	assert_null(package_function(s.p.packages.v[0], "b"));
	release(&s);
}

static void names_that_are_none_are_found(void **state)
{
	static const char *const include[] = {"p", "pp/a", "wep", "p/", "x/y/z", NULL};
	static const char *const exclude[] = {"root", "nothing-like-it", NULL};
	const struct tree *t = *state;

	two_packages(t);
	expect_with(t, &(struct scan_options){.include = include, .exclude = exclude}, PA PB,
		    "error --include:0: there is no function 'pp/a'; did you mean 'p/a'?\n"
		    "error --include:0: there is no package 'wep'; did you mean 'web'?\n"
		    "error --include:0: there is no function 'p/'; did you mean 'p'?\n"
		    "error --include:0: there is no function 'x/y/z'\n"
		    "error --exclude:0: there is no package 'root'\n"
		    "error --exclude:0: there is no package 'nothing-like-it'\n");
}

static void nothing_left_is_a_warning(void **state)
{
	static const char *const all[] = {"default", "p", "web", NULL};
	const struct tree *t = *state;

	two_packages(t);
	expect_with(t, &(struct scan_options){.exclude = all}, "",
		    "warning packages:0: --include and --exclude leave no function\n");
}

/* What is left out need not be complete, but its entry must be right. */
static void what_is_left_out_needs_no_files(void **state)
{
	static const char *const p[] = {"p", NULL};
	const struct tree *t = *state;

	two_packages(t);
	tree_file(t, "project.yml",
		  "packages:\n"
		  "- {name: later, functions: [{name: f}]}\n"
		  "- {name: web, functions: [{name: gone}]}\n");
	expect_with(t, &(struct scan_options){.include = p}, PA PB, "");
	tree_file(t, "project.yml",
		  "packages:\n- {name: web, functions: [{name: w, wep: 1}]}\n");
	expect_with(
		t, &(struct scan_options){.include = p}, PA PB,
		"error project.yml:2: unknown key 'wep' in a function; did you mean 'web'?\n");
}

static void triggers_can_be_left_out(void **state)
{
	const struct tree *t = *state;
	struct scan_options o = {0};
	struct scanned s;

	two_packages(t);
	tree_file(
		t, "project.yml",
		"packages:\n"
		"- name: p\n"
		"  functions:\n"
		"  - name: a\n"
		"    triggers:\n"
		"    - {name: t, type: SCHEDULED, scheduledDetails: {cron: '* * * * *', body: "
		"{x: 1}}}\n");
	scan_with(t->path, &o, &s);
	assert_string_equal(s.findings.buf, "");
	assert_int_equal(project_trigger_count(&s.p), 1);
	release(&s);
	o.no_triggers = true;
	scan_with(t->path, &o, &s);
	assert_string_equal(s.findings.buf, "");
	assert_int_equal(project_trigger_count(&s.p), 0);
	assert_null(names_find(&s.p.trigger_names, "t"));
	release(&s);
}

static void runtimes_are_those_of_the_host(void **state)
{
	static const char *const kinds[] = {"python:3.9", "swift:6", NULL};
	const struct tree *t = *state;
	struct scan_options o = {.kinds = kinds};
	struct scanned s;

	tree_file(t, "packages/p/a.swift-6.zip", "");
	tree_file(t, "packages/p/b.python-3.11.zip", "");
	tree_file(t, "packages/p/c.py", "");
	tree_file(t, "project.yml",
		  "packages:\n- {name: p, functions: [{name: c, runtime: 'python:3.11'}]}\n");
	scan_with(t->path, &o, &s);
	assert_string_equal(s.findings.buf,
			    "error project.yml:2: unknown runtime 'python:3.11'; known: "
			    "python:3.9\n");
	assert_string_equal(s.p.packages.v[0]->functions.v[0]->runtime, "swift:6");
	assert_null(s.p.packages.v[0]->functions.v[1]->runtime);
	release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(lists_choose_functions_and_packages),
		CASE(packages_that_nothing_is_asked_of_are_gone),
		CASE(names_that_are_none_are_found),
		CASE(nothing_left_is_a_warning),
		CASE(what_is_left_out_needs_no_files),
		CASE(triggers_can_be_left_out),
		CASE(runtimes_are_those_of_the_host),
	};

	return cmocka_run_group_tests_name("scan_select", tests, NULL, NULL);
}
