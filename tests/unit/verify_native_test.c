#include "elves.h"
#include "verify.h"
#include "verify/binary.h"

#define MAIN "def main():\n    pass\n"
#define SITE "virtualenv/lib/python3.11/site-packages/"
#define ACTIVATE "for lib in \"../lib/python3.11/site-packages\".split(os.pathsep):\n"
#define MACHO "\xcf\xfa\xed\xfe\x07\0\0\1"

static struct binary judged(const void *p, size_t n)
{
	struct str bytes = {p, n};
	struct binary b;

	binary_judge(read_memory, &bytes, &b);
	return b;
}

static void systems_are_told_by_the_first_bytes(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		enum binary_kind kind;
	} rows[] = {
		{"#!/bin/sh\nexit\n", BINARY_OTHER},
		{MACHO, BINARY_MACOS},
		{"\xca\xfe\xba\xbe\0\0\0\2", BINARY_MACOS},
		{"\xca\xfe\xba\xbe\0\0\0\x34", BINARY_OTHER}, /* a class of Java */
		{"MZ\x90\0\3\0\0\0", BINARY_WINDOWS},
		{"\177ELF\2\1\1\0", BINARY_ELF},
	};
	size_t i;

	for (i = 0; i < countof(rows); i++)
		assert_int_equal(judged(rows[i].bytes, 8).kind, rows[i].kind);
	assert_int_equal(judged("MZ", 2).kind, BINARY_OTHER);
	assert_int_equal(judged("", 0).kind, BINARY_OTHER);
}

static void needs_of_an_elf_file_are_read(void **state UNUSED)
{
	struct made_elf m;
	struct binary b;

	make_elf(&m, "libc.so.6", "GLIBC_2.34", "GLIBC_2.2.5");
	b = judged(&m, sizeof(m));
	assert_true(b.is_x86_64 && !b.is_broken && !b.musl);
	assert_int_equal(b.glibc, 34);
	make_elf(&m, "libc.so.6", "GLIBC_2.4", "GLIBC_ABI_DT_RELR");
	assert_int_equal(judged(&m, sizeof(m)).glibc, 36);
	make_elf(&m, "libm.so", "GLIBC_PRIVATE", "GLIBC_2.99999999");
	assert_int_equal(judged(&m, sizeof(m)).glibc, 0);
	make_elf(&m, "libc.musl-x86_64.so.1", "A", "B");
	assert_true(judged(&m, sizeof(m)).musl);
	m.header.e_machine = EM_AARCH64;
	assert_false(judged(&m, sizeof(m)).is_x86_64);
}

/* Every byte of it set to others, and every length: nothing is read that is not there. */
static void damaged_files_are_survived(void **state UNUSED)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct made_elf m, damaged;
	size_t i, j;

	make_elf(&m, "libc.so.6", "GLIBC_2.34", "GLIBC_2.2.5");
	for (i = 0; i < sizeof(m); i++) {
		for (j = 0; j < countof(values); j++) {
			damaged = m;
			memset((char *)&damaged + i, values[j], 1);
			(void)judged(&damaged, sizeof(damaged));
		}
		assert_true(judged(&m, i).kind == BINARY_ELF || i < 8);
	}
	assert_true(judged(&m, sizeof(m.header)).is_broken);
	m.header.e_phentsize = 1;
	assert_true(judged(&m, sizeof(m)).is_broken);
}

static void circles_among_versions_end(void **state UNUSED)
{
	struct made_elf m;

	make_elf(&m, "libc.so.6", "GLIBC_2.30", "GLIBC_2.31");
	m.versions[1].vna_next = (Elf64_Word) - sizeof(Elf64_Vernaux);
	m.need.vn_cnt = UINT16_MAX;
	m.need.vn_next = UINT32_MAX;
	m.dynamic[3].d_un.d_val = UINT64_MAX;
	assert_int_equal(judged(&m, sizeof(m)).glibc, 31);
}

static void put_bytes(const struct tree *t, const char *name, const void *p, size_t n)
{
	char *path = xasprintf("packages/p/f/%s", name);
	int fd;

	put(t, name, "");
	fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	(void)close(fd);
	free(path);
}

static void put_elf(const struct tree *t, const char *name, const char *library,
		    const char *version)
{
	struct made_elf m;

	make_elf(&m, library, version, "GLIBC_2.2.5");
	put_bytes(t, name, &m, sizeof(m));
}

static void basics(const struct tree *t, const char *text)
{
	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	put(t, "__main__.py", text);
}

static void modules_for_the_platform_are_fine(void **state)
{
	const struct tree *t = *state;

	basics(t, "import a, b, c, d\n" MAIN);
	put_elf(t, SITE "a.cpython-311-x86_64-linux-gnu.so", "libc.so.6", "GLIBC_2.31");
	put_elf(t, SITE "b.abi3.so", "libc.so.6", "GLIBC_2.17");
	put_elf(t, SITE "c/__init__.cpython-311-x86_64-linux-gnu.so", "libm.so.6", "A");
	put_elf(t, SITE "d.so", "libc.so.6", "B");
	put(t, SITE "d.libs/libx.so.1", "INPUT(libc.so)");
	expect_parts(t, "python:3.11", "");
}

