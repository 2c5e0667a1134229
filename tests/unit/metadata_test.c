#include "metadata/metadata.h"

#include "scan/scan.h"
#include "tree.h"
#include "json/json.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

/* The project's metadata with ' for ", without what depends on the machine. */
static char *metadata(const struct tree *t)
{
	struct strbuf out = STRBUF_INIT;
	struct diags d = DIAGS_INIT;
	struct err e = ERR_INIT;
	struct json *j, *package, *f;
	struct project p;
	size_t i;

	project_init(&p);
	if (scan_project(t->path, &(struct scan_options){0}, &p, &d, &e) < 0)
		fail_msg("%s", e.msg);
	j = metadata_of_project(&p);
	assert_string_equal(json_cstr(json_get(j, "filePath")), t->path);
	json_del(j, "filePath");
	json_del(j, "deployerAnnotation");
	for (package = json_first(json_get(j, "packages")); package;
	     package = json_next(package))
		for (f = json_first(json_get(package, "functions")); f; f = json_next(f))
			json_del(f, "displayFile");
	json_write(&out, j);
	for (i = 0; i < out.len; i++)
		if (out.buf[i] == '"')
			out.buf[i] = '\'';
	json_free(j);
	diags_release(&d);
	project_release(&p);
	return strbuf_detach(&out, NULL);
}

static void expect(const struct tree *t, const char *want)
{
	char *got = metadata(t);

	assert_string_equal(got, want);
	free(got);
}

static void files_tell_what_they_can(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "packages/p/b/index.js", "");
	tree_file(t, "packages/p/b/x.py", "");
	tree_file(t, "packages/p/c.zip", "");
	tree_file(t, "lib/package.json", "{}");
	tree_file(t, "stray", "");
	expect(t, "{'packages':[{'name':'p','shared':false,'functions':["
		  "{'name':'a','package':'p','file':'packages/p/"
		  "a.py','binary':false,'zipped':false,"
		  "'runtime':'python:default','web':true},"
		  "{'name':'b','package':'p','file':'packages/p/b','build':'identify',"
		  "'runtime':'nodejs:default','web':true},"
		  "{'name':'c','package':'p','file':'packages/p/"
		  "c.zip','binary':true,'zipped':true,"
		  "'web':true}]}],'strays':['stray'],'libBuild':'package.json'}");
}

static void settings_come_with_their_defaults(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "project.yml",
		  "parameters: {n: 1.50}\n"
		  "environment: {E: x}\n"
		  "packages:\n"
		  "  - name: p\n"
		  "    web: false\n"
		  "    annotations: {k: v}\n"
		  "    functions:\n"
		  "      - {name: a, main: go, webSecure: s, limits: {}, remoteBuild: true}\n"
		  "      - {name: s, web: raw, sequence: [p/a]}\n");
	expect(t,
	       "{'parameters':{'n':1.50},'environment':{'E':'x'},"
	       "'packages':[{'name':'p','shared':false,'web':false,'annotations':{'k':'v'},"
	       "'functions':["
	       "{'name':'a','package':'p','file':'packages/p/"
	       "a.py','binary':false,'zipped':false,"
	       "'runtime':'python:default','main':'go','web':false,'webSecure':'s','limits':{},"
	       "'remoteBuild':true},"
	       "{'name':'s','package':'p','sequence':['p/a'],'web':'raw'}]}],'strays':[]}");
}

static void mistakes_leave_the_rest(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "project.yml",
		  "parameters: {a: '${DOFN_TEST_UNSET}', b: 1}\n"
		  "targetNamespace: {test: x, wrong: y}\n"
		  "packages: [{name: p, web: maybe, shared: true}]\n");
	expect(t, "{'targetNamespace':{'test':'x'},'parameters':{'a':'','b':1},"
		  "'packages':[{'name':'p','shared':true,'functions':["
		  "{'name':'a','package':'p','file':'packages/p/"
		  "a.py','binary':false,'zipped':false,"
		  "'runtime':'python:default','web':true}]}],'strays':[],"
		  "'unresolvedVariables':['DOFN_TEST_UNSET']}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_tell_what_they_can),
		CASE(settings_come_with_their_defaults),
		CASE(mistakes_leave_the_rest),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
