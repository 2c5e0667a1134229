#include "verify.h"

#include "zipped.h"

static void entry_functions_are_told_by_language(void **state)
{
	static const struct {
		const char *file, *runtime, *text, *entry, *findings;
	} rows[] = {
		{"f.py", "python:3.11", "def main(event):\n  pass\n", NULL, ""},
		{"f.py", "python:3.11", "def handler(event):\n  pass\n", "handler", ""},
		{"f.py", "python:3.11", "def handler(event):\n  pass\ndef run(): pass\n", NULL,
		 "error packages/p/f.py:0: has no function 'main', which the runtime calls; it "
		 "has "
		 "'handler', 'run': rename one, or name it with 'main:' in project.yml\n"},
		{"f.py", "python:3.11", "x = 1\n", NULL,
		 "error packages/p/f.py:0: has no function 'main', which the runtime calls\n"},
		{"f.py", "python:3.11", "async def main(): pass\n", NULL,
		 "warning packages/p/f.py:0: 'main' is an 'async def', and the runtime does "
		 "not "
		 "await it: call asyncio.run() in a plain function\n"},
		{"f.py", "python:3.11", "def main(:\n  '", NULL, ""},
		{"f.js", "nodejs:18", "exports.main = () => {}\n", NULL, ""},
		{"f.js", "nodejs:18", "function main() {}\n", NULL, ""},
		{"f.js", "nodejs:18", "module.exports = require('./x')\n", NULL, ""},
		{"f.js", "nodejs:18", "export function handler() {}\n", "x.handler", ""},
		{"f.js", "nodejs:18", "exports.handler = () => {}\n", NULL,
		 "error packages/p/f.js:0: has no 'main', which the runtime calls; add it, or "
		 "name another function with 'main:' in project.yml\n"},
		{"f.php", "php:8.2", "<?php\nFunction  MAIN ($a) {}\n", NULL, ""},
		{"f.php", "php:8.2", "<?php include 'x.php';\n", NULL, ""},
		{"f.php", "php:8.2", "<?php function mine() { main(); }\n", NULL,
		 "error packages/p/f.php:0: has no 'main', which the runtime calls; add it, or "
		 "name another function with 'main:' in project.yml\n"},
		{"f.go", "go:1.20", "package main\nfunc Main() {}\n", NULL, ""},
		{"f.go", "go:1.20", "package main\nfunc Main() {}\n", "main", ""},
		{"f.go", "go:1.20", "package main\nfunc Hello() {}\n", "Hello", ""},
		{"f.go", "go:1.20", "package f\nfunc run() {}\n", NULL,
		 "error packages/p/f.go:0: is not of 'package main', of which the runtime "
		 "calls "
		 "'Main'\n"
		 "error packages/p/f.go:0: has no 'Main', which the runtime calls; add it, or "
		 "name another function with 'main:' in project.yml\n"},
		{"f.rb", "ruby:3", "", NULL, ""},
	};
	const struct tree *t = *state;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		char *path = xasprintf("packages/p/%s", rows[i].file);

		tree_file(t, path, rows[i].text);
		expect_of(t, path, rows[i].runtime, rows[i].entry, rows[i].findings);
		free(path);
	}
}

