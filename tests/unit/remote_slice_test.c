#include "remote/remote.h"

#include "builder/builder.h"
#include "scanned.h"
#include "zip/zip.h"

#define MAIN "def main():\n    return {}\n"

static const struct slice_owner owner = {"ns", "https://host", "u:p"};

static struct function *find(struct scanned *s, const char *name)
{
	struct function *f = package_function(project_package(&s->p, "p"), name);

	assert_non_null(f);
	return f;
}

static enum remote_how chosen(struct scanned *s, const char *name, bool all)
{
	enum remote_how how;
	struct err e = ERR_INIT;

	if (remote_choose(&s->p, find(s, name), all, &how, &e) < 0)
		fail_msg("%s", e.msg);
	return how;
}

static void choice_follows_keys_flag_and_files(void **state)
{
	static const struct {
		const char *name;
		enum remote_how plain, flag;
	} table[] = {
		{"script", REMOTE_NO, REMOTE_OWN},   {"asked", REMOTE_OWN, REMOTE_OWN},
		{"here", REMOTE_NO, REMOTE_NO},      {"pip", REMOTE_NO, REMOTE_PYTHON},
		{"nothing", REMOTE_NO, REMOTE_NO},   {"plain", REMOTE_NO, REMOTE_NO},
		{"go", REMOTE_GO, REMOTE_GO},        {"mod", REMOTE_GO, REMOTE_GO},
		{"goscript", REMOTE_NO, REMOTE_OWN}, {"gohere", REMOTE_NO, REMOTE_NO},
		{"node", REMOTE_NO, REMOTE_OWN},     {"idle", REMOTE_NO, REMOTE_NO},
		{"ready", REMOTE_NO, REMOTE_NO},
	};
	struct tree *t = *state;
	struct scanned s;
	size_t i;

	tree_file(t, "packages/p/script/build.sh", "true\n");
	tree_file(t, "packages/p/script/__main__.py", MAIN);
	tree_file(t, "packages/p/asked/build.sh", "true\n");
	tree_file(t, "packages/p/asked/__main__.py", MAIN);
	tree_file(t, "packages/p/here/build.sh", "true\n");
	tree_file(t, "packages/p/here/__main__.py", MAIN);
	tree_file(t, "packages/p/pip/requirements.txt", "x\n");
	tree_file(t, "packages/p/pip/__main__.py", MAIN);
	tree_file(t, "packages/p/nothing/__main__.py", MAIN);
	tree_file(t, "packages/p/plain.py", MAIN);
	tree_file(t, "packages/p/go.go", "package main\n");
	tree_file(t, "packages/p/mod/a.go", "package main\n");
	tree_file(t, "packages/p/mod/go.mod", "module a\n");
	tree_file(t, "packages/p/goscript/a.go", "package main\n");
	tree_file(t, "packages/p/goscript/build.sh", "true\n");
	tree_file(t, "packages/p/gohere/a.go", "package main\n");
	tree_file(t, "packages/p/node/package.json", "{\"dependencies\": {\"a\": \"1\"}}");
	tree_file(t, "packages/p/node/index.js", "x");
	tree_file(t, "packages/p/idle/package.json", "{}");
	tree_file(t, "packages/p/idle/index.js", "x");
	tree_file(t, "packages/p/ready.go-1.20.zip", "PK");
	tree_file(
		t, "project.yml",
		"packages: [{name: p, functions: [{name: asked, remoteBuild: true}, "
		"{name: here, localBuild: true}, {name: gohere, localBuild: true}, "
		"{name: nothing, remoteBuild: true}, {name: pip, runtime: 'python:3.11'}]}]\n");
	scan_at(t->path, &s);
	assert_string_equal(s.e.msg ? s.e.msg : "", "");
	for (i = 0; i < countof(table); i++) {
		if (chosen(&s, table[i].name, false) != table[i].plain ||
		    chosen(&s, table[i].name, true) != table[i].flag)
			fail_msg("%s", table[i].name);
	}
	release(&s);
}

