#include <sys/socket.h>
#include <sys/un.h>

#include "tree.h"

#define CASE(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

static void path_is_below_refuses_ways_out(void **state UNUSED)
{
	static const struct {
		struct str path;
		bool below;
	} cases[] = {
		{STR("a"), true},      {STR("a/b"), true},   {STR("a..b/..c"), true},
		{STR(".a"), true},     {STR(""), false},     {STR("/a"), false},
		{STR("a/"), false},    {STR("a//b"), false}, {STR("."), false},
		{STR("a/./b"), false}, {STR(".."), false},   {STR("a/.."), false},
		{STR("a\0b"), false},  {STR("\xff"), true},
	};
	size_t i;

	for (i = 0; i < countof(cases); i++)
		if (path_is_below(cases[i].path) != cases[i].below)
			fail_msg("'%s'", cases[i].path.p);
}

static void path_resolve_is_text_only_and_stays_below_the_root(void **state UNUSED)
{
	static const struct {
		const char *base, *rel, *want;
	} cases[] = {
		{"packages/p/f", "../../../lib/x", "lib/x"},
		{"packages/p/f", "../../../lib/../../etc", NULL},
		{"packages/p/f", "./a//b/", "packages/p/f/a/b"},
		{"packages/p/f", "a..b", "packages/p/f/a..b"},
		{"packages/p/f", "/etc", NULL},
		{"packages/p/f", "", "packages/p/f"},
		{"a", "..", ""},
		{"", "..", NULL},
		{"", "x/../y", "y"},
	};
	struct arena a = ARENA_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *got = path_resolve(&a, str_of(cases[i].base), str_of(cases[i].rel));

		if (!cases[i].want)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].want);
	}
	arena_release(&a);
}

static void path_parts(void **state UNUSED)
{
	struct arena a = ARENA_INIT;

	assert_true(str_is(path_base(STR("a/b/c")), "c"));
	assert_true(str_is(path_base(STR("c")), "c"));
	assert_true(str_is(path_dir(STR("a/b/c")), "a/b"));
	assert_int_equal(path_dir(STR("c")).n, 0);
	assert_string_equal(path_join(&a, STR("a"), STR("b")), "a/b");
	assert_string_equal(path_join(&a, STR(""), STR("b")), "b");
	arena_release(&a);
}

/* Checks the last failure and clears it. */
static void expect(struct err *e, enum err_code code, const char *part)
{
	assert_int_equal(e->code, code);
	if (!strstr(e->msg, part))
		fail_msg("'%s' is not in: %s", part, e->msg);
	err_clear(e);
}

static void make_socket(const struct tree *t, const char *name)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s", t->path, name);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	(void)close(fd);
}

static void read_takes_regular_files_only(void **state)
{
	const struct tree *t = *state;
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;

	tree_file(t, "f", "hello");
	tree_dirs(t, "d");
	assert_int_equal(mkfifoat(t->fd, "fifo", 0600), 0);
	make_socket(t, "sock");
	assert_int_equal(fs_read(t->fd, "f", 5, &out, &e), 0);
	assert_string_equal(out.buf, "hello");
	assert_int_equal(fs_read(t->fd, "f", 4, &out, &e), -1);
	expect(&e, ERR_PROJECT, "'f' is too large: at most 4 bytes");
	assert_int_equal(fs_read(t->fd, "d", 5, &out, &e), -1);
	expect(&e, ERR_PROJECT, "'d' is a folder, not a file");
	assert_int_equal(fs_read(t->fd, "fifo", 5, &out, &e), -1);
	expect(&e, ERR_PROJECT, "'fifo' is a FIFO, not a file");
	assert_int_equal(fs_read(t->fd, "sock", 5, &out, &e), -1);
	expect(&e, ERR_PROJECT, "'sock' is a socket");
	assert_int_equal(fs_read(t->fd, "a\nb", 5, &out, &e), -1);
	assert_int_equal(e.sys, ENOENT);
	expect(&e, ERR_SYSTEM, "'a\\x0ab'");
	assert_string_equal(out.buf, "hello");
	strbuf_release(&out);
}

static void read_has_a_ceiling_for_files_without_a_size(void **state UNUSED)
{
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;

	/* Its size is 0 for stat(). */
	assert_int_equal(fs_read(AT_FDCWD, "/proc/self/maps", 10, &out, &e), -1);
	expect(&e, ERR_PROJECT, "too large");
	assert_int_equal(out.len, 0);
	out.max = 3;
	assert_int_equal(fs_read(AT_FDCWD, "/proc/self/status", 1000, &out, &e), -1);
	expect(&e, ERR_PROJECT, "too large");
	strbuf_release(&out);
}

