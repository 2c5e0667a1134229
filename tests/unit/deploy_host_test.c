#include "deploy/host.h"

#include "test.h"

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	assert_non_null(j);
	return j;
}

/* "a, b; deprecated: c" */
static void taken(const char *info, struct strbuf *out)
{
	struct host_runtimes h = {0};
	struct json *j = info ? parsed(info) : NULL;
	const char *const *kinds;
	size_t i;

	host_runtimes_take(&h, j);
	json_free(j);
	kinds = host_kinds(&h);
	for (i = 0; kinds && kinds[i]; i++)
		strbuf_addf(out, "%s ", kinds[i]);
	for (i = 0; i < h.deprecated.n; i++)
		strbuf_addf(out, "-%s ", h.deprecated.v[i]);
	host_runtimes_release(&h);
}

static void kinds_are_those_of_the_answer(void **state UNUSED)
{
	static const struct {
		const char *info, *want;
	} rows[] = {
		{NULL, ""},
		{"{}", ""},
		{"{\"runtimes\":null}", ""},
		{"{\"runtimes\":[]}", ""},
		{"{\"runtimes\":{\"python\":3}}", ""},
		{"{\"runtimes\":{\"python\":[3,{},{\"kind\":1}]}}", ""},
		{"{\"runtimes\":{\"python\":[{\"kind\":\"python:3.11\"}]}}", "python:3.11 "},
		{"{\"runtimes\":{\"python\":[{\"kind\":\"python:2\",\"deprecated\":true},"
		 "{\"kind\":\"python:3\",\"deprecated\":false}],\"go\":[{\"kind\":\"go:1\","
		 "\"deprecated\":\"yes\"}]}}",
		 "python:2 python:3 go:1 -python:2 "},
		{"{\"runtimes\":{\"x\":[{\"kind\":\"\"},{\"kind\":\"a b\"},{\"kind\":\"a\\n\"},"
		 "{\"kind\":\"\\u00e9:1\"},{\"kind\":\"x:1\"}]}}",
		 "x:1 "},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct strbuf out = STRBUF_INIT;

		taken(rows[i].info, &out);
		assert_string_equal(out.buf, rows[i].want);
		strbuf_release(&out);
	}
}

static void what_a_host_lists_has_a_ceiling(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT;
	struct host_runtimes h = {0};
	struct json *j;
	int i;

	strbuf_addf(&text, "{\"runtimes\":{\"x\":[{\"kind\":\"%0*d\"}", HOST_MAX_KIND + 1, 0);
	for (i = 0; i < HOST_MAX_KINDS + 5; i++)
		strbuf_addf(&text, ",{\"kind\":\"x:%d\"}", i);
	strbuf_adds(&text, "]}}");
	j = parsed(text.buf);
	host_runtimes_take(&h, j);
	assert_int_equal(h.kinds.n, HOST_MAX_KINDS + 1);
	assert_string_equal(h.kinds.v[0], "x:0");
	host_runtimes_release(&h);
	json_free(j);
	strbuf_release(&text);
}

/* The project of one function p/f, with its runtime at 3:4. */
static struct function *function_of(struct project *p, const char *runtime)
{
	struct package *pkg;
	struct function *f;

	project_init(p);
	p->config.name = "project.yml";
	p->config.text = STR("");
	pkg = project_add_package(p, "p");
	f = package_add_function(p, pkg, "f");
	f->runtime = runtime;
	f->at.runtime = (struct pos){3, 4};
	f->source = "packages/p/f.py";
	return f;
}

