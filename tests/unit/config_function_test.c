#include "config_rows.h"

/* Keys of functions; F(line) is a function with one more line. */

#define P_IS(functions) "{'packages':[{'name':'p','functions':[" functions "]}]}"

static const struct row sequences[] = {
	{F("sequence: [a]"), F_IS(",'sequence':['a']")},
	{F("sequence: [a, p/b, /ns/c, /_/p/d, a]"),
	 F_IS(",'sequence':['a','p/b','/ns/c','/_/p/d','a']")},
	{F("sequence: [\"${A}\", x/${A}]"), F_IS(",'sequence':['alpha','x/alpha']")},
	{F("sequence: [a]\n    web: raw\n    limits: {memory: 128}"),
	 F_IS(",'web':'raw','limits':{'memory':128},'sequence':['a']")},
	{F("sequence: [a]\n    main: ''\n    runtime: ''\n    binary: false\n    remoteBuild: "
	   "false"),
	 F_IS(",'sequence':['a']")},
	{F("sequence: []"), "5:15 'sequence' is empty; name the functions or remove the key"},
	{F("sequence:"), "5:5 'sequence' has no value; give it one or remove the key"},
	{F("sequence: a"), "5:15 'sequence' must be a list of names, not a string"},
	{F("sequence: {a: b}"), "5:15 'sequence' must be a list of names, not a mapping"},
	{F("sequence: [1, [a], {}, ~]"),
	 "5:16 an item of 'sequence' must be the name of a function, not a number; put it in "
	 "quotes\n"
	 "5:19 an item of 'sequence' must be the name of a function, not a list\n"
	 "5:24 an item of 'sequence' must be the name of a function, not a mapping\n"
	 "5:28 an item of 'sequence' must be the name of a function, not nothing"},
	{F("sequence: ['']"), "5:16 '' is not the name of a function; write 'p/f', 'f' for one "
			      "without a package, or '/namespace/p/f'"},
	{F("sequence: [a/b/c]"),
	 "5:16 'a/b/c' is not the name of a function; write 'p/f', 'f' for one without a "
	 "package, or '/namespace/p/f'"},
	{F("sequence: [/a]"),
	 "5:16 '/a' is not the name of a function; write 'p/f', 'f' for one "
	 "without a package, or '/namespace/p/f'"},
	{F("sequence: [/a/b/c/d]"),
	 "5:16 '/a/b/c/d' is not the name of a function; write 'p/f', 'f' for one without a "
	 "package, or '/namespace/p/f'"},
	{F("sequence: [p//f, p/]"),
	 "5:16 'p//f' is not the name of a function; write 'p/f', 'f' for one without a "
	 "package, or '/namespace/p/f'\n"
	 "5:22 'p/' is not the name of a function; write 'p/f', 'f' for one without a package, "
	 "or '/namespace/p/f'"},
	{F("sequence: [${SECRET}]"), "5:16 the value filled in here is not the name of a "
				     "function; write 'p/f', 'f' for one "
				     "without a package, or '/namespace/p/f'"},
	{F("sequence: [a]\n    runtime: go:1.20\n    main: m\n    binary: true\n    file: "
	   "x.go\n"
	   "    docker: i\n    remoteBuild: true"),
	 "6:5 'runtime' does not go with 'sequence', which has no code of its own\n"
	 "7:5 'main' does not go with 'sequence', which has no code of its own\n"
	 "8:5 'binary' does not go with 'sequence', which has no code of its own\n"
	 "9:5 'file' does not go with 'sequence', which has no code of its own\n"
	 "10:5 'docker' does not go with 'sequence', which has no code of its own\n"
	 "11:5 'remoteBuild' does not go with 'sequence', which has no code of its own"},
};

static void sequences_have_a_length_that_the_platform_takes(void **state UNUSED)
{
	static const char too_long[] =
		"5:116 'sequence' has 52 functions; the platform takes at most 50";
	struct strbuf text = STRBUF_INIT, more = STRBUF_INIT;
	struct row row = {.want = too_long};
	char *got;
	int i;

	for (i = 0; i < PROJECT_MAX_SEQUENCE; i++)
		strbuf_adds(&text, i ? ",a" : "a");
	strbuf_addf(&more, F("sequence: [%s]"), text.buf);
	got = read_config(more.buf, lookup);
	assert_true(str_starts(str_of(got), "{'packages'"));
	free(got);
	strbuf_reset(&more);
	strbuf_addf(&more, F("sequence: [%s,b,c]"), text.buf);
	row.text = more.buf;
	assert_rows(&row, 1);
	strbuf_release(&text);
	strbuf_release(&more);
}

