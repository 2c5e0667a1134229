/* What is built again and what is not: pkg/build with a cache. */
#include "build/past.h"
#include "building.h"
#include "cache/cache.h"

#define F "packages/p/f/"
#define G "packages/p/g/"

/* Makes out/x.txt of src.txt, executable, and a link to it. */
static const char script[] = "mkdir -p out && cat src.txt > out/x.txt && chmod 755 out/x.txt\n"
			     "ln -sf x.txt out/link\n";

static void function(struct fixture *f, const char *folder, const char *text)
{
	char *path = xasprintf("%sbuild.sh", folder);

	tree_file(f->tree, path, text);
	free(path);
	path = xasprintf("%ssrc.txt", folder);
	tree_file(f->tree, path, "one\n");
	free(path);
}

static int set_up_reuse(void **state)
{
	struct fixture *f;

	if (set_up(state) < 0)
		return -1;
	f = *state;
	f->build.options.no_cache = false;
	f->function.runtime = "nodejs:18";
	tree_dirs(f->tree, "packages/p/g");
	function(f, F, script);
	function(f, G, script);
	return 0;
}

/* How it went: "built", "folder" or "cache". */
static const char *how(struct fixture *f, const char *folder)
{
	f->function.source = folder;
	assert_built(f);
	if (strstr(f->log.buf, "reused:folder|"))
		return "folder";
	if (strstr(f->log.buf, "reused:cache|"))
		return "cache";
	return strstr(f->log.buf, "started:") ? "built" : "nothing";
}

#define assert_how(f, folder, wanted) assert_string_equal(how(f, "packages/p/" folder), wanted)

static void assert_text(struct fixture *f, const char *path, const char *text)
{
	struct strbuf b = STRBUF_INIT;

	if (fs_read(f->tree->fd, path, 1000, &b, &f->e) < 0)
		fail_msg("%s", f->e.msg);
	assert_string_equal(b.buf, text);
	strbuf_release(&b);
}

