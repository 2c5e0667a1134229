#include "config_rows.h"
#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

static const struct row filled[] = {
	{F("environment: {A: ${NUM}, B: \"${YES}\", C: x${A}y, D: ${A}${NUM}}"),
	 F_IS(",'environment':{'A':'512','B':'true','C':'xalphay','D':'alpha512'}")},
	{F("parameters: {a: ${NUM}, b: ${YES}, c: ${A}, d: '${NULLISH}', e: ${FLOAT}}"),
	 F_IS(",'parameters':{'a':512,'b':true,'c':'alpha','d':'null','e':1.5}")},
	{F("parameters: {a: '${NUM}', b: '${NUM}0', c: \"<${A}>\"}"),
	 F_IS(",'parameters':{'a':'512','b':'5120','c':'<alpha>'}")},
	{F("parameters:\n      a: |\n        ${A}\n        b\n      c: >-\n        "
	   "${A}\n"
	   "        b"),
	 F_IS(",'parameters':{'a':'alpha\\nb\\n','c':'alpha b'}")},
	{F("limits: {memory: ${NUM}}"), F_IS(",'limits':{'memory':512}")},
	{F("limits: {memory: ${A}}"),
	 "5:22 'memory' must be a whole number; the value filled in here is a string"},
	{F("limits: {timeout: ${NUM}0000}"),
	 "5:23 'timeout' must be a whole number; the value filled in here is a string"},
	{F("web: ${YES}"), F_IS(",'web':'yes'")},
	{F("web: ${NO}"), F_IS(",'web':'no'")},
	{F("web: ${RAW}"), F_IS(",'web':'raw'")},
	{F("web: ${SECRET}"),
	 "5:10 'web' must be true, false or raw; the value filled in here is a string"},
	{F("webSecure: ${SECRET}"), F_IS(",'webSecure':'s3cr3t/%n'")},
	{F("webSecure: ${NUM}"), F_IS(",'webSecure':'512'")},
	{F("webSecure: ${NO}"), F_IS("")},
	{F("runtime: ${KIND}"), F_IS(",'runtime':'python:3.11'")},
	{F("main: ${NUM}"), F_IS(",'main':'512'")},
	{"packages: [{name: ${NUM}}, {name: ${ A }}]\n",
	 "{'packages':[{'name':'512'},{'name':'alpha'}]}"},
	{P("shared: ${YES}"), "{'packages':[{'name':'p','shared':true}]}"},
	{P("shared: ${A}"),
	 "3:11 'shared' must be true or false; the value filled in here is a string"},
	/* a value is a value, whatever is in it */
	{F("environment: {A: ${EVIL}, B: '${EVIL}', C: \"${LINES}\"}"),
	 F_IS(",'environment':{'A':'x: [y] # 'z' \\'q\\'\\n- {','B':'x: [y] # 'z' "
	      "\\'q\\'\\n- {','C':'one\\ntwo\\n'}")},
	{"environment: {A: ${AGAIN}, B: $${A}, C: ${my.var-1}, D: $A, E: '{A}'}\n",
	 "{'environment':{'A':'${A}','B':'$alpha','C':'dotted','D':'$A','E':'{A}'}}"},
	{"environment: {A: &x \"${A}\", B: *x}\n", "{'environment':{'A':'alpha','B':'alpha'}}"},
	{"parameters: {${A}: 1, x${NUM}: 2}\n", "{'parameters':{'alpha':1,'x512':2}}"},
	{"environment: {A: \xc3\xa4${A}\xf0\x9f\x98\x80, B: ${}}\n",
	 "1:29 '${}' names nothing to fill in"},
	{"environment: {A: ${|LINES}, B: '${| A }'}\n",
	 "{'environment':{'A':'one\\ntwo\\n','B':'alpha'}}"},
	/* several variables are a mapping of strings, wherever one may stand */
	{"environment: $(A  NUM)\nparameters: {x: [$( YES )], y: $(AGAIN)}\n",
	 "{'parameters':{'x':[{'YES':'true'}],'y':{'AGAIN':'${A}'}},"
	 "'environment':{'A':'alpha','NUM':'512'}}"},
	{"environment: $(A A)\n", "{'environment':{'A':'alpha'}}"},
	{"environment: &e $(A)\nparameters: {a: *e, b: {<<: $(NUM A), A: x}, c: !!map $(A)}\n",
	 "{'parameters':{'a':{'A':'alpha'},'b':{'NUM':'512','A':'x'},'c':{'A':'alpha'}},"
	 "'environment':{'A':'alpha'}}"},
	/* comments do nothing */
	{"# ${NOT_SET ${A} $(x)\nparameters: {} # ${\n", "{'parameters':{}}"},
};