static void modules_of_other_systems_end_what_needs_them(void **state)
{
	struct made_elf arm;
	const struct tree *t = *state;

	basics(t, "import mac.x, win, old, new, musl, arm, cut\n" MAIN);
	put(t, SITE "mac/__init__.py", "from . import _mac\n");
	put_bytes(t, SITE "mac/_mac.cpython-311-darwin.so", MACHO, 8);
	put_bytes(t, SITE "mac/_more.cpython-311-darwin.so", MACHO, 8);
	put_bytes(t, SITE "win.cp311-win_amd64.pyd", "MZ\x90\0\3\0\0\0", 8);
	put_elf(t, SITE "old.cpython-39-x86_64-linux-gnu.so", "libc.so.6", "GLIBC_2.17");
	put_elf(t, SITE "new.abi3.so", "libc.so.6", "GLIBC_2.34");
	put_elf(t, SITE "musl.so", "libc.musl-x86_64.so.1", "A");
	make_elf(&arm, "libc.so.6", "A", "B");
	arm.header.e_machine = EM_AARCH64;
	put_bytes(t, SITE "arm.abi3.so", &arm, sizeof(arm));
	put_bytes(t, SITE "cut.abi3.so", "\177ELF\2\1\1\0", 8);
	expect_parts(
		t, "python:3.11",
		"'arm' is built for another kind of processor than x86-64: the function would "
		"end;"
		"'cut' is damaged: the function would end;"
		"error packages/p/f/" SITE
		"mac/_mac.cpython-311-darwin.so:0: 'mac', with 1 more;"
		"'musl' is built for musl;"
		"'new' needs glibc 2.34, and the runtime 'python:3.11' has 2.31: the function;"
		"'old' is built for another Python than the runtime's 3.11: the function;"
		"'win' is built for Windows, and the platform is Linux on x86-64: the "
		"function");
}

static void parts_that_packages_do_without_are_warned_of(void **state)
{
	const struct tree *t = *state;

	basics(t, "import yaml, speed, other\n" MAIN);
	put(t, SITE "yaml/__init__.py",
	    "try:\n  from .cyaml import *\nexcept ImportError:\n  pass\n");
	put(t, SITE "yaml/cyaml.py",
	    "try:\n  from . import _yaml\nexcept ImportError:\n  pass\n");
	put_bytes(t, SITE "yaml/_yaml.cpython-311-darwin.so", MACHO, 8);
	put(t, SITE "speed/__init__.py", "from . import md\n");
	put(t, SITE "speed/md.py", "");
	put_bytes(t, SITE "speed/md.cpython-311-darwin.so", MACHO, 8);
	put(t, SITE "other.py", "");
	expect_parts(t, "python:3.11",
		     "warning packages/p/f/" SITE "speed/md;"
		     "warning packages/p/f/" SITE "yaml/_yaml");
}

static void packages_for_several_systems_are_fine(void **state)
{
	const struct tree *t = *state;

	basics(t, "import many\n" MAIN);
	put(t, SITE "many/__init__.py", "");
	put_elf(t, SITE "many/attach_linux.so", "libc.so.6", "A");
	put_bytes(t, SITE "many/attach.dylib", MACHO, 8);
	put_bytes(t, SITE "many/x.cp311-win_amd64.pyd", "MZ\x90\0\3\0\0\0", 8);
	expect_parts(t, "python:3.11", "");
}

static void a_package_is_not_another_one_whose_name_is_longer(void **state)
{
	const struct tree *t = *state;

	basics(t, MAIN);
	put_bytes(t, SITE "pillow/x.so", MACHO, 8);
	put_elf(t, SITE "pillow_heif/x.so", "libc.so.6", "A");
	expect_parts(t, "python:3.11", "warning packages/p/f/" SITE "pillow/x.so:0: 'pillow'");
	put_elf(t, SITE "pillow.libs/x.so", "libc.so.6", "A");
	expect_parts(t, "python:3.11", "");
}

static void programs_lose_their_execute_bit(void **state)
{
	const struct tree *t = *state;

	basics(t, MAIN);
	put_elf(t, "bin/tool", "libc.so.6", "A");
	put(t, "bin/script", "#!/bin/sh\n");
	assert_int_equal(fchmodat(t->fd, "packages/p/f/bin/tool", 0755, 0), 0);
	assert_int_equal(fchmodat(t->fd, "packages/p/f/bin/script", 0755, 0), 0);
	expect_parts(t, "python:3.11", "warning packages/p/f/bin/tool:0: the runtime unpacks");
}