static bool exists(struct fixture *f, const char *path)
{
	return faccessat(f->tree->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void remove_tree(struct fixture *f, const char *path)
{
	assert_int_equal(fs_remove_tree(f->tree->fd, path, &f->e), 0);
}

static void an_unchanged_build_is_not_run_again(void **state)
{
	struct fixture *f = *state;

	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
	assert_string_equal(f->log.buf + strlen(f->log.buf) - 14, "reused:folder|");
	assert_text(f, F "out/x.txt", "one\n");
}

static void equal_builds_are_shared(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	char target[16] = {0};

	assert_how(f, "f", "built");
	assert_how(f, "g", "cache");
	assert_text(f, G "out/x.txt", "one\n");
	assert_int_equal(fstatat(f->tree->fd, G "out/x.txt", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(readlinkat(f->tree->fd, G "out/link", target, sizeof(target)), 5);
	assert_string_equal(target, "x.txt");
	assert_how(f, "g", "folder");
}

/* Each changes what a build sees; the build that was before comes back after undoing it. */
static void new_file(struct fixture *f)
{
	tree_file(f->tree, F "new.txt", "");
}
static void changed_file(struct fixture *f)
{
	tree_file(f->tree, F "src.txt", "two\n");
}
static void executable_file(struct fixture *f)
{
	assert_int_equal(fchmodat(f->tree->fd, F "src.txt", 0755, 0), 0);
}
static void removed_file(struct fixture *f)
{
	assert_int_equal(unlinkat(f->tree->fd, F "other.txt", 0), 0);
}
static void moved_link(struct fixture *f)
{
	assert_int_equal(unlinkat(f->tree->fd, F "inner", 0), 0);
	tree_link(f->tree, F "inner", "build.sh");
}
static void changed_behind_link(struct fixture *f)
{
	tree_file(f->tree, "shared.txt", "two\n");
}
static void changed_lib(struct fixture *f)
{
	tree_file(f->tree, "lib/deep/x.py", "two\n");
}
static void other_runtime(struct fixture *f)
{
	f->function.runtime = "nodejs:22";
}
static void other_variable(struct fixture *f UNUSED)
{
	setenv("DOFN_TEST_STAGE", "two", 1);
}
static void same_size_and_time(struct fixture *f)
{
	struct timespec times[2];
	struct stat st;

	assert_int_equal(fstatat(f->tree->fd, F "src.txt", &st, 0), 0);
	tree_file(f->tree, F "src.txt", "two\n");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(f->tree->fd, F "src.txt", times, 0), 0);
}

static void whatever_a_build_sees_counts(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct fixture *f);
	} cases[] = {
		{"new file", new_file},
		{"changed file", changed_file},
		{"executable file", executable_file},
		{"removed file", removed_file},
		{"moved link", moved_link},
		{"changed behind link", changed_behind_link},
		{"changed lib", changed_lib},
		{"other runtime", other_runtime},
		{"other variable", other_variable},
		{"same size and time", same_size_and_time},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		remove_tree(f, "packages/p/f");
		remove_tree(f, "cache");
		tree_file(f->tree, F "other.txt", "");
		tree_file(f->tree, "lib/deep/x.py", "one\n");
		tree_file(f->tree, "shared.txt", "one\n");
		function(f, F, script);
		tree_link(f->tree, F "inner", "src.txt");
		tree_link(f->tree, F "outer", "../../../shared.txt");
		setenv("DOFN_TEST_STAGE", "one", 1);
		f->function.runtime = "nodejs:18";
		assert_how(f, "f", "built");
		assert_how(f, "f", "folder");
		cases[i].change(f);
		if (strcmp(how(f, "packages/p/f"), "built") != 0)
			fail_msg("%s", cases[i].name);
		assert_how(f, "f", "folder");
	}
	unsetenv("DOFN_TEST_STAGE");
}

static void what_no_build_means_does_not_count(void **state)
{
	static const char *const files[] = {F ".git/HEAD",
					    F ".deployed/x",
					    F ".DS_Store",
					    F "__pycache__/x.pyc",
					    F "deep/__pycache__/x.pyc",
					    F "virtualenv.new-00/x"};
	struct fixture *f = *state;
	size_t i;

	assert_how(f, "f", "built");
	for (i = 0; i < countof(files); i++)
		tree_file(f->tree, files[i], "x");
	setenv("SSH_AUTH_SOCK", "/another", 1);
	setenv("TERM", "another", 1);
	assert_how(f, "f", "folder");
	assert_int_equal(fchmodat(f->tree->fd, F "src.txt", 0600, 0), 0);
	assert_how(f, "f", "folder");
}

static void an_earlier_state_comes_back_from_the_cache(void **state)
{
	struct fixture *f = *state;

	assert_how(f, "f", "built");
	changed_file(f);
	assert_how(f, "f", "built");
	assert_text(f, F "out/x.txt", "two\n");
	tree_file(f->tree, F "src.txt", "one\n");
	assert_how(f, "f", "cache");
	assert_text(f, F "out/x.txt", "one\n");
}

static void what_was_made_and_removed_comes_back(void **state)
{
	struct fixture *f = *state;

	assert_how(f, "f", "built");
	remove_tree(f, F "out");
	assert_how(f, "f", "cache");
	assert_text(f, F "out/x.txt", "one\n");
	assert_int_equal(unlinkat(f->tree->fd, F "out/link", 0), 0);
	assert_how(f, "f", "cache");
	assert_true(exists(f, F "out/link"));
}

static void what_was_made_and_changed_by_hand_is_built_again(void **state)
{
	struct fixture *f = *state;

	assert_how(f, "f", "built");
	tree_file(f->tree, F "out/x.txt", "mine\n");
	assert_how(f, "f", "built");
	assert_text(f, F "out/x.txt", "one\n");
	assert_how(f, "f", "folder");
	changed_file(f);
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
}

/* A lock file that the build made once and the user changes from then on. */
static void what_a_build_leaves_of_a_change_by_hand_counts(void **state)
{
	struct fixture *f = *state;

	function(f, F, "[ -f lock ] || echo 1 > lock; cat lock > out.txt\n");
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
	tree_file(f->tree, F "lock", "2\n");
	assert_how(f, "f", "built");
	assert_text(f, F "out.txt", "2\n");
	assert_text(f, F "lock", "2\n");
	assert_how(f, "f", "folder");
}

static void why(struct fixture *f, struct build_why *w)
{
	if (build_find_why(&f->build, &f->function, w, &f->e) < 0)
		fail_msg("%s", f->e.msg);
}

/* Where it cannot be told: neither of them may be a reason to build. */
static void asking_why_never_builds(void **state)
{
	struct fixture *f = *state;
	struct strbuf deep = STRBUF_INIT;
	struct build_why w;
	size_t i;

	f->function.source = "packages/p/f";
	strbuf_adds(&deep, F "d");
	for (i = 0; i < FS_MAX_DEPTH + 1; i++)
		strbuf_adds(&deep, "/d");
	tree_dirs(f->tree, deep.buf);
	strbuf_release(&deep);
	assert_int_equal(build_find_why(&f->build, &f->function, &w, &f->e), -1);
	assert_int_equal(f->e.code, ERR_PROJECT);
	assert_false(exists(f, F "out"));
	err_clear(&f->e);
	remove_tree(f, F "d");
	setenv("DOFN_CACHE", "not/absolute", 1);
	assert_int_equal(build_find_why(&f->build, &f->function, &w, &f->e), -1);
	assert_int_equal(f->e.code, ERR_USAGE);
	assert_false(exists(f, F "out"));
	err_clear(&f->e);
}

static void what_another_command_removed_is_no_fault_of_the_cache(void **state)
{
	struct fixture *f = *state;
	struct cache *cache = cache_open(&f->e);
	struct past past = {.cache = cache,
			    .root = f->tree->fd,
			    .real = f->tree->path,
			    .folder = "packages/p/f"};

	assert_non_null(cache);
	assert_int_equal(past_look(&past, &f->e), 0);
	assert_null(past_stored_key(&past));
	assert_int_equal(past_restore(&past, &f->e), -1);
	assert_int_equal(f->e.code, ERR_BUILD);
	assert_false(exists(f, F "out"));
	past_release(&past);
	cache_close(cache);
	err_clear(&f->e);
}

static void a_build_that_changes_what_it_sees_runs_each_time(void **state)
{
	static const struct {
		const char *script, *why;
	} cases[] = {
		{"echo x >> src.txt\n", "'src.txt' was changed during the build"},
		{"rm -f other.txt; : > \"made$RANDOM\"\n",
		 "'other.txt' was removed during the build"},
		{"echo x >> ../../../lib/x\n", "'lib' was changed during the build"},
	};
	struct fixture *f = *state;
	struct build_why w;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		remove_tree(f, "packages/p/f");
		tree_file(f->tree, "lib/x", "");
		tree_file(f->tree, F "other.txt", "");
		function(f, F, cases[i].script);
		assert_how(f, "f", "built");
		why(f, &w);
		assert_int_equal(w.state, BUILD_NEEDED);
		assert_string_equal(w.why_not, cases[i].why);
		assert_how(f, "f", "built");
	}
}