static void placeholders_take_the_type_of_their_place(void **state UNUSED)
{
	assert_rows(filled, countof(filled));
}

static const struct row unfilled[] = {
	{"environment:\n  A: x ${NOT_SET} y ${EMPTY}\n  B: ${ NOT_SET }\n",
	 "2:8 'NOT_SET' is not set\n"
	 "2:21 'EMPTY' is empty, which counts as not set\n"
	 "3:6 'NOT_SET' is not set"},
	{"parameters: {a: {b: ${X}}, ${Y}: 1}\n", "1:21 'X' is not set\n"
						  "1:28 'Y' is not set"},
	{"packages: ${X}\n", "1:11 'X' is not set"},
	{"packages: [{name: ${X}, functions: [{name: ${Y}}, ${Z}]}]\n", "1:19 'X' is not set\n"
									"1:44 'Y' is not set\n"
									"1:51 'Z' is not set"},
	{"${X}\n", "1:1 'X' is not set"},
	{F("limits: {memory: ${X}}"), "5:22 'X' is not set"},
	{"environment: {A: 'x ${A', B: c}\n",
	 "1:21 '${A' has no '}' in this line before a quote ends"},
	{"environment:\n  A: ${A B\n  C: d}\n",
	 "2:6 '${A' has no '}' in this line before a quote ends"},
	{"environment:\n  A: $(A\n", "2:6 '$(A' has no ')' in this line before a quote ends"},
	{"environment:\n  A: ${", "2:6 '${' has no '}' in this line before a quote ends"},
	{"environment: {A: ${A!}}\n", "1:18 '${A!}' names no variable; a name has letters, "
				      "digits, '_', '.' and '-'"},
	{"environment: {A: ${A:-b}}\n", "1:18 '${A:-b}' names no variable; a name has letters, "
					"digits, '_', '.' and '-'"},
	{"environment: {A: ${}, B: ${ }, C: $( ), D: ${|}, E: ${<}}\n",
	 "1:18 '${}' names nothing to fill in\n"
	 "1:26 '${ }' names nothing to fill in\n"
	 "1:35 '$( )' names nothing to fill in\n"
	 "1:44 '${|}' names nothing to fill in\n"
	 "1:53 '${<}' names nothing to fill in"},
	{"environment: $(A  X NUM\tY !)\n",
	 "1:19 'X' is not set\n"
	 "1:25 'Y' is not set\n"
	 "1:27 '!' names no variable; a name has letters, digits, '_', '.' and '-'"},
	{"environment: $(<x)\n", "1:16 '<x' names no variable; a file is read by '${<path}'"},
	{"environment: {A: \"$(A NUM)\", B: x$(A), C: '${A NUM}', D: ${<f}y}\n",
	 "1:19 '$(A NUM)' stands for a mapping; it must be the whole value, without quotes\n"
	 "1:34 '$(A)' stands for a mapping; it must be the whole value, without quotes\n"
	 "1:44 '${A NUM}' stands for a mapping; it must be the whole value, without quotes\n"
	 "1:58 '${<f}' stands for a mapping; it must be the whole value, without quotes"},
	{"environment: ${A NUM}\n",
	 "1:14 this spelling of several variables is deprecated; write '$(A NUM)'"},
	{"parameters: {$(A): 1}\n", "1:14 a key must be a text, not a list or mapping"},
	{"parameters: {a: !!str $(A)}\n", "1:17 tag '!!str' does not fit here; remove it"},
	{"environment: {A: ${LATIN}}\n", "1:18 the value of 'LATIN' is not UTF-8"},
	/* what was no string for the existing tool */
	{F("parameters: {a: ${NULLISH}, b: [${NUM}0], c: ${JSON}, d: '${JSON}', e: x${NUM}}"),
	 "5:21 this looks like nothing when it is filled in, but is a string; put it in "
	 "quotes\n"
	 "5:37 this looks like a number when it is filled in, but is a string; put it in "
	 "quotes\n"
	 "5:50 this looks like a list when it is filled in, but is a string; put it in quotes, "
	 "or take it from a file with '${<path}'"},
	{F("annotations: {a: ${FLOAT}.5, b: ${NUM}${NUM}, c: $(NUM)}"),
	 "5:37 this looks like a number when it is filled in, but is a string; put it in "
	 "quotes"},
	/* places behind a placeholder stay true */
	{"environment: {A: ${A}, B: 5}\n", "1:27 environment variable 'B' must be a "
					   "string, not a number; put it in quotes"},
	{"a: ${A} @ b: @\n", "1:12 a ':' cannot stand here; check the indentation, or "
			     "put the text in quotes"},
	/* secrets stay secret */
	{"packages: [{name: \"${SECRET}\"}]\n",
	 "1:19 the value filled in here cannot be the name of a package; use letters, "
	 "digits and '_', behind the first one also '-', '.', '@', '&' and spaces"},
	{"packages: [{name: ${A}}, {name: ${A}}]\n",
	 "1:33 a second package of one name; the first one is in line 1"},
	{F("runtime: ${A}"),
	 "5:14 unknown runtime filled in here; known: go:1.17, go:1.20, go:1.24, "
	 "go:1.25, "
	 "nodejs:14, nodejs:18, nodejs:22, nodejs:24, nodejs-lambda:14, "
	 "nodejs-lambda:18, "
	 "php:8.0, php:8.2, php:8.3, php:8.4, php:8.5, python:3.9, python:3.11, "
	 "python:3.12, python:3.13"},
	{"${SECRET}: x\n", "1:1 unknown key (filled in) at the top level; known: packages, "
			   "parameters, environment, targetNamespace"},
	{"environment: {\"=${SECRET}\": x, y: z}\n",
	 "1:15 an environment variable cannot be called the value filled in here"},
	{"parameters: {${A}: 1, ${A}: 2}\n", "1:23 repeated key; the first one is in line 1"},
};

