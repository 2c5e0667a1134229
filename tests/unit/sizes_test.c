#include "sizes/sizes.h"

#include "elves.h"
#include "sizes/record.h"
#include "tree.h"
#include "verify/binary.h"

#define F "packages/p/f/"
#define SITE "virtualenv/lib/python3.11/site-packages/"
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

struct fixture {
	struct tree *tree;
	struct function function;
	struct arena a;
	struct filter_list list;
	struct sizes s;
	const char *runtime;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	void *tree = NULL;

	if (tree_setup(&tree) < 0)
		return -1;
	f->tree = tree;
	f->runtime = "python:3.11";
	f->function = (struct function){
		.name = "f", .source_kind = SOURCE_FOLDER, .source = "packages/p/f"};
	tree_dirs(f->tree, "packages/p/f");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	sizes_release(&f->s);
	vec_release(&f->list.files);
	arena_release(&f->a);
	free(f);
	return tree_teardown(&tree);
}

/* A file that is only in the list, of so many bytes. */
static void list_file(struct fixture *f, const char *name, uint64_t size)
{
	struct filter_file file = {.name = str_of(name), .size = size};

	file.path = str_of(arena_printf(&f->a, F "%s", name));
	vec_push(&f->list.files, file);
}

/* One that is there. */
static void put_file(struct fixture *f, const char *name, const char *text)
{
	tree_file(f->tree, arena_printf(&f->a, F "%s", name), text);
	list_file(f, name, strlen(text));
}

static int by_name(const void *a, const void *b)
{
	const struct filter_file *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

static void find(struct fixture *f, const uint64_t *packed)
{
	const struct sizes_question q = {.root = f->tree->fd,
					 .function = &f->function,
					 .list = &f->list,
					 .runtime = f->runtime,
					 .packed = packed};

	if (f->list.files.n)
		qsort(f->list.files.v, f->list.files.n, sizeof(*f->list.files.v), by_name);
	sizes_release(&f->s);
	sizes_find(&f->s, &q);
}

/* "name version files size" of each package, a line each. */
static void assert_packages(struct fixture *f, const char *want)
{
	struct strbuf b = STRBUF_INIT;
	size_t i;

	find(f, NULL);
	for (i = 0; i < f->s.packages.n; i++) {
		const struct sizes_package *p = &f->s.packages.v[i];

		strbuf_addf(&b, "%.*s %.*s %zu %llu\n", STR_ARG(p->name), STR_ARG(p->version),
			    p->all.files, (unsigned long long)p->all.size);
	}
	assert_string_equal(strbuf_empty == b.buf ? "" : b.buf, want);
	strbuf_release(&b);
}

/* All advice, with the lines for .ignore. */
static void assert_advice(struct fixture *f, const char *want)
{
	struct sizes_advice advice[SIZES_ADVICE_MAX];
	struct strbuf b = STRBUF_INIT;
	size_t i, j, k, n;

	find(f, NULL);
	for (i = 0; i < f->s.packages.n; i++) {
		n = sizes_advise(&f->s, &f->s.packages.v[i], advice);
		for (j = 0; j < n; j++) {
			strbuf_addf(&b, "%.*s: %s\n", STR_ARG(f->s.packages.v[i].name),
				    advice[j].text);
			for (k = 0; k < advice[j].lines; k++)
				strbuf_addf(&b, "  %s\n", advice[j].ignore[k]);
		}
	}
	assert_string_equal(b.buf, want);
	strbuf_release(&b);
}

/* ---- RECORD ---- */

static void rows_of_a_record_give_their_paths(void **state UNUSED)
{
	static const struct {
		const char *text, *paths;
	} cases[] = {
		{"", ""},
		{"a.py,sha256=x,1\nb.py,,\n", "a.py|b.py|"},
		{"a.py,sha256=x,1\r\nb.py,,\r\n", "a.py|b.py|"},
		{"a.py\rb.py", "a.py|b.py|"},
		{"a.py", "a.py|"},
		{"\"a, b.py\",x,1\n", "a, b.py|"},
		{"\"a \"\"b\"\".py\",x,1\n", "a \"b\".py|"},
		{"\"a\nb\",x\nc,y\n", "a\nb|c|"},
		{"a,\"x\ny\",1\nb,,\n", "a|b|"},
		{"\"never closed\na,x\n", "never closed\na,x\n|"},
		{"\n\n,x\n\"\"\n", "||||"},
		{"../../../bin/x,,\n/etc/passwd,,\n", "../../../bin/x|/etc/passwd|"},
		{"\"a\"b\"c\",x\n", "abc|"},
	};
	struct strbuf path = STRBUF_INIT, all = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		struct str rest = str_of(cases[i].text);

		strbuf_reset(&all);
		while (record_next(&rest, &path))
			strbuf_addf(&all, "%s|", path.buf);
		assert_string_equal(all.buf, cases[i].paths);
	}
	strbuf_release(&path);
	strbuf_release(&all);
}

