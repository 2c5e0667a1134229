#include "pack/pack.h"

#include <locale.h>
#include <time.h>

#include "test.h"
#include "tree.h"
#include "zip/zip.h"
#include "zipped.h"

struct fixture {
	struct tree *tree;
	struct project project;
	struct package package;
	struct function function;
	struct loop *loop;
	struct packer packer;
	struct artifact artifact;
	struct strbuf code; /* of artifact */
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
	project_init(&f->project);
	f->project.root_fd = dup(f->tree->fd);
	f->package.name = "p";
	f->function = (struct function){.name = "f",
					.package = &f->package,
					.source_kind = SOURCE_FOLDER,
					.source = "packages/p/f"};
	tree_dirs(f->tree, "packages/p/f");
	f->code = STRBUF_INIT;
	f->loop = loop_new();
	cache = xasprintf("%s/cache", f->tree->path);
	setenv("XDG_CACHE_HOME", cache, 1);
	free(cache);
	f->project.real = f->tree->path;
	packer_init(&f->packer, f->loop, &f->project, 2);
	packer_remember(&f->packer);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	void *tree = f->tree;

	artifact_release(&f->artifact);
	strbuf_release(&f->code);
	packer_release(&f->packer);
	packer_release(&f->packer);
	loop_free(f->loop);
	project_release(&f->project);
	err_clear(&f->e);
	free(f);
	return tree_teardown(&tree);
}

/* A file of the function's folder. */
static void file(struct fixture *f, const char *name, const char *text)
{
	char *path = xasprintf("packages/p/f/%s", name);

	tree_file(f->tree, path, text);
	free(path);
}

/* A file of n bytes, none of them written. */
static void hole(struct fixture *f, const char *name, off_t n)
{
	char *path = xasprintf("packages/p/f/%s", name);
	int fd;

	tree_file(f->tree, path, "");
	fd = openat(f->tree->fd, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, n), 0);
	(void)close(fd);
	free(path);
}

/* A file of n bytes that deflate cannot shrink. */
static void noise(struct fixture *f, const char *name, size_t n)
{
	char *path = xasprintf("packages/p/f/%s", name);
	uint64_t x = 88172645463325252u, buf[8192];
	size_t i, done;
	int fd;

	tree_file(f->tree, path, "");
	fd = openat(f->tree->fd, path, O_WRONLY | O_CLOEXEC);
	for (done = 0; done < n; done += sizeof(buf)) {
		for (i = 0; i < countof(buf); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			buf[i] = x;
		}
		assert_int_equal(write(fd, buf, sizeof(buf)), sizeof(buf));
	}
	(void)close(fd);
	free(path);
}

static void single(struct fixture *f, const char *path)
{
	f->function.source_kind = SOURCE_FILE;
	f->function.source = path;
}

static int take_code(void *arg, struct str piece, struct err *e UNUSED)
{
	struct fixture *f = arg;

	strbuf_addstr(&f->code, piece);
	return 0;
}

static int pack(struct fixture *f)
{
	artifact_release(&f->artifact);
	err_clear(&f->e);
	strbuf_reset(&f->code);
	if (pack_function(&f->packer, &f->function, &f->artifact, &f->e) < 0)
		return -1;
	return spool_each(&f->packer.spool, f->artifact.at, f->artifact.bytes, take_code, f,
			  &f->e);
}

static void assert_packed(struct fixture *f)
{
	if (pack(f) < 0)
		fail_msg("%s", f->e.msg);
}

