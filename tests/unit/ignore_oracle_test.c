/*
 * Thousands of random rule sets over random trees: what goes in has to be what
 * `git check-ignore` does not name.  Every rule set is the .gitignore of a folder
 * of its own, so that one run of git answers for many.
 *
 * ignore_match() is asked as a walk does it; of every round one set is also what
 * filter_collect() makes of files on the disk.  10,000 sets; DOFN_ORACLE_SETS=100000
 * asks for more.
 */
#include "filter/filter.h"

#include "tree.h"

enum { ROUND = 100, BATCH = 25, ROUNDS = 100, FILES = 20, MAX_RULES = 6 };

/* splitmix64: the same numbers everywhere. */
static uint64_t seed = 20260101;

static size_t below(size_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (size_t)((z ^ (z >> 31)) % n);
}

#define PICK(list) ((list)[below(countof(list))])

static void add_name(struct strbuf *b)
{
	static const char *const names[] = {
		"a",  "b",  "c",  "ab",  "ba",   "abc", "a.c", "b.c",      "A",    "a b",
		"a ", "#a", "!a", "[a]", "a\\b", "a*b", "-",   "\xc3\xa9", "\xff", "c.a.c",
	};

	strbuf_adds(b, PICK(names));
}

static void add_path(struct strbuf *b)
{
	size_t depth = below(4);

	add_name(b);
	while (depth-- > 0) {
		strbuf_addc(b, '/');
		add_name(b);
	}
}

static void add_piece(struct strbuf *b)
{
	static const char *const pieces[] = {
		"a",           "b",
		"c",           ".c",
		"*",           "*",
		"?",           "**",
		"[ab]",        "[!a]",
		"[^a-b]",      "[a-c]",
		"[]a]",        "[!]a]",
		"\\a",         "\\*",
		"\\ ",         " ",
		"!",           "#",
		"\\#",         "\\!",
		"[",           "\\[",
		"[[:alpha:]]", "[[:punct:]b]",
		"[a/]",        "\xc3",
		"\xa9",        "-",
		"[a-",         "***",
		"[[:x:]]",     "\\\\",
		"[\\]a]",      "[--0]",
		"A",           "[[:a]",
	};

	strbuf_adds(b, PICK(pieces));
}

static void add_segment(struct strbuf *b)
{
	size_t n = 1 + below(3);

	if (below(3) == 0) {
		add_name(b);
	} else if (below(4) == 0) {
		strbuf_adds(b, "**");
	} else {
		while (n-- > 0)
			add_piece(b);
	}
}

static void add_rule(struct strbuf *b)
{
	static const char *const ends[] = {"",  "",   "",   "",    "/", "/",
					   " ", "  ", "\r", "/**", "/*"};
	size_t segments = 1 + (below(2) ? 0 : below(3));

	if (below(4) == 0)
		strbuf_addc(b, '!');
	if (below(5) == 0)
		strbuf_addc(b, '/');
	while (segments-- > 0) {
		add_segment(b);
		if (segments)
			strbuf_addc(b, '/');
	}
	strbuf_adds(b, PICK(ends));
	if (below(40) == 0)
		strbuf_addc(b, '\\');
	strbuf_addc(b, '\n');
}

static void add_rules(struct strbuf *b)
{
	size_t n = 1 + below(MAX_RULES);

	while (n-- > 0)
		add_rule(b);
}

/* One round's files, below f/ of its tree; names of folders and files may not clash. */
struct files {
	char *path[FILES];
	size_t n;
};