static void a_link_to_a_folder_outside_is_not_known(void **state)
{
	struct fixture *f = *state;
	struct build_why w;

	tree_dirs(f->tree, "elsewhere");
	tree_link(f->tree, F "elsewhere", "../../../elsewhere");
	assert_how(f, "f", "built");
	assert_how(f, "f", "built");
	why(f, &w);
	assert_string_equal(w.why_not,
			    "the link 'elsewhere' leads out of the function's folder");
	assert_int_equal(unlinkat(f->tree->fd, F "elsewhere", 0), 0);
	tree_link(f->tree, F "elsewhere", "../../../lib");
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
}

static void what_knows_its_folder_is_not_shared(void **state)
{
	struct fixture *f = *state;

	function(f, F, "pwd > where.txt\n");
	function(f, G, "pwd > where.txt\n");
	assert_how(f, "f", "built");
	assert_how(f, "g", "built");
	assert_int_equal(unlinkat(f->tree->fd, F "where.txt", 0), 0);
	assert_how(f, "f", "cache");
	assert_int_equal(unlinkat(f->tree->fd, G "where.txt", 0), 0);
	assert_how(f, "g", "cache");
}

static void files_of_an_earlier_build_are_for_the_build(void **state)
{
	struct fixture *f = *state;

	function(f, F, "cp src.txt \"out-$(cat src.txt)\"\n");
	assert_how(f, "f", "built");
	changed_file(f);
	assert_how(f, "f", "built");
	assert_true(exists(f, F "out-one")); /* as without a cache */
	assert_how(f, "f", "folder");
	tree_file(f->tree, F "src.txt", "one\n");
	assert_how(f, "f", "built");
	assert_true(exists(f, F "out-two"));
}

