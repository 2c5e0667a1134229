/* Functions made to be slow to look at: what they cost must not grow with a square. */
#include <time.h>

#include "verify.h"
#include "verify/python_lex.h"

#define MAIN "def main():\n    pass\n"
#define SITE "virtualenv/lib/python3.11/site-packages/"
#define ACTIVATE "for lib in \"../lib/python3.11/site-packages\".split(os.pathsep):\n"
#define MACHO "\xcf\xfa\xed\xfe\x07\0\0\1"

/* Each of these took minutes or hours; a loaded machine with sanitizers needs a second. */
enum { MANY = 300000, SECONDS_MAX = 20 };

static void repeat(struct strbuf *b, const char *text, size_t n)
{
	while (n-- > 0)
		strbuf_adds(b, text);
}

/* "import <prefix>0\n" and so on. */
static void add_imports(struct strbuf *b, const char *prefix, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		strbuf_addf(b, "import %s%zu\n", prefix, i);
}

static void put_entry(const struct tree *t, struct strbuf *text)
{
	strbuf_adds(text, "\n" MAIN);
	put(t, "__main__.py", text->buf);
	strbuf_release(text);
}

/* How many findings there are, the last one in *last (to be freed). */
static size_t count_findings(const struct tree *t, char **last)
{
	clock_t start = clock();
	struct looked l;
	size_t n;

	look(t, "packages/p/f", "python:3.11", NULL, &l);
	n = l.d.list.n;
	*last = xstrdup(n ? l.d.list.v[n - 1].text : "");
	looked_release(&l);
	assert_true(clock() - start < SECONDS_MAX * CLOCKS_PER_SEC);
	return n;
}

static void one_line_may_be_the_whole_file(void **state)
{
	static const char *const pieces[] = {"a,", "'a',", "'''a\n''',", "(", ";", "."};
	struct strbuf text = STRBUF_INIT;
	struct python_tokens tokens;
	clock_t start = clock();
	size_t i;

	(void)state;
	for (i = 0; i < countof(pieces); i++) {
		strbuf_reset(&text);
		repeat(&text, pieces[i], MANY);
		assert_int_equal(python_lex(strbuf_str(&text), &tokens), *pieces[i] != '(');
		assert_true(tokens.list.n >= MANY);
		python_tokens_release(&tokens);
	}
	assert_true(clock() - start < SECONDS_MAX * CLOCKS_PER_SEC);
	strbuf_release(&text);
}

static void columns_count_characters_behind_strings_and_joined_lines(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint32_t line, column; /* of x */
	} rows[] = {
		{"x", 1, 1},
		{"\xef\xbb\xbfx", 1, 1},
		{"'\xc3\xa4' + x", 1, 7},
		{"'a' 'b' x", 1, 9},
		{"'''a\nb''' x", 2, 6},
		{"'''a\r\nb''' x", 2, 6},
		{"'a\\\nb' x", 2, 4},
		{"1 + \\\n x", 2, 2},
		{"(1,\r\n  x)", 2, 3},
		{"\xc3\xa4 = x", 1, 5},
	};
	struct python_tokens tokens;
	size_t i, j;

	for (i = 0; i < countof(rows); i++) {
		assert_true(python_lex(str_of(rows[i].text), &tokens));
		for (j = 0; !str_is(tokens.list.v[j].text, "x"); j++)
			assert_true(j + 1 < tokens.list.n);
		assert_int_equal(tokens.list.v[j].line, rows[i].line);
		assert_int_equal(tokens.list.v[j].column, rows[i].column);
		python_tokens_release(&tokens);
	}
}

static void so_many_missing_modules_are_enough(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	char *last;

	put(t, "x.txt", "");
	add_imports(&text, "gone", 150000);
	put_entry(t, &text);
	assert_int_equal(count_findings(t, &last), 101);
	assert_string_equal(last, "more modules are missing; the first 100 are named");
	free(last);
}

static void a_hundred_missing_modules_are_all_named(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	char *last;

	put(t, "x.txt", "");
	add_imports(&text, "gone", 100);
	put_entry(t, &text);
	assert_int_equal(count_findings(t, &last), 100);
	assert_non_null(strstr(last, "'gone99'"));
	free(last);
}

/* Its text was read, and kept, once for each. */
static void a_package_is_read_once_for_all_that_it_lacks(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	char *last;

	repeat(&text, "x = 1\n", MANY);
	put(t, "own/__init__.py", text.buf);
	strbuf_reset(&text);
	add_imports(&text, "own.gone", 5000);
	put_entry(t, &text);
	assert_int_equal(count_findings(t, &last), 101);
	free(last);
}

static void names_without_end_are_left_alone(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	char *last;

	put(t, "own/x.py", "");
	strbuf_adds(&text, "import ");
	repeat(&text, "own.", MANY);
	strbuf_adds(&text, "x\nfrom ");
	repeat(&text, "a", MANY);
	strbuf_adds(&text, " import (");
	repeat(&text, "b,", MANY);
	strbuf_adds(&text, ")\nfrom ");
	repeat(&text, ".", MANY);
	strbuf_adds(&text, "own import x\n");
	put_entry(t, &text);
	(void)count_findings(t, &last);
	free(last);
}

static void a_pth_file_of_many_folders_makes_it_unsure(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	struct looked l;
	size_t i;

	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	for (i = 0; i < MANY; i++)
		strbuf_addf(&text, "d%zu\n", i);
	put(t, SITE "a.pth", text.buf);
	put(t, SITE "d150/far.py", "");
	put(t, SITE "d50/near.py", "");
	strbuf_reset(&text);
	strbuf_adds(&text, "import near, far\n");
	put_entry(t, &text);
	look(t, "packages/p/f", "python:3.11", NULL, &l);
	assert_int_equal(l.d.list.n, 1);
	assert_int_equal(l.d.warnings, 1);
	assert_non_null(strstr(l.d.list.v[0].text, "'far'"));
	looked_release(&l);
}

static void put_macho(const struct tree *t, const char *name)
{
	char *path = xasprintf("packages/p/f/%s", name);
	int fd;

	put(t, name, "");
	fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, MACHO, 8), 8);
	(void)close(fd);
	free(path);
}

static void put_libraries(const struct tree *t, const char *start, const char *end, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *name = xasprintf("%s%zu%s", start, i, end);

		put_macho(t, name);
		free(name);
	}
}

/* All were opened for each of them: 2.25 million times. */
static void libraries_of_one_package_are_opened_once(void **state)
{
	const struct tree *t = *state;
	char *last;

	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	put(t, "__main__.py", MAIN);
	put_libraries(t, SITE "big/x", ".so", 1500);
	assert_int_equal(count_findings(t, &last), 1);
	assert_non_null(strstr(last, "'big', with 1499 more files"));
	free(last);
}

static void packages_with_trouble_are_named_up_to_a_number(void **state)
{
	const struct tree *t = *state;
	char *last;

	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	put(t, "__main__.py", MAIN);
	put_libraries(t, SITE "b", "/x.so", 501);
	assert_int_equal(count_findings(t, &last), 500);
	free(last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_may_be_the_whole_file),
		cmocka_unit_test(columns_count_characters_behind_strings_and_joined_lines),
		CASE(so_many_missing_modules_are_enough),
		CASE(a_hundred_missing_modules_are_all_named),
		CASE(a_package_is_read_once_for_all_that_it_lacks),
		CASE(names_without_end_are_left_alone),
		CASE(a_pth_file_of_many_folders_makes_it_unsure),
		CASE(libraries_of_one_package_are_opened_once),
		CASE(packages_with_trouble_are_named_up_to_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
