#include "base/clock.h"
#include "base/strbuf.h"
#include "glob/glob.h"
#include "test.h"

struct glob_case {
	const char *pattern, *path;
	bool match;
};

static bool glob_match(struct str pattern, struct str path)
{
	struct glob_set g;
	bool matches;

	glob_set_init(&g);
	(void)glob_set_add(&g, pattern, 0, 1);
	glob_set_ready(&g);
	matches = glob_set_last(&g, path, false) == 1;
	glob_set_release(&g);
	return matches;
}

static void check(const struct glob_case *cases, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (glob_match(str_of(cases[i].pattern), str_of(cases[i].path)) !=
		    cases[i].match)
			fail_msg("'%s' and '%s': not %d", cases[i].pattern, cases[i].path,
				 cases[i].match);
}

static void stars_and_question_marks_stop_at_slashes(void **state UNUSED)
{
	static const struct glob_case cases[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"foo", "foo", true},
		{"foo", "Foo", false},
		{"foo", "foobar", false},
		{"f?o", "foo", true},
		{"f?o", "f/o", false},
		{"?", "", false},
		{"*", "", true},
		{"*", "foo", true},
		{"*", "a/b", false},
		{"f*", "foo", true},
		{"*f", "foo", false},
		{"*foo*", "xfoox", true},
		{"*ob*a*r*", "foobar", true},
		{"*a*b*c", "abcbcb", false},
		{"a*/b", "a/b", true},
		{"a*/b", "ax/y/b", false},
		{"*/b", "a/b", true},
		{"*/*", "a/b", true},
		{"*/*", "a/b/c", false},
		{"a/", "a", false},
		{"*.c", ".c", true},
		{"\xc3?", "\xc3\xa9", true},
	};

	check(cases, countof(cases));
}

static void double_stars_span_directories(void **state UNUSED)
{
	static const struct glob_case cases[] = {
		{"**", "a", true},
		{"**", "a/b/c", true},
		{"**/a", "a", true},
		{"**/a", "x/y/a", true},
		{"**/a", "x/ya", false},
		{"a/**", "a", false},
		{"a/**", "a/b", true},
		{"a/**", "a/b/c", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "a/xb", false},
		{"a/**/**/b", "a/b", true},
		{"a/***/b", "a/x/y/b", true},
		{"a**b", "axxb", true},
		{"a**b", "a/b", false},
		{"**a", "x/a", false},
		{"**/a/*/b/**/c", "q/a/x/b/c", true},
		{"**/a/*/b/**/c", "a/a/x/b/y/z/c", true},
		{"**/a/*/b/**/c", "a/x/y/b/c", false},
		{"a/**/**", "a/x", true},
		{"**/**/**", "a", true},
		{"**\\/a", "x/a", true},
		{"**\\/a", "a", false},
		{"a\\/b", "a/b", true},
		{"**/*.c", "a/b/x.c", true},
		{"a/**\\/b", "a/b", false},
		{"a/**\\/b", "a/x/b", true},
		{"a/**\\/b", "a/x/y/b", true},
		{"**/**\\/**/a", "a", false},
		{"**/**\\/**/a", "x/a", true},
		{"a\\/", "a", false},
	};

	check(cases, countof(cases));
}

static void brackets(void **state UNUSED)
{
	static const struct glob_case cases[] = {
		{"[abc]", "b", true},
		{"[abc]", "d", false},
		{"[a-c]x", "bx", true},
		{"[a-c]", "d", false},
		{"[!a-c]", "d", true},
		{"[^a-c]", "b", false},
		{"[]]", "]", true},
		{"[]-]", "-", true},
		{"[!]a-]", "b", true},
		{"[!]a-]", "]", false},
		{"[a-]", "-", true},
		{"[-a]", "-", true},
		{"[\\]]", "]", true},
		{"[\\\\]", "\\", true},
		{"[\\a-\\c]", "b", true},
		{"[c-a]", "b", false},
		{"a[/]b", "a/b", false},
		{"a[b/]c", "abc", true},
		{"a[!x]b", "a/b", false},
		{"[[:digit:]x]", "5", true},
		{"[[:digit:]x]", "x", true},
		{"[[:digit:]x]", "y", false},
		{"[![:alpha:]]", "a", false},
		{"[[:upper:][:space:]]", " ", true},
		{"[[:alpha:]]", "\xe9", false},
		{"[[:xdigit:]-z]", "-", true},
		{"[[:xdigit:]-z]", "y", false},
		{"[[:a]", ":", true},
		{"[a-c-e]", "d", false},
		{"[a-c-e]", "-", true},
		{"[\x80-\xff]", "\xc3", true},
		{"[:]", ":", true},
		{"[[.x.]]", ".]", true},
	};

	check(cases, countof(cases));
}

