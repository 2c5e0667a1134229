#include "config_rows.h"

static const struct row filled[] = {
	{F("environment: {A: ${NUM}, B: \"${YES}\", C: x${A}y, D: ${A}${NUM}}"),
	 F_IS(",'environment':{'A':'512','B':'true','C':'xalphay','D':'alpha512'}")},
	{F("parameters: {a: ${NUM}, b: ${YES}, c: ${A}, d: ${NULLISH}, e: ${FLOAT}}"),
	 F_IS(",'parameters':{'a':512,'b':true,'c':'alpha','d':'null','e':1.5}")},
	{F("parameters: {a: '${NUM}', b: ${NUM}0, c: \"<${A}>\"}"),
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
	 "1:29 '${}' does not name a variable"},
	/* comments do nothing */
	{"# ${NOT_SET ${A} $(x)\nparameters: {} # ${\n", "{'parameters':{}}"},
};

static void placeholders_take_the_type_of_their_place(void **state UNUSED)
{
	assert_rows(filled, countof(filled));
}

static const struct row unfilled[] = {
	{"environment:\n  A: x ${NOT_SET} y ${EMPTY}\n  B: ${ NOT_SET }\n",
	 "2:8 'NOT_SET' is not set in the environment\n"
	 "2:21 'EMPTY' is not set in the environment\n"
	 "3:6 'NOT_SET' is not set in the environment"},
	{"parameters: {a: {b: ${X}}, ${Y}: 1}\n", "1:21 'X' is not set in the environment\n"
						  "1:28 'Y' is not set in the environment"},
	{"packages: ${X}\n", "1:11 'X' is not set in the environment"},
	{"packages: [{name: ${X}, functions: [{name: ${Y}}, ${Z}]}]\n",
	 "1:19 'X' is not set in the environment\n"
	 "1:44 'Y' is not set in the environment\n"
	 "1:51 'Z' is not set in the environment"},
	{"${X}\n", "1:1 'X' is not set in the environment"},
	{F("limits: {memory: ${X}}"), "5:22 'X' is not set in the environment"},
	{"environment: {A: ${|LINES}}\n",
	 "1:18 this form of substitution is not supported yet: '${|LINES}'"},
	{"environment: ${<env.json}\n",
	 "1:14 this form of substitution is not supported yet: '${<env.json}'"},
	{"environment: $(A B)\n",
	 "1:14 this form of substitution is not supported yet: '$(A B)'"},
	{"environment: ${A B}\n",
	 "1:14 this form of substitution is not supported yet: '${A B}'"},
	{"environment: $(A)\n", "1:14 this form of substitution is not supported yet: '$(A)'"},
	{"environment: {A: 'x ${A', B: c}\n", "1:21 '${' is not closed on its line"},
	{"environment:\n  A: ${A\n", "2:6 '${' is not closed on its line"},
	{"environment:\n  A: $(A\n", "2:6 '$(' is not closed on its line"},
	{"environment: {A: ${A!}}\n", "1:18 '${A!}' does not name a variable"},
	{"environment: {A: ${LATIN}}\n", "1:18 the value of 'LATIN' is not UTF-8"},
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

	assert_string_equal(got, "1:18 'A' is not set in the environment");
	free(got);
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
	assert_string_equal(got,
			    "10:7 with the value of 'V' more than 8 MB would be filled in");
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
		cmocka_unit_test(values_together_have_a_ceiling),
		cmocka_unit_test(many_placeholders_are_told_apart),
		cmocka_unit_test(private_use_characters_are_ordinary_text),
	};

	return cmocka_run_group_tests_name("config_substitute", tests, NULL, NULL);
}
