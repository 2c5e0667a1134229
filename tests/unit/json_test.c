#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "test.h"

static struct json *parse(const char *text)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(str_of(text), &e);

	if (!j)
		fail_msg("'%s': %s", text, e.msg);
	return j;
}

static void assert_writes(const struct json *j, const char *want)
{
	struct strbuf b = STRBUF_INIT;

	json_write(&b, j);
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

static void assert_round_trip(const char *text, const char *want)
{
	struct json *j = parse(text);

	assert_writes(j, want);
	json_free(j);
}

static void assert_refused(struct str text, const char *want)
{
	struct err e = ERR_INIT;

	assert_null(json_parse(text, &e));
	assert_string_equal(e.msg, want);
	assert_int_equal(e.code, ERR_REMOTE);
	err_clear(&e);
}

static void valid_texts_are_accepted(void **state UNUSED)
{
	static const char *const texts[][2] = {
		{"null", NULL},
		{"true", NULL},
		{"false", NULL},
		{" \t\r\n[ ] \n", "[]"},
		{"{ }", "{}"},
		{"\"\"", NULL},
		{"[1,[2,{\"a\":[{}]}],\"b\"]", NULL},
		{"{ \"a\" : 1 , \"b\" : null }", "{\"a\":1,\"b\":null}"},
		{"{\"\":0}", NULL},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
		{"\"\\u0041\\u00e9\\u20ac\\uD83D\\ude00\"",
		 "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"", NULL},
		{"\"\\u001f\\u0000\"", NULL},
		{"\"http://a/b\"", NULL},
	};
	size_t i;

	for (i = 0; i < countof(texts); i++)
		assert_round_trip(texts[i][0], texts[i][1] ? texts[i][1] : texts[i][0]);
}

static void malformed_texts_are_refused_with_their_place(void **state UNUSED)
{
	static const char *const texts[][2] = {
		{"", "line 1, column 1: expected a value, but the text ends here"},
		{" \n ", "line 2, column 2: expected a value, but the text ends here"},
		{"\xef\xbb\xbf{}", "line 1, column 1: expected a value"},
		{"nul", "line 1, column 1: expected a value"},
		{"True", "line 1, column 1: expected a value"},
		{"'a'", "line 1, column 1: expected a value"},
		{"NaN", "line 1, column 1: expected a value"},
		{"+1", "line 1, column 1: expected a value"},
		{".5", "line 1, column 1: expected a value"},
		{"[,1]", "line 1, column 2: expected a value"},
		{"[1,]", "line 1, column 4: expected a value"},
		{"[1 2]", "line 1, column 4: expected ',' or ']'"},
		{"[1", "line 1, column 3: expected ',' or ']', but the text ends here"},
		{"[1}", "line 1, column 3: expected ',' or ']'"},
		{"[", "line 1, column 2: expected a value, but the text ends here"},
		{"{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: expected ',' or '}'"},
		{"{\"a\" 1}", "line 1, column 6: expected ':'"},
		{"{\"a\":}", "line 1, column 6: expected a value"},
		{"{a:1}", "line 1, column 2: expected a member name in double quotes"},
		{"{\"a\":1,}", "line 1, column 8: expected a member name in double quotes"},
		{"{\"a\\u0000\":1}", "line 1, column 2: a member name must not hold \\u0000"},
		{"{} x", "line 1, column 4: unexpected text behind the value"},
		{"1 // one", "line 1, column 3: unexpected text behind the value"},
		{"truefalse", "line 1, column 5: unexpected text behind the value"},
		{"\"abc", "line 1, column 1: the string that starts here has no end"},
		{"\"abc\\", "line 1, column 5: unknown escape in a string"},
		{"\"a\tb\"",
		 "line 1, column 3: control character 0x09 in a string; write \\u0009"},
		{"[\"\xc3\xa9\xff\"]", "line 1, column 4: byte 0xff is not UTF-8"},
		{"\"\xed\xa0\x80\"", "line 1, column 2: byte 0xed is not UTF-8"},
		{"\"\xc0\x80\"", "line 1, column 2: byte 0xc0 is not UTF-8"},
		{"\"\\x41\"", "line 1, column 2: unknown escape in a string"},
		{"\"\\u12g4\"",
		 "line 1, column 2: expected four hexadecimal digits behind '\\u'"},
		{"\"\\u12", "line 1, column 2: expected four hexadecimal digits behind '\\u'"},
		{"\"\\ud800\"", "line 1, column 2: half of a surrogate pair"},
		{"\"\\udc00\"", "line 1, column 2: half of a surrogate pair"},
		{"\"\\ud800\\u0041\"", "line 1, column 2: half of a surrogate pair"},
		{"\"\\ud800\\n\"", "line 1, column 2: half of a surrogate pair"},
	};
	size_t i;

	for (i = 0; i < countof(texts); i++)
		assert_refused(str_of(texts[i][0]), texts[i][1]);
}

static void nul_byte_in_the_text_is_refused(void **state UNUSED)
{
	assert_refused(STR("{}\0"), "line 1, column 3: unexpected text behind the value");
	assert_refused(STR("[\0]"), "line 1, column 2: expected a value");
	assert_refused(STR("\"\0\""),
		       "line 1, column 2: control character 0x00 in a string; write \\u0000");
	assert_refused(STR("\"\\\0\""), "line 1, column 2: unknown escape in a string");
	assert_refused((struct str){0},
		       "line 1, column 1: expected a value, but the text ends here");
}

static void text_ends_at_its_length(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse((struct str){"12345", 3}, &e);

	assert_writes(j, "123");
	json_free(j);
}

static void nest(struct strbuf *b, size_t depth)
{
	size_t i;

	for (i = 0; i < depth; i++)
		strbuf_addc(b, '[');
	for (i = 0; i < depth; i++)
		strbuf_addc(b, ']');
}

static void depth_is_bounded(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;

	nest(&b, JSON_MAX_DEPTH);
	assert_round_trip(b.buf, b.buf);
	strbuf_reset(&b);
	nest(&b, JSON_MAX_DEPTH + 1);
	assert_refused(strbuf_str(&b), "line 1, column 257: nested deeper than 256 levels");
	strbuf_reset(&b);
	strbuf_addc(&b, '[');
	nest(&b, JSON_MAX_DEPTH - 1);
	strbuf_addc(&b, ',');
	nest(&b, JSON_MAX_DEPTH - 1);
	strbuf_addc(&b, ']');
	assert_round_trip(b.buf, b.buf);
	strbuf_release(&b);
}

static void numbers_keep_their_text(void **state UNUSED)
{
	static const char *const texts[] = {
		"0",
		"-0",
		"0.0",
		"1.10",
		"1e400",
		"1E+2",
		"1e-7",
		"-1.5e-10",
		"12345678901234567890",
		"0.1000000000000000055511151231257827",
		"9007199254740993",
		/* longer than cJSON reads */
		"1234567890123456789012345678901234567890123456789012345678901234567890",
	};
	struct strbuf b = STRBUF_INIT;
	struct json *j;
	size_t i;

	for (i = 0; i < countof(texts); i++) {
		strbuf_reset(&b);
		strbuf_addf(&b, "{\"a\":[%s,\"s\",%s],\"b\":%s}", texts[i], texts[i], texts[i]);
		assert_round_trip(b.buf, b.buf);
		j = parse(texts[i]);
		assert_true(str_is(json_number(j), texts[i]));
		json_free(j);
	}
	strbuf_release(&b);
}

static void malformed_numbers_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"01", "-", "-a", "1.", "1.e1", "1e", "1e+", "1E-", "00", "-01",
	};
	size_t i;

	for (i = 0; i < countof(texts); i++)
		assert_refused(str_of(texts[i]), "line 1, column 1: malformed number");
	assert_refused(STR("0x10"), "line 1, column 2: unexpected text behind the value");
	assert_refused(STR("1\x0e"
			   "5"),
		       "line 1, column 2: unexpected text behind the value");
}

