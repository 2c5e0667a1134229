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

static void what_builds_a_folder_is_named_by_its_file(void **state)
{
	static const struct {
		const char *names[3], *build;
	} rows[] = {
		{{"__main__.py"}, "identify"},
		{{"requirements.txt", "__main__.py"}, "requirements.txt"},
		{{"pyproject.toml", "__main__.py"}, "pyproject.toml"},
		{{"requirements.txt", ".include", "__main__.py"}, "requirements.txt"},
		{{"requirements.txt", "build.sh", "__main__.py"}, "build.sh"},
		{{"requirements.txt", "package.json", "index.js"}, "package.json"},
		{{".include", "__main__.py"}, ".include"},
	};
	const struct tree *t = *state;
	size_t i, j;

	for (i = 0; i < countof(rows); i++) {
		char *want = xasprintf("'build':'%s'", rows[i].build), *got;
		struct err e = ERR_INIT;

		assert_int_equal(fs_remove_tree(t->fd, "packages", &e), 0);
		for (j = 0; j < countof(rows[i].names) && rows[i].names[j]; j++) {
			const char *name = rows[i].names[j];
			char *path = xasprintf("packages/p/f/%s", name);

			tree_file(t, path,
				  strstr(name, ".toml")
					  ? "[project]\nname = 'x'\nversion = '1'\n"
					    "dependencies = ['six']\n"
				  : strstr(name, ".txt")  ? "six\n"
				  : strstr(name, ".json") ? "{}"
							  : "");
			free(path);
		}
		got = metadata(t);
		if (!strstr(got, want))
			fail_msg("%zu: %s", i, got);
		free(got);
		free(want);
	}
}

static void a_list_of_no_packages_builds_nothing(void **state)
{
	const struct tree *t = *state;
	char *got;

	tree_file(t, "packages/p/f/__main__.py", "");
	tree_file(t, "packages/p/f/requirements.txt", "# nothing\n");
	got = metadata(t);
	assert_non_null(strstr(got, "'build':'identify'"));
	free(got);
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

static void a_mapping_that_is_not_there_is_empty(void **state)
{
	const struct tree *t = *state;
	char *got;

	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "project.yml",
		  "parameters: {a: '${<gone.json}', b: ${<gone.json}, c: "
		  "[$(DOFN_TEST_UNSET)]}\n");
	got = metadata(t);
	assert_true(str_starts(str_of(got), "{'parameters':{'a':'','b':'','c':['']},"));
	free(got);
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
		CASE(what_builds_a_folder_is_named_by_its_file),
		CASE(a_list_of_no_packages_builds_nothing),
		CASE(settings_come_with_their_defaults),
		CASE(a_mapping_that_is_not_there_is_empty),
		CASE(mistakes_leave_the_rest),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
