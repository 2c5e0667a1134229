#include "dist/dist.h"

#include "scan/scan.h"
#include "tree.h"
#include "json/json.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

struct run {
	struct project project;
	struct diags diags;
	struct loop *loop;
	struct err e;
};

static void begin(struct run *r, const struct tree *t)
{
	char *cache = xasprintf("%s/cache", t->path);

	setenv("XDG_CACHE_HOME", cache, 1);
	free(cache);
	*r = (struct run){.diags = DIAGS_INIT, .loop = loop_new(), .e = ERR_INIT};
	project_init(&r->project);
	if (scan_project(t->path, &(struct scan_options){0}, &r->project, &r->diags, &r->e) < 0)
		fail_msg("%s", r->e.msg);
}

static void end(struct run *r)
{
	diags_release(&r->diags);
	project_release(&r->project);
	loop_free(r->loop);
	err_clear(&r->e);
}

/* Writes into "out" of the tree; gives the manifest with ' for ", or the message. */
static char *write_out(const struct tree *t)
{
	char *folder = xasprintf("%s/out", t->path), *result = NULL;
	struct strbuf text = STRBUF_INIT;
	struct json *manifest;
	struct build b = {0};
	struct run r;
	size_t i;

	begin(&r, t);
	b.loop = r.loop;
	b.project = &r.project;
	if (dist_write(&b, folder, &manifest, &r.e) < 0) {
		assert_null(manifest);
		result = xstrdup(r.e.msg);
	} else {
		json_write(&text, manifest);
		for (i = 0; i < text.len; i++)
			if (text.buf[i] == '"')
				text.buf[i] = '\'';
		result = strbuf_detach(&text, NULL);
	}
	json_free(manifest);
	end(&r);
	free(folder);
	return result;
}

static void assert_written(const struct tree *t, const char *want)
{
	char *result = write_out(t);

	if (!strstr(result, want))
		fail_msg("'%s' is not in '%s'", want, result);
	free(result);
}

static void the_only_file_keeps_its_extension(void **state)
{
	static const struct {
		const char *file, *text, *written;
	} cases[] = {
		{"packages/p/f.py", "def main(): pass\n", "'file':'p/f.py'"},
		{"packages/p/a.b.js", "exports.main = x\n", "'file':'p/a.b.js'"},
		{"packages/p/g/__main__.py", "def main(): pass\n", "'file':'p/g.py'"},
		{"packages/default/h.php", "<?php function main() {}\n",
		 "'function':'h','file':'default/h.php'"},
	};
	const struct tree *t = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++)
		tree_file(t, cases[i].file, cases[i].text);
	for (i = 0; i < countof(cases); i++)
		assert_written(t, cases[i].written);
	assert_int_equal(faccessat(t->fd, "out/manifest.json", F_OK, 0), 0);
	assert_int_equal(faccessat(t->fd, "out/p/a.b.js", F_OK, 0), 0);
}

static void several_files_are_an_archive(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f/__main__.py", "from x import main\n");
	tree_file(t, "packages/p/f/x.py", "");
	assert_written(t, "'file':'p/f.zip','kind':'python:default','main':null,'binary':true");
	assert_written(t, "'files':2");
}

static void what_is_in_the_way_is_named(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "main = print\n");
	tree_file(t, "out", "");
	assert_written(t, "/out'");
	assert_int_equal(unlinkat(t->fd, "out", 0), 0);
	tree_file(t, "out/p", "");
	assert_written(t, "'p'");
}

static void sources_are_no_place_to_write_to(void **state)
{
	static const struct {
		const char *folder; /* below the tree */
		bool fine;
	} cases[] = {
		{"dist", true},
		{"packagesx", true},
		{"new/deep/er/", true},
		{"link/x", false},
		{"packages", false},
		{"packages/p/new/er", false},
		{"lib", false},
		{"lib//", false},
		{"packages/../new", true},
		{"dist/../packages/x", false}, /* there is no dist */
		{"", false},
		{".", false},
	};
	const struct tree *t = *state;
	struct run r;
	size_t i;

	tree_file(t, "packages/p/f.py", "");
	tree_link(t, "link", "packages");
	begin(&r, t);
	for (i = 0; i < countof(cases); i++) {
		char *path = xasprintf("%s/%s", t->path, cases[i].folder);
		int rc = dist_check_folder(&r.project, path, &r.e);

		if ((rc == 0) != cases[i].fine)
			fail_msg("'%s': %d", cases[i].folder, rc);
		if (rc < 0 && strcmp(cases[i].folder, "dist/../packages/x") != 0)
			assert_int_equal(r.e.code, ERR_USAGE);
		err_clear(&r.e);
		free(path);
	}
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_only_file_keeps_its_extension),
		CASE(several_files_are_an_archive),
		CASE(what_is_in_the_way_is_named),
		CASE(sources_are_no_place_to_write_to),
	};

	return cmocka_run_group_tests_name("dist", tests, NULL, NULL);
}