static void a_path_that_none_has_is_empty(void **state UNUSED)
{
	struct strbuf path = STRBUF_INIT, text = STRBUF_INIT;
	struct str rest = STR("a\0b,x\nc,y\n");
	size_t i;

	assert_true(record_next(&rest, &path));
	assert_string_equal(path.buf, "");
	assert_int_equal(path.len, 0);
	assert_true(record_next(&rest, &path));
	assert_string_equal(path.buf, "c");
	for (i = 0; i < RECORD_PATH_MAX; i++)
		strbuf_addc(&text, 'x');
	rest = strbuf_str(&text);
	assert_true(record_next(&rest, &path));
	assert_int_equal(path.len, RECORD_PATH_MAX);
	strbuf_addc(&text, 'x');
	rest = strbuf_str(&text);
	assert_true(record_next(&rest, &path));
	assert_int_equal(path.len, 0);
	assert_false(record_next(&rest, &path));
	strbuf_release(&path);
	strbuf_release(&text);
}

/* ---- whose a file is ---- */

static void a_record_names_the_files_of_a_distribution(void **state)
{
	struct fixture *f = *state;

	list_file(f, "__main__.py", 5);
	list_file(f, SITE "greet/__init__.py", 10);
	list_file(f, SITE "greet/data.txt", 20);
	list_file(f, SITE "greet.libs/a.so", 30);
	list_file(f, "virtualenv/bin/greet", 40);
	list_file(f, SITE "greet-1.0.2.dist-info/METADATA", 50);
	put_file(f, SITE "greet-1.0.2.dist-info/RECORD",
		 "greet/__init__.py,sha256=x,10\r\n\"greet/data.txt\",,\r\n"
		 "greet.libs/a.so,,\r\n../../../bin/greet,,\r\nnot/there.py,,\r\n"
		 "/__main__.py,,\r\n../../../../../../__main__.py,,\r\n");
	f->list.files.v[f->list.files.n - 1].size = 60;
	assert_packages(f, "greet 1.0.2 6 210\n__main__.py  1 5\n");
	assert_int_equal(f->s.files, 7);
	assert_int_equal(f->s.size, 215);
}

static void the_first_of_two_records_keeps_a_file(void **state)
{
	struct fixture *f = *state;

	list_file(f, "shared.py", 100);
	put_file(f, "a-1.dist-info/RECORD", "shared.py,,\n");
	put_file(f, "b-2.dist-info/RECORD", "shared.py,,\n");
	assert_packages(f, "a 1 2 112\nb 2 1 12\n");
}

static void what_no_record_names_goes_by_folder(void **state)
{
	struct fixture *f = *state;

	list_file(f, SITE "plain/__init__.py", 10);
	list_file(f, SITE "plain/sub/x.py", 20);
	list_file(f, SITE "single.py", 25);
	list_file(f, "node_modules/left/index.js", 1);
	list_file(f, "node_modules/left/node_modules/right/index.js", 2);
	list_file(f, "node_modules/@aws-sdk/client-s3/index.js", 4);
	list_file(f, "node_modules/@aws-sdk/core/index.js", 8);
	list_file(f, "node_modules/.package-lock.json", 9);
	assert_packages(f, "plain  2 30\nsingle.py  1 25\n.package-lock.json  1 9\n"
			   "@aws-sdk/core  1 8\n@aws-sdk/client-s3  1 4\nleft  2 3\n");
}