static void failing_builds_are_not_kept(void **state)
{
	struct fixture *f = *state;
	struct build_why w;

	function(f, F, "echo half > out.txt; [ -f ../../../lib/good ]\n");
	assert_int_equal(build(f), -1);
	assert_int_equal(build(f), -1);
	why(f, &w);
	assert_int_equal(w.state, BUILD_NEEDED);
	assert_false(w.ended);
	tree_file(f->tree, "lib/good", "");
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
}

static void no_cache_builds_and_keeps(void **state)
{
	struct fixture *f = *state;

	function(f, F,
		 "echo $(( $(cat ../../../count) + 1 )) > ../../../count\n"
		 "cp ../../../count out.txt\n");
	tree_file(f->tree, "count", "0\n");
	assert_how(f, "f", "built");
	f->build.options.no_cache = true;
	assert_how(f, "f", "built");
	f->build.options.no_cache = false;
	assert_how(f, "f", "folder");
	assert_text(f, F "out.txt", "2\n");
	assert_int_equal(unlinkat(f->tree->fd, F "out.txt", 0), 0);
	assert_how(f, "f", "cache");
	assert_text(f, F "out.txt", "2\n");
}

/* The only entry of the cache, as a path below the tree; heap. */
static char *only_entry(struct fixture *f)
{
	struct build_why w;

	why(f, &w);
	return xasprintf("cache/entries/build/%s", w.key);
}

static void damaged_entries_are_built_again(void **state)
{
	static const struct {
		off_t at;     /* of the byte to change, from the end when negative */
		off_t length; /* to cut to; 0: none */
	} cases[] = {{0, 0}, {20, 0}, {100, 0}, {150, 0}, {-1, 0}, {0, 50}, {0, 200}, {0, 1}};
	struct fixture *f = *state;
	struct stat st;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		char *entry, byte;
		off_t at;
		int fd;

		assert_how(f, "f", i ? "folder" : "built");
		entry = only_entry(f);
		fd = openat(f->tree->fd, entry, O_RDWR | O_CLOEXEC);
		free(entry);
		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		at = cases[i].at < 0 ? st.st_size + cases[i].at : cases[i].at;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte = (char)(byte ^ 1);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		if (cases[i].length)
			assert_int_equal(ftruncate(fd, cases[i].length), 0);
		(void)close(fd);
		remove_tree(f, F "out");
		assert_how(f, "f", "built");
		assert_logged(f, "note:what the cache had is damaged; building again|");
		assert_text(f, F "out/x.txt", "one\n");
	}
}

static void a_full_or_closed_cache_stops_nothing(void **state)
{
	struct fixture *f = *state;

	tree_file(f->tree, "cache", "in the way");
	assert_how(f, "f", "built");
	assert_logged(f, "warning:builds go on without the cache: ");
	assert_how(f, "f", "built");
}