static int count_visit(void *arg, const struct fs_entry *entry UNUSED, struct err *e UNUSED)
{
	++*(size_t *)arg;
	return 0;
}

static size_t count(int fd)
{
	size_t n = 0;
	struct fs_walk w = {.root = fd, .boundary = -1, .visit = count_visit, .arg = &n};
	struct err e = ERR_INIT;

	if (fs_walk(&w, &e) < 0)
		fail_msg("%s", e.msg);
	return n;
}

static void the_rest_of_a_file_is_hashed(void **state)
{
	const struct tree *t = *state;
	unsigned char digest[SHA256_SIZE];
	char whole[SHA256_HEX], got[SHA256_HEX], some[4];
	uint64_t size;
	int fd;

	tree_file(t, "f", "skipabc");
	fd = openat(t->fd, "f", O_RDWR | O_CLOEXEC);
	assert_int_equal(fs_read_some(fd, some, sizeof(some)), 4);
	assert_memory_equal(some, "skip", 4);
	assert_int_equal(fs_hash_rest(fd, digest, &size), 0);
	assert_int_equal(size, 3);
	sha256_hex(digest, got);
	sha256_of("abc", 3, whole);
	assert_string_equal(got, whole);
	assert_int_equal(fs_read_some(fd, some, sizeof(some)), 0);
	close(fd);
	assert_int_equal(fs_hash_rest(t->fd, digest, &size), -1);
	assert_int_equal(errno, EISDIR);
}

