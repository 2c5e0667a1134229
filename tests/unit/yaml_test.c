#include <stdio.h>

#include "test.h"
#include "yaml/yaml.h"
#include "json/json.h"

/* The document as JSON, then each finding as "line:col text", on lines of their own. */
static char *parsed(struct str text, const struct yaml_fill *fill)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct diag_source source = {"f.yml", text};
	struct strbuf out = STRBUF_INIT;
	const struct yaml_node *root = yaml_parse(&a, &source, fill, &d);
	struct json *j = root ? yaml_to_json(root) : NULL;
	size_t i;

	if (j)
		json_write(&out, j);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&out, "%s%u:%u %s", out.len ? "\n" : "", d.list.v[i].pos.line,
			    d.list.v[i].pos.col, d.list.v[i].text);
	json_free(j);
	diags_release(&d);
	arena_release(&a);
	return strbuf_detach(&out, NULL);
}

static void assert_parsed(struct str text, const char *want)
{
	char *got = parsed(text, NULL);

	assert_string_equal(got, want);
	free(got);
}

static const char *const plain_scalars[][2] = {
	{"---", "null"},
	{"~", "null"},
	{"null", "null"},
	{"Null", "null"},
	{"NULL", "null"},
	{"nULL", "\"nULL\""},
	{"true", "true"},
	{"True", "true"},
	{"TRUE", "true"},
	{"false", "false"},
	{"False", "false"},
	{"FALSE", "false"},
	{"tRUE", "\"tRUE\""},
	{"yes", "\"yes\""},
	{"no", "\"no\""},
	{"on", "\"on\""},
	{"off", "\"off\""},
	{"y", "\"y\""},
	/* integers */
	{"0", "0"},
	{"-0", "0"},
	{"+5", "5"},
	{"-17", "-17"},
	{"1_000", "1000"},
	{"1__0", "10"},
	{"1_", "\"1_\""},
	{"_1", "\"_1\""},
	{"-_1", "\"-_1\""},
	{"-", "[null]"},
	{"+", "\"+\""},
	{"12345678901234567890", "12345678901234567890"},
	{"0b101", "5"},
	{"0b1_1", "3"},
	{"0b_", "\"0b_\""},
	{"0b2", "\"0b2\""},
	{"0x1F", "31"},
	{"-0xfF", "-255"},
	{"0x", "\"0x\""},
	{"0xg", "\"0xg\""},
	{"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
	{"0x10000000000000000", "18446744073709552000"},
	{"-0x1000000000000000000000", "-1.9342813113834067e+25"},
	{"0777", "511"},
	{"00", "0"},
	{"-00", "0"},
	{"0_7", "7"},
	{"08", "\"08\""},
	{"0o17", "\"0o17\""},
	{"190:20:30", "685230"},
	{"-1:30", "-90"},
	{"1:60", "\"1:60\""},
	{"1:5:", "{\"65\":null}"},
	{"0:30", "\"0:30\""},
	{"08:00", "\"08:00\""},
	/* floats */
	{"1.5", "1.5"},
	{"-1.50", "-1.50"},
	{"+1.5", "1.5"},
	{"1.", "1.0"},
	{"1.e5", "1.0e5"},
	{"1.e+5", "1.0e+5"},
	{".5", "0.5"},
	{".5e-3", "0.5e-3"},
	{"-.5", "\"-.5\""},
	{"1e3", "1e3"},
	{"1E3", "1E3"},
	{"1e", "\"1e\""},
	{"1e1_0", "\"1e1_0\""},
	{"1_0.5_0", "10.50"},
	{"1.5_", "\"1.5_\""},
	{"00.5", "\"00.5\""},
	{"1e400", "null"},
	{"._e5", "null"},
	{"1:30.5", "90.5"},
	{"01:30.25", "90.25"},
	{"-1:0.5", "-60.5"},
	{".", "\".\""},
	{"1.2.3", "\"1.2.3\""},
	{".inf", "null"},
	{"-.INF", "null"},
	{"+.Inf", "null"},
	{".nan", "null"},
	{".NaN", "null"},
	{"-.nan", "\"-.nan\""},
	{".iNF", "\".iNF\""},
	/* time stamps stay strings */
	{"2001-12-14", "\"2001-12-14\""},
	{"2001-12-14T21:59:43Z", "\"2001-12-14T21:59:43Z\""},
	/* quotes and blocks are strings */
	{"\"1\"", "\"1\""},
	{"'true'", "\"true\""},
	{"''", "\"\""},
	{"|\n  5\n", "\"5\\n\""},
	{">-\n  a\n  b\n", "\"a b\""},
	{"\"\\x41\\u263a\"", "\"A\xe2\x98\xba\""},
	{"a#b # c", "\"a#b\""},
	{"=", "\"=\""},
	/* tags */
	{"!!str 5", "\"5\""},
	{"!!str", "\"\""},
	{"!!int \"5\"", "5"},
	{"!!float 5", "5"},
	{"!!bool \"true\"", "true"},
	{"!!null ''", "null"},
};

/* Compared with js-yaml 3.14.1, but for the digits of numbers, which are kept. */
static void plain_scalars_have_the_types_of_js_yaml_3(void **state UNUSED)
{
	size_t i;

	for (i = 0; i < countof(plain_scalars); i++)
		assert_parsed(str_of(plain_scalars[i][0]), plain_scalars[i][1]);
}

static void keys_are_named_as_in_javascript(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"0x10: a", "{\"16\":\"a\"}"},
		{"1e3: a", "{\"1000\":\"a\"}"},
		{"1.50: a", "{\"1.5\":\"a\"}"},
		{"-0.25: a", "{\"-0.25\":\"a\"}"},
		{"0.00001: a", "{\"0.00001\":\"a\"}"},
		{"1e-7: a", "{\"1e-7\":\"a\"}"},
		{"1.5e300: a", "{\"1.5e+300\":\"a\"}"},
		{"12345678901234567890: a", "{\"12345678901234567000\":\"a\"}"},
		{"0.0: a", "{\"0\":\"a\"}"},
		{"~: a", "{\"null\":\"a\"}"},
		{"True: a", "{\"true\":\"a\"}"},
		{"FALSE: a", "{\"false\":\"a\"}"},
		{".inf: a", "{\"Infinity\":\"a\"}"},
		{"-.inf: a", "{\"-Infinity\":\"a\"}"},
		{"1e400: a", "{\"Infinity\":\"a\"}"},
		{".5e400: a", "{\"Infinity\":\"a\"}"},
		{".nan: a", "{\"NaN\":\"a\"}"},
		{"'x y': a", "{\"x y\":\"a\"}"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_parsed(str_of(rows[i][0]), rows[i][1]);
}

static void documents_become_trees(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"a: 1\nb: [x, {c: d}]\n", "{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}"},
		{"- 1\n- - 2\n", "[1,[2]]"},
		{"---\na: 1\n...\n", "{\"a\":1}"},
		{"%YAML 1.2\n---\na\n", "\"a\""},
		{"\xef\xbb\xbf"
		 "a: 1",
		 "{\"a\":1}"},
		{"a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
		{"{}", "{}"},
		{"[]", "[]"},
		{"---", "null"},
		{"# only\n", ""},
		{"", ""},
		{"\n\n", ""},
		{"a:\tb # tab\there\n", "{\"a\":\"b\"}"},
		{"!!map {a: !!seq [1]}", "{\"a\":[1]}"},
		/* anchors and merge keys */
		{"a: &x [1]\nb: *x\n", "{\"a\":[1],\"b\":[1]}"},
		{"a: &x 1\na2: &x 2\nb: *x\n", "{\"a\":1,\"a2\":2,\"b\":2}"},
		{"a: &x k\n*x : 1\n", "{\"a\":\"k\",\"k\":1}"},
		{"a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n",
		 "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"c\":2,\"b\":3}}"},
		{"d: {b: 3, <<: {b: 1, c: 2}}\n", "{\"d\":{\"b\":3,\"c\":2}}"},
		{"a: &x {b: 1}\ne: &y {b: 2, f: 3}\nd: {<<: [*x, *y]}\n",
		 "{\"a\":{\"b\":1},\"e\":{\"b\":2,\"f\":3},\"d\":{\"b\":1,\"f\":3}}"},
		{"<<: {a: 1}\n<<: {b: 2}\n", "{\"a\":1,\"b\":2}"},
		{"'<<': {a: 1}\n", "{\"<<\":{\"a\":1}}"},
		{"<<: []\n", "{}"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_parsed(str_of(rows[i][0]), rows[i][1]);
}

static const struct {
	struct str text;
	const char *want;
} bad_input[] = {
	/* bytes */
	{STR("\xff\xfe"
	     "a\0:\0"),
	 "1:1 this is UTF-16; save the file as UTF-8"},
	{STR("\xfe\xff\0a"), "1:1 this is UTF-16; save the file as UTF-8"},
	{STR("a\0:\0"), "1:1 this is UTF-16; save the file as UTF-8"},
	{STR("\0a\0:"), "1:1 this is UTF-16; save the file as UTF-8"},
	{STR("packages:\0\n"), "1:10 a NUL byte cannot stand in YAML; remove it"},
	{STR("\xc3\xa4: 1\n\xc3\xa4\xff"), "2:2 this is not UTF-8; save the file as UTF-8"},
	{STR("a: \x1b[2J"), "1:4 this control character cannot stand in YAML; in double "
			    "quotes write it as an escape"},
	{STR("a: \xef\xbb\xbf"), "1:4 this control character cannot stand in YAML; in double "
				 "quotes write it as an escape"},
	{STR("a: \xc2\x80"), "1:4 this control character cannot stand in YAML; in double "
			     "quotes write it as an escape"},
	/* structure */
	{STR("a:\n\tb: 1\n"), "2:1 a TAB cannot indent in YAML; use spaces"},
	{STR("a: b\n\tc: 1\n"), "2:1 a TAB cannot indent in YAML; use spaces"},
	{STR("a: |\n\tx\n"), "2:1 a TAB cannot indent in YAML; use spaces"},
	{STR("a: 1\n---\nb: 1\n"), "2:1 a second document starts here; only one is allowed"},
	{STR("a: [b\n"),
	 "2:1 expected ',' or ']' to go on with the list that starts in line 1"},
	{STR("a: {b\n"),
	 "2:1 expected ',' or '}' to go on with the mapping that starts in line 1"},
	{STR("x: 1\na: \"b\n"), "2:4 this quote is never closed"},
	{STR("a: b: c\n"), "1:5 a ':' cannot stand here; check the indentation, or put "
			   "the text in quotes"},
	{STR("a: 1\nfoo\nb: 2\n"), "2:1 this is no 'key: value'; a ':' is missing"},
	{STR("a: @x\n"), "1:4 '@' cannot start a value; put the value in quotes"},
	{STR("a: - b\n"), "1:4 a list item cannot start here; put it on a line of its own"},
	{STR("a:\n  - b\n c: 1\n"), "3:2 expected a key here; check the indentation"},
	{STR("- a\nb: c\n"), "2:1 expected '-' here; check the indentation"},
	{STR("a: \"\\q\"\n"),
	 "1:5 unknown escape behind '\\'; write '\\\\', or use single quotes"},
	{STR("[,]"), "1:2 expected a value here"},
	{STR("!x!y a\n"), "1:1 found undefined tag handle"},
	/* columns count characters */
	{STR("\xe6\x97\xa5\xf0\x9f\x98\x80: @x"),
	 "1:5 '@' cannot start a value; put the value in quotes"},
	{STR("\xef\xbb\xbf"
	     "a: @x"),
	 "1:4 '@' cannot start a value; put the value in quotes"},
	/* findings after which the tree goes on */
	{STR("a: 1\nb: 2\na: 3\na: 4\n"),
	 "{\"a\":1,\"b\":2}\n3:1 repeated key 'a'; the first one is in line 1\n"
	 "4:1 repeated key 'a'; the first one is in line 1"},
	{STR("1: a\n0x1: b\n"),
	 "{\"1\":\"a\"}\n2:1 repeated key '1'; the first one is in line 1"},
	{STR("a: *x\n"),
	 "{\"a\":null}\n1:4 unknown alias '*x'; its anchor '&x' must come before it"},
	{STR("a: &x [*x]\n"), "{\"a\":[null]}\n1:8 alias '*x' stands inside its own anchor"},
	{STR("[a]: b\nc: d\n"),
	 "{\"c\":\"d\"}\n1:1 a key must be a text, not a list or mapping"},
	{STR("<<: 5\na: 1\n"),
	 "{\"a\":1}\n1:5 '<<' takes a mapping or a list of mappings, not a number"},
	{STR("<<: [5]\n"), "{}\n1:5 '<<' takes a mapping or a list of mappings, not a "
			   "list of other things"},
	{STR("a: !foo b\n"), "{\"a\":\"b\"}\n1:4 tag '!foo' is not supported; remove it"},
	{STR("a: !!binary aa\n"),
	 "{\"a\":\"aa\"}\n1:4 tag '!!binary' does not fit here; remove it"},
	{STR("a: !!int x\n"), "{\"a\":\"x\"}\n1:4 tag '!!int' does not fit here; remove it"},
	{STR("a: !!float .\n"),
	 "{\"a\":\".\"}\n1:4 tag '!!float' does not fit here; remove it"},
	{STR("a: !!map [b]\n"),
	 "{\"a\":[\"b\"]}\n1:4 tag '!!map' does not fit here; remove it"},
};

static void bad_input_is_a_finding_with_its_place(void **state UNUSED)
{
	size_t i;

	for (i = 0; i < countof(bad_input); i++)
		assert_parsed(bad_input[i].text, bad_input[i].want);
}

static void assert_last_finding(struct strbuf *text, const char *want)
{
	char *got = parsed(strbuf_str(text), NULL);
	const char *last = strrchr(got, '\n');

	assert_string_equal(last ? last + 1 : got, want);
	free(got);
	strbuf_release(text);
}

static void alias_bomb_is_refused(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i, j;

	strbuf_adds(&b, "- &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (i = 1; i < 10; i++) {
		strbuf_addf(&b, "- &a%d [", i);
		for (j = 0; j < 10; j++)
			strbuf_addf(&b, "*a%d,", i - 1);
		strbuf_adds(&b, "]\n");
	}
	assert_last_finding(&b,
			    "6:20 too much: more than 500000 values, aliases counted as what "
			    "they stand for");
}

static void depth_is_limited_through_aliases_too(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i;

	for (i = 0; i < YAML_MAX_DEPTH; i++)
		strbuf_addc(&b, '[');
	for (i = 0; i < YAML_MAX_DEPTH; i++)
		strbuf_addc(&b, ']');
	free(parsed(strbuf_str(&b), NULL));
	strbuf_reset(&b);
	for (i = 0; i < YAML_MAX_DEPTH + 1; i++)
		strbuf_addc(&b, '[');
	assert_last_finding(&b, "1:65 nested deeper than 64 levels");
	strbuf_adds(&b, "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
			"b: &b [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
			"c: [[[[[*b]]]]]\n");
	assert_last_finding(&b, "3:9 nested deeper than 64 levels");
}

static void anchors_and_keys_are_limited(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i;

	for (i = 0; i < 1001; i++)
		strbuf_addf(&b, "- &a%d x\n", i);
	assert_last_finding(&b, "1001:3 more than 1000 anchors");
	for (i = 0; i < YAML_MAX_KEYS + 1; i++)
		strbuf_addf(&b, "k%d: x\n", i);
	assert_last_finding(&b, "1:1 more than 2000 keys in one mapping");
}

static void nodes_know_their_places_and_styles(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct diag_source source = {"f.yml", STR("\xc3\xa4: 'x'\nb:\n  - &c 5\n  - *c\n")};
	const struct yaml_node *root = yaml_parse(&a, &source, NULL, &d);
	const struct yaml_node *v = root->child;

	assert_int_equal(root->count, 2);
	assert_true(v->quoted);
	assert_int_equal(v->pos.col, 4);
	assert_int_equal(v->key->pos.col, 1);
	v = yaml_get(root, "b")->child;
	assert_int_equal(v->pos.line, 3);
	assert_false(v->quoted);
	assert_int_equal(v->next->pos.line, 4);
	assert_int_equal(v->next->type, YAML_INT);
	assert_null(v->next->next);
	assert_null(yaml_get(root, "c"));
	assert_null(yaml_get(v, "c"));
	assert_null(yaml_get(NULL, "c"));
	diags_release(&d);
	arena_release(&a);
}

static void types_have_names_for_messages(void **state UNUSED)
{
	static const char *const names[] = {"nothing",  "a boolean", "a number", "a number",
					    "a string", "a list",    "a mapping"};
	struct yaml_node n = {0};
	size_t i;

	for (i = 0; i < countof(names); i++) {
		n.type = (enum yaml_type)i;
		assert_string_equal(yaml_type_name(&n), names[i]);
	}
}

/* Fills what stands between '<' and '>' by the table below. */
static void fill(void *arg, struct arena *a, struct yaml_node *n)
{
	static const char *const values[][2] = {
		{"<num>", "5"}, {"<yes>", "true"}, {"<nul>", "null"}, {"<str>", "a: [b]"}};
	size_t i;

	(*(size_t *)arg)++;
	if (str_is(n->text, "<bad>"))
		n->filled = YAML_FILL_FAILED;
	for (i = 0; i < countof(values); i++) {
		if (!str_starts(n->text, values[i][0]))
			continue;
		n->filled = n->text.n == 5 && !n->quoted ? YAML_FILLED_WHOLE : YAML_FILLED_PART;
		n->text = arena_str(a, str_of(values[i][1]));
		return;
	}
}

static void filled_scalars_take_types_only_when_whole(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{"[<num>, <yes>, <nul>, <str>]", "[5,true,\"null\",\"a: [b]\"]"},
		{"['<num>', <num>x, !!str <num>]", "[\"5\",\"5\",\"5\"]"},
		{"{<num>: 1, a: <bad>, <bad>: 2}", "{\"5\":1,\"a\":\"<bad>\"}"},
		{"{<num>: 1, 5: 2}",
		 "{\"5\":1}\n1:12 repeated key '5'; the first one is in line 1"},
		{"{5: 1, <num>: 2}", "{\"5\":1}\n1:8 repeated key; the first one is in line 1"},
		{"a: !!int <str>",
		 "{\"a\":\"a: [b]\"}\n1:4 tag '!!int' does not fit here; remove it"},
	};
	size_t i, calls = 0;
	char *got;

	for (i = 0; i < countof(rows); i++) {
		struct yaml_fill f = {str_of(rows[i][0]), fill, &calls};

		got = parsed(STR("quoted by findings only"), &f);
		assert_string_equal(got, rows[i][1]);
		free(got);
	}
	assert_int_equal(calls, 4 + 3 + 6 + 4 + 4 + 2);
}

/* Every scalar is a JSON text, which takes its place. */
static void fill_with_json(void *arg UNUSED, struct arena *a, struct yaml_node *n)
{
	struct err e = ERR_INIT;
	struct json *j = n->quoted ? json_parse(n->text, &e) : NULL;

	if (j)
		yaml_fill_json(a, n, j);
	json_free(j);
	err_clear(&e);
}

static void a_scalar_can_become_a_tree(void **state UNUSED)
{
	static const char text[] =
		"a: '{\"b\": [1, 2.50, null, true, {\"c\": \"5\"}], \"\": {}}'\n"
		"d: &x '[[]]'\ne: *x\nf: {<<: '{\"g\": 1}'}\nh: !!seq '[]'\n";
	const struct yaml_fill fill = {str_of(text), fill_with_json, NULL};
	const struct diag_source source = {"t", str_of(text)};
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	const struct yaml_node *root = yaml_parse(&a, &source, &fill, &d), *n;
	struct json *j = yaml_to_json(root);
	struct strbuf out = STRBUF_INIT;

	json_write(&out, j);
	assert_string_equal(
		out.buf, "{\"a\":{\"b\":[1,2.50,null,true,{\"c\":\"5\"}],\"\":{}},\"d\":[[]],"
			 "\"e\":[[]],\"f\":{\"g\":1},\"h\":[]}");
	n = yaml_get(yaml_get(root, "a"), "b");
	assert_int_equal(n->filled, YAML_FILLED_PART);
	assert_int_equal(n->pos.line, 1);
	assert_int_equal(n->pos.col, 4);
	assert_int_equal(n->child->type, YAML_INT);
	assert_int_equal(n->child->next->type, YAML_FLOAT);
	assert_int_equal(d.list.n, 0);
	strbuf_release(&out);
	json_free(j);
	diags_release(&d);
	arena_release(&a);
}

static void a_text_has_a_type_in_plain_style(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum yaml_type type;
	} cases[] = {
		{"", YAML_NULL},      {"~", YAML_NULL},     {"no", YAML_STRING},
		{"true", YAML_BOOL},  {"12", YAML_INT},     {"1:30", YAML_INT},
		{"1.5", YAML_FLOAT},  {"[", YAML_STRING},   {"[x]", YAML_LIST},
		{" {} \n", YAML_MAP}, {"{}x", YAML_STRING},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		assert_int_equal(yaml_plain_type(str_of(cases[i].text)), cases[i].type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_scalars_have_the_types_of_js_yaml_3),
		cmocka_unit_test(keys_are_named_as_in_javascript),
		cmocka_unit_test(documents_become_trees),
		cmocka_unit_test(bad_input_is_a_finding_with_its_place),
		cmocka_unit_test(alias_bomb_is_refused),
		cmocka_unit_test(depth_is_limited_through_aliases_too),
		cmocka_unit_test(anchors_and_keys_are_limited),
		cmocka_unit_test(nodes_know_their_places_and_styles),
		cmocka_unit_test(types_have_names_for_messages),
		cmocka_unit_test(filled_scalars_take_types_only_when_whole),
		cmocka_unit_test(a_scalar_can_become_a_tree),
		cmocka_unit_test(a_text_has_a_type_in_plain_style),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