static void whole_numbers_are_read_as_such(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool whole;
		int64_t value;
	} cases[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"0e99999999999999999999999", true, 0},
		{"0.000e-5", true, 0},
		{"5.0", true, 5},
		{"1e3", true, 1000},
		{"1.5e1", true, 15},
		{"1.25e1", false, 0},
		{"1200e-2", true, 12},
		{"1200e-3", false, 0},
		{"0.5", false, 0},
		{"9223372036854775807", true, INT64_MAX},
		{"9223372036854775808", false, 0},
		{"-9223372036854775808", true, INT64_MIN},
		{"-9223372036854775809", false, 0},
		{"92233720368547758.07e2", true, INT64_MAX},
		{"1e18", true, INT64_C(1000000000000000000)},
		{"1e19", false, 0},
		{"18446744073709551616", false, 0},
		{"1e400", false, 0},
		{"1e-400", false, 0},
		{"1e99999999999999999999999", false, 0},
		{"1e-99999999999999999999999", false, 0},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct json *j = parse(cases[i].text);
		int64_t v = 77;

		if (json_int(j, &v) != cases[i].whole)
			fail_msg("json_int of %s", cases[i].text);
		assert_int_equal(v, cases[i].whole ? cases[i].value : 77);
		json_free(j);
	}
}