static void assert_refused(struct fixture *f, const char *message)
{
	assert_int_equal(pack(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_string_equal(f->e.msg, message);
}

static int list(void *arg, const struct zip_entry *entry, struct str data UNUSED,
		struct err *e UNUSED)
{
	strbuf_addf(arg, "%s%s ", entry->name, entry->executable ? "*" : "");
	return 0;
}

static void assert_zipped(struct fixture *f, const char *names)
{
	const struct zip_limits limits = {1 << 20, 100};
	struct strbuf seen = STRBUF_INIT;
	char hex[SHA256_HEX];

	assert_packed(f);
	assert_true(f->artifact.zipped);
	assert_true(f->artifact.binary);
	assert_int_equal(zip_read(strbuf_str(&f->code), &limits, list, &seen, &f->e), 0);
	assert_string_equal(seen.buf, names);
	sha256_of(f->code.buf, f->code.len, hex);
	assert_string_equal(f->artifact.digest, hex);
	strbuf_release(&seen);
}

static void one_file_goes_as_its_text(void **state)
{
	static const char text[] = "def main(a):\r\n\treturn {'x': '\303\274'}\r\n";
	struct fixture *f = *state;
	char hex[SHA256_HEX];

	tree_file(f->tree, "packages/p/g.py", text);
	single(f, "packages/p/g.py");
	assert_packed(f);
	assert_string_equal(f->code.buf, text);
	assert_false(f->artifact.zipped);
	assert_false(f->artifact.binary);
	assert_string_equal(f->artifact.runtime, "python:default");
	assert_int_equal(f->artifact.files, 1);
	sha256_of(text, sizeof(text) - 1, hex);
	assert_string_equal(f->artifact.digest, hex);
}

static void the_one_file_that_the_filter_leaves_goes_as_text(void **state)
{
	struct fixture *f = *state;

	file(f, "index.js", "exports.main = () => ({})\n");
	file(f, "notes.txt", "x");
	file(f, ".ignore", "*.txt\n");
	assert_packed(f);
	assert_string_equal(f->code.buf, "exports.main = () => ({})\n");
	assert_false(f->artifact.zipped);
	assert_string_equal(f->artifact.runtime, "nodejs:default");
}

static void the_runtime_of_the_project_wins(void **state)
{
	struct fixture *f = *state;

	f->function.runtime = "python:3.11";
	file(f, "handler.txt", "def main(): return {}\n");
	assert_packed(f);
	assert_string_equal(f->artifact.runtime, "python:3.11");
	assert_false(f->artifact.binary);
}

static void archives_go_as_they_are(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "packages/p/g.zip", "PK\377 not looked into");
	single(f, "packages/p/g.zip");
	f->function.runtime = "nodejs:18";
	assert_packed(f);
	assert_true(f->artifact.binary);
	assert_false(f->artifact.zipped);
	assert_string_equal(f->code.buf, "PK\377 not looked into");
	f->function.runtime = NULL;
	assert_refused(f,
		       "'packages/p/g.zip': its files do not tell the runtime; set 'runtime:' "
		       "in project.yml, e.g. 'runtime: python:default'");
}

static void a_compiled_program_goes_as_binary(void **state)
{
	struct fixture *f = *state;

	f->function.runtime = "go:1.20";
	file(f, "exec", "\177ELF\377");
	assert_packed(f);
	assert_true(f->artifact.binary);
	assert_false(f->artifact.zipped);
	file(f, "exec", "package main\n");
	assert_packed(f);
	assert_false(f->artifact.binary);
}

static void text_that_is_not_utf8_names_its_line(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "packages/p/g.py", "# one\n# two\n# \351\n");
	single(f, "packages/p/g.py");
	assert_refused(f,
		       "'packages/p/g.py' is not UTF-8 in line 3; save it as UTF-8, or keep it "
		       "in a function's folder with a second file, which goes as a zip");
	assert_int_equal(f->code.len, 0);
}

static void a_runtime_that_nothing_tells_is_an_error(void **state)
{
	static const char message[] =
		"'packages/p/f': its files do not tell the runtime; set "
		"'runtime:' in project.yml, e.g. 'runtime: python:default'";
	struct fixture *f = *state;

	file(f, "data.txt", "x");
	assert_refused(f, message);
	file(f, "lib/.py", "a name without an extension");
	assert_refused(f, message);
}

static void a_function_without_code_is_an_error(void **state)
{
	struct fixture *f = *state;

	f->function.source_kind = SOURCE_NONE;
	f->function.source = NULL;
	assert_refused(f,
		       "function 'p/f' is in project.yml but has no code; add 'packages/p/f' "
		       "or remove its entry");
}

static void what_the_filter_refuses_is_passed_on(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pack(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	single(f, "packages/p/missing.py");
	assert_int_equal(pack(f), -1);
}

static void a_single_file_with_a_secret_is_refused(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\nMIIE\n";
	static const struct {
		const char *path, *text, *message;
	} rows[] = {
		{"keys/id_rsa", key,
		 "'keys/id_rsa' holds a private key and would go up as the "
		 "function's code; name another file, or make it one of a "
		 "function's folder, where a line in .include lets it in"},
		{"packages/p/k.pem", key, "'packages/p/k.pem' holds a private key"},
		{".npmrc", "//r/:_authToken=x\n", "'.npmrc' holds credentials of npm"},
		{".aws/credentials", "aws_secret_access_key = x\n",
		 "'.aws/credentials' holds credentials of AWS"},
		{"a\nb.pem", key, "'a\\x0ab.pem' holds a private key"},
	};
	struct fixture *f = *state;
	struct filter_list list = {0};
	size_t i;

	tree_dirs(f->tree, "keys");
	tree_dirs(f->tree, ".aws");
	for (i = 0; i < countof(rows); i++) {
		tree_file(f->tree, rows[i].path, rows[i].text);
		single(f, rows[i].path);
		f->function.runtime = "python:default";
		assert_int_equal(pack(f), -1);
		assert_int_equal(f->e.code, ERR_PROJECT);
		assert_non_null(strstr(f->e.msg, rows[i].message));
		err_clear(&f->e);
		assert_int_equal(pack_explain(&f->project, &f->function, &list, &f->e), -1);
		assert_int_equal(list.files.n, 0);
		filter_list_release(&list);
	}
}

static void a_single_file_that_only_looks_like_a_secret_goes_up(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "id_rsa", "echo no key\n");
	single(f, "id_rsa");
	f->function.runtime = "go:default";
	assert_packed(f);
}

