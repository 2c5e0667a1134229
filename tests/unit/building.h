#ifndef TESTS_BUILDING_H
#define TESTS_BUILDING_H
/* building.h - a project of one function folder to build, and what the build tells */
#include "build/build.h"
#include "test.h"
#include "tree.h"

struct fixture {
	struct sink sink; /* first: the sink is the fixture */
	struct tree *tree;
	struct loop *loop;
	struct project project;
	struct package package;
	struct function function;
	struct build build;
	struct strbuf log; /* "note:...|", "out:...|", ... */
	char *path;        /* PATH before the test */
	int interrupt;     /* signal to raise at the first line of output */
	struct err e;
};

static inline void record(struct sink *s, const struct event *ev)
{
	static const char *const names[] = {
		[EVENT_NOTE] = "note",
		[EVENT_WARNING] = "warning",
		[EVENT_BUILD_STARTED] = "started",
		[EVENT_BUILD_LINE] = "out",
		[EVENT_BUILD_REUSED] = "reused",
		[EVENT_BUILD_ENDED] = "ended",
		[EVENT_BUILD_FAILED] = "failed",
		[EVENT_FAILED] = "error",
	};
	struct fixture *f = (struct fixture *)s;

	strbuf_addf(&f->log, "%s:%.*s|", ev->stderr_line ? "err" : names[ev->type],
		    STR_ARG(ev->text));
	if (f->interrupt && ev->type == EVENT_BUILD_LINE)
		loop_interrupt(f->loop, f->interrupt);
}

/* Builds run each time, unless a test says otherwise; the cache is the tree's "cache". */
static inline void own_cache(struct fixture *f)
{
	char *path = xasprintf("%s/cache", f->tree->path);

	setenv("DOFN_CACHE", path, 1);
	free(path);
}

static inline int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	void *tree = NULL;

	if (tree_setup(&tree) < 0)
		return -1;
	f->tree = tree;
	f->sink.emit = record;
	f->loop = loop_new();
	f->log = STRBUF_MAX(65536);
	f->path = xstrdup(getenv("PATH"));
	project_init(&f->project);
	f->project.root_fd = dup(f->tree->fd);
	f->project.has_lib = true;
	f->package.name = "p";
	f->function = (struct function){.name = "f",
					.package = &f->package,
					.source_kind = SOURCE_FOLDER,
					.source = "packages/p/f"};
	f->project.real = f->tree->path;
	f->build = (struct build){.loop = f->loop,
				  .project = &f->project,
				  .sink = &f->sink,
				  .options = {.no_cache = true}};
	own_cache(f);
	tree_dirs(f->tree, "packages/p/f");
	tree_dirs(f->tree, "lib");
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	setenv("PATH", f->path, 1);
	free(f->path);
	project_release(&f->project);
	loop_free(f->loop);
	strbuf_release(&f->log);
	err_clear(&f->e);
	free(f);
	return tree_teardown(&tree);
}

static inline int build(struct fixture *f)
{
	const struct function *function = &f->function;

	err_clear(&f->e);
	strbuf_reset(&f->log);
	return build_all(&f->build, &function, 1, &f->e);
}

static inline void assert_built(struct fixture *f)
{
	if (build(f) < 0)
		fail_msg("%s", f->e.msg);
}

static inline void assert_fails(struct fixture *f, enum err_code code, const char *message)
{
	assert_int_equal(build(f), -1);
	assert_int_equal(f->e.code, code);
	assert_string_equal(f->e.msg, message);
}

static inline void assert_logged(struct fixture *f, const char *part)
{
	if (!strstr(f->log.buf, part))
		fail_msg("'%s' is not in '%s'", part, f->log.buf);
}

/* PATH is the folder "bin" of the tree, with bash and what `programs` adds by its own. */
static inline void own_path(struct fixture *f)
{
	char *path = xasprintf("%s/bin", f->tree->path);

	tree_dirs(f->tree, "bin");
	tree_link(f->tree, "bin/bash", "/bin/bash");
	setenv("PATH", path, 1);
	free(path);
}

static inline void add_program(struct fixture *f, const char *name, const char *text)
{
	char *path = xasprintf("bin/%s", name);

	tree_file(f->tree, path, text);
	assert_int_equal(fchmodat(f->tree->fd, path, 0755, 0), 0);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#endif