static void nul_in_a_string_is_kept(void **state UNUSED)
{
	struct json *j =
		parse("[\"a\\u0000b\",\"\\u0000\",\"ab\",\"\\u00e9\\u0000\\ud83d\\ude00\"]");

	assert_true(str_eq(json_str(json_at(j, 0)), STR("a\0b")));
	assert_null(json_cstr(json_at(j, 0)));
	assert_true(str_eq(json_str(json_at(j, 1)), STR("\0")));
	assert_string_equal(json_cstr(json_at(j, 2)), "ab");
	assert_true(str_eq(json_str(json_at(j, 3)), STR("\xc3\xa9\0\xf0\x9f\x98\x80")));
	assert_writes(j,
		      "[\"a\\u0000b\",\"\\u0000\",\"ab\",\"\xc3\xa9\\u0000\xf0\x9f\x98\x80\"]");
	json_free(j);
}

static void last_of_equal_names_counts(void **state UNUSED)
{
	struct json *j =
		parse("{\"a\":1,\"b\":2,\"a\":\"x\",\"c\":[{\"z\":1,\"z\":2}],\"a\":1.10}");

	assert_int_equal(json_count(j), 3);
	assert_true(str_is(json_number(json_get(j, "a")), "1.10"));
	assert_writes(j, "{\"a\":1.10,\"b\":2,\"c\":[{\"z\":2}]}");
	json_push(json_get(j, "c"), json_new_null());
	json_set(j, "d", json_new_bool(true));
	assert_writes(j, "{\"a\":1.10,\"b\":2,\"c\":[{\"z\":2},null],\"d\":true}");
	json_free(j);
}

static void doubled_last_member_leaves_the_list_whole(void **state UNUSED)
{
	struct json *j = parse("{\"a\":1,\"a\":2}");

	json_set(j, "b", json_new_int(3));
	assert_writes(j, "{\"a\":2,\"b\":3}");
	json_free(j);
}

static void names_differ_by_case(void **state UNUSED)
{
	struct json *j = parse("{\"Name\":1,\"name\":2}");

	assert_true(str_is(json_number(json_get(j, "Name")), "1"));
	assert_true(str_is(json_number(json_get(j, "name")), "2"));
	assert_null(json_get(j, "NAME"));
	assert_true(str_is(json_number(json_getn(j, (struct str){"names", 4})), "2"));
	assert_null(json_getn(j, STR("name\0")));
	assert_null(json_getn(j, STR("nam")));
	json_free(j);
}

