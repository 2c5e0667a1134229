#include <stdio.h>

#include "config/config.h"
#include "test.h"
#include "json/json.h"

static void set_clone(struct json *to, const char *name, const struct json *tree)
{
	if (tree)
		json_set(to, name, json_clone(tree));
}

static void set_text(struct json *to, const char *name, const char *text)
{
	if (text)
		json_set(to, name, json_new_cstr(text));
}

static void set_number(struct json *to, const char *name, int64_t v)
{
	if (v)
		json_set(to, name, json_new_int(v));
}

static void set_web(struct json *to, enum web_mode web)
{
	static const char *const names[] = {NULL, "no", "yes", "raw"};

	set_text(to, "web", names[web]);
}

static struct json *function_json(const struct function *f)
{
	struct json *j = json_new_object();

	set_text(j, "name", f->name);
	set_text(j, "runtime", f->runtime);
	set_text(j, "main", f->main);
	set_web(j, f->web);
	set_text(j, "webSecure", f->web_secure);
	set_clone(j, "parameters", f->parameters);
	set_clone(j, "environment", f->environment);
	set_clone(j, "annotations", f->annotations);
	if (f->limits.given) {
		struct json *limits = json_new_object();

		set_number(limits, "timeout", f->limits.timeout_ms);
		set_number(limits, "memory", f->limits.memory_mb);
		set_number(limits, "logs", f->limits.logs_kb);
		json_set(j, "limits", limits);
	}
	assert_int_equal(f->source_kind, SOURCE_NONE);
	assert_true(f->pos.line > 0);
	return j;
}

static struct json *package_json(const struct package *pkg)
{
	struct json *j = json_new_object();
	size_t i;

	set_text(j, "name", pkg->name);
	if (pkg->shared)
		json_set(j, "shared", json_new_bool(true));
	set_web(j, pkg->web);
	set_clone(j, "parameters", pkg->parameters);
	set_clone(j, "environment", pkg->environment);
	set_clone(j, "annotations", pkg->annotations);
	if (pkg->functions.n)
		json_set(j, "functions", json_new_array());
	for (i = 0; i < pkg->functions.n; i++)
		json_push(json_get(j, "functions"), function_json(pkg->functions.v[i]));
	return j;
}

/* What the model holds, and only what is set, as JSON with ' for ". */
static void dump(struct strbuf *out, const struct project *p)
{
	struct json *j = json_new_object();
	size_t i;

	set_clone(j, "parameters", p->parameters);
	set_clone(j, "environment", p->environment);
	if (p->packages.n)
		json_set(j, "packages", json_new_array());
	for (i = 0; i < p->packages.n; i++)
		json_push(json_get(j, "packages"), package_json(p->packages.v[i]));
	json_write(out, j);
	for (i = 0; i < out->len; i++)
		if (out->buf[i] == '"')
			out->buf[i] = '\'';
	json_free(j);
}

static const char *const variables[][2] = {
	{"A", "alpha"},          {"NUM", "512"},
	{"FLOAT", "1.5"},        {"YES", "true"},
	{"NO", "false"},         {"NULLISH", "null"},
	{"RAW", "raw"},          {"EVIL", "x: [y] # 'z' \"q\"\n- {"},
	{"LINES", "one\ntwo\n"}, {"KIND", "python:3.11"},
	{"SECRET", "s3cr3t/%n"}, {"AGAIN", "${A}"},
	{"EMPTY", ""},           {"LATIN", "\xe4"},
	{"my.var-1", "dotted"},
};

static const char *lookup(void *arg UNUSED, const char *name)
{
	size_t i;

	for (i = 0; i < countof(variables); i++)
		if (strcmp(name, variables[i][0]) == 0)
			return variables[i][1];
	return NULL;
}

/* The dump when there are no findings, else each finding as "line:col text" on a line. */
static char *read_config(const char *text, config_lookup_fn *fn)
{
	struct project p;
	struct diags d = DIAGS_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t i;

	project_init(&p);
	p.config = (struct diag_source){"project.yml", str_of(text)};
	config_read(&p, fn, NULL, &d);
	diags_sort(&d);
	for (i = 0; i < d.list.n; i++) {
		assert_ptr_equal(d.list.v[i].source, &p.config);
		strbuf_addf(&out, "%s%u:%u %s", out.len ? "\n" : "", d.list.v[i].pos.line,
			    d.list.v[i].pos.col, d.list.v[i].text);
	}
	if (d.list.n == 0)
		dump(&out, &p);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

struct row {
	const char *text, *want;
};

static void assert_rows(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char *got = read_config(rows[i].text, lookup);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

/* A function `f` in package `p` with one more line, and what the model makes of it. */
#define P(line) "packages:\n- name: p\n  " line "\n"
#define F(line) "packages:\n- name: p\n  functions:\n  - name: f\n    " line "\n"
#define F_IS(json) "{'packages':[{'name':'p','functions':[{'name':'f'" json "}]}]}"

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
	{F("localBuild: true"), F_IS("")},
	{F("remoteBuild: false"), F_IS("")},
	{"packages:\n- name: default\n  web: true\n  parameters: {}\n  shared: false\n"
	 "  functions: [{name: f}]\n",
	 "{'packages':[{'name':'default','web':'yes','parameters':{},'functions':[{'"
	 "name':"
	 "'f'}]}]}"},
	{"x: &x {name: f, web: raw}\n", "1:1 unknown key 'x' at the top level; known: "
					"packages, parameters, environment"},
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
	 "parameters, environment, annotations, shared, web"},
	{"cleanNamespace: false\n", "1:1 unknown key 'cleanNamespace' at the top level; "
				    "known: packages, parameters, environment"},
	{"5: x\n", "1:1 unknown key '5' at the top level; known: packages, parameters, "
		   "environment"},
	{F("limits: {cpu: 1}"),
	 "5:14 unknown key 'cpu' in 'limits'; known: timeout, memory, logs"},
	{F("limits: {memroy: 1}"),
	 "5:14 unknown key 'memroy' in 'limits'; did you mean 'memory'?"},
	/* not carried out yet */
	{"targetNamespace: ''\n", "1:1 'targetNamespace' is not supported yet"},
	{P("binding: {}"), "3:3 'binding' is not supported yet"},
	{F("triggers: []"), "5:5 'triggers' is not supported yet"},
	{F("sequence: [a]"), "5:5 'sequence' is not supported yet"},
	{F("file: x.py"), "5:5 'file' is not supported yet"},
	{F("docker: x"), "5:5 'docker' is not supported yet"},
	{F("remoteBuild: true"),
	 "5:5 'remoteBuild' is not supported yet; functions are built on this machine"},
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
	{F("main: ''"), "5:11 'main' is empty; give it a value or remove the key"},
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
	{F("runtime: ''"), "5:14 'runtime' is empty; give it a value or remove the key"},
	{F("runtime: null"), "5:5 'runtime' has no value; give it one or remove the key"},
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
			   "parameters, environment"},
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
		cmocka_unit_test(keys_of_every_level_reach_the_model),
		cmocka_unit_test(wrong_structure_is_found),
		cmocka_unit_test(wrong_keys_and_values_are_found),
		cmocka_unit_test(placeholders_take_the_type_of_their_place),
		cmocka_unit_test(placeholders_that_cannot_be_filled_are_found),
		cmocka_unit_test(without_a_lookup_nothing_has_a_value),
		cmocka_unit_test(values_together_have_a_ceiling),
		cmocka_unit_test(many_placeholders_are_told_apart),
		cmocka_unit_test(private_use_characters_are_ordinary_text),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