static void write_atomic_replaces_whole(void **state)
{
	const struct tree *t = *state;
	struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	mode_t old = umask(077);

	tree_file(t, "d/f", "old");
	assert_int_equal(fs_write_atomic(t->fd, "d/f", STR("n\0w"), 0644, &e), 0);
	assert_int_equal(fs_write_atomic(t->fd, "g", STR(""), 0600, &e), 0);
	umask(old);
	assert_int_equal(fs_read(t->fd, "d/f", 100, &out, &e), 0);
	assert_int_equal(out.len, 3);
	assert_int_equal(fstatat(t->fd, "d/f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(count(t->fd), 3);
	strbuf_release(&out);
}

static void write_atomic_leaves_nothing_behind_on_failure(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;

	tree_dirs(t, "d");
	assert_int_equal(fs_write_atomic(t->fd, "d", STR("x"), 0644, &e), -1);
	expect(&e, ERR_SYSTEM, "cannot write 'd'");
	assert_int_equal(fs_write_atomic(t->fd, "no/f", STR("x"), 0644, &e), -1);
	expect(&e, ERR_SYSTEM, "cannot write 'no/f'");
	assert_int_equal(count(t->fd), 1);
}

static void make_dirs_accepts_what_is_there(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	char *absolute = xasprintf("%s/x/y", t->path);

	assert_int_equal(fs_make_dirs(t->fd, "a/b/c", 0700, &e), 0);
	assert_int_equal(fs_make_dirs(t->fd, "a/b/c/d", 0700, &e), 0);
	assert_int_equal(fs_make_dirs(AT_FDCWD, absolute, 0700, &e), 0);
	tree_file(t, "a/f", "");
	assert_int_equal(fs_make_dirs(t->fd, "a/f", 0700, &e), -1);
	expect(&e, ERR_SYSTEM, "cannot make the folder 'a/f'");
	assert_int_equal(fs_make_dirs(t->fd, "a/f/g", 0700, &e), -1);
	expect(&e, ERR_SYSTEM, "'a/f/g'");
	free(absolute);
}

static void remove_tree_spares_what_links_lead_to(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;

	tree_file(t, "keep/f", "");
	tree_dirs(t, "gone/empty");
	tree_link(t, "gone/l", "../keep");
	assert_int_equal(mkfifoat(t->fd, "gone/fifo", 0600), 0);
	assert_int_equal(fs_remove_tree(t->fd, "gone", &e), 0);
	assert_int_equal(fs_remove_tree(t->fd, "gone", &e), 0);
	assert_int_equal(count(t->fd), 2);
	tree_link(t, "l", "keep");
	assert_int_equal(fs_remove_tree(t->fd, "l", &e), 0);
	assert_int_equal(fs_remove_tree(t->fd, "keep/f", &e), 0);
	assert_int_equal(count(t->fd), 1);
}

static bool removes_read_only_folders(const struct tree *t)
{
	struct err e = ERR_INIT;

	return mkdirat(t->fd, "u/a", 0755) == 0 && mkdirat(t->fd, "u/a/b", 0755) == 0 &&
	       mkdirat(t->fd, "u/a/b/c", 0) == 0 && fchmodat(t->fd, "u/a/b", 0555, 0) == 0 &&
	       fchmodat(t->fd, "u/a", 0, 0) == 0 && fs_remove_tree(t->fd, "u/a", &e) == 0;
}

static void remove_tree_opens_folders_without_permissions(void **state)
{
	const struct tree *t = *state;

	tree_dirs(t, "u");
	assert_int_equal(fchmodat(t->fd, "u", 0777, 0), 0);
	assert_true(tree_as_user(removes_read_only_folders, t));
}

/* levels folders inside each other, more than a path can name. */
static void make_deep(const struct tree *t, const char *name, int levels)
{
	int fd = dup(t->fd), next;

	while (levels-- > 0) {
		assert_int_equal(mkdirat(fd, name, 0755), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = next;
		assert_true(fd >= 0);
	}
	(void)close(fd);
}

static void remove_tree_of_any_depth(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;

	make_deep(t, "deep", 3000);
	assert_int_equal(fs_remove_tree(t->fd, "deep", &e), 0);
	assert_int_equal(count(t->fd), 0);
}

static void temp_dirs_are_private_and_cleaned_up(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	struct stat st;
	char *one = fs_temp_dir(t->path, "x-", &e), *two = fs_temp_dir(t->path, "x-", &e);

	assert_non_null(one);
	assert_non_null(two);
	assert_int_equal(stat(one, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	fs_temp_forget(two);
	fs_cleanup();
	fs_cleanup();
	assert_int_equal(stat(one, &st), -1);
	assert_int_equal(stat(two, &st), 0);
	assert_null(fs_temp_dir("/nowhere", "x-", &e));
	expect(&e, ERR_SYSTEM, "temporary folder in '/nowhere'");
	free(one);
	free(two);
}

static void home_dir_follows_the_xdg_rules(void **state UNUSED)
{
	static const struct {
		enum fs_home which;
		const char *xdg, *home, *want;
	} cases[] = {
		{FS_CONFIG, "/x", "/h", "/x/dofn"},
		{FS_CONFIG, NULL, "/h", "/h/.config/dofn"},
		{FS_DATA, "", "/h", "/h/.local/share/dofn"},
		{FS_CACHE, "relative", "/h", "/h/.cache/dofn"},
		{FS_CACHE, NULL, "relative", NULL},
		{FS_CACHE, NULL, NULL, NULL},
		{FS_STATE, NULL, "/h", "/h/.local/state/dofn"},
	};
	static const char *const variables[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME",
						"XDG_CACHE_HOME", "XDG_STATE_HOME"};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *got;

		unsetenv("HOME");
		unsetenv(variables[cases[i].which]);
		if (cases[i].home)
			setenv("HOME", cases[i].home, 1);
		if (cases[i].xdg)
			setenv(variables[cases[i].which], cases[i].xdg, 1);
		got = fs_home_dir(cases[i].which, &e);
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			expect(&e, ERR_SYSTEM, "set HOME or XDG_CACHE_HOME");
		free(got);
	}
}

static void open_file_checks_links_against_the_boundary(void **state)
{
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	struct stat st;
	int fd, root;

	tree_file(t, "in/p/f", "text");
	tree_file(t, "out", "secret");
	tree_link(t, "in/p/ok", "../p/f");
	tree_link(t, "in/p/chain", "ok");
	tree_link(t, "in/p/out", "../../out");
	tree_link(t, "in/p/loop", "loop");
	tree_link(t, "in/q", "p");
	tree_link(t, "in/up", "..");
	assert_int_equal(mkfifoat(t->fd, "in/fifo", 0600), 0);
	root = fs_open_dir(t->fd, "in", &e);
	assert_true(root >= 0);
	fd = fs_open_file(root, -1, "q/chain", &st, &e);
	assert_true(fd >= 0);
	assert_int_equal(st.st_size, 4);
	(void)close(fd);
	fd = fs_open_file(root, t->fd, "p/out", &st, &e);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(fs_open_file(root, -1, "p/out", &st, &e), -1);
	expect(&e, ERR_PROJECT, "'p/out' -> '../../out' leads outside");
	assert_int_equal(fs_open_file(root, -1, "up/out", &st, &e), -1);
	expect(&e, ERR_PROJECT, "'up' -> '..' leads outside");
	assert_int_equal(fs_open_file(root, -1, "p/loop", &st, &e), -1);
	assert_int_equal(e.sys, ELOOP);
	err_clear(&e);
	assert_int_equal(fs_open_file(root, -1, "fifo", &st, &e), -1);
	expect(&e, ERR_PROJECT, "'fifo' is a FIFO, not a file");
	assert_int_equal(fs_open_file(root, -1, "p", &st, &e), -1);
	expect(&e, ERR_PROJECT, "'p' is a folder, not a file");
	assert_int_equal(fs_open_file(root, -1, "p/none", &st, &e), -1);
	assert_int_equal(e.sys, ENOENT);
	err_clear(&e);
	assert_int_equal(fs_open_below(root, -1, "p/f", &e), -1);
	expect(&e, ERR_PROJECT, "'p/f' is a file, not a folder");
	assert_int_equal(fs_open_below(root, -1, "up", &e), -1);
	expect(&e, ERR_PROJECT, "'up' -> '..' leads outside");
	fd = fs_open_below(root, -1, "q", &e);
	assert_true(fd >= 0);
	(void)close(fd);
	(void)close(root);
}

static void lookup_tells_where_things_are(void **state)
{
	static const struct {
		const char *rel;
		int found;
		enum fs_type type;
	} cases[] = {
		{"", FS_FOUND, FS_DIR},          {"in", FS_FOUND, FS_DIR},
		{"in/f", FS_FOUND, FS_FILE},     {"in/l", FS_FOUND, FS_FILE},
		{"in/abs", FS_OUTSIDE, FS_FILE}, {"in/gone", FS_NOTHING, FS_FILE},
		{"in/x", FS_NOTHING, FS_FILE},   {"in/f/g", FS_NOTHING, FS_FILE},
		{"none/f", FS_NOTHING, FS_FILE}, {"in/fifo", FS_FOUND, FS_OTHER},
		{"in/dir", FS_FOUND, FS_DIR},
	};
	const struct tree *t = *state;
	struct err e = ERR_INIT;
	struct fs_entry entry;
	size_t i;
	int in;

	tree_file(t, "in/f", "text");
	assert_int_equal(fchmodat(t->fd, "in/f", 0755, 0), 0);
	tree_link(t, "in/l", "f");
	tree_link(t, "in/abs", "/etc/passwd");
	tree_link(t, "in/gone", "none");
	tree_link(t, "in/x", "x");
	tree_link(t, "in/dir", "../in");
	assert_int_equal(mkfifoat(t->fd, "in/fifo", 0600), 0);
	for (i = 0; i < countof(cases); i++) {
		assert_int_equal(fs_lookup(t->fd, -1, cases[i].rel, &entry, &e),
				 cases[i].found);
		if (cases[i].found == FS_FOUND)
			assert_int_equal(entry.type, cases[i].type);
	}
	assert_int_equal(fs_lookup(t->fd, -1, "in/l", &entry, &e), FS_FOUND);
	assert_int_equal(entry.size, 4);
	assert_int_equal(entry.mode, 0755);
	assert_true(entry.via_link);
	in = fs_open_dir(t->fd, "in", &e);
	assert_int_equal(fs_lookup(t->fd, in, "in", &entry, &e), FS_FOUND);
	assert_int_equal(fs_lookup(t->fd, in, "", &entry, &e), FS_OUTSIDE);
	(void)close(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_is_below_refuses_ways_out),
		cmocka_unit_test(path_resolve_is_text_only_and_stays_below_the_root),
		cmocka_unit_test(path_parts),
		CASE(read_takes_regular_files_only),
		cmocka_unit_test(read_has_a_ceiling_for_files_without_a_size),
		CASE(the_rest_of_a_file_is_hashed),
		CASE(write_atomic_replaces_whole),
		CASE(write_atomic_leaves_nothing_behind_on_failure),
		CASE(make_dirs_accepts_what_is_there),
		CASE(remove_tree_spares_what_links_lead_to),
		CASE(remove_tree_opens_folders_without_permissions),
		CASE(remove_tree_of_any_depth),
		CASE(temp_dirs_are_private_and_cleaned_up),
		cmocka_unit_test(home_dir_follows_the_xdg_rules),
		CASE(open_file_checks_links_against_the_boundary),
		CASE(lookup_tells_where_things_are),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