static void missing_nodes_read_as_nothing(void **state UNUSED)
{
	struct json *j = parse("[\"s\",1]");
	int64_t v;

	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_false(json_is(NULL, JSON_NULL));
	assert_false(json_is_true(NULL));
	assert_null(json_str(NULL).p);
	assert_null(json_cstr(NULL));
	assert_null(json_number(NULL).p);
	assert_false(json_int(NULL, &v));
	assert_int_equal(json_count(NULL), 0);
	assert_null(json_get(NULL, "a"));
	assert_null(json_at(NULL, 0));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL).p);
	assert_null(json_clone(NULL));
	assert_null(json_take(NULL, "a"));
	json_free(NULL);
	assert_null(json_get(j, "s"));
	assert_null(json_at(j, 2));
	assert_null(json_name(json_at(j, 0)).p);
	assert_null(json_number(json_at(j, 0)).p);
	assert_null(json_str(json_at(j, 1)).p);
	assert_false(json_int(json_at(j, 0), &v));
	json_free(j);
}

static void types_and_children_are_told(void **state UNUSED)
{
	static const enum json_type types[] = {JSON_NULL,   JSON_BOOL,  JSON_BOOL,  JSON_NUMBER,
					       JSON_STRING, JSON_ARRAY, JSON_OBJECT};
	static const char *const names[] = {"n", "t", "f", "i", "s", "a", "o"};
	struct json *j = parse("{\"n\":null,\"t\":true,\"f\":false,\"i\":1,\"s\":\"\",\"a\":[],"
			       "\"o\":{}}");
	struct json *c;
	size_t i = 0;

	for (c = json_first(j); c; c = json_next(c), i++) {
		assert_true(json_is(c, types[i]));
		assert_int_equal(json_is_true(c), i == 1);
		assert_true(str_is(json_name(c), names[i]));
		assert_ptr_equal(c, json_at(j, i));
	}
	assert_int_equal(i, json_count(j));
	assert_string_equal(json_cstr(json_get(j, "s")), "");
	json_free(j);
}

static void equality_is_by_value(void **state UNUSED)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{"null", "null", true},
		{"null", "false", false},
		{"true", "true", true},
		{"true", "false", false},
		{"1", "1", true},
		{"1", "1.0", false},
		{"\"a\"", "\"\\u0061\"", true},
		{"\"a\\u0000b\"", "\"a\\u0000c\"", false},
		{"[1,2]", "[1,2]", true},
		{"[1,2]", "[2,1]", false},
		{"[1,2]", "[1]", false},
		{"[]", "{}", false},
		{"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
		{"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
		{"{\"a\":1}", "{\"A\":1}", false},
		{"{\"a\":1}", "{\"a\":2}", false},
		{"{\"a\":1,\"a\":2}", "{\"a\":2}", true},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct json *a = parse(cases[i].a), *b = parse(cases[i].b);

		if (json_equal(a, b) != cases[i].equal || json_equal(b, a) != cases[i].equal)
			fail_msg("equality of %s and %s", cases[i].a, cases[i].b);
		json_free(a);
		json_free(b);
	}
	assert_true(json_equal(NULL, NULL));
}

static void missing_equals_only_missing(void **state UNUSED)
{
	struct json *null = json_new_null();

	assert_false(json_equal(null, NULL));
	assert_false(json_equal(NULL, null));
	json_free(null);
}

static void clone_is_deep_and_exact(void **state UNUSED)
{
	static const char text[] = "{\"a\":[1e400,\"x\\u0000y\",{\"B\":null}],\"b\":true}";
	struct json *j = parse(text), *copy = json_clone(j);

	assert_true(json_equal(j, copy));
	json_push(json_get(j, "a"), json_new_int(1));
	json_free(j);
	assert_writes(copy, text);
	json_free(copy);
}

static void clone_of_a_member_can_be_placed_anywhere(void **state UNUSED)
{
	struct json *j = parse("{\"a\":[1,2],\"b\":{}}");

	json_set(json_get(j, "b"), "c", json_clone(json_get(j, "a")));
	json_push(json_get(j, "a"), json_clone(json_at(json_get(j, "a"), 0)));
	assert_writes(j, "{\"a\":[1,2,1],\"b\":{\"c\":[1,2]}}");
	json_free(j);
}

