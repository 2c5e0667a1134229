#include "bytecode/bytecode.h"

#include "bytecode/compile.h"
#include "bytecode/modules.h"
#include "test.h"
#include "tree.h"

/*
 * A Python for these tests is a script of the shell: it answers what it is, and compiles by
 * writing what a test wants on descriptor 4.
 */
struct fixture {
	struct tree *tree;
	struct loop *loop;
	struct project project;
	struct arena arena;
	struct cache *cache;
	char *path;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	void *tree = NULL;
	char *cache;

	if (tree_setup(&tree) < 0)
		return -1;
	f->tree = tree;
	f->loop = loop_new();
	project_init(&f->project);
	f->project.root_fd = dup(f->tree->fd);
	cache = xasprintf("%s/cache", f->tree->path);
	setenv("DOFN_CACHE", cache, 1);
	unsetenv("DOFN_CACHE_MAX");
	free(cache);
	f->path = xasprintf("%s/bin:/bin:/usr/bin", f->tree->path);
	f->cache = cache_open(&f->e);
	*state = f;
	return f->cache ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	cache_close(f->cache);
	unsetenv("DOFN_CACHE");
	project_release(&f->project);
	loop_free(f->loop);
	arena_release(&f->arena);
	err_clear(&f->e);
	free(f->path);
	free(f);
	return tree_teardown(&tree);
}

/* A program that writes down that it ran. */
static void program(const struct fixture *f, const char *name, const char *body)
{
	char *text = xasprintf("#!/bin/sh\necho %s >> %s/ran\n%s\n", name, f->tree->path, body);
	char *path = xasprintf("bin/%s", name);

	tree_file(f->tree, path, text);
	assert_int_equal(fchmodat(f->tree->fd, path, 0755, 0), 0);
	free(path);
	free(text);
}

/* One that says it is that, at the place `at` below the tree. */
static void python(const struct fixture *f, const char *name, const char *identity,
		   const char *at)
{
	char *body = xasprintf("printf '%s\\n%s/%s\\n'", identity, f->tree->path, at);

	program(f, name, body);
	free(body);
}

/* "name name ": which ran so far. */
static const char *ran(struct fixture *f)
{
	struct strbuf text = STRBUF_INIT;
	const char *names;
	size_t i;

	if (fs_read(f->tree->fd, "ran", 10000, &text, &f->e) < 0)
		err_clear(&f->e);
	for (i = 0; i < text.len; i++)
		if (text.buf[i] == '\n')
			text.buf[i] = ' ';
	names = arena_strdup(&f->arena, text.buf);
	strbuf_release(&text);
	return names;
}

static struct interpreter find(struct fixture *f, const char *version)
{
	struct interpreter in = {.version = version};
	const char *env[] = {arena_printf(&f->arena, "PATH=%s/bin", f->tree->path), NULL};
	const struct interpreter_search s = {f->loop, &f->arena, f->cache, env};

	interpreter_find(&in, &s);
	return in;
}

static void a_runtime_tells_its_version(void **state)
{
	static const struct {
		const char *runtime, *version;
	} rows[] = {
		{"python:3.11", "3.11"}, {"python:3.9", "3.9"},    {"python:default", "3.11"},
		{"python:3.14", "3.14"}, {"nodejs:18", NULL},      {"python:3.", NULL},
		{"python:3.x", NULL},    {"python:4.0", NULL},     {"python:3.11;x", NULL},
		{"blackbox", NULL},      {"python:3.99999", NULL}, {NULL, NULL},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		const char *got = modules_version(&f->arena, rows[i].runtime);

		if (!rows[i].version)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].version);
	}
}

static void add(struct filter_list *list, const char *name, uint64_t size)
{
	vec_push(&list->files,
		 ((struct filter_file){
			 .path = str_of(name), .name = str_of(name), .size = size}));
}

static void what_can_be_imported_is_a_module(void **state UNUSED)
{
	static const struct {
		const char *name;
		bool module;
	} rows[] = {
		{"a.py", true},
		{"a/b_2.py", true},
		{"gr\xc3\xbc\xc3\x9f.py", true},
		{"__init__.py", true},
		{"a-b.py", false},
		{"a.b.py", false},
		{".py", false},
		{"a.pyi", false},
		{"a.txt", false},
		{"virtualenv/bin/activate_this.py", false},
		{"virtualenv/lib/python3.11/site-packages/a/b.py", true},
		{"virtualenv/lib/python3.1/site-packages/a.py", false},
		{"virtualenv/lib/python3.9/site-packages/a.py", false},
		{"virtualenv/lib/python3.11/a.py", false},
		{"lib/virtualenv/a.py", true},
	};
	struct filter_list list = {0};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		add(&list, rows[i].name, 10);
	add(&list, "large.py", BYTECODE_MAX_SOURCE);
	add(&list, "larger.py", BYTECODE_MAX_SOURCE + 1);
	add(&list, "main__.py", 10);
	for (i = 0; i < countof(rows); i++)
		if (modules_has(&list, i, "3.11") != rows[i].module)
			fail_msg("%s", rows[i].name);
	assert_true(modules_has(&list, i, "3.11"));
	assert_false(modules_has(&list, i + 1, "3.11"));
	assert_true(modules_has(&list, i + 2, "3.11"));
	add(&list, "__main__.py", 10);
	assert_false(modules_has(&list, i + 2, "3.11"));
	filter_list_release(&list);
}

