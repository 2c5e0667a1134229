#include "config_rows.h"

/* What YAML itself brings into the file: anchors, merge keys, odd bytes, ceilings. */

static const struct row anchors[] = {
	{"parameters: {a: &x {k: 1}, b: *x, c: [*x, *x]}\n",
	 "{'parameters':{'a':{'k':1},'b':{'k':1},'c':[{'k':1},{'k':1}]}}"},
	{"environment: {A: &v value, B: *v}\n", "{'environment':{'A':'value','B':'value'}}"},
	{"parameters: &p {a: 1}\npackages: [{name: p, parameters: *p}]\n",
	 "{'parameters':{'a':1},'packages':[{'name':'p','parameters':{'a':1}}]}"},
	{"packages: [{name: &n x, functions: [{name: *n}]}]\n",
	 "{'packages':[{'name':'x','functions':[{'name':'x'}]}]}"},
	{"packages:\n"
	 "- name: a\n"
	 "  functions: &fs [{name: f, limits: {memory: 256}}]\n"
	 "- name: b\n"
	 "  functions: *fs\n",
	 "{'packages':[{'name':'a','functions':[{'name':'f','limits':{'memory':256}}]},{'name':"
	 "'b','functions':[{'name':'f','limits':{'memory':256}}]}]}"},
	{F("limits: &l {timeout: 1000}\n  - name: g\n    limits: *l"),
	 "{'packages':[{'name':'p','functions':[{'name':'f','limits':{'timeout':1000}},{'name':"
	 "'g','limits':{'timeout':1000}}]}]}"},
	{"parameters: {a: *x}\n",
	 "1:17 unknown alias '*x'; its anchor '&x' must come before it"},
	{"parameters: {a: *x, b: &x 1}\n",
	 "1:17 unknown alias '*x'; its anchor '&x' must come before it"},
	{"parameters: &x {a: *x}\n", "1:20 alias '*x' stands inside its own anchor"},
	{"parameters: {a: &x 1, b: &x 2, c: *x}\n", "{'parameters':{'a':1,'b':2,'c':2}}"},
	{"packages: [{name: *x}]\n",
	 "1:19 unknown alias '*x'; its anchor '&x' must come before it"},
	/* a mistake behind an anchor is one where the alias stands, too */
	{F("limits: &l {memory: 1}\n  - name: g\n    limits: *l"),
	 "5:25 'memory' must be a whole number from 128 to 1024 (MB)"},
};

static void aliases_stand_for_what_is_anchored(void **state UNUSED)
{
	assert_rows(anchors, countof(anchors));
}

static const struct row merges[] = {
	{F("parameters: {<<: {a: 1, b: 2}, b: 3}"), F_IS(",'parameters':{'a':1,'b':3}")},
	{F("parameters: {b: 3, <<: {a: 1, b: 2}}"), F_IS(",'parameters':{'b':3,'a':1}")},
	{F("parameters: {<<: [{a: 1}, {a: 2, c: 4}]}"), F_IS(",'parameters':{'a':1,'c':4}")},
	{F("parameters: {'<<': {a: 1}}"), F_IS(",'parameters':{'<<':{'a':1}}")},
	{F("parameters: {<<: {}}"), F_IS(",'parameters':{}")},
	{F("parameters: {<<: 5}"),
	 "5:22 '<<' takes a mapping or a list of mappings, not a number"},
	{F("parameters: {<<: [5]}"),
	 "5:22 '<<' takes a mapping or a list of mappings, not a list of other things"},
	{"packages:\n"
	 "- name: p\n"
	 "  functions:\n"
	 "  - &base {name: f, runtime: 'python:3.11', limits: {memory: 256}}\n"
	 "  - <<: *base\n"
	 "    name: g\n"
	 "    limits: {memory: 512}\n",
	 "{'packages':[{'name':'p','functions':[{'name':'f','runtime':'python:3.11','limits':"
	 "{'memory':256}},{'name':'g','runtime':'python:3.11','limits':{'memory':512}}]}]}"},
	{"packages:\n"
	 "- name: p\n"
	 "  functions:\n"
	 "  - &base {name: f, web: false}\n"
	 "  - {<<: *base}\n",
	 "4:18 a second function 'f'; the first one is in line 4"},
	{"packages:\n"
	 "- name: p\n"
	 "  functions:\n"
	 "  - &base {name: f, wbe: false}\n"
	 "  - {<<: *base, name: g}\n",
	 "4:21 unknown key 'wbe' in a function; did you mean 'web'?"},
	{"environment: {<<: {A: b}, C: d}\n", "{'environment':{'A':'b','C':'d'}}"},
};

