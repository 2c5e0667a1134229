#include <stdio.h>

#include "diag/diag.h"
#include "test.h"

static const struct pos whole_file;

/* What is printed for a finding at line:col of text. */
static char *written(const char *text, uint32_t line, uint32_t col, bool colour)
{
	struct diag_source source = {"project.yml", str_of(text)};
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;

	diags_add(&d, DIAG_ERROR, &source, (struct pos){line, col}, "wrong");
	diag_write(&out, &d.list.v[0], colour);
	diags_release(&d);
	return strbuf_detach(&out, NULL);
}

static void assert_written(const char *text, uint32_t line, uint32_t col, const char *below)
{
	char head[64];
	char *got = written(text, line, col, false);

	(void)snprintf(head, sizeof(head), "project.yml:%u:%u: error: wrong\n", line, col);
	assert_memory_equal(got, head, strlen(head));
	assert_string_equal(got + strlen(head), below);
	free(got);
}

static void caret_stands_under_the_place(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint32_t line, col;
		const char *below;
	} rows[] = {
		{"a: 1\nb: 2\n", 2, 4, "  b: 2\n     ^\n"},
		{"a: 1", 1, 1, "  a: 1\n  ^\n"},
		{"a: 1\r\nb: 2\r\n", 1, 4, "  a: 1\n     ^\n"},
		/* multi-byte, wide and combining characters */
		{"\xc3\xa4\xc3\xb6: 1", 1, 5, "  \xc3\xa4\xc3\xb6: 1\n      ^\n"},
		{"\xe6\x97\xa5: 1", 1, 4, "  \xe6\x97\xa5: 1\n      ^\n"},
		{"\xf0\x9f\x98\x80 x", 1, 3, "  \xf0\x9f\x98\x80 x\n     ^\n"},
		{"e\xcc\x81 x", 1, 4, "  e\xcc\x81 x\n    ^\n"},
		{"\ta\tb", 1, 4, "  \ta\tb\n  \t \t^\n"},
		/* what could drive the terminal is made visible, and counted */
		{"\x1b[2Jx", 1, 5, "  \\x1b[2Jx\n         ^\n"},
		{"\x7f\xc2\x9bx", 1, 3, "  \\x7f\\x9bx\n          ^\n"},
		{"\xff\xfex", 1, 3, "  \xef\xbf\xbd\xef\xbf\xbdx\n    ^\n"},
		{"a\rb", 1, 3, "  a\\x0db\n       ^\n"},
		/* a byte order mark is no column */
		{"\xef\xbb\xbf"
		 "ab",
		 1, 2, "  ab\n   ^\n"},
		/* at and behind the end of the line */
		{"abc\n", 1, 4, "  abc\n     ^\n"},
		{"abc\n", 1, 9, "  abc\n     ^\n"},
		/* lines that are empty or not there */
		{"abc\n", 2, 1, ""},
		{"abc\n", 3, 1, ""},
		{"abc\n\nd", 2, 1, ""},
		{"", 1, 1, ""},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_written(rows[i].text, rows[i].line, rows[i].col, rows[i].below);
}

/* The column of the caret and what stands above it in the printed form. */
static char above_caret(const char *printed)
{
	const char *line = strchr(printed, '\n') + 1;
	const char *under = strchr(line, '\n') + 1;

	return line[strchr(under, '^') - under];
}

static void long_line_is_cut_around_the_place(void **state UNUSED)
{
	static const uint32_t cols[] = {1, 60, 61, 100, 101, 2500, 4999, 5000};
	char text[5001];
	char *got;
	size_t i;

	for (i = 0; i < countof(cols); i++) {
		memset(text, '-', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		text[cols[i] - 1] = 'X';
		got = written(text, 1, cols[i], false);
		assert_int_equal(above_caret(got), 'X');
		assert_true(strlen(got) < 280);
		assert_non_null(strstr(got, "..."));
		free(got);
	}
}

static void line_of_the_shown_length_is_not_cut(void **state UNUSED)
{
	char text[101];
	char *got;

	memset(text, '-', 100);
	text[100] = '\0';
	text[99] = 'X';
	got = written(text, 1, 100, false);
	assert_null(strstr(got, "..."));
	assert_int_equal(above_caret(got), 'X');
	free(got);
}

static void colour_wraps_place_level_and_caret(void **state UNUSED)
{
	char *got = written("ab", 1, 2, true);

	assert_string_equal(got,
			    "\x1b[1mproject.yml:1:2:\x1b[0m \x1b[1;31merror:\x1b[0m wrong\n"
			    "  ab\n   \x1b[1;32m^\x1b[0m\n");
	free(got);
}

static void levels_and_paths_without_a_place_are_named(void **state UNUSED)
{
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	struct diag_source source = {"project.yml", STR("x")};

	diags_add_path(&d, DIAG_WARNING, "packages/p/\x1bx", "is '%s'", "a\nb");
	diags_add_path(&d, DIAG_NOTE, "lib", "fine");
	diags_add(&d, DIAG_ERROR, &source, whole_file, "empty");
	diag_write(&out, &d.list.v[0], false);
	diag_write(&out, &d.list.v[1], false);
	diag_write(&out, &d.list.v[2], false);
	assert_string_equal(out.buf, "packages/p/\\x1bx: warning: is 'a\\x0ab'\n"
				     "lib: note: fine\n"
				     "project.yml: error: empty\n");
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.warnings, 1);
	strbuf_release(&out);
	diags_release(&d);
}