static void a_missing_or_unreadable_record_costs_nothing_else(void **state)
{
	struct fixture *f = *state;

	list_file(f, SITE "gone/__init__.py", 10);
	list_file(f, SITE "gone-1.dist-info/RECORD", 1);
	list_file(f, SITE "none-2.dist-info/METADATA", 2);
	list_file(f, SITE "odd.dist-info/RECORD", 3);
	assert_packages(f, "gone  1 10\nodd  1 3\nnone-2.dist-info  1 2\ngone 1 1 1\n");
}

static void compiled_files_go_with_their_sources(void **state)
{
	struct fixture *f = *state;

	put_file(f, SITE "six-1.dist-info/RECORD", "six.py,,\n");
	f->list.files.v[0].size = 1;
	list_file(f, SITE "six.py", 1);
	list_file(f, SITE "__pycache__/six.cpython-311.pyc", 2);
	list_file(f, SITE "__pycache__/other.cpython-311.pyc", 9);
	put_file(f, SITE "pkg-1.dist-info/RECORD", "pkg/__init__.py,,\n");
	f->list.files.v[4].size = 1;
	list_file(f, SITE "pkg/__init__.py", 1);
	list_file(f, SITE "pkg/generated.py", 4);
	assert_packages(f, "__pycache__  1 9\npkg 1 3 6\nsix 1 3 4\n");
}

static void a_folder_of_several_distributions_is_none_of_theirs(void **state)
{
	struct fixture *f = *state;

	put_file(f, "ns_a-1.dist-info/RECORD", "ns/a.py,,\n");
	put_file(f, "ns_b-1.dist-info/RECORD", "ns/b.py,,\n");
	list_file(f, "ns/a.py", 1);
	list_file(f, "ns/b.py", 2);
	list_file(f, "ns/c.py", 400);
	assert_packages(f, "ns/c.py  1 400\nns_b 1 2 12\nns_a 1 2 11\n");
}

static void own_files_go_by_the_folders_that_matter(void **state)
{
	struct fixture *f = *state;

	list_file(f, "__main__.py", 1);
	list_file(f, "v/bin/activate", 20);
	list_file(f, "v/lib/a-b/x", 3000);
	list_file(f, "v/lib/a/x", 4000);
	list_file(f, "v/lib/a/y", 4000);
	list_file(f, "v/lib/b/x", 5000);
	list_file(f, "v/lib/d", 2000);
	assert_packages(f, "v/lib/a/  2 8000\nv/lib/b/  1 5000\nv/lib/a-b/  1 3000\n"
			   "v/lib/d  1 2000\nv/bin/  1 20\n__main__.py  1 1\n");
}

static void no_files_are_no_packages(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;

	assert_packages(f, "");
	sizes_describe(&b, &f->s);
	assert_int_equal(b.len, 0);
}

static void packed_sizes_decide_the_order(void **state)
{
	static const uint64_t packed[] = {5, 9, 7};
	struct fixture *f = *state;

	list_file(f, "a.py", 300);
	list_file(f, "b.py", 100);
	list_file(f, "c.py", 200);
	find(f, packed);
	assert_true(f->s.measured);
	assert_int_equal(f->s.packages.v[0].all.packed, 9);
	assert_int_equal(f->s.packages.v[1].all.packed, 7);
	assert_int_equal(f->s.packages.v[2].all.packed, 5);
}

/* ---- advice ---- */

static void what_the_runtime_brings_is_told_with_its_version(void **state)
{
	struct fixture *f = *state;

	put_file(f, SITE "numpy-1.26.4.dist-info/RECORD", "");
	put_file(f, SITE "Kafka.Python-2.0.dist-info/RECORD", "");
	put_file(f, SITE "pandas-3.0.dist-info/RECORD", "");
	put_file(f, SITE "lxml-5.0.dist-info/RECORD", "");
	assert_advice(f, "Kafka.Python: the runtime brings version 2 of it: take it out of the "
			 "requirements\n"
			 "numpy: the runtime brings version 1 of it: take it out of the "
			 "requirements\n"
			 "pandas: the runtime brings version 2 of it, this is 3.0: if that "
			 "does, take it out of the requirements\n");
	f->runtime = "python:3.9";
	assert_advice(f, "");
	f->runtime = NULL;
	assert_advice(f, "");
}

