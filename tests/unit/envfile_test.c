#include "envfile/envfile.h"

#include "test.h"
#include "json/json.h"

/* The object as JSON, or "error: ..."; then "line: text\n" for each warning. */
static char *parse(struct str text)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct strbuf out = STRBUF_INIT;
	struct json *j = envfile_parse(&a, "x.env", text, &d, &e);
	size_t i;

	if (j)
		json_write(&out, j);
	else
		strbuf_addf(&out, "error: %s", e.msg);
	assert_int_equal(e.code, j ? ERR_OK : ERR_PROJECT);
	assert_int_equal(d.errors, 0);
	for (i = 0; i < d.list.n; i++) {
		assert_string_equal(d.list.v[i].path, "x.env");
		strbuf_addf(&out, "\n%u: %s", d.list.v[i].pos.line, d.list.v[i].text);
	}
	json_free(j);
	err_clear(&e);
	diags_release(&d);
	arena_release(&a);
	return strbuf_detach(&out, NULL);
}

#define UNREAD "this line is not read: it is not NAME=value"
#define ODD                                                                                  \
	"the quote is not closed, or something stands behind the closing one; the value is " \
	"what stands in the line"

/* What dotenv 16.0.3 makes of the same text; the warnings are ours. */
static void lines_are_read_as_dotenv_reads_them(void **state UNUSED)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", "{}"},
		{"\n \t\n# A=b\n", "{}"},
		{"A=b", "{\"A\":\"b\"}"},
		{"A=b\nB.c-d_9 = e \n", "{\"A\":\"b\",\"B.c-d_9\":\"e\"}"},
		{"A=1\r\nA=2\rB=3", "{\"A\":\"2\",\"B\":\"3\"}"},
		{" export A=b # c\nexport\tB = d#e\nexport=f\nexportC=g",
		 "{\"A\":\"b\",\"B\":\"d\",\"export\":\"f\",\"exportC\":\"g\"}"},
		{"A=\nB= # c\nC=#d", "{\"A\":\"\",\"B\":\"\",\"C\":\"\"}"},
		{"A=b=c d", "{\"A\":\"b=c d\"}"},
		{"\xef\xbb\xbf"
		 "A=b",
		 "{\"A\":\"b\"}"},
		/* quotes */
		{"A='x # \\n y' # c\nB=`'\"`\nC=\"it's\"",
		 "{\"A\":\"x # \\\\n y\",\"B\":\"'\\\"\",\"C\":\"it's\"}"},
		{"A=\"x\\ny\\rz\\t\\\\n\"", "{\"A\":\"x\\ny\\rz\\\\t\\\\\\n\"}"},
		{"A=\"one\ntwo # 2\n\n\"\nB='x\ny' # z\nC=d",
		 "{\"A\":\"one\\ntwo # 2\\n\\n\",\"B\":\"x\\ny\",\"C\":\"d\"}"},
		{"A=\"x \\\" y\"", "{\"A\":\"x \\\\\\\" y\"}"},
		{"A=\"\"\nB=''\nC=' '", "{\"A\":\"\",\"B\":\"\",\"C\":\" \"}"},
		{"A='x\\' # y\nB='z' w\n", "{\"A\":\"x\\\\\",\"B\":\"'z' w\"}\n2: " ODD},
		/* a colon, and signs in another line */
		{"A: b\nB:c\nC: 'd'\n", "{\"A\":\"b\",\"C\":\"d\"}\n2: " UNREAD},
		{"A\n=b\nC=\n'd'\nE:\nF=g", "{\"A\":\"b\",\"C\":\"d\",\"E\":\"F=g\"}"},
		/* what is no assignment */
		{"A\nA B=c\n=d\n\xc3\xa4=e\nF=g",
		 "{\"F\":\"g\"}\n1: " UNREAD "\n2: " UNREAD "\n3: " UNREAD "\n4: " UNREAD},
		{"A='b", "{\"A\":\"'b\"}\n1: " ODD},
		{"A='b\nC=d", "{\"A\":\"'b\",\"C\":\"d\"}\n1: " ODD},
		{"A=\"b\" c \"d\\n\"", "{\"A\":\"b\\\" c \\\"d\\n\"}\n1: " ODD},
		{"A=b\n\nC=\xe4\nD=\xc3\xa4",
		 "{\"A\":\"b\",\"D\":\"\xc3\xa4\"}\n3: this line is not read: it is not UTF-8"},
		{"# \xe4\nA=b", "{\"A\":\"b\"}"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *got = parse(str_of(cases[i].text));

		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

static void a_json_object_stays_what_it_is(void **state UNUSED)
{
	static const struct {
		struct str text;
		const char *want;
	} cases[] = {
		{STR("\xef\xbb\xbf {\"b\": 1.0, \"a\": [true], \"b\": null}\n"),
		 "{\"b\":null,\"a\":[true]}"},
		{STR("{A: secret}"), "error: this is no valid JSON: line 1, column 2: expected "
				     "a member name in double quotes"},
		{STR("{\"A\": \"secret"), "error: this is no valid JSON: line 1, column 7: the "
					  "string that starts here has no end"},
		{STR("A\0=\0b\0"), "error: this is no text, or not UTF-8 (it holds NUL "
				   "bytes); save it as UTF-8"},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *got = parse(cases[i].text);

		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

static void values_are_found_by_name(void **state UNUSED)
{
	struct arena a = ARENA_INIT;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct envfile env;
	struct json *j;

	assert_int_equal(
		envfile_read(
			&env, &a, "x",
			STR("{\"z\": 1e2, \"\": \"e\", \"a b\": {\"c\": [ ]}, \"s\": \"\"}"),
			&d, &e),
		0);
	assert_int_equal(envfile_count(&env), 4);
	assert_string_equal(envfile_get(&env, "z"), "1e2");
	assert_string_equal(envfile_get(&env, ""), "e");
	assert_string_equal(envfile_get(&env, "a b"), "{\"c\":[]}");
	assert_string_equal(envfile_get(&env, "s"), "");
	assert_null(envfile_get(&env, "a"));
	assert_null(envfile_get(&env, "zz"));
	j = envfile_detach(&env);
	assert_int_equal(json_count(j), 4);
	assert_int_equal(envfile_count(&env), 0);
	assert_null(envfile_get(&env, "z"));
	json_free(j);
	envfile_release(&env);

	assert_int_equal(envfile_read(&env, &a, "x", STR("{\"A\": \"x\\u0000\"}"), &d, &e), -1);
	assert_string_equal(e.msg, "the value of 'A' holds a NUL character");
	err_clear(&e);
	diags_release(&d);
	arena_release(&a);
}

static void names_have_a_ceiling(void **state UNUSED)
{
	struct strbuf b = STRBUF_INIT;
	char *got;
	int i;

	for (i = 0; i < ENVFILE_MAX_NAMES; i++)
		strbuf_addf(&b, "A%d=%d\n", i, i);
	strbuf_adds(&b, "A0=x\n");
	got = parse(strbuf_str(&b));
	assert_non_null(strstr(got, "{\"A0\":\"x\",\"A1\":\"1\","));
	free(got);
	strbuf_adds(&b, "B=1\n");
	got = parse(strbuf_str(&b));
	assert_string_equal(got, "error: more than 10000 names");
	free(got);
	strbuf_release(&b);
}

/* Texts that make a careless reader look at everything again and again. */
static void no_text_is_slow(void **state UNUSED)
{
	static const char *const pieces[] = {
		"\n", "A\n", "A='\\'", "A=\"`'\n", "export ", "A=\n\n", "A='x'  ", "'", "A:\n"};
	size_t i;

	for (i = 0; i < countof(pieces); i++) {
		struct strbuf b = STRBUF_INIT;
		char *got;

		strbuf_adds(&b, "A=");
		while (b.len < ENVFILE_MAX_BYTES - 10)
			strbuf_adds(&b, pieces[i]);
		got = parse(strbuf_str(&b));
		assert_true(got[0] == '{');
		free(got);
		strbuf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_as_dotenv_reads_them),
		cmocka_unit_test(a_json_object_stays_what_it_is),
		cmocka_unit_test(values_are_found_by_name),
		cmocka_unit_test(names_have_a_ceiling),
		cmocka_unit_test(no_text_is_slow),
	};

	return cmocka_run_group_tests_name("envfile", tests, NULL, NULL);
}
