#include "scanned.h"

#define CONFIG "packages:\n- name: p\n  functions:\n"

static void the_key_file_names_the_code(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "src/code.py", "");
	tree_file(t, "src/prog", "");
	tree_file(t, "packages/p/g.py", "");
	tree_file(t, "project.yml",
		  CONFIG "  - {name: f, file: ./src/../src/code.py}\n"
			 "  - {name: g, file: src/code.py}\n"
			 "  - {name: h, file: src/prog, runtime: 'go:default'}\n");
	expect(t, "p/g=src/code.py p/f=src/code.py p/h=src/prog! ",
	       "warning project.yml:5: 'file' is taken, and 'packages/p/g.py' is left out\n");
}

static void what_the_key_file_names_is_no_stray(void **state)
{
	const struct tree *t = *state;
	struct scan_options o = {0};
	struct scanned s;

	tree_file(t, "src/a/code.py", "");
	tree_file(t, "src2/x", "");
	tree_file(t, "top.py", "");
	tree_file(t, "packages/p/prog", "");
	tree_file(t, "packages/p/notes.txt", "");
	tree_file(t, "conf/values.json", "{}");
	tree_file(t, "project.yml",
		  "parameters: ${<conf/values.json}\n" CONFIG
		  "  - {name: f, file: src/a/code.py}\n"
		  "  - {name: g, file: top.py}\n"
		  "  - {name: h, file: packages/p/prog, runtime: 'go:default'}\n");
	scan_with(t->path, &o, &s);
	assert_int_equal(s.p.strays.n, 2);
	assert_string_equal(s.p.strays.v[0], "src2");
	assert_string_equal(s.p.strays.v[1], "packages/p/notes.txt");
	release(&s);
}

static void files_that_cannot_be_taken_are_found(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "src/prog", "");
	tree_link(t, "out.py", "/etc/passwd");
	assert_int_equal(mkfifoat(t->fd, "pipe.py", 0600), 0);
	tree_dirs(t, "packages/p");
	tree_file(t, "project.yml",
		  CONFIG "  - {name: a, file: /etc/passwd}\n"
			 "  - {name: b, file: ../x.py}\n"
			 "  - {name: c, file: gone.py}\n"
			 "  - {name: d, file: src}\n"
			 "  - {name: e, file: src/prog}\n"
			 "  - {name: f, file: out.py}\n"
			 "  - {name: g, file: pipe.py}\n");
	expect(t, "p/a=- p/b=- p/c=- p/d=- p/e=src/prog! p/f=- p/g=- ",
	       "error project.yml:4: 'file': it must be a path below the project's folder, "
	       "written from there\n"
	       "error project.yml:5: 'file': it must be a path below the project's folder, "
	       "written from there\n"
	       "error project.yml:6: 'file': cannot open 'gone.py': No such file or directory\n"
	       "error project.yml:7: 'file': 'src' is a folder, not a file\n"
	       "error project.yml:8: 'file': its extension names no runtime; add the key "
	       "'runtime'\n"
	       "error project.yml:9: 'file': the link 'out.py' -> '/etc/passwd' leads outside; "
	       "put a copy in its place\n"
	       "error project.yml:10: 'file': 'pipe.py' is a FIFO, not a file\n");
}

static void sequences_and_images_need_no_files(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "project.yml",
		  CONFIG "  - {name: s, sequence: [p/f, p/f]}\n"
			 "  - {name: d, docker: me/image}\n"
			 "- name: q\n"
			 "  functions:\n"
			 "  - {name: s, sequence: [p/s]}\n");
	expect(t, "p/f=packages/p/f.py p/s=- p/d=- q/s=- ", "");
}

static void a_sequence_has_no_code(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "packages/p/s.py", "");
	tree_file(t, "project.yml", CONFIG "  - {name: s, sequence: [p/f]}\n");
	expect(t, "p/f=packages/p/f.py p/s=packages/p/s.py ",
	       "error project.yml:4: the function 's' is a sequence here and code in "
	       "'packages/p/s.py'; remove one\n");
}