static void parts_have_lines_that_leave_them_out(void **state)
{
	struct fixture *f = *state;

	list_file(f, SITE "lib/tests/a.py", 300000);
	list_file(f, SITE "lib/sub/tests/b.py", 300000);
	list_file(f, SITE "lib/test/keep.py", 900000);
	list_file(f, SITE "lib/docs/index.html", 200000);
	list_file(f, SITE "lib/x.pyi", 110000);
	list_file(f, SITE "lib/__pycache__/x.cpython-311.pyc", 120000);
	list_file(f, SITE "lib/small.js.map", 99999);
	assert_advice(f, "lib: tests: 600.0 kB in 2 files\n"
			 "  " SITE "lib/**/tests/\n"
			 "lib: documentation: 200.0 kB in 1 file\n"
			 "  " SITE "lib/**/docs/\n"
			 "lib: bytecode: 120.0 kB in 1 file\n"
			 "  " SITE "lib/**/*.pyc\n"
			 "lib: types for checkers: 110.0 kB in 1 file\n"
			 "  " SITE "lib/**/*.pyi\n");
}

static void packages_of_node_have_their_own_tests(void **state)
{
	struct fixture *f = *state;

	list_file(f, "node_modules/a/test/x.js", 100000);
	list_file(f, "node_modules/a/b/__tests__/x.js", 100000);
	list_file(f, "node_modules/@s/c/index.d.ts", 150000);
	list_file(f, "node_modules/@s/c/index.js.map", 150000);
	list_file(f, "node_modules/.cache/x", 10);
	assert_advice(f, "@s/c: types for checkers: 150.0 kB in 1 file\n"
			 "  node_modules/@s/c/**/*.d.ts\n"
			 "@s/c: source maps: 150.0 kB in 1 file\n"
			 "  node_modules/@s/c/**/*.map\n"
			 "a: tests: 200.0 kB in 2 files\n"
			 "  node_modules/a/**/__tests__/\n"
			 "  node_modules/a/**/test/\n"
			 ".cache: what tools of the build keep: remove it at the end of the "
			 "build\n");
}

static void folders_called_docs_with_code_are_none(void **state)
{
	struct fixture *f = *state;

	list_file(f, SITE "botocore/docs/__init__.py", 300000);
	list_file(f, SITE "botocore/docs/x.rst", 300000);
	list_file(f, "node_modules/yaml/dist/doc/Document.js", 300000);
	assert_advice(f, "");
}

static void own_folders_called_tests_are_the_users(void **state)
{
	struct fixture *f = *state;

	list_file(f, "tests/data.bin", 300000);
	list_file(f, "model.bin", 2000000);
	assert_advice(f, "model.bin: leave out with .ignore what the function does not need\n");
}

static void development_dependencies_are_those_of_package_json(void **state)
{
	struct fixture *f = *state;

	put_file(f, "package.json",
		 "{\"devDependencies\": {\"typescript\": \"5\", \"both\": \"1\"}, "
		 "\"dependencies\": {\"both\": \"1\"}}");
	list_file(f, "node_modules/typescript/tests/x.js", 300000);
	list_file(f, "node_modules/both/index.js", 300000);
	assert_advice(f, "typescript: for development only: 'npm prune --omit=dev' at the end "
			 "of the build\n");
	tree_file(f->tree, F "package.json", "{\"devDependencies\": 7");
	assert_advice(f, "typescript: tests: 300.0 kB in 1 file\n"
			 "  node_modules/typescript/**/tests/\n");
}

static void with_include_there_are_no_lines_for_ignore(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, F ".include", "virtualenv\n");
	list_file(f, SITE "lib/tests/a.py", 300000);
	list_file(f, "data.bin", 2000000);
	assert_advice(f, "data.bin: list less in .include if the function can do without\n"
			 "lib: tests: 300.0 kB in 1 file; remove them at the end of the build, "
			 "or list less in .include\n");
}

