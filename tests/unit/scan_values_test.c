#include "scan/scan.h"

#include "tree.h"
#include "json/json.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* A project whose only function has main: ${DOFN_TEST_MAIN}. */
static void make_project(const struct tree *t)
{
	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "project.yml",
		  "packages:\n"
		  "  - name: p\n"
		  "    functions:\n"
		  "      - name: f\n"
		  "        main: ${DOFN_TEST_MAIN}\n");
	unsetenv("DOFN_TEST_MAIN");
}

/* What main is, or the findings as "path: text\n". */
static char *scan_main(const struct tree *t, const struct scan_options *o)
{
	struct project p;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	project_init(&p);
	if (scan_project(t->path, o, &p, &d, &e) < 0)
		fail_msg("%s", e.msg);
	if (d.list.n == 0)
		strbuf_adds(&out, p.packages.v[0]->functions.v[0]->main);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&out, "%s: %s\n", d.list.v[i].path, d.list.v[i].text);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

static void assert_main(const struct tree *t, const char *env_file, const char *want)
{
	char *got = scan_main(t, &(struct scan_options){.env_file = env_file});

	assert_string_equal(got, want);
	free(got);
}

static char *path_in(const struct tree *t, const char *name)
{
	return xasprintf("%s/%s", t->path, name);
}

static void the_environment_goes_before_the_env_file(void **state)
{
	const struct tree *t = *state;

	make_project(t);
	tree_file(t, ".env", "DOFN_TEST_MAIN=file\n");
	assert_main(t, NULL, "file");
	setenv("DOFN_TEST_MAIN", "entry", 1);
	assert_main(t, NULL, "entry");
	setenv("DOFN_TEST_MAIN", "", 1);
	assert_main(t, NULL, "file");
	unsetenv("DOFN_TEST_MAIN");
}

static void another_env_file_is_read_instead(void **state)
{
	const struct tree *t = *state;
	char *other = path_in(t, "prod.json"), *none = path_in(t, "none"), *want;

	make_project(t);
	tree_file(t, ".env", "DOFN_TEST_MAIN=file\n");
	tree_file(t, "prod.json", "{\"DOFN_TEST_MAIN\": 12, \"X\": \"\"}");
	assert_main(t, other, "12");
	want = xasprintf("%s: cannot read '%s': No such file or directory\n"
			 "project.yml: 'DOFN_TEST_MAIN' is not set: not in the environment; %s "
			 "could not be read\n",
			 none, none, none);
	assert_main(t, none, want);
	free(want);
	free(none);
	free(other);
}

static void a_missing_value_says_where_it_was_looked_for(void **state)
{
	const struct tree *t = *state;
	const char *const not_set = "project.yml: 'DOFN_TEST_MAIN' is not set: not in the "
				    "environment, ";
	static const struct {
		const char *text, *where;
	} cases[] = {
		{NULL, "no .env"},
		{"A=1\nB=2\nA=3\n", "not in .env (2 names)"},
		{"A=1\n", "not in .env (1 name)"},
		{"", "not in .env (0 names)"},
	};
	size_t i;

	make_project(t);
	for (i = 0; i < countof(cases); i++) {
		char *want = xasprintf("%s%s\n", not_set, cases[i].where);

		if (cases[i].text)
			tree_file(t, ".env", cases[i].text);
		assert_main(t, NULL, want);
		free(want);
	}
	tree_file(t, ".env", "DOFN_TEST_MAIN=\n");
	assert_main(t, NULL,
		    "project.yml: 'DOFN_TEST_MAIN' is empty, which counts as not set\n");
}

static void an_env_file_that_is_none_is_found(void **state)
{
	const struct tree *t = *state;

	make_project(t);
	setenv("DOFN_TEST_MAIN", "entry", 1);
	tree_file(t, ".env", "{\"A\": secret");
	assert_main(t, NULL,
		    ".env: this is no valid JSON: line 1, column 7: expected a value\n");
	tree_file(t, ".env", "A=1\nsecret\n");
	assert_main(t, NULL, ".env: this line is not read: it is not NAME=value\n");
	assert_int_equal(unlinkat(t->fd, ".env", 0), 0);
	tree_dirs(t, ".env");
	assert_main(t, NULL, ".env: '.env' is a folder, not a file\n");
	unsetenv("DOFN_TEST_MAIN");
}

/* The variables for builds as JSON, or the findings. */
static void assert_build_environment(const struct tree *t, const char *text, const char *want)
{
	char *path = path_in(t, "build.env");
	struct project p;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	if (text)
		tree_file(t, "build.env", text);
	project_init(&p);
	if (scan_project(t->path, &(struct scan_options){.build_env_file = path}, &p, &d, &e) <
	    0)
		fail_msg("%s", e.msg);
	if (d.list.n == 0)
		json_write(&out, p.build_environment);
	for (i = 0; i < d.list.n; i++) {
		assert_string_equal(d.list.v[i].path, path);
		strbuf_addf(&out, "%s\n", d.list.v[i].text);
	}
	assert_string_equal(out.buf, want);
	strbuf_release(&out);
	diags_release(&d);
	project_release(&p);
	free(path);
}

static void variables_for_builds_come_from_a_file(void **state)
{
	const struct tree *t = *state;
	char *missing =
		xasprintf("cannot read '%s/build.env': No such file or directory\n", t->path);

	tree_file(t, "packages/p/f.py", "");
	assert_build_environment(t, NULL, missing);
	assert_build_environment(t, "A=1\nB='x y'\nA=2\n", "{\"A\":\"2\",\"B\":\"x y\"}");
	assert_build_environment(t, "{\"A\": 1.0, \"B\": [true, null]}",
				 "{\"A\":\"1.0\",\"B\":\"[true,null]\"}");
	assert_build_environment(t, "", "{}");
	assert_build_environment(t, "{\"A=B\": 1}",
				 "'A=B' cannot be the name of an environment variable\n");
	assert_build_environment(t, "{\"\": 1}",
				 "'' cannot be the name of an environment variable\n");
	free(missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_environment_goes_before_the_env_file),
		CASE(another_env_file_is_read_instead),
		CASE(a_missing_value_says_where_it_was_looked_for),
		CASE(an_env_file_that_is_none_is_found),
		CASE(variables_for_builds_come_from_a_file),
	};

	return cmocka_run_group_tests_name("scan_values", tests, NULL, NULL);
}