static void set_replaces_in_place_or_appends(void **state UNUSED)
{
	struct json *j = parse("{\"a\":1,\"b\":2,\"c\":3}");

	json_set(j, "b", json_new_cstr("two"));
	json_set(j, "d", json_new_bool(false));
	json_set(j, "c", NULL);
	json_set(j, "none", json_clone(json_get(j, "missing")));
	json_setn(j, (struct str){"a-", 1}, json_new_array());
	json_setn(j, (struct str){0}, json_new_null());
	assert_writes(j, "{\"a\":[],\"b\":\"two\",\"d\":false,\"\":null}");
	json_free(j);
}

static void set_on_a_single_member_keeps_appending_right(void **state UNUSED)
{
	struct json *j = parse("{\"a\":1}");

	json_set(j, "a", json_new_int(2));
	json_set(j, "b", json_new_int(3));
	json_del(j, "a");
	json_del(j, "a");
	json_set(j, "c", json_new_int(4));
	assert_writes(j, "{\"b\":3,\"c\":4}");
	json_free(j);
}

static void taken_member_can_be_set_under_another_name(void **state UNUSED)
{
	struct json *j = parse("{\"a\":{\"x\":1},\"b\":2,\"c\":3}");
	struct json *a = json_take(j, "a"), *c = json_take(j, "c");

	assert_null(json_take(j, "a"));
	assert_writes(j, "{\"b\":2}");
	json_set(j, "z", a);
	json_set(j, "b", c);
	assert_writes(j, "{\"b\":3,\"z\":{\"x\":1}}");
	json_free(j);
}

static void names_and_strings_are_cleaned_when_built(void **state UNUSED)
{
	struct json *j = json_new_object();

	json_setn(j, STR("a\0\xff"), json_new_str(STR("\xc3(\0")));
	json_setn(j, STR("a\0\xff"), json_new_str(STR("again")));
	assert_writes(j, "{\"a\xef\xbf\xbd\xef\xbf\xbd\":\"again\"}");
	json_free(j);
	j = json_new_str(STR("\xc3(\0"));
	assert_true(str_eq(json_str(j), STR("\xef\xbf\xbd(\0")));
	json_free(j);
}

static void built_numbers_are_exact(void **state UNUSED)
{
	struct json *j = json_new_array();

	json_push(j, json_new_int(INT64_MIN));
	json_push(j, json_new_int(INT64_MAX));
	json_push(j, json_new_int(0));
	json_push(j, json_new_number(STR("-1.50e+9")));
	assert_writes(j, "[-9223372036854775808,9223372036854775807,0,-1.50e+9]");
	json_free(j);
}

static void every_form_writes_its_separators(void **state UNUSED)
{
	struct json *j =
		parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[],\"e\":\"\xc3\xa9/\"}");
	struct strbuf b = STRBUF_INIT;

	json_write_spaced(&b, j);
	assert_string_equal(b.buf, "{\"a\": [1, {\"b\": null}], \"c\": {}, \"d\": [], "
				   "\"e\": \"\xc3\xa9/\"}");
	strbuf_reset(&b);
	json_write_pretty(&b, j);
	assert_string_equal(b.buf,
			    "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n"
			    "  \"c\": {},\n  \"d\": [],\n  \"e\": \"\xc3\xa9/\"\n}");
	strbuf_release(&b);
	json_free(j);
}

static void written_strings_are_always_valid_json(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT, all = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct json *j;
	int c;

	json_write_str(&b, STR("a\"\\\x01\x1f\x7f\0\xff\xe2\x82z"));
	assert_string_equal(b.buf,
			    "\"a\\\"\\\\\\u0001\\u001f\x7f\\u0000\xef\xbf\xbd\xef\xbf\xbd"
			    "\xef\xbf\xbdz\"");
	for (c = 0; c < 256; c++)
		strbuf_addc(&all, (char)c);
	strbuf_reset(&b);
	json_write_str(&b, strbuf_str(&all));
	j = json_parse(strbuf_str(&b), &e);
	strbuf_reset(&b);
	utf8_add_clean(&b, strbuf_str(&all));
	assert_true(str_eq(json_str(j), strbuf_str(&b)));
	json_free(j);
	strbuf_release(&b);
	strbuf_release(&all);
}