static void placeholders_that_cannot_be_filled_are_found(void **state UNUSED)
{
	assert_rows(unfilled, countof(unfilled));
}

static void without_a_lookup_nothing_has_a_value(void **state UNUSED)
{
	char *got = read_config("environment: {A: ${A}}\n", NULL);

	assert_string_equal(got, "1:18 'A' is not set");
	free(got);
}

/* Reads the text in a folder of files; the model, or the findings of all files, one a line. */
static char *read_in(const struct tree *t, const char *text)
{
	struct project p;
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	project_init(&p);
	p.root_fd = dup(t->fd);
	p.config = (struct diag_source){"project.yml", str_of(text)};
	config_read(&p, &(struct config_options){lookup, NULL, "not here, not there", NULL},
		    &d);
	for (i = 0; i < d.list.n; i++)
		strbuf_addf(&out, "%s:%u:%u %s\n", d.list.v[i].path, d.list.v[i].pos.line,
			    d.list.v[i].pos.col, d.list.v[i].text);
	if (d.list.n == 0)
		dump(&out, &p);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

static void assert_rows_in(const struct tree *t, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *got = read_in(t, rows[i].text);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

static void a_file_is_a_mapping(void **state)
{
	static const struct row rows[] = {
		{"environment: ${<e.env}\n",
		 "{'environment':{'A':'1','B':'x\\ny','C':'${NUM}'}}"},
		{"environment: ${< ./sub/../e.env }\n",
		 "{'environment':{'A':'1','B':'x\\ny','C':'${NUM}'}}"},
		{"parameters: {a: ${<sub/j.json}, b: [${<list.json}]}\n",
		 "{'parameters':{'a':{'n':1e3,'f':1.50,'t':true,'z':null,'s':'5',"
		 "'o':{'p':[{},[]]}},'b':[[1,'x']]}}"},
		{"parameters: {<<: ${<sub/j.json}, n: 2, o: 1, f: 1, t: 1}\n",
		 "{'parameters':{'z':null,'s':'5','n':2,'o':1,'f':1,'t':1}}"},
		{F("limits: ${<limits.json}"), F_IS(",'limits':{'memory':512}")},
		{"packages: ${<packages.json}\n", "{'packages':[{'name':'p'}]}"},
		{"parameters: ${<link.json}\n", "{'parameters':{'memory':512}}"},
	};
	const struct tree *t = *state;

	tree_file(t, "e.env", "# c\nexport A=1\nB=\"x\\ny\"\nC=${NUM}\n");
	tree_file(t, "sub/j.json",
		  "{\"n\": 1e3, \"f\": 1.50, \"t\": true, \"z\": null, \"s\": \"5\","
		  " \"o\": {\"p\": [{}, []]}}");
	tree_file(t, "list.json", " [1, \"x\"]");
	tree_file(t, "limits.json", "{\"memory\": 512}");
	tree_file(t, "packages.json", "[{\"name\": \"p\"}]");
	assert_int_equal(symlinkat("limits.json", t->fd, "link.json"), 0);
	assert_rows_in(t, rows, countof(rows));
}

static void a_file_that_cannot_be_filled_in_is_found(void **state)
{
	static const struct row rows[] = {
		{"environment:\n  ${<none}\n",
		 "project.yml:2:3 cannot open 'none': No such file or directory\n"},
		{"environment: ${<../x}\nparameters: ${</etc/passwd}\n",
		 "project.yml:1:14 '../x' is not below the project's folder; only such files "
		 "are "
		 "read\n"
		 "project.yml:2:13 '/etc/passwd' is not below the project's folder; only such "
		 "files "
		 "are read\n"},
		{"environment: ${<out}\n", "project.yml:1:14 the link 'out' -> '/etc/passwd' "
					   "leads outside; put a copy in its "
					   "place\n"},
		{"environment: ${<sub}\n", "project.yml:1:14 'sub' is a folder, not a file\n"},
		{"environment: ${<.}\n",
		 "project.yml:1:14 '.' is not below the project's folder; only such files are "
		 "read\n"},
		{"environment: ${<empty}\n",
		 "project.yml:1:14 'empty' has nothing in it to fill in\n"},
		{"environment: ${<bad.json}\n", "project.yml:1:14 'bad.json': this is no valid "
						"JSON: line 1, column 7: expected a "
						"value\n"},
		{"environment: ${<sub/lines}\n",
		 "sub/lines:2:1 this line is not read: it is not NAME=value\n"},
		{"environment: ${<numbers.json}\n",
		 "project.yml:1:14 environment variable the value filled in here "
		 "must be a string, not a number; put it in quotes\n"},
	};
	const struct tree *t = *state;

	tree_file(t, "empty", "# nothing\n");
	tree_file(t, "bad.json", "{\"A\": secret}");
	tree_file(t, "sub/lines", "A=b\nsecret\n");
	tree_file(t, "numbers.json", "{\"A\": 1}");
	assert_int_equal(symlinkat("/etc/passwd", t->fd, "out"), 0);
	assert_rows_in(t, rows, countof(rows));
}

static void what_has_no_value_says_where_it_was_looked_for(void **state)
{
	static const struct row rows[] = {
		{"environment: {A: ${X}, B: $(Y)}\n",
		 "project.yml:1:18 'X' is not set: not here, not there\n"
		 "project.yml:1:29 'Y' is not set: not here, not there\n"},
	};

	assert_rows_in(*state, rows, countof(rows));
}

/* An alias of what was filled in counts as much, so that it is no bomb either. */
static void what_is_filled_in_has_the_limits_of_yaml(void **state)
{
	static const struct row rows[] = {
		{"parameters: {a: &a ${<many.json}, b: [*a, *a, *a, *a, *a, *a]}\n",
		 "project.yml:1:51 too much: more than 500000 values, aliases counted as what "
		 "they "
		 "stand for\n"},
		{"parameters: {a: {b: ${<deep.json}}}\n",
		 "project.yml:1:21 nested deeper than 64 levels\n"},
		{"parameters: {a: &a {b: ${<less.json}}, c: {d: {e: {f: *a}}}}\n",
		 "project.yml:1:55 nested deeper than 64 levels\n"},
		{"parameters: ${<wide.json}\n",
		 "project.yml:1:13 more than 2000 keys in one mapping\n"},
	};
	const struct tree *t = *state;
	struct strbuf many = STRBUF_INIT, deep = STRBUF_INIT, less = STRBUF_INIT,
		      wide = STRBUF_INIT;
	int i;

	for (i = 0; i < 100000; i++)
		strbuf_adds(&many, i ? ",1" : "[1");
	for (i = 0; i < 126; i++)
		strbuf_addc(&deep, i < 63 ? '[' : ']');
	for (i = 0; i < 120; i++)
		strbuf_addc(&less, i < 60 ? '[' : ']');
	for (i = 0; i < 2001; i++)
		strbuf_addf(&wide, "%s\"k%d\":0", i ? "," : "{", i);
	strbuf_addc(&many, ']');
	strbuf_addc(&wide, '}');
	tree_file(t, "many.json", many.buf);
	tree_file(t, "deep.json", deep.buf);
	tree_file(t, "less.json", less.buf);
	tree_file(t, "wide.json", wide.buf);
	assert_rows_in(t, rows, countof(rows));
	strbuf_release(&many);
	strbuf_release(&deep);
	strbuf_release(&less);
	strbuf_release(&wide);
}

static const char *large(void *arg UNUSED, const char *name UNUSED)
{
	static char value[1024 * 1024 + 1];

	memset(value, 'x', sizeof(value) - 1);
	return value;
}

static void values_together_have_a_ceiling(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	char *got;
	int i;

	strbuf_adds(&b, "parameters:\n");
	for (i = 0; i < 9; i++)
		strbuf_addf(&b, "  k%d: ${V}\n", i);
	got = read_config(b.buf, large);
	assert_string_equal(got, "10:7 from here on more than 8 MB would be filled in");
	free(got);
	strbuf_release(&b);
}

/* More placeholders than one private-use character can count. */
static void many_placeholders_are_told_apart(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	char *got;
	int i;

	strbuf_adds(&b, "parameters:\n  a: |\n");
	for (i = 0; i < 70000; i++)
		strbuf_adds(&b, "    ${NUM}\n");
	strbuf_adds(&b, "  b: ${A}\n");
	got = read_config(b.buf, lookup);
	assert_non_null(strstr(got, "512\\n','b':'alpha'}}"));
	free(got);
	strbuf_release(&b);
}

/* Looking for the end of each again and again would take hours. */
static void many_placeholders_without_an_end_are_not_slow(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	char *got;
	int i;

	strbuf_adds(&b, "a: ");
	for (i = 0; i < 1000000; i++)
		strbuf_adds(&b, "${$(");
	got = read_config(b.buf, lookup);
	assert_non_null(strstr(got, "1:4 '${$(${$("));
	free(got);
	strbuf_release(&b);
}

/* Text that only looks like a stand-in is left alone. */
static void private_use_characters_are_ordinary_text(void **state UNUSED)
{
	static const struct row rows[] = {
		{"environment: {A: \xf3\xb0\x80\x80\xf4\x80\x80\x81 ${A}}\n",
		 "{'environment':{'A':'\xf3\xb0\x80\x80\xf4\x80\x80\x81 alpha'}}"},
		{"environment: {A: \xf3\xb0\x80\x80, B: "
		 "\xf3\xb0\x80\x80\xf4\x80\x80\x80xy${A}}\n",
		 "{'environment':{'A':'\xf3\xb0\x80\x80','B':'"
		 "\xf3\xb0\x80\x80\xf4\x80\x80\x80xy"
		 "alpha'}}"},
		{"environment: {A: \xf3\xb0\x80\x80\xf4\x80\x80\x80}\n",
		 "{'environment':{'A':'\xf3\xb0\x80\x80\xf4\x80\x80\x80'}}"},
	};

	assert_rows(rows, countof(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_take_the_type_of_their_place),
		cmocka_unit_test(placeholders_that_cannot_be_filled_are_found),
		cmocka_unit_test(without_a_lookup_nothing_has_a_value),
		CASE(a_file_is_a_mapping),
		CASE(a_file_that_cannot_be_filled_in_is_found),
		CASE(what_has_no_value_says_where_it_was_looked_for),
		CASE(what_is_filled_in_has_the_limits_of_yaml),
		cmocka_unit_test(values_together_have_a_ceiling),
		cmocka_unit_test(many_placeholders_are_told_apart),
		cmocka_unit_test(many_placeholders_without_an_end_are_not_slow),
		cmocka_unit_test(private_use_characters_are_ordinary_text),
	};

	return cmocka_run_group_tests_name("config_substitute", tests, NULL, NULL);
}
