#include "config_rows.h"

static const struct row good[] = {
	{"packages: []\n", "{}"},
	{"packages:\n", "{}"},
	{"parameters: {a: 1, b: [x, null, 1.50]}\n",
	 "{'parameters':{'a':1,'b':['x',null,1.50]}}"},
	{"environment: {A: b, C: \"5\"}\n", "{'environment':{'A':'b','C':'5'}}"},
	{"environment:\n", "{}"},
	{"packages:\n- name: p\n", "{'packages':[{'name':'p'}]}"},
	{"packages:\n- name: p\n- name: q-1\n", "{'packages':[{'name':'p'},{'name':'q-1'}]}"},
	{"\xef\xbb\xbfpackages:\r\n- name: p\r\n", "{'packages':[{'name':'p'}]}"},
	{P("shared: true"), "{'packages':[{'name':'p','shared':true}]}"},
	{P("shared: false"), "{'packages':[{'name':'p'}]}"},
	{P("web: raw"), "{'packages':[{'name':'p','web':'raw'}]}"},
	{P("web: false"), "{'packages':[{'name':'p','web':'no'}]}"},
	{P("parameters: {a: {b: c}}"),
	 "{'packages':[{'name':'p','parameters':{'a':{'b':'c'}}}]}"},
	{P("environment: {A: ''}"), "{'packages':[{'name':'p','environment':{'A':''}}]}"},
	{P("annotations: {note: hi}"),
	 "{'packages':[{'name':'p','annotations':{'note':'hi'}}]}"},
	{P("functions:"), "{'packages':[{'name':'p'}]}"},
	{P("actions: [{name: f}]"), "{'packages':[{'name':'p','functions':[{'name':'f'}]}]}"},
	{F(""), F_IS("")},
	{F("runtime: python:3.11"), F_IS(",'runtime':'python:3.11'")},
	{F("runtime: nodejs:default"), F_IS(",'runtime':'nodejs:default'")},
	{F("main: handler"), F_IS(",'main':'handler'")},
	{F("main: '5'"), F_IS(",'main':'5'")},
	{F("web: true"), F_IS(",'web':'yes'")},
	{F("web: False"), F_IS(",'web':'no'")},
	{F("web: 'raw'"), F_IS(",'web':'raw'")},
	{F("webSecure: false"), F_IS("")},
	{F("webSecure: s"), F_IS(",'webSecure':'s'")},
	{F("parameters: {}"), F_IS(",'parameters':{}")},
	{F("parameters: {n: 0x10, t: 2001-12-14, b: yes}"),
	 F_IS(",'parameters':{'n':16,'t':'2001-12-14','b':'yes'}")},
	{F("environment: {A: b}"), F_IS(",'environment':{'A':'b'}")},
	{F("annotations: {web-custom-options: true}"),
	 F_IS(",'annotations':{'web-custom-options':true}")},
	{F("limits: {}"), F_IS(",'limits':{}")},
	{F("limits:"), F_IS("")},
	{F("limits: {timeout: 100, memory: 1024, logs: 256}"),
	 F_IS(",'limits':{'timeout':100,'memory':1024,'logs':256}")},
	{F("limits: {timeout: 900000, memory: 128.0, logs: 1e0}"),
	 F_IS(",'limits':{'timeout':900000,'memory':128,'logs':1}")},
	{F("binary: true"), F_IS("")},
	{F("localBuild: true"), F_IS(",'localBuild':true")},
	{F("remoteBuild: false"), F_IS("")},
	{"packages:\n- name: default\n  web: true\n  parameters: {}\n  shared: false\n"
	 "  functions: [{name: f}]\n",
	 "{'packages':[{'name':'default','web':'yes','parameters':{},'functions':[{'"
	 "name':"
	 "'f'}]}]}"},
	{"x: &x {name: f, web: raw}\n", "1:1 unknown key 'x' at the top level; known: "
					"packages, parameters, environment, targetNamespace"},
	{"packages:\n- name: p\n  functions:\n  - &x {name: f, web: raw}\n"
	 "  - {<<: *x, name: g}\n",
	 "{'packages':[{'name':'p','functions':[{'name':'f','web':'raw'},{'name':'g',"
	 "'web':'raw'}]}]}"},
	{"packages:\n- {name: p, functions: [{name: f}]}\n"
	 "- {name: q, functions: [{name: f}]}\n",
	 "{'packages':[{'name':'p','functions':[{'name':'f'}]},{'name':'q','functions':"
	 "[{'name':'f'}]}]}"},
};

static void keys_of_every_level_reach_the_model(void **state UNUSED)
{
	assert_rows(good, countof(good));
}