/* "name name=data ..." */
static void describe_slice(const struct slice *s, struct strbuf *out)
{
	size_t i;

	for (i = 0; i < s->files.n; i++)
		strbuf_addf(out, "%s%s%s ", s->files.v[i].name,
			    s->files.v[i].executable ? "*" : "", s->files.v[i].path ? "" : "=");
}

static void expect_slice(struct scanned *s, const char *name, const char *files)
{
	struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct slice slice;

	if (slice_list(&s->p, find(s, name), chosen(s, name, true), &slice, &e) < 0)
		fail_msg("%s", e.msg);
	describe_slice(&slice, &text);
	assert_string_equal(text.buf, files);
	strbuf_release(&text);
	slice_release(&slice);
	slice_release(&slice);
}

static void slice_has_sources_and_what_steers_the_build(void **state)
{
	struct tree *t = *state;
	struct scanned s;

	tree_file(t, "packages/p/f/__main__.py", MAIN);
	tree_file(t, "packages/p/f/requirements.txt", "x\n");
	tree_file(t, "packages/p/f/.ignore", "*.log\n*.txt\nkept/*\n!kept/me\n");
	tree_file(t, "packages/p/f/a.log", "");
	tree_file(t, "packages/p/f/notes.txt", "");
	tree_file(t, "packages/p/f/kept/me", "");
	tree_file(t, "packages/p/f/kept/not", "");
	tree_file(t, "packages/p/f/.env", "A=1");
	tree_file(t, "packages/p/f/virtualenv/lib/x.py", "");
	tree_file(t, "packages/p/f/__pycache__/x.pyc", "");
	tree_file(t, "packages/p/f/deep/__pycache__/x.pyc", "");
	tree_file(t, "packages/p/f/.git/config", "");
	tree_file(t, "packages/p/f/__deployer__.zip", "");
	tree_file(t, "packages/p/f/.built", "");
	tree_file(t, "packages/p/f/x.py~", "");
	tree_file(t, "packages/p/g/.include", "dist\n");
	tree_file(t, "packages/p/g/build.sh", "true\n");
	tree_file(t, "packages/p/g/src/a.py", "");
	tree_file(t, "packages/p/g/virtualenv/mine", "");
	tree_file(t, "packages/p/h.go", "package main\n");
	tree_file(t, "packages/p/j/package.json", "{\"scripts\": {\"build\": \"x\"}}");
	tree_file(t, "packages/p/j/index.js", "");
	tree_file(t, "packages/p/j/node_modules/x/y.js", "");
	tree_file(t, "packages/q/other.py", MAIN);
	scan_at(t->path, &s);
	find(&s, "f")->runtime = find(&s, "g")->runtime = "python:3.11";
	expect_slice(&s, "f",
		     "packages/p/f/.ignore packages/p/f/__main__.py packages/p/f/build.sh*= "
		     "packages/p/f/kept/me packages/p/f/requirements.txt ");
	expect_slice(&s, "g",
		     "packages/p/g/.include packages/p/g/build.sh packages/p/g/src/a.py "
		     "packages/p/g/virtualenv/mine ");
	expect_slice(&s, "h", "packages/p/h/build.sh*= packages/p/h/h.go ");
	expect_slice(&s, "j", "packages/p/j/index.js packages/p/j/package.json ");
	release(&s);
	tree_file(t, "lib/b.py", "");
	tree_file(t, "lib/sub/a.py", "");
	scan_at(t->path, &s);
	expect_slice(&s, "h",
		     "lib/b.py lib/sub/a.py packages/p/h/build.sh*= packages/p/h/h.go ");
	release(&s);
}

