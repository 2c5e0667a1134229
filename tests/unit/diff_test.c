#include "diff/files.h"
#include "diff/settings.h"

#include <stdlib.h>

#include "test.h"
#include "zip/zip.h"

/* ---- files ---- */

struct entry {
	const char *name, *text;
	bool executable;
};

/* Names in byte order, NULL at the end. */
static struct strbuf archive_of(const struct entry *entries)
{
	const struct zip_options o = {.time = zip_fixed_time(), .keep = 1 << 20};
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct zip_writer *w = zip_writer_new(&o, &e);

	assert_non_null(w);
	for (; entries->name; entries++)
		assert_int_equal(zip_add_data(w, entries->name, entries->executable,
					      str_of(entries->text), &e),
				 0);
	assert_int_equal(zip_writer_end_whole(w, &out, &e), 0);
	return out;
}

/* The list as JSON, in which nothing is left out. */
static void assert_files(const struct code *live, const struct code *local, const char *want)
{
	struct json *list = files_compare(live, local);
	struct strbuf text = STRBUF_INIT;

	json_write(&text, list);
	assert_string_equal(text.buf, want);
	strbuf_release(&text);
	json_free(list);
}

static void assert_archives(const struct entry *live, const struct entry *local,
			    const char *want)
{
	struct strbuf a = archive_of(live), b = archive_of(local);
	const struct code x = {strbuf_str(&a), true, "code"},
			  y = {strbuf_str(&b), true, "code"};

	assert_files(&x, &y, want);
	strbuf_release(&a);
	strbuf_release(&b);
}

static void equal_archives_have_no_differences(void **state UNUSED)
{
	static const struct entry both[] = {{"a", "1\n", false}, {"b", "", true}, {0}};

	assert_archives(both, both, "[]");
}

static void files_are_matched_by_name(void **state UNUSED)
{
	static const struct entry live[] = {
		{"a", "1\n", false}, {"b", "old\n", false}, {"d", "x", false}, {0}};
	static const struct entry local[] = {
		{"b", "new\n", false}, {"c", "", false}, {"d", "x", true}, {0}};

	assert_archives(
		live, local,
		"[{\"name\":\"a\",\"change\":\"removed\",\"liveBytes\":2},"
		"{\"name\":\"b\",\"change\":\"changed\",\"liveBytes\":4,\"localBytes\":4,"
		"\"diff\":\"@@ -1 +1 @@\\n-old\\n+new\\n\"},"
		"{\"name\":\"c\",\"change\":\"added\",\"localBytes\":0},"
		"{\"name\":\"d\",\"change\":\"changed\",\"liveBytes\":1,\"localBytes\":1,"
		"\"executable\":true}]");
}

static void compiled_python_counts_only_when_there_is_nothing_else(void **state UNUSED)
{
	static const struct entry with[] = {{"__pycache__/a.pyc", "x", false},
					    {"a.py", "", false},
					    {"p/__pycache__/b.pyc", "y", false},
					    {0}};
	static const struct entry without[] = {{"a.py", "", false}, {0}};
	static const struct entry only[] = {{"__pycache__/a.pyc", "x", false}, {0}};
	static const struct entry elsewhere[] = {
		{"a.py", "", false}, {"a.pyc", "x", false}, {0}};

	assert_archives(with, without, "[]");
	assert_archives(without, with, "[]");
	assert_archives(without, elsewhere,
			"[{\"name\":\"a.pyc\",\"change\":\"added\",\"localBytes\":1}]");
	assert_archives(only, only, "[]");
}

static void one_text_is_compared_line_by_line(void **state UNUSED)
{
	const struct code live = {STR("a\n"), false, "f.py"},
			  local = {STR("b\n"), false, "f.py"};

	assert_files(&live, &local,
		     "[{\"name\":\"f.py\",\"change\":\"changed\",\"liveBytes\":2,"
		     "\"localBytes\":2,\"diff\":\"@@ -1 +1 @@\\n-a\\n+b\\n\"}]");
	assert_files(&live, &live, "[]");
}

static void assert_binary(struct str a, struct str b)
{
	const struct code live = {a, true, "code"}, local = {b, true, "code"};
	struct json *list = files_compare(&live, &local), *j = json_at(list, 0);

	assert_int_equal(json_count(list), 1);
	assert_true(json_is_true(json_get(j, "binary")));
	assert_null(json_get(j, "diff"));
	assert_int_equal(json_str(json_get(j, "liveSha256")).n, 64);
	assert_false(json_equal(json_get(j, "liveSha256"), json_get(j, "localSha256")));
	json_free(list);
}

static void what_is_no_text_is_told_by_digest(void **state UNUSED)
{
	size_t n = 1024 * 1024 + 1;
	char *large = xcalloc(n, 1);

	assert_binary(STR("a\0b"), STR("a\0c"));
	assert_binary(STR("\xff"), STR("a"));
	memset(large, 'x', n);
	assert_binary((struct str){large, n}, STR("x"));
	free(large);
}