static void writing_stops_at_the_ceiling(void **state UNUSED)
{
	struct strbuf b = STRBUF_MAX(8);
	struct json *j = parse("[1,2,3,4,5,6,7]");

	json_write(&b, j);
	assert_true(b.full);
	assert_true(b.len <= 8);
	strbuf_release(&b);
	json_free(j);
}

/* Far beyond what anything quadratic would finish in a test's time. */
static void large_values_are_linear(void **state UNUSED)
{
	enum { ITEMS = 200000 };
	struct json *j = json_new_array(), *again;
	struct strbuf b = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < ITEMS; i++)
		json_push(j, json_new_int((int64_t)i));
	json_write(&b, j);
	again = json_parse(strbuf_str(&b), &e);
	assert_int_equal(json_count(again), ITEMS);
	assert_true(json_equal(j, again));
	json_free(again);
	json_free(j);
	strbuf_release(&b);
}

static void objects_of_many_doubled_names_parse_at_once(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct json *j;
	size_t i;

	strbuf_addc(&b, '{');
	for (i = 0; i < 100000; i++)
		strbuf_addf(&b, "%s\"k%zu\":%zu", i ? "," : "", i % 50000, i);
	strbuf_addc(&b, '}');
	j = json_parse(strbuf_str(&b), &e);
	assert_int_equal(json_count(j), 50000);
	assert_true(str_is(json_number(json_get(j, "k0")), "50000"));
	assert_true(str_is(json_name(json_first(j)), "k0"));
	json_free(j);
	strbuf_release(&b);
}

static void index_finds_what_get_finds(void **state UNUSED)
{
	static const char *const names[] = {"", "a", "b", "ba", "z", "\xc3\xa9"};
	struct json *j = json_new_object();
	struct json_index *x, *none = json_index_new(NULL);
	size_t i;

	for (i = 0; i < countof(names); i++)
		json_add_new(j, str_of(names[countof(names) - 1 - i]), json_new_int((int)i));
	x = json_index_new(j);
	for (i = 0; i < countof(names); i++) {
		assert_non_null(json_index_get(x, str_of(names[i])));
		assert_ptr_equal(json_index_get(x, str_of(names[i])), json_get(j, names[i]));
		assert_null(json_index_get(none, str_of(names[i])));
	}
	assert_null(json_index_get(x, STR("A")));
	assert_null(json_index_get(x, STR("zz")));
	json_index_free(x);
	json_index_free(none);
	json_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_finds_what_get_finds),
		cmocka_unit_test(valid_texts_are_accepted),
		cmocka_unit_test(malformed_texts_are_refused_with_their_place),
		cmocka_unit_test(nul_byte_in_the_text_is_refused),
		cmocka_unit_test(text_ends_at_its_length),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(numbers_keep_their_text),
		cmocka_unit_test(malformed_numbers_are_refused),
		cmocka_unit_test(whole_numbers_are_read_as_such),
		cmocka_unit_test(nul_in_a_string_is_kept),
		cmocka_unit_test(last_of_equal_names_counts),
		cmocka_unit_test(doubled_last_member_leaves_the_list_whole),
		cmocka_unit_test(names_differ_by_case),
		cmocka_unit_test(missing_nodes_read_as_nothing),
		cmocka_unit_test(types_and_children_are_told),
		cmocka_unit_test(equality_is_by_value),
		cmocka_unit_test(missing_equals_only_missing),
		cmocka_unit_test(clone_is_deep_and_exact),
		cmocka_unit_test(clone_of_a_member_can_be_placed_anywhere),
		cmocka_unit_test(set_replaces_in_place_or_appends),
		cmocka_unit_test(set_on_a_single_member_keeps_appending_right),
		cmocka_unit_test(taken_member_can_be_set_under_another_name),
		cmocka_unit_test(names_and_strings_are_cleaned_when_built),
		cmocka_unit_test(built_numbers_are_exact),
		cmocka_unit_test(every_form_writes_its_separators),
		cmocka_unit_test(written_strings_are_always_valid_json),
		cmocka_unit_test(writing_stops_at_the_ceiling),
		cmocka_unit_test(large_values_are_linear),
		cmocka_unit_test(objects_of_many_doubled_names_parse_at_once),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