static void digest_of(struct scanned *s, char digest[SHA256_HEX])
{
	struct err e = ERR_INIT;
	struct slice slice;

	if (slice_list(&s->p, find(s, "f"), REMOTE_OWN, &slice, &e) < 0)
		fail_msg("%s", e.msg);
	memcpy(digest, slice.digest, SHA256_HEX);
	slice_release(&slice);
}

static void digest_tells_what_the_builder_would_see(void **state)
{
	struct tree *t = *state;
	char first[SHA256_HEX], next[SHA256_HEX];
	struct scanned s;

	tree_file(t, "packages/p/f/__main__.py", MAIN);
	tree_file(t, "packages/p/f/build.sh", "true\n");
	tree_file(t, "packages/p/f/.ignore", "*.log\n");
	scan_at(t->path, &s);
	digest_of(&s, first);
	tree_file(t, "packages/p/f/x.log", "ignored");
	digest_of(&s, next);
	assert_string_equal(first, next);
	assert_int_equal(fchmodat(t->fd, "packages/p/f/build.sh", 0755, 0), 0);
	digest_of(&s, next);
	assert_string_not_equal(first, next);
	assert_int_equal(fchmodat(t->fd, "packages/p/f/build.sh", 0644, 0), 0);
	tree_file(t, "packages/p/f/__main__.py", MAIN "#");
	digest_of(&s, next);
	assert_string_not_equal(first, next);
	tree_file(t, "packages/p/f/__main__.py", MAIN);
	tree_file(t, "packages/p/f/new", "");
	digest_of(&s, next);
	assert_string_not_equal(first, next);
	release(&s);
}

static void expect_failure(struct scanned *s, const char *name, enum remote_how how,
			   const char *why)
{
	struct err e = ERR_INIT;
	struct slice slice;

	assert_int_equal(slice_list(&s->p, find(s, name), how, &slice, &e), -1);
	assert_int_equal(e.code, ERR_PROJECT);
	if (!strstr(e.msg, why))
		fail_msg("%s", e.msg);
	assert_int_equal(slice.files.n, 0);
	err_clear(&e);
}

static void what_cannot_be_built_there_is_said(void **state)
{
	struct tree *t = *state;
	struct scanned s;

	tree_file(t, "packages/p/toml/pyproject.toml", "[project]\ndependencies = ['x']\n");
	tree_file(t, "packages/p/toml/__main__.py", MAIN);
	tree_file(t, "packages/p/odd/a.go", "package main\n");
	tree_file(t, "packages/p/key/id_rsa",
		  "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE "
		  "KEY-----\n");
	tree_file(t, "packages/p/key/build.sh", "true\n");
	tree_file(t, "packages/p/vague/x.txt", "");
	tree_file(t, "packages/p/vague/build.sh", "true\n");
	tree_file(t, "project.yml",
		  "packages: [{name: p, functions: [{name: odd, main: 'a; rm -rf x'}, "
		  "{name: key, runtime: 'python:3.11'}]}]\n");
	scan_at(t->path, &s);
	expect_failure(&s, "toml", REMOTE_PYTHON,
		       "'packages/p/toml/requirements.txt' is needed");
	expect_failure(&s, "odd", REMOTE_GO, "'main' of 'odd'");
	expect_failure(&s, "key", REMOTE_OWN, "would go to the remote builder");
	expect_failure(&s, "vague", REMOTE_OWN, "set 'runtime' in project.yml");
	release(&s);
}

/* ---- the configuration ---- */

struct content {
	struct strbuf names, configuration;
};

static int take_entry(void *arg, const struct zip_entry *entry, struct str data,
		      struct err *e UNUSED)
{
	struct content *c = arg;

	strbuf_addf(&c->names, "%s ", entry->name);
	if (strcmp(entry->name, "project.yml") == 0)
		strbuf_addstr(&c->configuration, data);
	return 0;
}