static void a_line_means_the_name_and_no_pattern(void **state)
{
	struct fixture *f = *state;

	list_file(f, "node_modules/a[b]*?\\/test/x", 300000);
	assert_advice(f, "a[b]*?\\: tests: 300.0 kB in 1 file\n"
			 "  node_modules/a\\[b]\\*\\?\\\\/**/test/\n");
	f->list.files.n = 0;
	list_file(f, "!x/node_modules/a/test/x", 300000);
	assert_advice(f, "a: tests: 300.0 kB in 1 file\n  \\!x/node_modules/a/**/test/\n");
	f->list.files.n = 0;
	list_file(f, "node_modules/a\nb/test/x", 300000);
	assert_advice(f, "a\nb: tests: 300.0 kB in 1 file\n");
}

/* ---- in a message ---- */

static void the_five_largest_are_described(void **state)
{
	struct fixture *f = *state;
	struct strbuf b = STRBUF_INIT;

	list_file(f, SITE "boto3/x.py", 9100000);
	put_file(f, SITE "boto3-1.2.dist-info/RECORD", "boto3/x.py,,\n");
	list_file(f, SITE "lib/x.py", 5000000);
	list_file(f, SITE "lib/tests/x.py", 1250000);
	list_file(f, SITE "mostly/x.py", 5000000);
	list_file(f, SITE "mostly/tests/x.py", 400000);
	list_file(f, "a\033", 1000);
	list_file(f, "b", 999);
	list_file(f, "c", 998);
	find(f, NULL);
	sizes_describe(&b, &f->s);
	assert_string_equal(b.buf,
			    "'boto3' 9.1 MB (the runtime brings it), 'lib' 6.3 MB "
			    "(tests: 1.3 MB), 'mostly' 5.4 MB, 'a\\x1b' 1.0 kB, 'b' 999 B");
	strbuf_release(&b);
}

static void bytes_are_told_in_thousands(void **state UNUSED)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{1049, "1.0 kB"},
		{1050, "1.1 kB"},
		{999949, "999.9 kB"},
		{999950, "1.0 MB"},
		{37748736, "37.7 MB"},
		{999949999, "999.9 MB"},
		{5000000000, "5.0 GB"},
		{UINT64_MAX, "18446744.1 TB"},
	};
	struct strbuf b = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		strbuf_reset(&b);
		sizes_add_bytes(&b, cases[i].bytes);
		assert_string_equal(b.buf, cases[i].text);
	}
	strbuf_release(&b);
}

/* ---- debug symbols ---- */

struct made_sections {
	Elf64_Ehdr header;
	Elf64_Shdr sections[7];
	char names[64];
	char data[300000];
};

static const char section_names[] = "\0.text\0.symtab\0.strtab\0.debug_info\0.zdebug_x\0.bss";

static void make_sections(struct made_sections *m)
{
	const Elf64_Shdr sections[] = {
		{.sh_type = SHT_NULL},
		{.sh_name = 1, .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_size = 1000},
		{.sh_name = 7, .sh_type = SHT_SYMTAB, .sh_size = 2000},
		{.sh_name = 15, .sh_type = SHT_STRTAB, .sh_size = 4000},
		{.sh_name = 23, .sh_type = SHT_PROGBITS, .sh_size = 150000},
		{.sh_name = 45, .sh_type = SHT_NOBITS, .sh_size = 70000},
		{.sh_type = SHT_STRTAB,
		 .sh_offset = offsetof(struct made_sections, names),
		 .sh_size = sizeof(section_names)},
	};

	memset(m, 0, sizeof(*m));
	memcpy(m->header.e_ident, ELFMAG, SELFMAG);
	m->header.e_ident[EI_CLASS] = ELFCLASS64;
	m->header.e_ident[EI_DATA] = ELFDATA2LSB;
	m->header.e_shoff = offsetof(struct made_sections, sections);
	m->header.e_shentsize = sizeof(Elf64_Shdr);
	m->header.e_shnum = countof(sections);
	m->header.e_shstrndx = countof(sections) - 1;
	memcpy(m->sections, sections, sizeof(sections));
	memcpy(m->names, section_names, sizeof(section_names));
}

static uint64_t debug_bytes(const struct made_sections *m)
{
	struct str bytes = {(const char *)m, sizeof(*m)};

	return binary_debug_bytes(read_memory, &bytes, sizeof(*m));
}