static void what_is_too_large_is_reused_where_it_is(void **state)
{
	struct fixture *f = *state;

	setenv("DOFN_CACHE_MAX", "100", 1);
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
	assert_how(f, "g", "built");
	unsetenv("DOFN_CACHE_MAX");
}

static void a_cleared_cache_builds_again(void **state)
{
	struct fixture *f = *state;
	struct cache_usage removed;
	struct build_why w;
	struct cache *c;

	assert_how(f, "f", "built");
	c = cache_open(&f->e);
	assert_non_null(c);
	assert_int_equal(cache_clear(c, &removed, &f->e), 0);
	cache_close(c);
	assert_int_equal(removed.entries, 1);
	why(f, &w);
	assert_int_equal(w.state, BUILD_NEEDED);
	assert_string_equal(w.changes[0], "~clearing of the cache");
	assert_null(w.changes[1]);
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder");
}

static void changes_are_named_without_values(void **state)
{
	struct fixture *f = *state;
	struct build_why w;

	why(f, &w);
	assert_true(w.has_build);
	assert_false(w.known);
	assert_int_equal(w.state, BUILD_NEEDED);
	tree_file(f->tree, F "gone.txt", "");
	assert_how(f, "f", "built");
	why(f, &w);
	assert_int_equal(w.state, BUILD_IN_PLACE);
	assert_null(w.changes[0]);
	setenv("DOFN_TEST_STAGE", "secret value", 1);
	tree_file(f->tree, F "new.txt", "");
	tree_file(f->tree, "lib/a.py", "");
	changed_file(f);
	assert_int_equal(unlinkat(f->tree->fd, F "gone.txt", 0), 0);
	why(f, &w);
	assert_string_equal(w.changes[0], "-file gone.txt");
	assert_string_equal(w.changes[1], "+file new.txt");
	assert_string_equal(w.changes[2], "~file src.txt");
	assert_string_equal(w.changes[3], "+lib file a.py");
	assert_string_equal(w.changes[4], "+variable DOFN_TEST_STAGE");
	assert_null(w.changes[5]);
	unsetenv("DOFN_TEST_STAGE");
}

static void a_function_without_a_build_touches_no_cache(void **state)
{
	struct fixture *f = *state;
	struct build_why w;

	assert_int_equal(unlinkat(f->tree->fd, F "build.sh", 0), 0);
	assert_how(f, "f", "nothing");
	why(f, &w);
	assert_false(w.has_build);
	assert_false(exists(f, "cache"));
}

/* An npm that makes what it is told to, and a lock file where there is none. */
static const char npm[] =
	"#!/bin/bash\n"
	"echo run >> \"$COUNT\"\n"
	"mkdir -p node_modules/a node_modules/.bin && echo 1 > node_modules/a/index.js\n"
	"ln -sf ../a/index.js node_modules/.bin/a\n"
	"[ -f package-lock.json ] || echo '{}' > package-lock.json\n";

static void npm_looks_at_its_files_only(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/bin:%s", f->tree->path, f->path);

	tree_dirs(f->tree, "bin");
	add_program(f, "npm", npm);
	setenv("PATH", path, 1);
	free(path);
	setenv("COUNT", "/dev/null", 1);
	assert_int_equal(unlinkat(f->tree->fd, F "build.sh", 0), 0);
	assert_int_equal(unlinkat(f->tree->fd, G "build.sh", 0), 0);
	tree_file(f->tree, F "package.json", "{\"dependencies\": {\"a\": \"1\"}}");
	tree_file(f->tree, G "package.json", "{\"dependencies\": {\"a\": \"1\"}}");
	assert_how(f, "f", "built");
	assert_how(f, "f", "folder"); /* with its lock file now */
	assert_how(f, "g", "cache");  /* without */
	assert_true(exists(f, G "node_modules/.bin/a"));
	assert_true(exists(f, G "package-lock.json"));
	assert_how(f, "g", "folder");
	tree_file(f->tree, F "index.js", "x");
	setenv("DOFN_TEST_STAGE", "x", 1);
	assert_how(f, "f", "folder");
	unsetenv("DOFN_TEST_STAGE");
	tree_file(f->tree, F "node_modules/b/index.js", "by hand");
	assert_how(f, "f", "cache");
	assert_false(exists(f, F "node_modules/b"));
	tree_file(f->tree, F "package-lock.json", "{ }");
	assert_how(f, "f", "built");
	tree_file(f->tree, F "package.json", "{\"dependencies\": {\"a\": \"file:../a\"}}");
	assert_how(f, "f", "built");
	assert_how(f, "f", "built");
	unsetenv("COUNT");
}