static void several_files_go_as_a_sorted_zip(void **state)
{
	struct fixture *f = *state;

	file(f, "__main__.py", "def main(): return {}\n");
	file(f, "b/c.py", "");
	file(f, "b-c.py", "");
	file(f, "a.sh", "");
	assert_int_equal(fchmodat(f->tree->fd, "packages/p/f/a.sh", 0740, 0), 0);
	assert_zipped(f, "__main__.py a.sh* b-c.py b/c.py ");
	assert_int_equal(f->artifact.files, 4);
	assert_string_equal(f->artifact.runtime, "python:default");
}

static void the_same_files_give_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	const struct timespec past[2] = {{1000000000, 0}, {1000000000, 0}};
	char digest[SHA256_HEX];

	file(f, "__main__.py", "def main(): return {}\n");
	file(f, "gr\303\274n.txt", "x");
	file(f, "latin-\351.txt", "x");
	assert_packed(f);
	memcpy(digest, f->artifact.digest, sizeof(digest));
	assert_int_equal(utimensat(f->tree->fd, "packages/p/f/__main__.py", past, 0), 0);
	assert_int_equal(fchmodat(f->tree->fd, "packages/p/f/__main__.py", 0600, 0), 0);
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	assert_packed(f);
	setlocale(LC_ALL, "C");
	unsetenv("TZ");
	tzset();
	assert_string_equal(f->artifact.digest, digest);
	file(f, "gr\303\274n.txt", "y");
	assert_packed(f);
	assert_string_not_equal(f->artifact.digest, digest);
}

static void the_entry_file_tells_the_runtime(void **state)
{
	static const struct {
		const char *names[3], *runtime;
	} cases[] = {
		{{"a.js", "__main__.py", "z.php"}, "python:default"},
		{{"a.py", "index.js", "z.php"}, "nodejs:default"},
		{{"a.js", "index.php", "lib/__main__.py"}, "php:default"},
		{{"b.txt", "c.php", "d.js"}, "php:default"},
		{{"README", "lib/x.go", "package.json.bak"}, "go:default"},
	};
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	size_t i, j;

	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(fs_remove_tree(f->tree->fd, "packages/p/f", &e), 0);
		for (j = 0; j < countof(cases[i].names); j++)
			file(f, cases[i].names[j], "x");
		assert_packed(f);
		assert_string_equal(f->artifact.runtime, cases[i].runtime);
	}
}

static void what_is_wrong_with_the_files_is_found_unless_not_asked_for(void **state)
{
	struct fixture *f = *state;

	file(f, "hello.py", "");
	file(f, "lib/__main__.py", "");
	assert_packed(f);
	assert_int_equal(f->artifact.findings.errors, 1);
	f->project.no_verify = true;
	assert_packed(f);
	assert_int_equal(f->artifact.findings.errors, 0);
}

static void too_large_a_text_is_refused_before_it_is_read(void **state)
{
	struct fixture *f = *state;

	hole(f, "g.js", (off_t)PACK_MAX_CODE + 1);
	assert_refused(
		f, "'packages/p/f' is too large: the platform takes 48 MiB of code, which "
		   "is 36 MiB of a zip; largest are 'g.js' 50.3 MB; leave out what the "
		   "function does not need with '.ignore'; 'dofn files --sizes' tells more");
}

static void base64_counts(void **state)
{
	struct fixture *f = *state;

	f->function.runtime = "nodejs:18";
	hole(f, "g.zip", (off_t)PACK_MAX_CODE / 4 * 3);
	assert_packed(f);
	hole(f, "g.zip", (off_t)PACK_MAX_CODE / 4 * 3 + 1);
	assert_int_equal(pack(f), -1);
	assert_non_null(strstr(f->e.msg, "largest are 'g.zip' 37.7 MB"));
}