static void virtualenvs_need_activation_and_the_right_version(void **state)
{
	const struct tree *t = *state;

	put(t, "__main__.py", MAIN);
	put(t, SITE "x.py", "");
	expect_parts(t, "python:3.11",
		     "error packages/p/f:0: 'packages/p/f/virtualenv' has no "
		     "'bin/activate_this.py'");
	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	expect_parts(t, "python:3.11", "");
	/* its activate_this.py names the folder, whatever Python runs it */
	put(t, "__main__.py", "import x\n" MAIN);
	expect_parts(t, "python:3.9", "");
}

static void what_is_in_the_wrong_place_is_told(void **state)
{
	static const struct {
		const char *file, *part;
	} rows[] = {
		{"virtualenv/lib/python3.9/site-packages/gone/__init__.py",
		 "it is in 'virtualenv/lib/python3.9/site-packages/', and the runtime's Python "
		 "3.11 does not look there"},
		{".venv/lib/python3.11/site-packages/gone.py",
		 "it is in '.venv/lib/python3.11/site-packages/', which the runtime does not "
		 "activate"},
		{"src/gone.py", "it is in 'src/', where Python does not look"},
		{"Gone.py", "'Gone.py' is written with other letters"},
		{"../../../lib/gone.py",
		 "'lib/gone.py' is not part of the function; name it in "
		 "'packages/p/f/.include': '../../../lib/gone.py'"},
		{"../../../lib/gone/x.py", "'lib/gone/' is not part of the function"},
		{"ignored.d/x", "'packages/p/f/requirements.txt' names it, but nothing"},
		{"build.sh", "but 'packages/p/f/build.sh' does not install it"},
	};
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	struct looked l;
	size_t i;

	for (i = 0; i < countof(rows); i++) {
		assert_int_equal(fs_remove_tree(t->fd, "packages", &e), 0);
		assert_int_equal(fs_remove_tree(t->fd, "lib", &e), 0);
		basics(t, "import gone\n" MAIN);
		put(t, "virtualenv/lib/python3.11/site-packages/x.py", "");
		put(t, "requirements.txt", "# all\nGONE >= 3\n");
		put(t, rows[i].file, "");
		if (i == 6)
			assert_int_equal(fs_remove_tree(t->fd, "packages/p/f/virtualenv", &e),
					 0);
		look(t, "packages/p/f", "python:3.11", NULL, &l);
		assert_true(l.d.errors == 1);
		if (!strstr(l.d.list.v[l.d.list.n - 1].text, rows[i].part))
			fail_msg("'%s' is not in '%s'", rows[i].part,
				 l.d.list.v[l.d.list.n - 1].text);
		looked_release(&l);
	}
}

static void what_is_left_out_or_not_asked_for_is_told(void **state)
{
	const struct tree *t = *state;

	basics(t, "import gone\n" MAIN);
	put(t, "gone.py", "");
	put(t, ".ignore", "gone.py\n");
	expect_parts(t, "python:3.11",
		     "'packages/p/f/gone.py' is there, but "
		     "'packages/p/f/.ignore' keeps it out");
	put(t, "__main__.py", "import yaml\n" MAIN);
	expect_parts(t, "python:3.11", "name 'PyYAML' in 'packages/p/f/requirements.txt'");
	put(t, "requirements.txt", "requests\n");
	expect_parts(t, "python:3.11", "add 'PyYAML' to 'packages/p/f/requirements.txt'");
	tree_file(t, "packages/p/g.py", "import yaml\n" MAIN);
	expect_of(
		t, "packages/p/g.py", "python:3.11", NULL,
		"error packages/p/g.py:1: \"No module named 'yaml'\" would end the function "
		"before it starts; if it is a package of the index, move 'packages/p/g.py' to "
		"'packages/p/g/__main__.py' and name 'PyYAML' in "
		"'packages/p/g/requirements.txt'\n");
	tree_file(t, "requirements.txt", "pyyaml==6\n");
	expect_of(
		t, "packages/p/g.py", "python:3.11", NULL,
		"error packages/p/g.py:1: \"No module named 'yaml'\" would end the function "
		"before it starts; 'requirements.txt' names it, but packages are installed for "
		"functions with a folder: move 'packages/p/g.py' to "
		"'packages/p/g/__main__.py', "
		"with requirements.txt beside it\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systems_are_told_by_the_first_bytes),
		cmocka_unit_test(needs_of_an_elf_file_are_read),
		cmocka_unit_test(damaged_files_are_survived),
		cmocka_unit_test(circles_among_versions_end),
		CASE(modules_for_the_platform_are_fine),
		CASE(modules_of_other_systems_end_what_needs_them),
		CASE(parts_that_packages_do_without_are_warned_of),
		CASE(packages_for_several_systems_are_fine),
		CASE(a_package_is_not_another_one_whose_name_is_longer),
		CASE(programs_lose_their_execute_bit),
		CASE(virtualenvs_need_activation_and_the_right_version),
		CASE(what_is_in_the_wrong_place_is_told),
		CASE(what_is_left_out_or_not_asked_for_is_told),
	};

	return cmocka_run_group_tests_name("verify_native", tests, NULL, NULL);
}