static void source_without_text_shows_no_line(void **state UNUSED)
{
	struct diag_source source = {"project.yml", {NULL, 0}};
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;

	diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 1}, "x");
	diag_write(&out, &d.list.v[0], false);
	assert_string_equal(out.buf, "project.yml:1:1: error: x\n");
	strbuf_release(&out);
	diags_release(&d);
}

static void sorting_goes_by_file_line_column_and_is_stable(void **state UNUSED)
{
	struct diag_source a = {"a", STR("x")}, b = {"b", STR("x")};
	struct diags d = DIAGS_INIT;
	struct strbuf order = STRBUF_INIT;
	size_t i;

	diags_add(&d, DIAG_ERROR, &b, (struct pos){1, 1}, "6");
	diags_add(&d, DIAG_ERROR, &a, (struct pos){2, 5}, "3");
	diags_add(&d, DIAG_NOTE, &a, (struct pos){2, 5}, "4");
	diags_add(&d, DIAG_ERROR, &a, (struct pos){10, 1}, "5");
	diags_add(&d, DIAG_ERROR, &a, (struct pos){2, 1}, "2");
	diags_add_path(&d, DIAG_ERROR, "a", "1");
	diags_add(&d, DIAG_ERROR, &b, (struct pos){1, 1}, "7");
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++)
		strbuf_adds(&order, d.list.v[i].text);
	assert_string_equal(order.buf, "1234567");
	strbuf_release(&order);
	diags_release(&d);
}

static void sorting_keeps_each_finding_once(void **state UNUSED)
{
	struct diag_source source = {"a", STR("x")};
	struct strbuf left = STRBUF_INIT;
	struct diags d = DIAGS_INIT;
	size_t i;

	diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 1}, "1");
	diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 1}, "2");
	diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 1}, "1");
	diags_add(&d, DIAG_WARNING, &source, (struct pos){1, 1}, "1");
	diags_add(&d, DIAG_WARNING, &source, (struct pos){1, 1}, "1");
	diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 2}, "1");
	diags_add_path(&d, DIAG_NOTE, "b", "3");
	diags_add_path(&d, DIAG_NOTE, "b", "3");
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&left, "%s%d:%s ", d.list.v[i].path, (int)d.list.v[i].level,
			    d.list.v[i].text);
	assert_string_equal(left.buf, "a2:1 a2:2 a1:1 a2:1 b0:3 ");
	assert_int_equal(d.errors, 3);
	assert_int_equal(d.warnings, 1);
	strbuf_release(&left);
	diags_release(&d);
}

static void sorting_an_empty_list_is_fine(void **state UNUSED)
{
	struct diags d = DIAGS_INIT;

	diags_sort(&d);
	assert_int_equal(d.list.n, 0);
	diags_release(&d);
}

static void beyond_the_ceiling_findings_are_only_counted(void **state UNUSED)
{
	struct diag_source source = {"a", STR("x")};
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	int i;

	for (i = 0; i < DIAGS_MAX + 5; i++)
		diags_add(&d, DIAG_ERROR, &source, (struct pos){1, 1}, "%d", i);
	diags_add_path(&d, DIAG_WARNING, "p", "x");
	assert_int_equal(d.list.n, DIAGS_MAX);
	assert_int_equal(d.errors, DIAGS_MAX + 5);
	assert_int_equal(d.warnings, 1);
	assert_int_equal(diags_check(&d, &e), -1);
	assert_string_equal(e.msg, "1005 errors in the project");
	assert_int_equal(e.code, ERR_PROJECT);
	err_clear(&e);
	diags_release(&d);
}

static void check_passes_with_warnings_alone(void **state UNUSED)
{
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;

	diags_add_path(&d, DIAG_WARNING, "p", "x");
	assert_int_equal(diags_check(&d, &e), 0);
	diags_add_path(&d, DIAG_ERROR, "p", "x");
	assert_int_equal(diags_check(&d, &e), -1);
	assert_string_equal(e.msg, "1 error in the project");
	err_clear(&e);
	diags_release(&d);
}

static void message_that_quotes_a_whole_file_is_cut_between_characters(void **state UNUSED)
{
	struct diags d = DIAGS_INIT;
	char big[6001];
	size_t i;

	for (i = 0; i + 3 < sizeof(big); i += 3)
		memcpy(big + i, "\xe2\x82\xac", 3);
	big[i] = '\0';
	diags_add_path(&d, DIAG_ERROR, "p", "%s", big);
	assert_int_equal(strlen(d.list.v[0].text), 1998 + 3);
	assert_string_equal(d.list.v[0].text + 1995, "\xe2\x82\xac...");
	diags_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caret_stands_under_the_place),
		cmocka_unit_test(long_line_is_cut_around_the_place),
		cmocka_unit_test(line_of_the_shown_length_is_not_cut),
		cmocka_unit_test(colour_wraps_place_level_and_caret),
		cmocka_unit_test(levels_and_paths_without_a_place_are_named),
		cmocka_unit_test(source_without_text_shows_no_line),
		cmocka_unit_test(sorting_goes_by_file_line_column_and_is_stable),
		cmocka_unit_test(sorting_keeps_each_finding_once),
		cmocka_unit_test(sorting_an_empty_list_is_fine),
		cmocka_unit_test(beyond_the_ceiling_findings_are_only_counted),
		cmocka_unit_test(check_passes_with_warnings_alone),
		cmocka_unit_test(message_that_quotes_a_whole_file_is_cut_between_characters),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