static void names_the_place_and_what_is_known(void **state UNUSED)
{
	static const char info[] =
		"{\"runtimes\":{\"python\":[{\"kind\":\"python:3.9\",\"deprecated\":true},"
		"{\"kind\":\"python:3.14\"}],\"rust\":[{\"kind\":\"rust:1\"}]}}";
	static const struct {
		const char *runtime, *want;
	} rows[] = {
		{"python:3.14", ""},
		{"python:default", ""},
		{"rust:default", ""},
		{NULL, ""},
		{"python:3.9", "project.yml:3:4: warning: the connected host will drop the "
			       "runtime 'python:3.9'; take a newer one\n"},
		{"python:3.11", "project.yml:3:4: error: unknown runtime 'python:3.11'; known: "
				"python:3.9, python:3.14 (what the connected host lists)\n"},
		{"ruts:1", "project.yml:3:4: error: unknown runtime 'ruts:1'; did you mean "
			   "'rust:1'? known: python:3.9, python:3.14, rust:1 (what the "
			   "connected host lists)\n"},
	};
	struct json *j = parsed(info);
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct strbuf out = STRBUF_INIT;
		struct host_runtimes h = {0};
		struct diags d = DIAGS_INIT;
		struct project p;

		(void)function_of(&p, rows[i].runtime);
		host_runtimes_take(&h, j);
		host_runtimes_check(&p, &h, &d);
		if (d.list.n)
			diag_write(&out, &d.list.v[0], false);
		assert_string_equal(out.buf, rows[i].want);
		host_runtimes_release(&h);
		diags_release(&d);
		project_release(&p);
		strbuf_release(&out);
	}
	json_free(j);
}

static void a_name_of_a_file_that_tells_the_runtime_is_named(void **state UNUSED)
{
	struct json *j = parsed("{\"runtimes\":{\"go\":[{\"kind\":\"go:1\"}]}}");
	struct host_runtimes h = {0};
	struct diags d = DIAGS_INIT;
	struct project p;
	struct function *f = function_of(&p, "python:3.11");

	f->at.runtime.line = 0;
	host_runtimes_take(&h, j);
	host_runtimes_check(&p, &h, &d);
	assert_int_equal(d.errors, 1);
	assert_string_equal(d.list.v[0].path, "packages/p/f.py");
	f->docker = "image"; /* brings its own */
	host_runtimes_check(&p, &h, &d);
	assert_int_equal(d.errors, 1);
	host_runtimes_release(&h);
	diags_release(&d);
	project_release(&p);
	json_free(j);
}

static void nothing_is_wrong_for_a_host_that_does_not_tell(void **state UNUSED)
{
	struct host_runtimes h = {0};
	struct diags d = DIAGS_INIT;
	struct project p;

	(void)function_of(&p, "rust:1");
	host_runtimes_check(&p, &h, &d);
	assert_int_equal(d.list.n, 0);
	host_runtimes_release(&h);
	diags_release(&d);
	project_release(&p);
}

static void what_runs_needs_no_question(void **state UNUSED)
{
	static const struct {
		const char *runtime, *item;
		bool matters;
	} rows[] = {
		{NULL, NULL, false},
		{"go:1", NULL, true},
		{"go:1", "{}", true},
		{"go:1", "{\"annotations\":[{\"key\":\"exec\",\"value\":\"go:1\"}]}", false},
		{"go:2", "{\"annotations\":[{\"key\":\"exec\",\"value\":\"go:1\"}]}", true},
		{"go:default", "{\"annotations\":[{\"key\":\"exec\",\"value\":\"go:1\"}]}",
		 false},
		{"php:default", "{\"annotations\":[{\"key\":\"exec\",\"value\":\"go:1\"}]}",
		 true},
		{"go:1", "{\"annotations\":[{\"key\":\"exec\",\"value\":[1]}]}", true},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *item = rows[i].item ? parsed(rows[i].item) : NULL;
		struct live_function lf = {.name = "p/f", .package = "p", .item = item};
		struct live live = {.arena = ARENA_INIT};
		struct project p;

		(void)function_of(&p, rows[i].runtime);
		if (item)
			assert_null(names_add(&live.function_names, &lf));
		assert_int_equal(host_runtimes_matter(&p, &live), rows[i].matters);
		live_release(&live);
		project_release(&p);
		json_free(item);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_those_of_the_answer),
		cmocka_unit_test(what_a_host_lists_has_a_ceiling),
		cmocka_unit_test(names_the_place_and_what_is_known),
		cmocka_unit_test(a_name_of_a_file_that_tells_the_runtime_is_named),
		cmocka_unit_test(nothing_is_wrong_for_a_host_that_does_not_tell),
		cmocka_unit_test(what_runs_needs_no_question),
	};

	return cmocka_run_group_tests_name("deploy_host", tests, NULL, NULL);
}