static void a_linked_node_modules_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	struct build_why w;

	own_path(f);
	add_program(f, "npm", "#!/bin/sh\n");
	assert_int_equal(unlinkat(f->tree->fd, F "build.sh", 0), 0);
	tree_file(f->tree, F "package.json", "{\"dependencies\": {\"a\": \"1\"}}");
	tree_dirs(f->tree, "modules");
	tree_link(f->tree, F "node_modules", "../../../modules");
	assert_how(f, "f", "built");
	assert_how(f, "f", "built");
	why(f, &w);
	assert_string_equal(w.why_not, "'node_modules' is no folder");
}

static void leftovers_of_killed_builds_go(void **state)
{
	struct timespec times[2] = {{1, 0}, {1, 0}};
	struct fixture *f = *state;

	tree_dirs(f->tree, F ".dofn-new-0123456789abcdef/x");
	tree_dirs(f->tree, F ".dofn-new-0123456789abcdee/x");
	tree_dirs(f->tree, F "virtualenv.new-0123456789abcdef/x");
	assert_int_equal(utimensat(f->tree->fd, F ".dofn-new-0123456789abcdef", times, 0), 0);
	assert_int_equal(utimensat(f->tree->fd, F "virtualenv.new-0123456789abcdef", times, 0),
			 0);
	assert_how(f, "f", "built");
	assert_false(exists(f, F ".dofn-new-0123456789abcdef"));
	assert_true(exists(f, F ".dofn-new-0123456789abcdee")); /* may be at work */
	assert_false(exists(f, F "virtualenv.new-0123456789abcdef"));
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_reuse, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unchanged_build_is_not_run_again),
		TEST(equal_builds_are_shared),
		TEST(whatever_a_build_sees_counts),
		TEST(what_no_build_means_does_not_count),
		TEST(an_earlier_state_comes_back_from_the_cache),
		TEST(what_was_made_and_removed_comes_back),
		TEST(what_was_made_and_changed_by_hand_is_built_again),
		TEST(what_a_build_leaves_of_a_change_by_hand_counts),
		TEST(asking_why_never_builds),
		TEST(what_another_command_removed_is_no_fault_of_the_cache),
		TEST(a_build_that_changes_what_it_sees_runs_each_time),
		TEST(a_link_to_a_folder_outside_is_not_known),
		TEST(what_knows_its_folder_is_not_shared),
		TEST(files_of_an_earlier_build_are_for_the_build),
		TEST(failing_builds_are_not_kept),
		TEST(no_cache_builds_and_keeps),
		TEST(damaged_entries_are_built_again),
		TEST(a_full_or_closed_cache_stops_nothing),
		TEST(what_is_too_large_is_reused_where_it_is),
		TEST(a_cleared_cache_builds_again),
		TEST(changes_are_named_without_values),
		TEST(a_function_without_a_build_touches_no_cache),
		TEST(npm_looks_at_its_files_only),
		TEST(a_linked_node_modules_is_not_replaced),
		TEST(leftovers_of_killed_builds_go),
	};

	return cmocka_run_group_tests_name("reuse", tests, NULL, NULL);
}