static void merge_keys_bring_members(void **state UNUSED)
{
	assert_rows(merges, countof(merges));
}

static const struct row bytes[] = {
	{"\xef\xbb\xbfparameters: {a: 1}\n", "{'parameters':{'a':1}}"},
	{"\xef\xbb\xbf", "0:0 nothing is configured here"},
	{"   \n\n", "0:0 nothing is configured here"},
	{"\r\n", "0:0 nothing is configured here"},
	{"~\n", "0:0 nothing is configured here"},
	{"null\n", "0:0 nothing is configured here"},
	{"{}\n", "{}"},
	{"--- {parameters: {a: 1}}\n...\n", "{'parameters':{'a':1}}"},
	{"%YAML 1.1\n---\nparameters: {a: 1}\n", "{'parameters':{'a':1}}"},
	{"parameters: {a: 1}\n---\nparameters: {b: 2}\n",
	 "2:1 a second document starts here; only one is allowed"},
	{"parameters:\n\ta: 1\n", "2:1 a TAB cannot indent in YAML; use spaces"},
	{"parameters: {a: \"x\ty\"} # \t\n", "{'parameters':{'a':'x\\ty'}}"},
	{"parameters: {a: \xe4}\n", "1:17 this is not UTF-8; save the file as UTF-8"},
	{"parameters: {\xc3\xa4: \xf0\x9f\x98\x80, b: ]}\n", "1:23 expected a value here"},
	{"parameters: {a: \x01}\n",
	 "1:17 this control character cannot stand in YAML; in double "
	 "quotes write it as an escape"},
	{"parameters: {a: \"\\x01\\u00e4\\n\"}\n", "{'parameters':{'a':'\\u0001\xc3\xa4\\n'}}"},
	{"parameters: {a: 'x\n", "1:17 this quote is never closed"},
	{"packages:\n- name: p\n  functions:\n - name: f\n",
	 "4:2 expected a key here; check the indentation"},
	{"packages:\n- name: p: q\n", "2:10 a ':' cannot stand here; check the indentation, or "
				      "put the text in quotes"},
	{"parameters: {a: @b}\n", "1:17 '@' cannot start a value; put the value in quotes"},
	{"parameters: {a: !!python/object x}\n",
	 "1:17 tag '!!python/object' does not fit here; "
	 "remove it"},
	{"parameters: {a: !foo x}\n", "1:17 tag '!foo' is not supported; remove it"},
	{"parameters: {a: !!str 5, b: !!int '7', c: !!float 1}\n",
	 "{'parameters':{'a':'5','b':7,'c':1}}"},
	{"parameters: !!map {a: 1}\n", "{'parameters':{'a':1}}"},
	{"parameters: !!seq {a: 1}\n", "1:13 tag '!!seq' does not fit here; remove it"},
	{"parameters:\n  a: |\n    one\n    two\n  b: >-\n    one\n    two\n",
	 "{'parameters':{'a':'one\\ntwo\\n','b':'one two'}}"},
};

static void odd_texts_are_read_or_explained(void **state UNUSED)
{
	assert_rows(bytes, countof(bytes));
}

static const struct row scalars[] = {
	{"parameters: {a: yes, b: no, c: on, d: off, e: y}\n",
	 "{'parameters':{'a':'yes','b':'no','c':'on','d':'off','e':'y'}}"},
	{"parameters: {a: True, b: FALSE, c: tRue}\n",
	 "{'parameters':{'a':true,'b':false,'c':'tRue'}}"},
	{"parameters: {a: ~, b: Null, c: nULL, d: , e: ''}\n",
	 "{'parameters':{'a':null,'b':null,'c':'nULL','d':null,'e':''}}"},
	{"parameters: {a: 0, b: -0, c: +5, d: 1_000, e: 0b11, f: 017, g: 0o17, h: 09}\n",
	 "{'parameters':{'a':0,'b':0,'c':5,'d':1000,'e':3,'f':15,'g':'0o17','h':'09'}}"},
	{"parameters: {a: 1., b: .5, c: -1.5e+3, d: 1e}\n",
	 "{'parameters':{'a':1.0,'b':0.5,'c':-1.5e+3,'d':'1e'}}"},
	{"parameters: {a: 1:30, b: '1:30', c: 2001-12-14}\n",
	 "{'parameters':{'a':90,'b':'1:30','c':'2001-12-14'}}"},
	{"parameters: {a: 18446744073709551616, b: 0.1234567890123456789}\n",
	 "{'parameters':{'a':18446744073709551616,'b':0.1234567890123456789}}"},
};

static void scalars_mean_what_they_do_in_js_yaml(void **state UNUSED)
{
	assert_rows(scalars, countof(scalars));
}