static void an_image_makes_the_runtime_void(void **state UNUSED)
{
	static const struct row rows[] = {
		{F("docker: i\n    runtime: go:1.20"),
		 "6:5 'runtime' has no effect beside 'docker', whose image runs the code; "
		 "remove one"},
		{F("docker: i\n    runtime: ''"), F_IS(",'docker':'i'")},
	};

	assert_rows(rows, countof(rows));
}

static void numbers_that_json_lacks_are_named(void **state UNUSED)
{
#define NO_NUMBER \
	" JSON has no such number: this becomes null; put it in quotes to have it as a string"
	static const struct row rows[] = {
		{F("parameters: {a: .inf, b: [-.INF, {c: .NaN}], d: '.inf'}"),
		 "5:21" NO_NUMBER "\n5:31" NO_NUMBER "\n5:42" NO_NUMBER},
		{F("annotations: {a: .nan}"), "5:22" NO_NUMBER},
		{"parameters: {a: +.inf}\n", "1:17" NO_NUMBER},
		{F("triggers: [{name: t, type: SCHEDULED, scheduledDetails: {cron: '* * * * "
		   "*', "
		   "body: {a: .inf}}}]"),
		 "5:91" NO_NUMBER},
	};

	assert_rows(rows, countof(rows));
#undef NO_NUMBER
}

static void sequences_are_lists_of_names(void **state UNUSED)
{
	assert_rows(sequences, countof(sequences));
}

static const struct row code[] = {
	{F("file: src/x.py"), F_IS(",'file':'src/x.py'")},
	{F("file: ''"), "5:11 'file' is empty; give it a value or remove the key"},
	{F("file: [x]"), "5:11 'file' must be a string, not a list"},
	{F("file: \"a\\0\""), "5:11 'file' holds a NUL character"},
	{F("docker: me/image:1"), F_IS(",'docker':'me/image:1'")},
	{F("docker: 5"), "5:13 'docker' must be a string, not a number; put it in quotes"},
	{F("docker:"), "5:5 'docker' has no value; give it one or remove the key"},
	{F("remoteBuild: true"), F_IS(",'remoteBuild':true")},
	{F("remoteBuild: true\n    localBuild: false"), F_IS(",'remoteBuild':true")},
	{F("remoteBuild: false\n    localBuild: true"), F_IS(",'localBuild':true")},
	{F("localBuild: true\n    remoteBuild: true"),
	 "5:5 'localBuild' and 'remoteBuild' cannot both be true"},
	{F("remoteBuild: yes"), "5:18 'remoteBuild' must be true or false; 'yes' is a string"},
	{F("localBuild: 1"), "5:17 'localBuild' must be true or false, not a number"},
	{F("binary: false"), F_IS("")},
	{F("binary: 1"), "5:13 'binary' must be true or false, not a number"},
	{F("main: ''"), F_IS("")},
	{F("main:"), F_IS("")},
	{F("main: file.handler"), F_IS(",'main':'file.handler'")},
	{F("main: true"), "5:11 'main' must be a string, not a boolean; put it in quotes"},
	{F("zipped: true"),
	 "5:5 unknown key 'zipped' in a function; known: name, runtime, main, "
	 "web, webSecure, parameters, environment, annotations, limits, "
	 "triggers, sequence, file, docker, remoteBuild, localBuild, binary"},
	{F("code: x"), "5:5 unknown key 'code' in a function; known: name, runtime, main, web, "
		       "webSecure, parameters, environment, annotations, limits, triggers, "
		       "sequence, file, docker, remoteBuild, localBuild, binary"},
	{F("remotebuild: true"),
	 "5:5 unknown key 'remotebuild' in a function; did you mean 'remoteBuild'?"},
	{F("enviroment: {}"),
	 "5:5 unknown key 'enviroment' in a function; did you mean 'environment'?"},
	{F("limit: {}"), "5:5 unknown key 'limit' in a function; did you mean 'limits'?"},
	{F("websecure: false"), "5:5 'websecure' does nothing; the key is called 'webSecure'"},
	{F("websecure: secret"),
	 "5:5 unknown key 'websecure' in a function; did you mean 'webSecure'?"},
	{F("clean: false"), "5:5 'clean' does nothing; remove it"},
	{F("clean: true"), "5:5 unknown key 'clean' in a function; known: name, runtime, main, "
			   "web, webSecure, parameters, environment, annotations, limits, "
			   "triggers, sequence, file, docker, remoteBuild, localBuild, binary"},
	{F("wep: false"), "5:5 unknown key 'wep' in a function; did you mean 'web'?"},
};

static void keys_about_the_code_are_read_and_checked(void **state UNUSED)
{
	assert_rows(code, countof(code));
}