static void a_bound_package_has_no_files(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "packages/q/f.py", "");
	tree_dirs(t, "packages/r");
	tree_file(t, "project.yml",
		  "packages:\n"
		  "- {name: q, binding: {namespace: n, name: m}}\n"
		  "- {name: r, binding: {namespace: n, name: m}}\n");
	expect(t, "p/f=packages/p/f.py q/f=packages/q/f.py ",
	       "error project.yml:2: the package 'q' stands for another one, but "
	       "'packages/q/f.py' lies in its folder\n");
}

static void a_bound_package_without_files_is_no_matter_of_files(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "project.yml",
		  "packages:\n"
		  "- name: q\n"
		  "  binding: {namespace: n, name: m}\n"
		  "  functions: [{name: s, sequence: [p/f]}]\n");
	expect(t, "p/f=packages/p/f.py q/s=- ",
	       "error project.yml:3: 'binding' does not go with functions: the package has "
	       "those of the one it stands for\n");
}

static void values_of_variables_stay_out_of_findings(void **state)
{
	const struct tree *t = *state;

	tree_file(t, ".env", "SECRET=s3cret\nFOLDER=src\n");
	tree_file(t, "src/x", "");
	tree_file(t, "packages/p/a.py", "");
	tree_file(t, "project.yml",
		  CONFIG "  - {name: a, file: \"${SECRET}\"}\n"
			 "  - {name: b, file: \"src/${SECRET}.py\"}\n"
			 "  - {name: c, file: \"${FOLDER}\"}\n"
			 "  - {name: s, sequence: [p/a, \"${SECRET}\", \"p/${SECRET}\"]}\n");
	expect(t, "p/a=packages/p/a.py p/b=- p/c=- p/s=- ",
	       "warning project.yml:7: the function filled in here is not in this project; it "
	       "must be in the namespace already\n"
	       "warning project.yml:7: the function filled in here is not in this project; it "
	       "must be in the namespace already\n"
	       "error project.yml:4: 'file': the path filled in here names no file of the "
	       "project that can be read\n"
	       "error project.yml:5: 'file': the path filled in here names no file of the "
	       "project that can be read\n"
	       "error project.yml:6: 'file': the path filled in here names no file of the "
	       "project that can be read\n");
}

static void members_of_sequences_are_looked_up(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/default/top.py", "");
	tree_file(t, "packages/p/hello.py", "");
	tree_file(t, "project.yml",
		  "packages:\n"
		  "- {name: b, binding: {namespace: n, name: m}}\n"
		  "- name: p\n"
		  "  functions:\n"
		  "  - {name: s, sequence: [p/hello, top, /_/p/hello, /other/p/x, b/any]}\n"
		  "  - {name: t, sequence: [p/helo, tip, entirely/elsewhere]}\n");
	expect(t,
	       "default/top=packages/default/top.py p/hello=packages/p/hello.py p/s=- p/t=- ",
	       "warning project.yml:6: 'p/helo' is not in this project; did you mean "
	       "'p/hello'?\n"
	       "warning project.yml:6: 'tip' is not in this project; did you mean 'top'?\n"
	       "warning project.yml:6: 'entirely/elsewhere' is not in this project; it must be "
	       "in the namespace already\n");
}

static void a_sequence_does_not_contain_itself(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f.py", "");
	tree_file(t, "project.yml",
		  CONFIG "  - {name: self, sequence: [p/f, p/self]}\n"
			 "  - {name: a, sequence: [p/b, p/f]}\n"
			 "  - {name: b, sequence: [p/c, /_/p/c]}\n"
			 "  - {name: c, sequence: [p/f, /_/p/a]}\n"
			 "  - {name: twice, sequence: [p/d, p/d]}\n"
			 "  - {name: d, sequence: [p/f]}\n");
	expect(t, "p/f=packages/p/f.py p/self=- p/a=- p/b=- p/c=- p/twice=- p/d=- ",
	       "error project.yml:4: the sequence 'p/self' contains itself through this "
	       "member\n"
	       "error project.yml:7: the sequence 'p/a' contains itself through this member\n");
}

/* A chain of sequences as long as a file can hold must not exhaust the stack. */
static void long_chains_of_sequences_are_followed(void **state)
{
	const struct tree *t = *state;
	struct strbuf text = STRBUF_INIT;
	struct scanned s;
	int i;

	tree_dirs(t, "packages/p");
	strbuf_adds(&text, CONFIG);
	for (i = 0; i < 30000; i++)
		strbuf_addf(&text, "  - {name: s%d, sequence: [p/s%d]}\n", i, (i + 1) % 30000);
	tree_file(t, "project.yml", text.buf);
	scan_at(t->path, &s);
	assert_string_equal(s.findings.buf, "error project.yml:30003: the sequence 'p/s0' "
					    "contains itself through this member\n");
	release(&s);
	strbuf_release(&text);
}