static const struct row structure[] = {
	{"", "0:0 nothing is configured here"},
	{"# only\n", "0:0 nothing is configured here"},
	{"---\n", "0:0 nothing is configured here"},
	{"hello\n", "1:1 expected a mapping with keys such as 'packages', not a string"},
	{"5\n", "1:1 expected a mapping with keys such as 'packages', not a number"},
	{"[]\n", "1:1 expected a mapping with keys such as 'packages', not a list"},
	{"packages: {p: q}\n", "1:11 'packages' must be a list, not a mapping"},
	{"packages: p\n", "1:11 'packages' must be a list, not a string"},
	{"packages: false\n", "1:11 'packages' must be a list, not a boolean"},
	{"packages: [p]\n", "1:12 an item of 'packages' must be a mapping with a 'name', "
			    "not a string"},
	{"packages:\n-\n",
	 "2:2 an item of 'packages' must be a mapping with a 'name', not nothing"},
	{P("functions: [f]"),
	 "3:15 an item of 'functions' must be a mapping with a 'name', not a string"},
	{P("functions: {f: g}"), "3:14 'functions' must be a list, not a mapping"},
	{"packages: [{web: true}]\n", "1:12 a package needs a 'name'"},
	{P("functions: [{web: true}]"), "3:15 a function needs a 'name'"},
	{"packages: [{web: maybe, functions: [{wep: 1}]}]\n",
	 "1:12 a package needs a 'name'\n"
	 "1:18 'web' must be true, false or raw; 'maybe' is a string\n"
	 "1:37 a function needs a 'name'\n"
	 "1:38 unknown key 'wep' in a function; did you mean 'web'?"},
	{"packages: [{name: 5}]\n",
	 "1:19 'name' must be a string, not a number; put it in quotes"},
	{"packages: [{name: ''}]\n", "1:19 'name' is empty; give it a value or remove the key"},
	{"packages: [{name: }]\n", "1:13 'name' has no value; give it one or remove the key"},
	{"packages: [{name: ../x}]\n",
	 "1:19 '../x' cannot be the name of a package; use letters, digits and '_', "
	 "behind "
	 "the first one also '-', '.', '@', '&' and spaces"},
	{P("functions: [{name: a/b}]"),
	 "3:22 'a/b' cannot be the name of a function; use letters, digits and '_', "
	 "behind "
	 "the first one also '-', '.', '@', '&' and spaces"},
	{"packages:\n- name: p\n- name: q\n- name: p\n",
	 "4:9 a second package 'p'; the first one is in line 2"},
	{P("functions: [{name: f}, {name: f, web: 1}]"),
	 "3:33 a second function 'f'; the first one is in line 3\n"
	 "3:41 'web' must be true, false or raw, not a number"},
	{P("functions: []\n  actions: []"),
	 "4:3 'actions' is the old name of 'functions'; a package has one of them"},
	{"packages: [{name: default, parameters: {a: 1}, environment: {A: b}, "
	 "annotations: {a: 1}, shared: true}]\n",
	 "1:28 the package 'default' cannot have 'parameters'; give it to the "
	 "functions, or "
	 "name the package\n"
	 "1:48 the package 'default' cannot have 'environment'; give it to the "
	 "functions, or "
	 "name the package\n"
	 "1:69 the package 'default' cannot have 'annotations'; give it to the "
	 "functions, or "
	 "name the package\n"
	 "1:90 the package 'default' cannot have 'shared'; give it to the functions, "
	 "or "
	 "name the package"},
	{"a: [b\n", "2:1 expected ',' or ']' to go on with the list that starts in line 1"},
	{"packages: []\npackages: []\n",
	 "2:1 repeated key 'packages'; the first one is in line 1"},
};

static void wrong_structure_is_found(void **state UNUSED)
{
	assert_rows(structure, countof(structure));
}