static const struct row runtimes_[] = {
	{F("runtime: ''"), F_IS("")},
	{F("runtime:"), F_IS("")},
	{F("runtime: go:1.24"), F_IS(",'runtime':'go:1.24'")},
	{F("runtime: nodejs:24"), F_IS(",'runtime':'nodejs:24'")},
	{F("runtime: php:8.5"), F_IS(",'runtime':'php:8.5'")},
	{F("runtime: python:3.13"), F_IS(",'runtime':'python:3.13'")},
	{F("runtime: nodejs-lambda:18"), F_IS(",'runtime':'nodejs-lambda:18'")},
	{F("runtime: go:default"), F_IS(",'runtime':'go:default'")},
	{F("runtime: 3.11"), "5:14 'runtime' must be a string, not a number; put it in quotes"},
	{F("runtime: go"),
	 "5:14 unknown runtime 'go'; known: go:1.17, go:1.20, go:1.24, go:1.25"},
	{F("runtime: python:3"), "5:14 unknown runtime 'python:3'; known: python:3.9, "
				 "python:3.11, python:3.12, python:3.13"},
	{F("runtime: Python:3.11"),
	 "5:14 unknown runtime 'Python:3.11'; did you mean 'python:3.11'? known: go:1.17, "
	 "go:1.20, go:1.24, go:1.25, nodejs:14, nodejs:18, nodejs:22, nodejs:24, "
	 "nodejs-lambda:14, nodejs-lambda:18, php:8.0, php:8.2, php:8.3, php:8.4, php:8.5, "
	 "python:3.9, python:3.11, python:3.12, python:3.13"},
	{F("runtime: typescript:default"),
	 "5:14 unknown runtime 'typescript:default'; did you mean 'nodejs:18'? known: go:1.17, "
	 "go:1.20, go:1.24, go:1.25, nodejs:14, nodejs:18, nodejs:22, nodejs:24, "
	 "nodejs-lambda:14, nodejs-lambda:18, php:8.0, php:8.2, php:8.3, php:8.4, php:8.5, "
	 "python:3.9, python:3.11, python:3.12, python:3.13"},
	{F("runtime: 'python:3.11 '"),
	 "5:14 unknown runtime 'python:3.11 '; known: python:3.9, "
	 "python:3.11, python:3.12, python:3.13"},
};

static void runtimes_are_those_of_the_table(void **state UNUSED)
{
	assert_rows(runtimes_, countof(runtimes_));
}

static const struct row values[] = {
	{F("parameters: {s: x, i: 1, f: 1.50, e: 1e3, b: true, n: null, l: [1, [2]], m: {k: "
	   "v}}"),
	 F_IS(",'parameters':{'s':'x','i':1,'f':1.50,'e':1e3,'b':true,'n':null,'l':[1,[2]],"
	      "'m':{'k':'v'}}")},
	{F("parameters: {big: 123456789012345678901234567890, o: 010, x: -0x1F}"),
	 F_IS(",'parameters':{'big':123456789012345678901234567890,'o':8,'x':-31}")},
	{F("parameters: {1: a, true: b, null: c, 1.5: d}"),
	 F_IS(",'parameters':{'1':'a','true':'b','null':'c','1.5':'d'}")},
	{F("parameters: {'': a, 'a b': c}"), F_IS(",'parameters':{'':'a','a b':'c'}")},
	{F("parameters: {t: 10:30, d: 2001-12-14t21:59:43.10-05:00, v: 1.2.3}"),
	 F_IS(",'parameters':{'t':630,'d':'2001-12-14t21:59:43.10-05:00','v':'1.2.3'}")},
	{F("annotations: {a: [1, {b: null}], provide-api-key: true}"),
	 F_IS(",'annotations':{'a':[1,{'b':null}],'provide-api-key':true}")},
	{F("annotations: {description: d, web-custom-options: true}"),
	 F_IS(",'annotations':{'description':'d','web-custom-options':true}")},
	{F("environment: {A: '1', B: \"true\", C: ' '}"),
	 F_IS(",'environment':{'A':'1','B':'true','C':' '}")},
	{F("environment: {web-export: x}"), F_IS(",'environment':{'web-export':'x'}")},
	{F("environment: {A: 1.5}"), "5:22 environment variable 'A' must be a string, not a "
				     "number; put it in quotes"},
	{F("environment: {A: ~}"),
	 "5:22 environment variable 'A' must be a string, not nothing"},
	{F("environment: {'A\\0': x, \"B\\0\": y}"),
	 "5:29 an environment variable cannot be called 'B\\x00'"},
	{F("environment: {A: x, A: y}"), "5:25 repeated key 'A'; the first one is in line 5"},
	{F("parameters: {a: 1, a: 2}"), "5:24 repeated key 'a'; the first one is in line 5"},
	{F("parameters: {a: {b: 1, b: 2}}"),
	 "5:28 repeated key 'b'; the first one is in line 5"},
	{F("main: a\n    main: b"), "6:5 repeated key 'main'; the first one is in line 5"},
	{F("web: yes\n    webSecure: [x]\n    limits: {memory: x}\n    environment: {A: 1}"),
	 "5:10 'web' must be true, false or raw; 'yes' is a string\n"
	 "6:16 'webSecure' must be false or a string, not a list\n"
	 "7:22 'memory' must be a whole number; 'x' is a string\n"
	 "8:22 environment variable 'A' must be a string, not a number; put it in quotes"},
	{F("limits: {timeout: , memory: 128}"),
	 "5:14 'timeout' has no value; give it one or remove the key"},
	{F("limits: {timeout: 60_000}"), F_IS(",'limits':{'timeout':60000}")},
	{F("limits: {timeout: 1:00}"),
	 "5:23 'timeout' must be a whole number from 100 to 900000 (milliseconds)"},
	{F("limits: {timeout: -5}"),
	 "5:23 'timeout' must be a whole number from 100 to 900000 (milliseconds)"},
	{F("limits: {memory: 1025}"),
	 "5:22 'memory' must be a whole number from 128 to 1024 (MB)"},
	{F("limits: {logs: 257}"), "5:20 'logs' must be a whole number from 1 to 256 (KB)"},
	{F("limits: {concurrency: 1}"),
	 "5:14 unknown key 'concurrency' in 'limits'; known: timeout, memory, logs"},
	{F("limits: [timeout]"), "5:13 'limits' must be a mapping, not a list"},
};