static void too_large_a_zip_names_what_is_large(void **state)
{
	struct fixture *f = *state;

	file(f, "index.js", "");
	noise(f, "data/one.bin", 25 << 20);
	noise(f, "data/two.bin", 16 << 20);
	assert_int_equal(pack(f), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_non_null(strstr(f->e.msg, "'packages/p/f' is too large"));
	assert_non_null(strstr(
		f->e.msg,
		"largest are 'data/one.bin' 26.2 MB, 'data/two.bin' 16.8 MB, 'index.js' 0 B;"));
}

static void measured_sizes_add_up_to_the_zip(void **state)
{
	struct fixture *f = *state;
	uint64_t packed[4] = {0}, whole = 0;

	file(f, "__main__.py", "def main(): return {}\n");
	file(f, "empty", "");
	noise(f, "large.bin", 2 << 20);
	file(f, "zeros", "0000000000000000000000000000000000000000000000000000000000000000");
	assert_packed(f);
	assert_int_equal(pack_measure(&f->packer, &f->artifact.list, packed, &whole, &f->e), 0);
	assert_int_equal(whole, f->artifact.bytes);
	assert_int_equal(packed[0] + packed[1] + packed[2] + packed[3] + 22, whole);
	assert_true(packed[1] > 30 + 46 && packed[1] < 150);
	assert_true(packed[2] > 2 << 20);
	assert_true(packed[3] < packed[0] + 64);
}

static void what_is_over_the_limit_is_measured_all_the_same(void **state)
{
	struct fixture *f = *state;
	struct filter_list list = {0};
	uint64_t packed[2], whole = 0;

	file(f, "index.js", "");
	noise(f, "one.bin", 40 << 20);
	assert_int_equal(pack_files(&f->project, &f->function, &list, &f->e), 0);
	assert_int_equal(pack_measure(&f->packer, &list, packed, &whole, &f->e), 0);
	assert_true(whole > PACK_MAX_BINARY);
	file(f, "one.bin", "changed");
	assert_int_equal(pack_measure(&f->packer, &list, packed, &whole, &f->e), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_non_null(strstr(f->e.msg, "changed while it was read"));
	filter_list_release(&list);
}

/* What pack_check() says of the same files: its code and message, and as much of the artifact.
 */
static void assert_checked_like_packed(struct fixture *f)
{
	struct filter_list list = {0};
	struct artifact checked = {0};
	struct err e = ERR_INIT;
	int packed = pack(f);
	int r = pack_files(&f->project, &f->function, &list, &e);

	if (r == 0)
		r = pack_check(&f->project, &f->function, &list, &checked, &e);
	assert_int_equal(r, packed);
	assert_int_equal(e.code, f->e.code);
	if (r < 0) {
		assert_string_equal(e.msg, f->e.msg);
	} else {
		assert_string_equal(checked.runtime, f->artifact.runtime);
		assert_int_equal(checked.files, f->artifact.files);
		assert_int_equal(checked.zipped, f->artifact.zipped);
		assert_int_equal(checked.binary, f->artifact.binary);
		assert_int_equal(checked.notes.n, f->artifact.notes.n);
		assert_int_equal(checked.findings.errors, f->artifact.findings.errors);
	}
	artifact_release(&checked);
	filter_list_release(&list);
	err_clear(&e);
}

static void checking_without_packing_says_the_same(void **state)
{
	struct fixture *f = *state;

	assert_checked_like_packed(f); /* no files */
	file(f, "a.py", "def main(): return {}\n");
	assert_checked_like_packed(f); /* text */
	file(f, "requirements.txt", "cowsay\n");
	assert_checked_like_packed(f); /* no entry file */
	file(f, "__main__.py", "def main(): return {}\n");
	assert_checked_like_packed(f); /* a zip, with a note */
	file(f, ".ignore", "*.py\n");
	assert_checked_like_packed(f); /* nothing tells the runtime */
	single(f, "packages/p/missing.py");
	assert_checked_like_packed(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_file_goes_as_its_text),
		TEST(the_one_file_that_the_filter_leaves_goes_as_text),
		TEST(the_runtime_of_the_project_wins),
		TEST(archives_go_as_they_are),
		TEST(a_compiled_program_goes_as_binary),
		TEST(text_that_is_not_utf8_names_its_line),
		TEST(a_runtime_that_nothing_tells_is_an_error),
		TEST(a_function_without_code_is_an_error),
		TEST(what_the_filter_refuses_is_passed_on),
		TEST(a_single_file_with_a_secret_is_refused),
		TEST(a_single_file_that_only_looks_like_a_secret_goes_up),
		TEST(several_files_go_as_a_sorted_zip),
		TEST(the_same_files_give_the_same_bytes),
		TEST(the_entry_file_tells_the_runtime),
		TEST(what_is_wrong_with_the_files_is_found_unless_not_asked_for),
		TEST(too_large_a_text_is_refused_before_it_is_read),
		TEST(base64_counts),
		TEST(too_large_a_zip_names_what_is_large),
		TEST(measured_sizes_add_up_to_the_zip),
		TEST(what_is_over_the_limit_is_measured_all_the_same),
		TEST(checking_without_packing_says_the_same),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
