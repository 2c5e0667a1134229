#include "config_rows.h"

/* Keys of the top level, of packages, and of what is in them but functions. */

#define Q(keys) "packages: [{name: p, " keys "}]\n"
#define Q_IS(json) "{'packages':[{'name':'p'" json "}]}"

static const struct row top[] = {
	{"targetNamespace: ''\n", "{}"},
	{"targetNamespace:\n", "{}"},
	{"targetNamespace: fn-123\n", "{'targetNamespace':'fn-123'}"},
	{"targetNamespace: ${A}\n", "{'targetNamespace':'alpha'}"},
	{"targetNamespace: {production: a, test: b}\n", "{'production':'a','test':'b'}"},
	{"targetNamespace: {test: b}\n", "{'test':'b'}"},
	{"targetNamespace: {}\n", "1:18 'targetNamespace' needs 'production' or 'test'"},
	{"targetNamespace: {staging: c}\n",
	 "1:19 unknown key 'staging' in 'targetNamespace'; known: production, test"},
	{"targetNamespace: {production: 5}\n",
	 "1:31 'production' must be a string, not a number; put it in quotes"},
	{"targetNamespace: {test: ''}\n",
	 "1:25 'test' is empty; give it a value or remove the key"},
	{"targetNamespace: [a]\n",
	 "1:18 'targetNamespace' must be a string or a mapping, not a list"},
	{"targetNamespace: true\n", "1:18 'targetNamespace' must be a string or a mapping, not "
				    "a boolean; put it in quotes"},
	{"targetNamespace: \"a\\0\"\n", "1:18 'targetNamespace' holds a NUL character"},
	{"parameters: {}\nenvironment: {}\ntargetNamespace: x\npackages: []\n",
	 "{'targetNamespace':'x','parameters':{},'environment':{}}"},
	/* what is only for the inside of today's tool */
	{"slice: true\n", "1:1 unknown key 'slice' at the top level; known: packages, "
			  "parameters, environment, targetNamespace"},
	{"credentials: {}\n",
	 "1:1 unknown key 'credentials' at the top level; known: packages, "
	 "parameters, environment, targetNamespace"},
	{"flags: {}\n",
	 "1:1 unknown key 'flags' at the top level; known: packages, parameters, "
	 "environment, targetNamespace"},
	{"deployerAnnotation: {}\n",
	 "1:1 unknown key 'deployerAnnotation' at the top level; "
	 "known: packages, parameters, environment, targetNamespace"},
	{"buildEnv: {}\n", "1:1 unknown key 'buildEnv' at the top level; known: packages, "
			   "parameters, environment, targetNamespace"},
	{Q("deployedDuringBuild: true"),
	 "1:22 unknown key 'deployedDuringBuild' in a package; known: name, functions, "
	 "actions, "
	 "parameters, environment, annotations, shared, web, binding"},
	/* what old templates hold */
	{"bucket:\nwebsite: {}\n",
	 "1:1 'bucket' does nothing; remove it\n2:1 'website' does nothing; remove it"},
	{"bucket: {clean: true}\n", "1:1 unknown key 'bucket' at the top level; known: "
				    "packages, parameters, environment, targetNamespace"},
	{"cleanNamespace: true\n", "1:1 unknown key 'cleanNamespace' at the top level; known: "
				   "packages, parameters, environment, targetNamespace"},
	{Q("clean: false"), "1:22 'clean' does nothing; remove it"},
	/* keys are as they are written */
	{"Packages: []\n", "1:1 unknown key 'Packages' at the top level; did you mean "
			   "'packages'?"},
	{"package: []\n",
	 "1:1 unknown key 'package' at the top level; did you mean 'packages'?"},
	{"env: {}\n", "1:1 unknown key 'env' at the top level; known: packages, parameters, "
		      "environment, targetNamespace"},
	{"functions: []\n", "1:1 unknown key 'functions' at the top level; known: packages, "
			    "parameters, environment, targetNamespace"},
	{"null: x\n", "1:1 unknown key 'null' at the top level; known: packages, parameters, "
		      "environment, targetNamespace"},
	{"? [a]\n: b\npackages: []\n", "1:3 a key must be a text, not a list or mapping"},
};

static void top_level_keys_are_read_and_checked(void **state UNUSED)
{
	assert_rows(top, countof(top));
}