static void invalid_patterns_match_nothing(void **state UNUSED)
{
	static const struct glob_case cases[] = {
		{"[", "[", false},         {"[abc", "a", false},
		{"a[", "a[", false},       {"[]", "]", false},
		{"[!]", "a", false},       {"[a-", "a", false},
		{"a\\", "a\\", false},     {"a\\", "a", false},
		{"\\", "\\", false},       {"[[:nope:]a]", "a", false},
		{"**/[", "[", false},      {"[\\", "\\", false},
		{"[[:digit:", "5", false}, {"**/[[:digit:/b", "5", false},
	};

	check(cases, countof(cases));
}

static void escapes_take_the_meaning_away(void **state UNUSED)
{
	static const struct glob_case cases[] = {
		{"\\*", "*", true},   {"\\*", "a", false},     {"\\?\\[", "?[", true},
		{"\\a", "a", true},   {"\\\\", "\\", true},    {"*\\*", "ab*", true},
		{"\\**", "*x", true}, {"*\\?x", "ab?x", true},
	};

	check(cases, countof(cases));
}

static void nul_bytes_are_bytes(void **state UNUSED)
{
	assert_true(glob_match(STR("?\0b"), STR("a\0b")));
	assert_true(glob_match(STR("a\0b"), STR("a\0b")));
	assert_false(glob_match(STR("a\0b"), STR("a\0c")));
	assert_false(glob_match(STR("a"), STR("a\0")));
	assert_true(glob_match((struct str){0}, (struct str){0}));
}

static void literal_part_ends_at_the_first_special_byte(void **state UNUSED)
{
	assert_int_equal(glob_literal(STR("foo")), 3);
	assert_int_equal(glob_literal(STR("foo/b*r")), 5);
	assert_int_equal(glob_literal(STR("a\\b")), 1);
	assert_int_equal(glob_literal(STR("a\0b[")), 3);
}

static void repeat(struct strbuf *b, const char *unit, size_t times)
{
	while (times-- > 0)
		strbuf_adds(b, unit);
}

/* unit repeated and an end that cannot match, against a long text. */
static void hostile_patterns_take_bounded_time(void **state UNUSED)
{
	static const struct {
		const char *unit, *end, *text;
		size_t times, text_times;
	} cases[] = {
		{"*a", "*b", "a", 500000, 4000},        {"*a", "*b", "a", 500, 4000},
		{"**/a/", "b", "a/", 200000, 2000},     {"**/a/", "b", "a/", 500, 2000},
		{"**/*a*a*a/", "b", "aaaa/", 200, 800}, {"*[a-z]", "/", "a", 250000, 4000},
		{"[", "", "a", 1000000, 4000},          {"*", "b", "a", 1000000, 4000},
		{"[[:", "", "a", 300000, 4000},         {"[[:a]", "", ":", 100000, 4000},
		{"[[:a", "]b", "a", 300000, 1},
	};
	enum { SLOW_MS = 3000 };
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct strbuf p = STRBUF_INIT, t = STRBUF_INIT;
		uint64_t start = clock_monotonic_ms();

		repeat(&p, cases[i].unit, cases[i].times);
		strbuf_adds(&p, cases[i].end);
		repeat(&t, cases[i].text, cases[i].text_times);
		assert_false(glob_match(strbuf_str(&p), strbuf_str(&t)));
		if (clock_monotonic_ms() - start > SLOW_MS)
			fail_msg("'%s'", cases[i].unit);
		strbuf_release(&p);
		strbuf_release(&t);
	}
}

static void last_of_several_patterns(void **state UNUSED)
{
	static const struct {
		const char *path;
		size_t file, folder;
	} cases[] = {
		{"x", 0, 0},     {"a.c", 1, 1},   {"d/a.c", 1, 1},   {"b.c", 1, 2},
		{"d/b.c", 1, 2}, {"t/a.c", 3, 3}, {"u/t/a.c", 1, 1}, {"v/w", 4, 4},
		{"v/w/x", 4, 4}, {"v", 0, 0},     {"m/n/o", 0, 6},   {"m/o", 0, 6},
		{"m/n", 0, 0},
	};
	struct glob_set g;
	size_t i;

	glob_set_init(&g);
	assert_true(glob_set_add(&g, STR("*.c"), GLOB_BASE, 1));
	assert_true(glob_set_add(&g, STR("b*"), GLOB_BASE | GLOB_FOLDERS, 2));
	assert_true(glob_set_add(&g, STR("t/*.c"), 0, 3));
	assert_true(glob_set_add(&g, STR("v/**"), 0, 4));
	assert_false(glob_set_add(&g, STR("x["), 0, 5));
	assert_true(glob_set_add(&g, STR("m/**/o"), GLOB_FOLDERS, 6));
	glob_set_ready(&g);
	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(glob_set_last(&g, str_of(cases[i].path), false),
				 cases[i].file);
		assert_int_equal(glob_set_last(&g, str_of(cases[i].path), true),
				 cases[i].folder);
	}
	glob_set_release(&g);
}