static void entry_files_are_told_by_language(void **state)
{
	static const struct {
		const char *runtime, *files[3], *entry, *part;
	} rows[] = {
		{"php:8.0", {"a.php", "index.php"}, NULL, "has no 'main'"},
		{"php:8.0", {"a.php", "index.php", "vendor/autoload.php"}, NULL, ""},
		{"php:8.0", {"a.php", "x/index.php"}, NULL, "has no index.php"},
		{"nodejs:default", {"a.js", "index.mjs"}, NULL, "has no 'main'"},
		{"nodejs:22",
		 {"a.js", "b.js"},
		 NULL,
		 "has no index.js, index.mjs or package.json"},
		{"nodejs:22", {"a.js", "b.js"}, "a.main", "has no 'main'"},
		{"nodejs:22", {"a.js", "b.mjs"}, "b.main", "has no 'main'"},
		{"nodejs:22", {"a.js", "b.js"}, "c.main", "asks for 'c.js'"},
		{"go:1.20", {"a.go", "b.go"}, NULL, ""},
		{"python:3.11",
		 {"a.py", "b.py"},
		 NULL,
		 "has several files but no '__main__.py'"},
		{"python:3.11", {"main__.py", "b.py"}, NULL, "has no function 'main'"},
	};
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	size_t i, j;

	for (i = 0; i < countof(rows); i++) {
		struct looked l;

		assert_int_equal(fs_remove_tree(t->fd, "packages", &e), 0);
		for (j = 0; j < 3 && rows[i].files[j]; j++)
			put(t, rows[i].files[j], "");
		look(t, "packages/p/f", rows[i].runtime, rows[i].entry, &l);
		assert_int_equal(l.d.list.n, *rows[i].part != '\0');
		if (l.d.list.n)
			assert_non_null(strstr(l.d.list.v[0].text, rows[i].part));
		looked_release(&l);
	}
}

static void the_main_of_package_json_is_found_as_node_does(void **state)
{
	static const struct {
		const char *package, *part;
	} rows[] = {
		{"{\"main\": \"lib/a.js\"}", ""},
		{"{\"main\": \"./lib/a\"}", ""},
		{"{\"main\": \"lib\"}", ""},
		{"{\"main\": \"lib/\"}", ""},
		{"{\"main\": \".\"}", ""},
		{"{}", ""},
		{"{\"main\": 3}", ""},
		{"no json", ""},
		{"{\"main\": \"../a\"}", "has '../a' as its main"},
		{"{\"main\": \"gone\"}",
		 "has 'gone' as its main, which is not among the files"},
	};
	const struct tree *t = *state;
	size_t i;

	put(t, "lib/a.js", "exports.main = 1");
	put(t, "lib/index.js", "exports.main = 1");
	put(t, "index.js", "exports.main = 1");
	for (i = 0; i < countof(rows); i++) {
		put(t, "package.json", rows[i].package);
		expect_parts(t, "nodejs:18", rows[i].part);
	}
}

/* packages/p/f.zip with one empty entry. */
static void zip_of(const struct tree *t, const char *name)
{
	struct strbuf bytes = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct zip_writer *w = zipped_new(zip_fixed_time(), 0, &e);

	assert_non_null(w);
	assert_int_equal(zip_add_data(w, name, false, STR(""), &e), 0);
	assert_int_equal(zip_writer_end_whole(w, &bytes, &e), 0);
	assert_int_equal(
		fs_write_atomic(t->fd, "packages/p/f.zip", strbuf_str(&bytes), 0644, &e), 0);
	strbuf_release(&bytes);
}

static void an_archive_for_python_needs_the_file_that_starts(void **state)
{
	const struct tree *t = *state;
	static const char path[] = "packages/p/f.zip";
	struct looked l;

	tree_file(t, path, "no archive");
	expect_of(t, path, "python:3.11", NULL,
		  "error packages/p/f.zip:0: is no zip archive\n");
	zip_of(t, "sub/__main__.py");
	expect_of(t, path, "python:3.11", NULL,
		  "error packages/p/f.zip:0: holds no '__main__.py' at its top, with which a "
		  "Python function starts\n");
	zip_of(t, "__main__.py");
	expect_of(t, path, "python:3.11", NULL, "");
	tree_file(t, path, "PK damaged");
	look(t, path, "python:3.11", NULL, &l);
	assert_int_equal(l.d.warnings, 1);
	looked_release(&l);
	tree_file(t, "packages/p/f/exec", "\177ELF\377");
	expect_parts(t, "python:3.11", "is no zip archive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(entry_functions_are_told_by_language),
		CASE(entry_files_are_told_by_language),
		CASE(the_main_of_package_json_is_found_as_node_does),
		CASE(an_archive_for_python_needs_the_file_that_starts),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