static const struct row values[] = {
	{P("functons: []"),
	 "3:3 unknown key 'functons' in a package; did you mean 'functions'?"},
	{P("bogus: false"),
	 "3:3 unknown key 'bogus' in a package; known: name, functions, actions, "
	 "parameters, environment, annotations, shared, web, binding"},
	{"cleanNamespace: false\n", "1:1 'cleanNamespace' does nothing; remove it"},
	{"5: x\n", "1:1 unknown key '5' at the top level; known: packages, parameters, "
		   "environment, targetNamespace"},
	{F("limits: {cpu: 1}"),
	 "5:14 unknown key 'cpu' in 'limits'; known: timeout, memory, logs"},
	{F("limits: {memroy: 1}"),
	 "5:14 unknown key 'memroy' in 'limits'; did you mean 'memory'?"},
	{F("triger: []"), "5:5 unknown key 'triger' in a function; did you mean 'triggers'?"},
	/* types */
	{"parameters: []\n", "1:13 'parameters' must be a mapping, not a list"},
	{"environment: x\n", "1:14 'environment' must be a mapping, not a string"},
	{P("shared: 'true'"), "3:11 'shared' must be true or false; 'true' is a string"},
	{P("shared: 1"), "3:11 'shared' must be true or false, not a number"},
	{P("web: yes"), "3:8 'web' must be true, false or raw; 'yes' is a string"},
	{F("web: 'true'"), "5:10 'web' must be true, false or raw; 'true' is a string"},
	{F("web: [raw]"), "5:10 'web' must be true, false or raw, not a list"},
	{F("web:"), "5:5 'web' has no value; give it one or remove the key"},
	{F("webSecure: true"), "5:16 'webSecure' must be false or a string, not a boolean"},
	{F("webSecure: 123"),
	 "5:16 'webSecure' must be false or a string, not a number; put it in quotes"},
	{F("webSecure: ''"), "5:16 'webSecure' is empty; give it a value or remove the key"},
	{F("main: 5"), "5:11 'main' must be a string, not a number; put it in quotes"},
	{F("main: \"a\\0b\""), "5:11 'main' holds a NUL character"},
	{F("binary: 'no'"), "5:13 'binary' must be true or false; 'no' is a string"},
	{F("runtime: nodejs:99"),
	 "5:14 unknown runtime 'nodejs:99'; known: nodejs:14, nodejs:18, nodejs:22, "
	 "nodejs:24"},
	{F("runtime: python"),
	 "5:14 unknown runtime 'python'; known: python:3.9, python:3.11, python:3.12, "
	 "python:3.13"},
	{F("runtime: php:8"),
	 "5:14 unknown runtime 'php:8'; known: php:8.0, php:8.2, php:8.3, php:8.4, "
	 "php:8.5"},
	{F("runtime: pyton:3.11"),
	 "5:14 unknown runtime 'pyton:3.11'; did you mean 'python:3.11'? known: "
	 "go:1.17, "
	 "go:1.20, go:1.24, go:1.25, nodejs:14, nodejs:18, nodejs:22, nodejs:24, "
	 "nodejs-lambda:14, nodejs-lambda:18, php:8.0, php:8.2, php:8.3, php:8.4, "
	 "php:8.5, "
	 "python:3.9, python:3.11, python:3.12, python:3.13"},
	/* limits */
	{F("limits: {timeout: 99}"),
	 "5:23 'timeout' must be a whole number from 100 to 900000 (milliseconds)"},
	{F("limits: {timeout: 900001}"),
	 "5:23 'timeout' must be a whole number from 100 to 900000 (milliseconds)"},
	{F("limits: {memory: 127}"),
	 "5:22 'memory' must be a whole number from 128 to 1024 (MB)"},
	{F("limits: {memory: 256.5}"),
	 "5:22 'memory' must be a whole number from 128 to 1024 (MB)"},
	{F("limits: {memory: .inf}"),
	 "5:22 'memory' must be a whole number from 128 to 1024 (MB)"},
	{F("limits: {memory: 256MB}"),
	 "5:22 'memory' must be a whole number; '256MB' is a string"},
	{F("limits: {memory: true}"), "5:22 'memory' must be a whole number, not a boolean"},
	{F("limits: {logs: 0}"), "5:20 'logs' must be a whole number from 1 to 256 (KB)"},
	{F("limits: {logs: 99999999999999999999}"),
	 "5:20 'logs' must be a whole number from 1 to 256 (KB)"},
	{F("limits: 5"), "5:13 'limits' must be a mapping, not a number"},
	/* environment */
	{F("environment: {A: 5}"), "5:22 environment variable 'A' must be a string, not a "
				   "number; put it in quotes"},
	{"environment: {A: true}\n", "1:18 environment variable 'A' must be a string, "
				     "not a boolean; put it in quotes"},
	{P("environment: {A: }"),
	 "3:20 environment variable 'A' must be a string, not nothing"},
	{P("environment: {A: [b], B: {}}"),
	 "3:20 environment variable 'A' must be a string, not a list\n"
	 "3:28 environment variable 'B' must be a string, not a mapping"},
	{P("environment: {'A=B': c, '': d}"),
	 "3:17 an environment variable cannot be called 'A=B'\n"
	 "3:27 an environment variable cannot be called ''"},
	{P("environment: {A: \"\\0\"}"), "3:20 environment variable 'A' holds a NUL character"},
	/* annotations */
	{F("annotations: {web-export: false, raw-http: 1, final: true, "
	   "require-whisk-auth: x}"),
	 "5:19 annotation 'web-export' cannot be set; use the key 'web'\n"
	 "5:38 annotation 'raw-http' cannot be set; use the key 'web: raw'\n"
	 "5:51 annotation 'final' cannot be set; it is always true\n"
	 "5:64 annotation 'require-whisk-auth' cannot be set; use the key 'webSecure'"},
};

static void wrong_keys_and_values_are_found(void **state UNUSED)
{
	assert_rows(values, countof(values));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_every_level_reach_the_model),
		cmocka_unit_test(wrong_structure_is_found),
		cmocka_unit_test(wrong_keys_and_values_are_found),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