static void no_patterns_match_nothing(void **state UNUSED)
{
	struct glob_set g;

	glob_set_init(&g);
	glob_set_ready(&g);
	assert_int_equal(glob_set_last(&g, STR("a/b"), true), 0);
	glob_set_release(&g);
}

/* "a/b/ab/..." of up to 6 names, from a number. */
static void add_path(struct strbuf *b, unsigned number)
{
	static const char *const names[] = {"a", "b", "ab"};
	unsigned depth = number % 6;

	strbuf_reset(b);
	for (;;) {
		strbuf_adds(b, names[number % 3]);
		if (depth-- == 0)
			return;
		strbuf_addc(b, '/');
		number /= 3;
	}
}

static void add_patterns(struct glob_set *g)
{
	static const char *const patterns[] = {"**/a/b", "a/**/b", "*/a*/**", "ab/*/*",
					       "**/ab/**/a"};
	size_t i;

	glob_set_init(g);
	for (i = 0; i < countof(patterns); i++)
		assert_true(glob_set_add(g, str_of(patterns[i]), 0, i + 1));
	glob_set_ready(g);
}

/* What is remembered of one path's folders is of no effect on the next. */
static void paths_may_come_in_any_order(void **state UNUSED)
{
	struct strbuf path = STRBUF_INIT;
	struct glob_set g, alone;
	unsigned i, seed = 1;

	add_patterns(&g);
	for (i = 0; i < 5000; i++) {
		seed = seed * 1103515245U + 12345U;
		add_path(&path, seed >> 8);
		add_patterns(&alone);
		assert_int_equal(glob_set_last(&g, strbuf_str(&path), false),
				 glob_set_last(&alone, strbuf_str(&path), false));
		glob_set_release(&alone);
	}
	glob_set_release(&g);
	strbuf_release(&path);
}

static void folders_deeper_than_what_is_remembered(void **state UNUSED)
{
	struct strbuf path = STRBUF_INIT;
	struct glob_set g;
	size_t depth;

	glob_set_init(&g);
	assert_true(glob_set_add(&g, STR("**/a/a/b"), 0, 1));
	assert_true(glob_set_add(&g, STR("c/**/d"), 0, 2));
	glob_set_ready(&g);
	strbuf_adds(&path, "c");
	for (depth = 0; depth < 300; depth++) {
		strbuf_adds(&path, "/a");
		assert_int_equal(glob_set_last(&g, strbuf_str(&path), false), 0);
		strbuf_adds(&path, "/b");
		assert_int_equal(glob_set_last(&g, strbuf_str(&path), false), depth ? 1 : 0);
		path.buf[path.len - 1] = 'd';
		assert_int_equal(glob_set_last(&g, strbuf_str(&path), false), 2);
		path.len -= 2;
	}
	glob_set_release(&g);
	strbuf_release(&path);
}

/*
 * A walk over 50,000 files with a thousand patterns whose stars would make one
 * that tries them in turn go back and forth: counted in steps, not in time.
 */
static void what_patterns_are_does_not_change_the_cost(void **state UNUSED)
{
	static const char stars[] =
		"**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/";
	enum { PATTERNS = 1000, FOLDERS = 500, FILES = 100, NAME = 9, STATES = 5 };
	struct strbuf b = STRBUF_INIT;
	struct glob_set g;
	size_t i, bytes = 0;

	glob_set_init(&g);
	for (i = 0; i < PATTERNS; i++) {
		strbuf_reset(&b);
		strbuf_addf(&b, "%s*f*i*%c*?q", stars, (int)('a' + i % 26));
		assert_true(glob_set_add(&g, strbuf_str(&b), 0, i + 1));
	}
	glob_set_ready(&g);
	for (i = 0; i < (size_t)FOLDERS * FILES; i++) {
		strbuf_reset(&b);
		strbuf_addf(&b, "folder%03zu/file%05zu", i / FILES, i);
		assert_int_equal(glob_set_last(&g, strbuf_str(&b), false), 0);
		bytes += NAME;
	}
	bytes += (size_t)FOLDERS * NAME; /* each once, not for each of its files */
	assert_in_range(g.steps, 1, bytes * ((size_t)PATTERNS * (STATES + 1) / 64 + 1));
	glob_set_release(&g);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stars_and_question_marks_stop_at_slashes),
		cmocka_unit_test(double_stars_span_directories),
		cmocka_unit_test(brackets),
		cmocka_unit_test(invalid_patterns_match_nothing),
		cmocka_unit_test(escapes_take_the_meaning_away),
		cmocka_unit_test(nul_bytes_are_bytes),
		cmocka_unit_test(literal_part_ends_at_the_first_special_byte),
		cmocka_unit_test(hostile_patterns_take_bounded_time),
		cmocka_unit_test(last_of_several_patterns),
		cmocka_unit_test(no_patterns_match_nothing),
		cmocka_unit_test(paths_may_come_in_any_order),
		cmocka_unit_test(folders_deeper_than_what_is_remembered),
		cmocka_unit_test(what_patterns_are_does_not_change_the_cost),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