static void values_keep_their_types(void **state UNUSED)
{
	assert_rows(values, countof(values));
}

static const struct row names[] = {
	{P("functions: [{name: f}, {name: F}, {name: f-1}, {name: 'f 1'}]"),
	 P_IS("{'name':'f'},{'name':'F'},{'name':'f-1'},{'name':'f 1'}")},
	{P("functions: [{name: .f}]"),
	 "3:22 '.f' cannot be the name of a function; use letters, digits and '_', behind the "
	 "first one also '-', '.', '@', '&' and spaces"},
	{P("functions: [{name: [f]}]"), "3:22 'name' must be a string, not a list"},
	{P("functions: [{name: f}, {name: g}, {name: f}, {name: f}]"),
	 "3:44 a second function 'f'; the first one is in line 3\n"
	 "3:55 a second function 'f'; the first one is in line 3"},
	{P("functions: [{name: f, sequence: [f]}, {name: f}, 5, ~, {}]"),
	 "3:48 a second function 'f'; the first one is in line 3\n"
	 "3:52 an item of 'functions' must be a mapping with a 'name', not a number\n"
	 "3:55 an item of 'functions' must be a mapping with a 'name', not nothing\n"
	 "3:58 a function needs a 'name'"},
};

static void function_names_are_those_of_the_platform(void **state UNUSED)
{
	assert_rows(names, countof(names));
}

/* What doctl writes into a new project, but for the language. */
static void the_usual_template_is_good(void **state UNUSED)
{
	static const struct row rows[] = {
		{"targetNamespace: ''\n"
		 "parameters: {}\n"
		 "environment: {}\n"
		 "packages:\n"
		 "    - name: sample\n"
		 "      shared: false\n"
		 "      environment: {}\n"
		 "      parameters: {}\n"
		 "      annotations: {}\n"
		 "      functions:\n"
		 "        - name: hello\n"
		 "          binary: false\n"
		 "          main: \"\"\n"
		 "          runtime: nodejs:default\n"
		 "          web: true\n"
		 "          webSecure: false\n"
		 "          parameters: {}\n"
		 "          environment: {}\n"
		 "          annotations: {}\n"
		 "          limits: {}\n",
		 "{'parameters':{},'environment':{},'packages':[{'name':'sample','parameters':{"
		 "},"
		 "'environment':{},'annotations':{},'functions':[{'name':'hello','runtime':"
		 "'nodejs:default','web':'yes','parameters':{},'environment':{},'annotations':{"
		 "},"
		 "'limits':{}}]}]}"},
	};

	assert_rows(rows, countof(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_are_lists_of_names),
		cmocka_unit_test(sequences_have_a_length_that_the_platform_takes),
		cmocka_unit_test(an_image_makes_the_runtime_void),
		cmocka_unit_test(numbers_that_json_lacks_are_named),
		cmocka_unit_test(keys_about_the_code_are_read_and_checked),
		cmocka_unit_test(runtimes_are_those_of_the_table),
		cmocka_unit_test(values_keep_their_types),
		cmocka_unit_test(function_names_are_those_of_the_platform),
		cmocka_unit_test(the_usual_template_is_good),
	};

	return cmocka_run_group_tests_name("config_function", tests, NULL, NULL);
}