static void what_is_written_can_be_read(void **state)
{
	static const struct zip_limits limits = {1 << 20, 100};
	struct tree *t = *state;
	struct content c = {STRBUF_INIT, STRBUF_INIT};
	struct strbuf zip = STRBUF_INIT, key = STRBUF_INIT, text = STRBUF_INIT;
	struct slice_reading r;
	struct err e = ERR_INIT;
	char hex[SHA256_HEX];
	struct scanned s;
	struct slice slice;
	const struct json *f;

	tree_file(t, "packages/p/f/__main__.py", MAIN);
	tree_file(t, "packages/p/f/build.sh", "true\n");
	tree_file(t, "project.yml",
		  "environment: {ALL: x}\npackages: [{name: p, functions: [{name: f, main: m, "
		  "environment: {A: 'a$b'}, parameters: {n: 1.50}}]}]\n");
	scan_at(t->path, &s);
	assert_int_equal(slice_list(&s.p, find(&s, "f"), REMOTE_OWN, &slice, &e), 0);
	assert_int_equal(slice_write(&slice, &owner, &zip, hex, &e), 0);
	assert_int_equal(zip_read(strbuf_str(&zip), &limits, take_entry, &c, &e), 0);
	assert_string_equal(c.names.buf,
			    "packages/p/f/__main__.py packages/p/f/build.sh project.yml ");
	assert_true(hex_decode(&key, str_of(hex)));
	assert_int_equal(slice_decrypt(strbuf_str(&c.configuration),
				       (const unsigned char *)key.buf, &text, &e),
			 0);
	assert_null(strchr(text.buf, '$'));
	assert_null(strstr(text.buf, "ALL"));
	assert_int_equal(slice_read_configuration(strbuf_str(&text), &r, &e), 0);
	assert_string_equal(r.auth, "u:p");
	assert_string_equal(r.namespace, "ns");
	assert_string_equal(r.package, "p");
	assert_string_equal(r.function, "f");
	f = json_first(json_get(json_first(json_get(r.project, "packages")), "functions"));
	assert_string_equal(json_cstr(json_get(json_get(f, "environment"), "A")), "a$b");
	assert_true(str_is(json_number(json_get(json_get(f, "parameters"), "n")), "1.50") ||
		    str_is(json_number(json_get(json_get(f, "parameters"), "n")), "1.5"));
	slice_reading_release(&r);
	slice_release(&slice);
	strbuf_release(&zip);
	strbuf_release(&key);
	strbuf_release(&text);
	strbuf_release(&c.names);
	strbuf_release(&c.configuration);
	release(&s);
}

static void file_that_grows_meanwhile_is_an_error(void **state)
{
	struct tree *t = *state;
	struct strbuf zip = STRBUF_INIT;
	struct err e = ERR_INIT;
	char hex[SHA256_HEX];
	struct scanned s;
	struct slice slice;

	tree_file(t, "packages/p/f/__main__.py", MAIN);
	tree_file(t, "packages/p/f/build.sh", "true\n");
	scan_at(t->path, &s);
	assert_int_equal(slice_list(&s.p, find(&s, "f"), REMOTE_OWN, &slice, &e), 0);
	tree_file(t, "packages/p/f/build.sh", "true and more\n");
	assert_int_equal(slice_write(&slice, &owner, &zip, hex, &e), -1);
	assert_non_null(strstr(e.msg, "packing 'f' for its remote build"));
	err_clear(&e);
	slice_release(&slice);
	strbuf_release(&zip);
	release(&s);
}

/* ---- configurations of others ---- */

#define HEAD "slice: true\ncredentials: {namespace: n, ow: {api_key: 'a:b'}}\n"