static void sections_that_no_program_loads_are_counted(void **state UNUSED)
{
	struct made_sections *m = xcalloc(1, sizeof(*m));
	struct str nothing = {"", 0}, script = STR("#!/bin/sh\n");

	make_sections(m);
	assert_int_equal(debug_bytes(m), 2000 + 4000 + 150000);
	m->sections[4].sh_name = 35; /* .zdebug_x */
	assert_int_equal(debug_bytes(m), 2000 + 4000 + 150000);
	m->sections[4].sh_flags = SHF_ALLOC;
	assert_int_equal(debug_bytes(m), 2000 + 4000);
	m->header.e_shnum = 3;
	assert_int_equal(debug_bytes(m), 2000);
	assert_int_equal(binary_debug_bytes(read_memory, &nothing, 0), 0);
	assert_int_equal(binary_debug_bytes(read_memory, &script, script.n), 0);
	free(m);
}

static void hostile_sections_count_nothing(void **state UNUSED)
{
	struct made_sections *m = xcalloc(1, sizeof(*m));

	make_sections(m);
	m->sections[4].sh_size = UINT64_MAX;
	assert_int_equal(debug_bytes(m), 0);
	make_sections(m);
	m->sections[2].sh_size = m->sections[3].sh_size = m->sections[4].sh_size = 200000;
	assert_int_equal(debug_bytes(m), sizeof(*m));
	make_sections(m);
	m->sections[4].sh_name = UINT32_MAX;
	assert_int_equal(debug_bytes(m), 2000 + 4000);
	make_sections(m);
	m->sections[6].sh_offset = UINT64_MAX;
	assert_int_equal(debug_bytes(m), 2000);
	make_sections(m);
	m->header.e_shoff = UINT64_MAX - 10;
	assert_int_equal(debug_bytes(m), 0);
	make_sections(m);
	m->header.e_shstrndx = UINT16_MAX;
	assert_int_equal(debug_bytes(m), 0);
	make_sections(m);
	m->header.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(debug_bytes(m), 0);
	free(m);
}

static void debug_symbols_of_modules_are_told(void **state)
{
	struct fixture *f = *state;
	struct made_sections *m = xcalloc(1, sizeof(*m));
	int fd;

	make_sections(m);
	put_file(f, SITE "fast/x.so", "");
	fd = openat(f->tree->fd, F SITE "fast/x.so", O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, m, sizeof(*m)), sizeof(*m));
	(void)close(fd);
	f->list.files.v[0].size = sizeof(*m);
	list_file(f, SITE "gone/y.so.1", sizeof(*m));
	assert_advice(f, "fast: debug symbols: 156.0 kB in 1 file; 'strip --strip-unneeded' "
			 "takes them away, in a build.sh\n");
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_record_give_their_paths),
		cmocka_unit_test(a_path_that_none_has_is_empty),
		CASE(a_record_names_the_files_of_a_distribution),
		CASE(the_first_of_two_records_keeps_a_file),
		CASE(what_no_record_names_goes_by_folder),
		CASE(a_missing_or_unreadable_record_costs_nothing_else),
		CASE(compiled_files_go_with_their_sources),
		CASE(a_folder_of_several_distributions_is_none_of_theirs),
		CASE(own_files_go_by_the_folders_that_matter),
		CASE(no_files_are_no_packages),
		CASE(packed_sizes_decide_the_order),
		CASE(what_the_runtime_brings_is_told_with_its_version),
		CASE(parts_have_lines_that_leave_them_out),
		CASE(packages_of_node_have_their_own_tests),
		CASE(folders_called_docs_with_code_are_none),
		CASE(own_folders_called_tests_are_the_users),
		CASE(development_dependencies_are_those_of_package_json),
		CASE(with_include_there_are_no_lines_for_ignore),
		CASE(a_line_means_the_name_and_no_pattern),
		CASE(the_five_largest_are_described),
		cmocka_unit_test(bytes_are_told_in_thousands),
		cmocka_unit_test(sections_that_no_program_loads_are_counted),
		cmocka_unit_test(hostile_sections_count_nothing),
		CASE(debug_symbols_of_modules_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