static const struct row bindings[] = {
	{Q("binding: {namespace: whisk.system, name: utils}"),
	 Q_IS(",'binding':{'namespace':'whisk.system','name':'utils'}")},
	{Q("binding: {namespace: _, name: q}, parameters: {a: 1}"),
	 Q_IS(",'binding':{'namespace':'_','name':'q'},'parameters':{'a':1}")},
	{Q("binding: {namespace: n, name: q}, functions: []"),
	 Q_IS(",'binding':{'namespace':'n','name':'q'}")},
	{Q("binding: "), Q_IS("")},
	{Q("binding: , functions: [{name: f}]"), Q_IS(",'functions':[{'name':'f'}]")},
	{Q("binding: {}"), "1:31 'binding' needs a 'namespace'\n1:31 'binding' needs a 'name'"},
	{Q("binding: {name: q}"), "1:31 'binding' needs a 'namespace'"},
	{Q("binding: {namespace: n}"), "1:31 'binding' needs a 'name'"},
	{Q("binding: n/q"), "1:31 'binding' must be a mapping, not a string"},
	{Q("binding: [n, q]"), "1:31 'binding' must be a mapping, not a list"},
	{Q("binding: {namespace: n, name: 5}"),
	 "1:52 'name' must be a string, not a number; put it in quotes"},
	{Q("binding: {namespace: , name: q}"),
	 "1:32 'namespace' has no value; give it one or remove the key"},
	{Q("binding: {namespace: n, name: q, pkg: x}"),
	 "1:55 unknown key 'pkg' in 'binding'; known: namespace, name"},
	{Q("binding: {namespace: n, name: q}, functions: [{name: f}]"),
	 "1:22 'binding' does not go with functions: the package has those of the one it "
	 "stands "
	 "for"},
	{"packages: [{name: default, binding: {namespace: n, name: q}}]\n",
	 "1:28 the package 'default' cannot have 'binding'; give it to the functions, or name "
	 "the package"},
};

static void bindings_name_another_package(void **state UNUSED)
{
	assert_rows(bindings, countof(bindings));
}

static const struct row names[] = {
	{"packages: [{name: a}, {name: _}, {name: '9'}, {name: a.b@c&d e-}]\n",
	 "{'packages':[{'name':'a'},{'name':'_'},{'name':'9'},{'name':'a.b@c&d e-'}]}"},
	{"packages: [{name: default}]\n", "{'packages':[{'name':'default'}]}"},
	{"packages: [{name: A}, {name: a}]\n", "{'packages':[{'name':'A'},{'name':'a'}]}"},
	{"packages: [{name: -a}]\n",
	 "1:19 '-a' cannot be the name of a package; use letters, digits and '_', behind the "
	 "first one also '-', '.', '@', '&' and spaces"},
	{"packages: [{name: 'a '}]\n",
	 "1:19 'a ' cannot be the name of a package; use letters, digits and '_', behind the "
	 "first one also '-', '.', '@', '&' and spaces"},
	{"packages: [{name: \xc3\xa4}]\n",
	 "1:19 '\xc3\xa4' cannot be the name of a package; use letters, digits and '_', behind "
	 "the first one also '-', '.', '@', '&' and spaces"},
	{"packages: [{name: \"a\\0b\"}]\n", "1:19 'name' holds a NUL character"},
	{"packages: [{name: 2001-12-14}]\n", "{'packages':[{'name':'2001-12-14'}]}"},
	{"packages: [{name: true}]\n",
	 "1:19 'name' must be a string, not a boolean; put it in quotes"},
	{"packages: [{name: p}, {name: p, functions: [{name: f}]}, {name: p}]\n",
	 "1:30 a second package 'p'; the first one is in line 1\n"
	 "1:65 a second package 'p'; the first one is in line 1"},
	{"packages:\n- name: default\n- name: default\n",
	 "3:9 a second package 'default'; the first one is in line 2"},
};

static void package_names_are_those_of_the_platform(void **state UNUSED)
{
	assert_rows(names, countof(names));
}

static const struct row parts[] = {
	{Q("functions: [{name: f}], actions: []"),
	 "1:46 'actions' is the old name of 'functions'; a package has one of them"},
	{Q("actions: [{name: f, main: m}]"), Q_IS(",'functions':[{'name':'f','main':'m'}]")},
	{Q("actions: "), Q_IS("")},
	{Q("shared: "), "1:22 'shared' has no value; give it one or remove the key"},
	{Q("shared: on"), "1:30 'shared' must be true or false; 'on' is a string"},
	{Q("web: TRUE"), Q_IS(",'web':'yes'")},
	{Q("web: Raw"), "1:27 'web' must be true, false or raw; 'Raw' is a string"},
	{Q("web: 0"), "1:27 'web' must be true, false or raw, not a number"},
	{Q("annotations: "), Q_IS("")},
	{Q("annotations: {final: false}"),
	 "1:36 annotation 'final' cannot be set; it is always true"},
	{Q("annotations: x"), "1:35 'annotations' must be a mapping, not a string"},
	{Q("parameters: x"), "1:34 'parameters' must be a mapping, not a string"},
	{Q("environment: [A]"), "1:35 'environment' must be a mapping, not a list"},
	{Q("environment: {A: 2001-01-01, B: 0x1}"),
	 "1:54 environment variable 'B' must be a string, not a number; put it in quotes"},
	{"packages: [{name: default, parameters: {}, environment: {}, annotations: {}, shared: "
	 "false, binding: }]\n",
	 "{'packages':[{'name':'default','parameters':{},'environment':{},'annotations':{}}]}"},
	{"packages: [{name: default, parameters: {a: 1}}]\n",
	 "1:28 the package 'default' cannot have 'parameters'; give it to the functions, or "
	 "name the package"},
};

static void parts_of_packages_are_read_and_checked(void **state UNUSED)
{
	assert_rows(parts, countof(parts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(top_level_keys_are_read_and_checked),
		cmocka_unit_test(bindings_name_another_package),
		cmocka_unit_test(package_names_are_those_of_the_platform),
		cmocka_unit_test(parts_of_packages_are_read_and_checked),
	};

	return cmocka_run_group_tests_name("config_package", tests, NULL, NULL);
}