/* False when a file is where a folder would be, or the other way round. */
static bool make_file(const struct tree *t, const char *path)
{
	struct str parent = path_dir(str_of(path));
	char *dir = xstrndup(parent.p, parent.n);
	struct err e = ERR_INIT;
	struct stat st;
	bool free_place = fs_make_dirs(t->fd, dir, 0755, &e) == 0 &&
			  fstatat(t->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0;

	if (free_place)
		tree_file(t, path, "x");
	err_clear(&e);
	free(dir);
	return free_place;
}

static void make_files(const struct tree *t, struct files *files)
{
	struct strbuf b = STRBUF_INIT;
	size_t i;

	*files = (struct files){.n = 0};
	for (i = 0; i < FILES; i++) {
		strbuf_reset(&b);
		strbuf_adds(&b, "f/");
		add_path(&b);
		if (make_file(t, b.buf))
			files->path[files->n++] = xstrdup(b.buf + 2);
	}
	strbuf_release(&b);
}

static bool is_out(struct ignore *ig, struct str path, bool folder)
{
	const struct filter_rule *rule = ignore_match(ig, path, folder);

	return rule && !rule->negated;
}

/* In a folder that stays out nothing is asked for. */
static bool goes_in(struct ignore *ig, const char *path)
{
	const char *slash = path;

	while ((slash = strchr(slash, '/'))) {
		if (is_out(ig, (struct str){path, (size_t)(slash - path)}, true))
			return false;
		slash++;
	}
	return !is_out(ig, str_of(path), false);
}

/* Adds '1' for every file that goes in, '0' for the others. */
static void add_ours(struct str rules, const struct files *files, struct strbuf *out)
{
	struct ignore ig;
	size_t i;

	ignore_init(&ig);
	ignore_parse(&ig, rules);
	for (i = 0; i < files->n; i++)
		strbuf_addc(out, goes_in(&ig, files->path[i]) ? '1' : '0');
	ignore_release(&ig);
}

/* The same from the disk. */
static void add_collected(const struct tree *t, const struct files *files, struct strbuf *out)
{
	struct arena a = ARENA_INIT;
	struct filter_list list = {0};
	struct err e = ERR_INIT;
	size_t i, j;

	if (filter_collect(&a, t->fd, "f", &list, &e) < 0 &&
	    !strstr(e.msg, "leaves out every file"))
		fail_msg("%s", e.msg);
	for (i = 0; i < files->n; i++) {
		for (j = 0; j < list.files.n; j++)
			if (str_is(list.files.v[j].name, files->path[i]))
				break;
		strbuf_addc(out, j < list.files.n ? '1' : '0');
	}
	err_clear(&e);
	filter_list_release(&list);
	arena_release(&a);
}

/* The child of run_git(): 127 when there is no git. */
static void exec_git(const struct tree *t, bool ask)
{
	int in = ask ? openat(t->fd, "paths", O_RDONLY) : open("/dev/null", O_RDONLY);
	int out = openat(t->fd, "answers", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("HOME", t->path, 1);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || chdir(t->path) < 0 ||
	    chdir("repo") < 0)
		_exit(126);
	if (ask)
		execlp("git", "git", "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n",
		       (char *)NULL);
	else
		execlp("git", "git", "init", "-q", (char *)NULL);
	_exit(127);
}

static int run_git(const struct tree *t, bool ask)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		exec_git(t, ask);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* One set: its rules to both, its questions to `paths`, our answers to `ours`. */
static void add_set(const struct tree *t, const struct files *files, size_t number,
		    struct strbuf *paths, struct strbuf *ours)
{
	struct strbuf rules = STRBUF_INIT, collected = STRBUF_INIT;
	size_t i, before = ours->len;
	char name[64];

	add_rules(&rules);
	(void)snprintf(name, sizeof(name), "repo/s%zu/.gitignore", number);
	tree_file(t, name, rules.buf);
	for (i = 0; i < files->n; i++) {
		strbuf_addf(paths, "s%zu/%s", number, files->path[i]);
		strbuf_add(paths, "", 1);
	}
	add_ours(strbuf_str(&rules), files, ours);
	if (number % ROUND == 0) {
		tree_file(t, "f/.ignore", rules.buf);
		add_collected(t, files, &collected);
		assert_string_equal(ours->buf + before, collected.buf);
	}
	strbuf_release(&collected);
	strbuf_release(&rules);
}

static void add_round(const struct tree *t, size_t first, struct strbuf *paths,
		      struct strbuf *ours)
{
	struct err e = ERR_INIT;
	struct files files;
	size_t i;

	if (fs_remove_tree(t->fd, "f", &e) < 0)
		fail_msg("%s", e.msg);
	tree_dirs(t, "f");
	make_files(t, &files);
	for (i = 0; i < ROUND; i++)
		add_set(t, &files, first + i, paths, ours);
	for (i = 0; i < files.n; i++)
		free(files.path[i]);
}

static struct str next_field(struct str *rest)
{
	struct str field;

	assert_true(str_next(rest, '\0', &field));
	return field;
}

static void fail_set(const struct tree *t, struct str path, bool ours)
{
	struct strbuf rules = STRBUF_INIT;
	struct err e = ERR_INIT;
	char *file = xasprintf("repo/%.*s/.gitignore", (int)strcspn(path.p, "/"), path.p);

	if (fs_read(t->fd, file, 100000, &rules, &e) < 0)
		fail_msg("%s", e.msg);
	fail_msg("'%s' %s, git says the contrary; rules:\n%s", path.p,
		 ours ? "goes in" : "stays out", rules.buf);
}

/* Records of "source NUL line NUL pattern NUL path NUL"; no pattern: not ignored. */
static void compare(const struct tree *t, struct str answers, struct str ours)
{
	size_t i;

	for (i = 0; i < ours.n; i++) {
		struct str pattern, path;
		bool in;

		(void)next_field(&answers);
		(void)next_field(&answers);
		pattern = next_field(&answers);
		path = next_field(&answers);
		in = pattern.n == 0 || pattern.p[0] == '!';
		if (in != (ours.p[i] == '1'))
			fail_set(t, path, ours.p[i] == '1');
	}
	assert_int_equal(answers.n, 0);
}

static size_t wanted_rounds(void)
{
	const char *sets = getenv("DOFN_ORACLE_SETS");
	uint64_t n;

	if (!sets)
		return ROUNDS;
	if (!str_to_u64(str_of(sets), &n) || n == 0 || n > 1000000)
		fail_msg("DOFN_ORACLE_SETS is no number of sets: '%s'", sets);
	return (size_t)(n + ROUND - 1) / ROUND;
}

/* False when there is no git. */
static bool make_repository(const struct tree *t)
{
	struct err e = ERR_INIT;

	if (fs_remove_tree(t->fd, "repo", &e) < 0)
		fail_msg("%s", e.msg);
	tree_dirs(t, "repo");
	return run_git(t, false) != 127;
}

/* So few at a time that they fit into a small /dev/shm. */
static void check_batch(const struct tree *t, size_t first, size_t rounds)
{
	struct strbuf paths = STRBUF_INIT, ours = STRBUF_INIT, answers = STRBUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < rounds; i++)
		add_round(t, (first + i) * ROUND, &paths, &ours);
	assert_int_equal(fs_write_atomic(t->fd, "paths", strbuf_str(&paths), 0600, &e), 0);
	assert_in_range(run_git(t, true), 0, 1);
	assert_int_equal(fs_read(t->fd, "answers", SIZE_MAX / 2, &answers, &e), 0);
	compare(t, strbuf_str(&answers), strbuf_str(&ours));
	strbuf_release(&paths);
	strbuf_release(&ours);
	strbuf_release(&answers);
}

static void decisions_are_those_of_git(void **state)
{
	const struct tree *t = *state;
	size_t i, rounds = wanted_rounds();

	for (i = 0; i < rounds; i += BATCH) {
		if (!make_repository(t)) {
			print_message("git is missing: nothing to compare with\n");
			skip();
		}
		check_batch(t, i, rounds - i < BATCH ? rounds - i : BATCH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decisions_are_those_of_git,
						tree_setup_in_memory, tree_teardown),
	};

	return cmocka_run_group_tests_name("ignore_oracle", tests, NULL, NULL);
}