static void configuration_of_a_slice_has_all_it_needs(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "cannot be read"},
		{"[]", "cannot be read"},
		{"text", "cannot be read"},
		{"a: [", "cannot be read"},
		{"a: 1\na: 2\n", "cannot be read"},
		{"credentials: {namespace: n, ow: {api_key: 'a:b'}}", "slice: true"},
		{"slice: 'true'\ncredentials: {namespace: n, ow: {api_key: 'a:b'}}",
		 "slice: true"},
		{"slice: true\ncredentials: {ow: {api_key: 'a:b'}}", "no credentials"},
		{"slice: true\ncredentials: {namespace: n}", "no credentials"},
		{"slice: true\ncredentials: [n]", "no credentials"},
		{HEAD, "exactly one package"},
		{HEAD "packages: {name: p}", "exactly one package"},
		{HEAD "packages: [{name: p}, {name: q}]", "exactly one package"},
		{HEAD "packages: [{name: p}]", "exactly one function"},
		{HEAD "packages: [1]", "exactly one function"},
		{HEAD "packages: [{name: p, actions: []}]", "exactly one function"},
		{HEAD "packages: [{name: p, actions: [{name: a}, {name: b}]}]",
		 "exactly one function"},
		{HEAD "packages: [{name: p, actions: [{}]}]", "exactly one function"},
		{HEAD "packages: [{actions: [{name: a}]}]", "exactly one function"},
		{HEAD "buildEnv: {A: 1}\npackages: [{name: p, actions: [{name: a}]}]",
		 "buildEnv"},
		{HEAD "buildEnv: [A]\npackages: [{name: p, actions: [{name: a}]}]", "buildEnv"},
	};
	struct slice_reading r;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(bad); i++) {
		if (slice_read_configuration(str_of(bad[i].text), &r, &e) == 0)
			fail_msg("%s", bad[i].text);
		if (!strstr(e.msg, bad[i].why))
			fail_msg("%s: %s", bad[i].text, e.msg);
		assert_int_equal(e.code, ERR_PROJECT);
		err_clear(&e);
		slice_reading_release(&r);
	}
}

static void only_known_keys_go_into_the_project(void **state UNUSED)
{
	struct strbuf text = STRBUF_INIT;
	struct slice_reading r;
	struct err e = ERR_INIT;

	assert_int_equal(
		slice_read_configuration(
			STR(HEAD
			    "flags: {x: 1}\nweird: 1\nbuildEnv: {A: b}\n"
			    "packages: [{name: p, clean: true, functions: [{name: a, main: '', "
			    "triggers: [1], zipped: true, web: raw}]}]"),
			&r, &e),
		0);
	json_write(&text, r.project);
	assert_string_equal(text.buf,
			    "{\"packages\":[{\"name\":\"p\",\"functions\":[{\"name\":\"a\","
			    "\"web\":\"raw\"}]}]}");
	assert_string_equal(json_cstr(json_get(r.environment, "A")), "b");
	strbuf_release(&text);
	slice_reading_release(&r);
}

static void defaults_of_a_host_go_before_ours(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct json *info = json_parse(
		STR("{\"runtimes\": {\"go\": [{\"kind\": \"go:1.9\", \"default\": false}, "
		    "{\"kind\": \"go:9.9\", \"default\": true}], \"php\": 5}}"),
		&e);

	assert_string_equal(remote_kind("go:default", info), "go:9.9");
	assert_string_equal(remote_kind("go:1.9", info), "go:1.9");
	assert_string_equal(remote_kind("python:default", info), "python:3.11");
	assert_string_equal(remote_kind("python:default", NULL), "python:3.11");
	assert_string_equal(remote_kind("cobol:default", info), "cobol:default");
	json_free(info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(choice_follows_keys_flag_and_files),
		CASE(slice_has_sources_and_what_steers_the_build),
		CASE(digest_tells_what_the_builder_would_see),
		CASE(what_cannot_be_built_there_is_said),
		CASE(what_is_written_can_be_read),
		CASE(file_that_grows_meanwhile_is_an_error),
		cmocka_unit_test(configuration_of_a_slice_has_all_it_needs),
		cmocka_unit_test(only_known_keys_go_into_the_project),
		cmocka_unit_test(defaults_of_a_host_go_before_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
