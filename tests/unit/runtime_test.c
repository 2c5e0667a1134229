#include "runtime/runtime.h"
#include "test.h"

static const char *kind_of(const char *kind)
{
	const struct runtime *r = runtime_find(str_of(kind));

	return r ? r->kind : "none";
}

static void kinds_are_found_exactly_or_by_default(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"python:3.11", "python:3.11"},
		{"python:default", "python:3.11"},
		{"nodejs:default", "nodejs:18"},
		{"go:default", "go:1.17"},
		{"php:default", "php:8.0"},
		{"go:1.15", "go:1.15"},
		{"nodejs-lambda:18", "nodejs-lambda:18"},
		{"nodejs-lambda:default", "none"},
		{"nodejs", "none"},
		{"nodejs:", "none"},
		{"nodejs:99", "none"},
		{"Python:3.11", "none"},
		{"ruby:default", "none"},
		{":default", "none"},
		{"", "none"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_string_equal(kind_of(rows[i][0]), rows[i][1]);
	assert_null(runtime_find((struct str){NULL, 0}));
}

static void every_language_has_one_default_that_is_not_deprecated(void **state UNUSED)
{
	static const char *const languages[] = {"go", "nodejs", "php", "python"};
	const struct runtime *r;
	size_t i, defaults;

	for (i = 0; i < countof(languages); i++) {
		defaults = 0;
		for (r = runtimes; r->kind; r++)
			if (str_is(str_of(r->language), languages[i]) && r->is_default) {
				assert_false(r->deprecated);
				defaults++;
			}
		assert_int_equal(defaults, 1);
	}
	assert_true(runtime_find(STR("go:1.15"))->deprecated);
}

static void nearest_kind_helps_with_slips(void **state UNUSED)
{
	assert_string_equal(runtime_nearest(STR("pyhton:3.11"), NULL), "python:3.11");
	assert_string_equal(runtime_nearest(STR("python3.11"), NULL), "python:3.11");
	assert_string_equal(runtime_nearest(STR("python"), NULL), "python:3.11");
	assert_string_equal(runtime_nearest(STR("nodejs:23"), NULL), "nodejs:22");
	assert_null(runtime_nearest(STR("cobol"), NULL));
	assert_null(runtime_nearest(STR(""), NULL));
}

static void language_is_what_stands_before_the_colon(void **state UNUSED)
{
	assert_true(str_is(runtime_language(STR("python:3.11")), "python"));
	assert_true(str_is(runtime_language(STR("python:default")), "python"));
	assert_true(str_is(runtime_language(STR("python")), "python"));
	assert_true(str_is(runtime_language(STR("")), ""));
}

static void extension_tells_the_language(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"x.py", "python:default"},
		{"x.go", "go:default"},
		{"x.js", "nodejs:default"},
		{"x.ts", "nodejs:default"},
		{"x.php", "php:default"},
		{"a.b.py", "python:default"},
		{"x.mjs", "none"},
		{"x.cjs", "none"},
		{"x.PY", "none"},
		{"x.zip", "none"},
		{".py", "none"},
		{"py", "none"},
		{"README.md", "none"},
		{"", "none"},
	};
	const char *kind;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		kind = runtime_of_file(str_of(rows[i][0]));
		assert_string_equal(kind ? kind : "none", rows[i][1]);
	}
}

static void archives_are_zip_and_jar(void **state UNUSED)
{
	assert_true(runtime_is_archive(STR("x.zip")));
	assert_true(runtime_is_archive(STR("x.jar")));
	assert_false(runtime_is_archive(STR("x.py")));
	assert_false(runtime_is_archive(STR(".zip")));
	assert_false(runtime_is_archive(STR("zip")));
}

static void keywords_are_doctls(void **state UNUSED)
{
	assert_string_equal(runtime_keywords(STR("python")), "python, py");
	assert_string_equal(runtime_keywords(STR("nodejs")), "javascript, js, typescript, ts");
	assert_string_equal(runtime_keywords(STR("go")), "go, golang");
	assert_string_equal(runtime_keywords(STR("php")), "php");
	assert_null(runtime_keywords(STR("ruby")));
}

static void other_names_of_languages_are_understood(void **state UNUSED)
{
	assert_string_equal(runtime_nearest(STR("typescript:default"), NULL), "nodejs:18");
	assert_string_equal(runtime_nearest(STR("js"), NULL), "nodejs:18");
	assert_string_equal(runtime_nearest(STR("golang:1.20"), NULL), "go:1.17");
	assert_string_equal(runtime_nearest(STR("py"), NULL), "python:3.11");
}

static void a_host_may_list_others(void **state UNUSED)
{
	static const char *const kinds[] = {"python:3.13", "python:3.14", "swift:6", NULL};
	struct strbuf list = STRBUF_INIT;

	assert_true(runtime_is_known(STR("python:3.14"), kinds));
	assert_true(runtime_is_known(STR("swift:default"), kinds));
	assert_false(runtime_is_known(STR("python:3.11"), kinds));
	assert_false(runtime_is_known(STR("go:default"), kinds));
	assert_true(runtime_is_known(STR("python:3.11"), NULL));
	assert_true(runtime_is_known(STR("go:default"), NULL));
	assert_false(runtime_is_known(STR("swift:6"), NULL));
	assert_false(runtime_is_known(STR(""), kinds));
	assert_string_equal(runtime_nearest(STR("python"), kinds), "python:3.14");
	assert_string_equal(runtime_nearest(STR("swft:6"), kinds), "swift:6");
	assert_null(runtime_nearest(STR("nodejs"), kinds));
	runtime_list(&list, STR("python"), kinds);
	assert_string_equal(list.buf, "python:3.13, python:3.14");
	strbuf_reset(&list);
	runtime_list(&list, STR(""), kinds);
	assert_string_equal(list.buf, "python:3.13, python:3.14, swift:6");
	strbuf_reset(&list);
	runtime_list(&list, STR("go"), NULL); /* without what is deprecated */
	assert_string_equal(list.buf, "go:1.17, go:1.20, go:1.24, go:1.25");
	strbuf_release(&list);
}

static void the_minor_version_of_python_is_that_of_the_kind(void **state UNUSED)
{
	static const struct {
		const char *kind;
		unsigned minor;
	} cases[] = {
		{"python:3.9", 9},      {"python:3.11", 11},
		{"python:default", 11}, {"nodejs:default", 0},
		{"python:3", 0},        {"python:99", 0},
		{"python:3.11.2", 0},   {"", 0},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		assert_int_equal(runtime_python_minor(str_of(cases[i].kind)), cases[i].minor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_minor_version_of_python_is_that_of_the_kind),
		cmocka_unit_test(kinds_are_found_exactly_or_by_default),
		cmocka_unit_test(every_language_has_one_default_that_is_not_deprecated),
		cmocka_unit_test(nearest_kind_helps_with_slips),
		cmocka_unit_test(language_is_what_stands_before_the_colon),
		cmocka_unit_test(extension_tells_the_language),
		cmocka_unit_test(archives_are_zip_and_jar),
		cmocka_unit_test(keywords_are_doctls),
		cmocka_unit_test(other_names_of_languages_are_understood),
		cmocka_unit_test(a_host_may_list_others),
	};

	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