static void env_files_that_nobody_reads_are_pointed_out(void **state)
{
	const struct tree *t = *state;

	tree_file(t, ".env", "A=b\n");
	tree_file(t, "packages/.env", "A=b\n");
	tree_file(t, "packages/p/.env.local", "A=b\n");
	tree_file(t, "packages/p/f.py", "");
	expect(t, "p/f=packages/p/f.py ",
	       "note packages/.env:0: left out: values come from the '.env' beside "
	       "project.yml, or from the file of --env\n"
	       "note packages/p/.env.local:0: left out: values come from the '.env' beside "
	       "project.yml, or from the file of --env\n");
}

static bool check_unreadable(const struct tree *t)
{
	struct scanned s;
	bool good;

	scan_at(t->path, &s);
	good = s.r == 0 &&
	       strcmp(s.functions.buf,
		      "p/f=packages/p/f/ p/g=packages/p/g.py r/h=packages/r/h.py ") == 0 &&
	       strcmp(s.findings.buf, "error packages/p/f:0: cannot open the folder "
				      "'packages/p/f': Permission denied\n"
				      "error packages/q:0: cannot open the folder "
				      "'packages/q': Permission denied\n") == 0;
	if (!good)
		print_error("%s%s\n%s\n", s.e.msg ? s.e.msg : "", s.functions.buf,
			    s.findings.buf);
	release(&s);
	return good;
}

static void folders_that_cannot_be_read_hide_nothing_else(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/f/x.py", "");
	tree_file(t, "packages/p/g.py", "");
	tree_file(t, "packages/q/x.py", "");
	tree_file(t, "packages/r/h.py", "");
	assert_int_equal(fchmodat(t->fd, "packages/p/f", 0, 0), 0);
	assert_int_equal(fchmodat(t->fd, "packages/q", 0, 0), 0);
	assert_true(tree_as_user(check_unreadable, t));
}

static bool check_unreadable_config(const struct tree *t)
{
	struct scanned s;
	bool good;

	scan_at(t->path, &s);
	good = s.r == 0 && strcmp(s.findings.buf, "error project.yml:0: cannot open "
						  "'project.yml': Permission denied\n") == 0;
	release(&s);
	return good;
}

static void a_configuration_without_permission_is_found(void **state)
{
	const struct tree *t = *state;

	tree_file(t, "packages/p/g.py", "");
	tree_file(t, "project.yml", "packages: []\n");
	assert_int_equal(fchmodat(t->fd, "project.yml", 0, 0), 0);
	assert_true(tree_as_user(check_unreadable_config, t));
}

/* A hole of 100 MB: what is too large is not read. */
static void a_huge_configuration_is_refused(void **state)
{
	const struct tree *t = *state;
	int fd;

	tree_file(t, "packages/p/g.py", "");
	fd = openat(t->fd, "project.yml", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(fd, (off_t)100 << 20), 0);
	(void)close(fd);
	expect(t, "p/g=packages/p/g.py ",
	       "error project.yml:0: 'project.yml' is too large: at most 4194304 "
	       "bytes are read\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_key_file_names_the_code),
		CASE(what_the_key_file_names_is_no_stray),
		CASE(files_that_cannot_be_taken_are_found),
		CASE(sequences_and_images_need_no_files),
		CASE(a_sequence_has_no_code),
		CASE(a_bound_package_has_no_files),
		CASE(a_bound_package_without_files_is_no_matter_of_files),
		CASE(values_of_variables_stay_out_of_findings),
		CASE(members_of_sequences_are_looked_up),
		CASE(a_sequence_does_not_contain_itself),
		CASE(long_chains_of_sequences_are_followed),
		CASE(env_files_that_nobody_reads_are_pointed_out),
		CASE(folders_that_cannot_be_read_hide_nothing_else),
		CASE(a_configuration_without_permission_is_found),
		CASE(a_huge_configuration_is_refused),
	};

	return cmocka_run_group_tests_name("scan_sources", tests, NULL, NULL);
}