static void archive_that_cannot_be_read_is_one_file(void **state UNUSED)
{
	static const struct entry entries[] = {{"a", "1\n", false}, {0}};
	struct strbuf good = archive_of(entries);
	const struct code local = {strbuf_str(&good), true, "code"};
	struct code live = local;
	struct json *list, *first;

	for (live.bytes.n = 4; live.bytes.n < good.len; live.bytes.n++) {
		list = files_compare(&live, &local);
		first = json_first(list);
		assert_int_equal(json_count(list), 2);
		assert_non_null(strstr(json_cstr(json_get(first, "note")), "live archive"));
		json_free(list);
	}
	strbuf_release(&good);
}

static void nothing_is_a_code_too(void **state UNUSED)
{
	const struct code nothing = {STR(""), false, "code"}, some = {STR("a"), false, "code"};

	assert_files(&nothing, &nothing, "[]");
	assert_files(
		&nothing, &some,
		"[{\"name\":\"code\",\"change\":\"changed\",\"liveBytes\":0,"
		"\"localBytes\":1,\"diff\":\"@@ -0,0 +1 @@\\n+a\\n\\\\ No newline at end of "
		"file\\n\"}]");
}

/* ---- settings ---- */

static struct json *parsed(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	if (!j)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

static void settings_are_compared_one_by_one(void **state UNUSED)
{
	static const struct {
		const char *live, *local, *want;
	} rows[] = {
		{"{}", "{}", "[]"},
		{"[]", "{}", "[]"},
		{"{\"exec\":{\"kind\":\"python:3.9\"}}",
		 "{\"exec\":{\"kind\":\"python:3.11\"}}",
		 "[{\"what\":\"runtime\",\"change\":\"changed\",\"live\":\"python:3.9\","
		 "\"local\":\"python:3.11\"}]"},
		{"{\"exec\":{\"kind\":\"python:3.9\"}}",
		 "{\"exec\":{\"kind\":\"python:default\"}}", "[]"},
		{"{\"exec\":{\"kind\":\"nodejs:18\"}}",
		 "{\"exec\":{\"kind\":\"python:default\"}}",
		 "[{\"what\":\"runtime\",\"change\":\"changed\",\"live\":\"nodejs:18\","
		 "\"local\":\"python:default\"}]"},
		{"{\"exec\":{\"main\":\"main\"}}", "{\"exec\":{}}", "[]"},
		{"{\"exec\":{\"main\":\"f\"}}", "{\"exec\":{}}",
		 "[{\"what\":\"main\",\"change\":\"removed\",\"live\":\"f\"}]"},
		{"{\"limits\":{\"timeout\":1,\"memory\":2}}", "{\"limits\":{\"timeout\":1}}",
		 "[]"},
		{"{}", "{\"limits\":{\"logs\":1}}",
		 "[{\"what\":\"limit\",\"name\":\"logs\",\"change\":\"added\",\"local\":1}]"},
		{"{\"annotations\":[{\"key\":\"raw-http\",\"value\":true}]}",
		 "{\"annotations\":[{\"key\":\"web-export\",\"value\":true}]}",
		 "[{\"what\":\"web\",\"change\":\"changed\",\"live\":\"raw\",\"local\":true}]"},
		{"{\"annotations\":[{\"key\":\"require-whisk-auth\",\"value\":false}]}", "{}",
		 "[]"},
		{"{\"annotations\":[{\"key\":\"require-whisk-auth\",\"value\":\"a\"}]}",
		 "{\"annotations\":[{\"key\":\"require-whisk-auth\",\"value\":\"b\"}]}",
		 "[{\"what\":\"webSecure\",\"change\":\"changed\"}]"},
		{"{\"annotations\":[{\"key\":\"deployer\",\"value\":1},"
		 "{\"key\":\"exec\",\"value\":\"x\"},{\"key\":\"n\",\"value\":1}]}",
		 "{}",
		 "[{\"what\":\"annotation\",\"name\":\"n\",\"change\":\"removed\",\"live\":1}"
		 "]"},
		{"{\"parameters\":[{\"key\":\"a\",\"value\":1},{\"key\":\"b\",\"value\":1},"
		 "{\"key\":\"_actions\",\"value\":[]}]}",
		 "{\"parameters\":[{\"key\":\"b\",\"value\":2},"
		 "{\"key\":\"a\",\"value\":1,\"init\":true}]}",
		 "[{\"what\":\"parameter\",\"name\":\"b\",\"change\":\"changed\"},"
		 "{\"what\":\"parameter\",\"name\":\"a\",\"change\":\"removed\"},"
		 "{\"what\":\"variable\",\"name\":\"a\",\"change\":\"added\"}]"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		struct json *live = parsed(rows[i].live), *local = parsed(rows[i].local);
		struct json *list = settings_compare(live, local);
		struct strbuf text = STRBUF_INIT;

		json_write(&text, list);
		assert_string_equal(text.buf, rows[i].want);
		strbuf_release(&text);
		json_free(list);
		json_free(live);
		json_free(local);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_archives_have_no_differences),
		cmocka_unit_test(files_are_matched_by_name),
		cmocka_unit_test(compiled_python_counts_only_when_there_is_nothing_else),
		cmocka_unit_test(one_text_is_compared_line_by_line),
		cmocka_unit_test(what_is_no_text_is_told_by_digest),
		cmocka_unit_test(archive_that_cannot_be_read_is_one_file),
		cmocka_unit_test(nothing_is_a_code_too),
		cmocka_unit_test(settings_are_compared_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