/* Lines of text, a ceiling that they reach, and the only finding. */
static void assert_finding(struct strbuf *text, const char *want)
{
	char *got = read_config(text->buf, lookup);

	assert_string_equal(got, want);
	free(got);
	strbuf_release(text);
}

static void a_bomb_of_aliases_is_stopped(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int c;

	strbuf_adds(&b, "parameters:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n");
	for (c = 'b'; c < 'k'; c++)
		strbuf_addf(&b,
			    "  %c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c,
			    c, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1,
			    c - 1);
	assert_finding(&b,
		       "7:22 too much: more than 500000 values, aliases counted as what they "
		       "stand for");
}

static void depth_has_a_ceiling(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i;

	strbuf_adds(&b, "parameters: {a: ");
	for (i = 0; i < 100000; i++)
		strbuf_addc(&b, '[');
	assert_finding(&b, "1:79 nested deeper than 64 levels");
}

static void keys_of_one_mapping_have_a_ceiling(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	int i;

	strbuf_adds(&b, "parameters:\n");
	for (i = 0; i <= 2000; i++)
		strbuf_addf(&b, "  k%d: v\n", i);
	assert_finding(&b, "2:3 more than 2000 keys in one mapping");
}

/* Each is found, the ceiling of diag/ counts the rest, and it is quick. */
static void thousands_of_functions_are_read(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	struct project p;
	struct diags d = DIAGS_INIT;
	int i;

	strbuf_adds(&b, "packages:\n- name: p\n  functions:\n");
	for (i = 0; i < 20000; i++)
		strbuf_addf(&b,
			    "  - {name: f%d, triggers: [{name: t%d, type: SCHEDULED, "
			    "scheduledDetails: {cron: '* * * * *'}}]}\n",
			    i, i);
	project_init(&p);
	p.config = (struct diag_source){"project.yml", strbuf_str(&b)};
	config_read(&p, &(struct config_options){0}, &d);
	assert_int_equal(d.list.n, 0);
	assert_int_equal(project_function_count(&p), 20000);
	assert_int_equal(project_trigger_count(&p), 20000);
	assert_string_equal(package_function(project_package(&p, "p"), "f19999")->name,
			    "f19999");
	diags_release(&d);
	project_release(&p);
	strbuf_release(&b);
}

static void runtimes_of_a_host_go_before_the_table(void **state UNUSED)
{
	static const char *const kinds[] = {"python:3.14", "ruby:2.5", "ruby:3.0", NULL};
	static const struct {
		const char *kind, *want; /* NULL: taken */
	} rows[] = {
		{"python:3.14", NULL},
		{"python:default", NULL},
		{"ruby:default", NULL},
		{"python:3.11", "unknown runtime 'python:3.11'; known: python:3.14"},
		{"ruby", "unknown runtime 'ruby'; known: ruby:2.5, ruby:3.0"},
		{"nodejs:default", "unknown runtime 'nodejs:default'; known: python:3.14, "
				   "ruby:2.5, ruby:3.0"},
		{"rubi:3.0", "unknown runtime 'rubi:3.0'; did you mean 'ruby:3.0'? known: "
			     "python:3.14, ruby:2.5, ruby:3.0"},
		{"py:3", "unknown runtime 'py:3'; did you mean 'python:3.14'? known: "
			 "python:3.14, ruby:2.5, ruby:3.0"},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		char *text = xasprintf("packages: [{name: p, functions: [{name: f, runtime: "
				       "'%s'}]}]\n",
				       rows[i].kind);
		struct diags d = DIAGS_INIT;
		struct project p;

		project_init(&p);
		p.config = (struct diag_source){"project.yml", str_of(text)};
		config_read(&p, &(struct config_options){.kinds = kinds}, &d);
		assert_int_equal(d.list.n, rows[i].want ? 1 : 0);
		if (rows[i].want)
			assert_string_equal(d.list.v[0].text, rows[i].want);
		diags_release(&d);
		project_release(&p);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliases_stand_for_what_is_anchored),
		cmocka_unit_test(merge_keys_bring_members),
		cmocka_unit_test(odd_texts_are_read_or_explained),
		cmocka_unit_test(scalars_mean_what_they_do_in_js_yaml),
		cmocka_unit_test(a_bomb_of_aliases_is_stopped),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(keys_of_one_mapping_have_a_ceiling),
		cmocka_unit_test(thousands_of_functions_are_read),
		cmocka_unit_test(runtimes_of_a_host_go_before_the_table),
	};

	return cmocka_run_group_tests_name("config_yaml", tests, NULL, NULL);
}