static void bytecode_lies_where_python_looks(void **state)
{
	static const char *const rows[][2] = {
		{"a.py", "__pycache__/a.cpython-39.pyc"},
		{"a/b/c.py", "a/b/__pycache__/c.cpython-39.pyc"},
		{"__main__.py", "__pycache__/main__.cpython-39.pyc"},
		{"a/__main__.py", "a/__pycache__/__main__.cpython-39.pyc"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_string_equal(modules_bytecode_name(&f->arena, str_of(rows[i][0]), "3.9"),
				    rows[i][1]);
}

static void the_first_python_of_the_version_is_taken(void **state)
{
	struct fixture *f = *state;
	struct interpreter in;

	program(f, "python3.11", "echo not here >&2; exit 127");
	python(f, "python3", "3.12 3.12.1 cb0d0d0a", "bin/python3");
	python(f, "python", "3.11 3.11.4 a70d0d0a", "bin/python");
	in = find(f, "3.11");
	assert_string_equal(in.identity, "3.11 3.11.4 a70d0d0a");
	assert_true(str_ends(str_of(in.program), "/bin/python"));
	assert_string_equal(ran(f), "python3.11 python3 python ");
}

static void what_is_no_answer_is_no_python(void **state)
{
	static const char *const bodies[] = {
		"exit 0",
		"echo 3.11",
		"echo '3.11 3.11.4 a70d0d0a'",
		"printf '3.11 3.11.4 x\\npython3.11\\n'",
		"printf '3.1 3.1.4 x\\n/bin/sh\\n'",
		"printf '3.11 3.11.4 x\\n/bin/sh\\n'; exit 1",
		"head -c 100000 /dev/zero | tr '\\0' x",
		"kill -9 $$",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(bodies); i++) {
		program(f, "python3.11", bodies[i]);
		if (find(f, "3.11").identity)
			fail_msg("%s", bodies[i]);
	}
}

static void an_answer_holds_while_the_program_stays(void **state)
{
	struct fixture *f = *state;

	program(f, "real", "");
	python(f, "python3.11", "3.11 3.11.4 a70d0d0a", "bin/real");
	assert_non_null(find(f, "3.11").identity);
	assert_string_equal(find(f, "3.11").identity, "3.11 3.11.4 a70d0d0a");
	assert_string_equal(ran(f), "python3.11 ");
	assert_null(find(f, "3.9").identity);
	assert_string_equal(ran(f), "python3.11 ");
	program(f, "real", "# another one");
	assert_non_null(find(f, "3.11").identity);
	assert_string_equal(ran(f), "python3.11 python3.11 ");
	assert_int_equal(unlinkat(f->tree->fd, "bin/real", 0), 0);
	python(f, "python3.11", "3.11 3.11.5 a70d0d0a", "bin/python3.11");
	assert_string_equal(find(f, "3.11").identity, "3.11 3.11.5 a70d0d0a");
}

/* Compiles three sources by that script; "+" for each entry that is there, "0" for an empty
 * one. */
static const char *compiled(struct fixture *f, const char *body)
{
	struct interpreter in = {"3.11", "3.11 3.11.4 a70d0d0a",
				 arena_printf(&f->arena, "%s/bin/writer", f->tree->path)};
	struct missing sources[3] = {0};
	struct compile c = {f->loop, f->cache, &in, f->tree->fd, 1, sources, countof(sources)};
	struct strbuf data = STRBUF_INIT;
	char got[4] = "...";
	size_t i;

	program(f, "writer", body);
	for (i = 0; i < countof(sources); i++) {
		sources[i].path = STR("x.py");
		memset(sources[i].id, (int)('a' + i), SHA256_HEX - 1);
	}
	compile_run(&c);
	for (i = 0; i < countof(sources); i++) {
		strbuf_reset(&data);
		if (cache_read(f->cache, &compile_entries, sources[i].id, 100, &data))
			got[i] = data.len ? '+' : '0';
		cache_remove(f->cache, &compile_entries, sources[i].id);
	}
	strbuf_release(&data);
	return arena_strdup(&f->arena, got);
}

static void what_a_python_writes_is_not_believed(void **state)
{
	static const struct {
		const char *body, *got;
	} rows[] = {
		{"printf '\\2\\0\\0\\0\\2\\0\\0\\0ab\\0\\0\\0\\0\\0\\0\\0\\0' >&4", "0.+"},
		{"", "..."},
		{"exec 4>&-", "..."},
		{"printf '\\0\\0\\0\\0\\1\\0\\0\\0x\\1\\0\\0' >&4", "+.."},
		{"printf '\\0\\0\\0\\0\\1\\0\\0\\0x\\3\\0\\0\\0\\1\\0\\0\\0x' >&4", "+.."},
		{"printf '\\0\\0\\0\\0\\5\\0\\0\\0x' >&4", "..."},
		{"printf '\\0\\0\\0\\0\\377\\377\\377\\377x' >&4", "..."},
		{"printf '\\377\\377\\377\\377\\1\\0\\0\\0x' >&4", "..."},
		{"printf '\\1\\0\\0\\0\\1\\0\\0\\0x' >&4; kill -9 $$", ".+."},
		{"printf '\\1\\0\\0\\0\\1\\0\\0\\0x' >&4; exit 3", ".+."},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(rows); i++)
		if (strcmp(compiled(f, rows[i].body), rows[i].got) != 0)
			fail_msg("%s: %s", rows[i].body, compiled(f, rows[i].body));
}

static void a_python_is_told_sources_and_nothing_of_the_environment(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = STRBUF_INIT;

	setenv("MY_TOKEN", "secret", 1);
	(void)compiled(f, "tr '\\0' '|' <&3 > list; env > seen");
	unsetenv("MY_TOKEN");
	assert_int_equal(fs_read(f->tree->fd, "list", 1000, &text, &f->e), 0);
	assert_int_equal(text.len, 3 * (64 + 1 + 4 + 1));
	assert_true(str_ends(strbuf_str(&text), "0000 x.py|"));
	strbuf_reset(&text);
	assert_int_equal(fs_read(f->tree->fd, "seen", 1000, &text, &f->e), 0);
	assert_null(strstr(text.buf, "MY_TOKEN"));
	assert_non_null(strstr(text.buf, "PYTHONHASHSEED=0\n"));
	strbuf_release(&text);
}

static void entries_are_added_in_order_and_once(void **state)
{
	static unsigned char hashes[4][SHA256_SIZE] = {{1}, {2}, {3}, {4}};
	struct fixture *f = *state;
	struct filter_list list = {0};
	const struct bytecode_files files = {"python:3.11", &list, hashes};
	struct bytecode *b;

	program(f, "python3.11",
		arena_printf(&f->arena,
			     "if [ $# -gt 3 ]; then for i in 0 1 2; do printf "
			     "\"\\\\$i\\0\\0\\0\\2\\0\\0\\0ab\" >&4; done; else printf "
			     "'3.11 3.11.4 x\\n%s/bin/python3.11\\n'; fi",
			     f->tree->path));
	setenv("PATH", f->path, 1);
	add(&list, "a.py", 1);
	add(&list, "z/__pycache__/b.cpython-311.pyc", 7);
	add(&list, "z/b.py", 1);
	add(&list, "z/c.py", 1);
	b = bytecode_new(f->loop, &f->project, 1);
	bytecode_want(b, &files);
	bytecode_want(b, &files);
	assert_int_equal(bytecode_compile(b, &f->e), 0);
	assert_int_equal(bytecode_add(b, &files), 2);
	assert_int_equal(list.files.n, 6);
	assert_string_equal(list.files.v[0].name.p, "__pycache__/a.cpython-311.pyc");
	assert_non_null(list.files.v[0].bytecode);
	assert_int_equal(list.files.v[0].size, 2);
	assert_string_equal(list.files.v[2].name.p, "z/__pycache__/b.cpython-311.pyc");
	assert_null(list.files.v[2].bytecode);
	assert_string_equal(list.files.v[3].name.p, "z/__pycache__/c.cpython-311.pyc");
	assert_string_equal(ran(f), "python3.11 python3.11 ");
	cache_remove(f->cache, &compile_entries, list.files.v[0].bytecode);
	assert_int_equal(bytecode_open(b, &list.files.v[0]), -1);
	bytecode_free(b);
	filter_list_release(&list);
}

static void other_languages_ask_no_python(void **state)
{
	static unsigned char hashes[1][SHA256_SIZE];
	struct fixture *f = *state;
	struct filter_list list = {0};
	const struct bytecode_files files = {"nodejs:18", &list, hashes};
	struct bytecode *b = bytecode_new(f->loop, &f->project, 0);

	python(f, "python3.11", "3.11 3.11.4 x", "bin/python3.11");
	setenv("PATH", f->path, 1);
	add(&list, "a.py", 1);
	bytecode_want(b, &files);
	assert_int_equal(bytecode_compile(b, &f->e), 0);
	assert_int_equal(bytecode_add(b, &files), 0);
	assert_string_equal(ran(f), "");
	bytecode_free(b);
	bytecode_free(NULL);
	filter_list_release(&list);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_runtime_tells_its_version),
		CASE(what_can_be_imported_is_a_module),
		CASE(bytecode_lies_where_python_looks),
		CASE(the_first_python_of_the_version_is_taken),
		CASE(what_is_no_answer_is_no_python),
		CASE(an_answer_holds_while_the_program_stays),
		CASE(what_a_python_writes_is_not_believed),
		CASE(a_python_is_told_sources_and_nothing_of_the_environment),
		CASE(entries_are_added_in_order_and_once),
		CASE(other_languages_ask_no_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
