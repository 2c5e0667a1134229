#include "cli/cli.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "test.h"

struct program {
	bool help, quiet;
	const char *output;
};

struct command {
	bool force, all;
	const char *host;
	struct cli_list include;
	unsigned limit;
	uint64_t since;
};

static const struct cli_option program_options[] = {
	CLI_OPT(struct program, help, "help", 'h', CLI_FLAG, NULL, "show this help"),
	CLI_OPT(struct program, quiet, "quiet", 'q', CLI_FLAG, NULL, "only results"),
	CLI_OPT(struct program, output, "output", 'o', CLI_STRING, "FORMAT", "text or json"),
	CLI_END,
};

static const struct cli_option command_options[] = {
	CLI_OPT(struct command, force, "force", 'f', CLI_FLAG, NULL, "upload anyway"),
	CLI_OPT(struct command, all, "all", 'a', CLI_FLAG, NULL, "all of them"),
	CLI_OPT(struct command, host, "apihost", 0, CLI_STRING, "HOST", "API host"),
	CLI_OPT(struct command, include, "include", 'i', CLI_LIST, "NAME", "only these"),
	CLI_OPT(struct command, limit, "limit", 'l', CLI_COUNT, "N", "at most so many"),
	CLI_OPT(struct command, since, "since", 0, CLI_U64, "MS", "from this time on"),
	CLI_END,
};

/* One command line, parsed. */
struct line {
	struct program program;
	struct command command;
	struct arena words;
	struct cli_list args;
	struct err e;
	int result;
};

static void parse(struct line *l, const char *const *words, bool stop)
{
	const struct cli_group groups[] = {
		{program_options, &l->program},
		{command_options, &l->command},
		{0},
	};
	char *argv[16];
	size_t n = 0;

	memset(l, 0, sizeof(*l));
	for (; words[n]; n++)
		argv[n] = arena_strdup(&l->words, words[n]);
	argv[n] = NULL;
	l->result = cli_parse(groups, "functions list", argv, stop, &l->args, &l->e);
}

#define PARSE(line, ...) parse((line), (const char *const[]){__VA_ARGS__, NULL}, false)

static void release(struct line *l)
{
	vec_release(&l->args.items);
	vec_release(&l->command.include.items);
	err_clear(&l->e);
	arena_release(&l->words);
}

static void options_of_all_groups_mix_with_arguments(void **state UNUSED)
{
	struct line l;

	PARSE(&l, "one", "--force", "-q", "two", "--output", "json", "-", "--apihost=h");
	assert_int_equal(l.result, 0);
	assert_true(l.command.force);
	assert_false(l.command.all);
	assert_true(l.program.quiet);
	assert_false(l.program.help);
	assert_string_equal(l.program.output, "json");
	assert_string_equal(l.command.host, "h");
	assert_int_equal(l.args.items.n, 3);
	assert_string_equal(l.args.items.v[0], "one");
	assert_string_equal(l.args.items.v[1], "two");
	assert_string_equal(l.args.items.v[2], "-");
	release(&l);
}

static void every_form_of_a_value_is_read(void **state UNUSED)
{
	static const char *const lines[][4] = {
		{"--limit", "17"}, {"--limit=17"}, {"-l", "17"},    {"-l17"},
		{"-fal17"},        {"-al", "17"},  {"-l3", "-l17"},
	};
	struct line l;
	size_t i;

	for (i = 0; i < countof(lines); i++) {
		parse(&l, lines[i], false);
		assert_int_equal(l.result, 0);
		assert_int_equal(l.command.limit, 17);
		assert_int_equal(l.args.items.n, 0);
		release(&l);
	}
}

static void list_collects_every_occurrence(void **state UNUSED)
{
	struct line l;

	PARSE(&l, "-ia", "--include", "--b", "--include=c=d", "-i", "", "--include=");
	assert_int_equal(l.result, 0);
	assert_int_equal(l.command.include.items.n, 5);
	assert_string_equal(l.command.include.items.v[0], "a");
	assert_string_equal(l.command.include.items.v[1], "--b");
	assert_string_equal(l.command.include.items.v[2], "c=d");
	assert_string_equal(l.command.include.items.v[3], "");
	assert_string_equal(l.command.include.items.v[4], "");
	release(&l);
}

static void numbers_reach_their_bounds(void **state UNUSED)
{
	struct line l;

	PARSE(&l, "--limit=2147483647", "--since", "18446744073709551615");
	assert_int_equal(l.result, 0);
	assert_int_equal(l.command.limit, 2147483647);
	assert_true(l.command.since == UINT64_MAX);
	release(&l);
}

static void double_dash_ends_the_options(void **state UNUSED)
{
	struct line l;

	PARSE(&l, "-f", "--", "--help", "--", "-x");
	assert_int_equal(l.result, 0);
	assert_false(l.program.help);
	assert_int_equal(l.args.items.n, 3);
	assert_string_equal(l.args.items.v[0], "--help");
	assert_string_equal(l.args.items.v[1], "--");
	assert_string_equal(l.args.items.v[2], "-x");
	release(&l);
}

static void first_argument_can_end_the_options(void **state UNUSED)
{
	struct line l;

	parse(&l, (const char *const[]){"-q", "deploy", "--unknown", "-o", NULL}, true);
	assert_int_equal(l.result, 0);
	assert_true(l.program.quiet);
	assert_int_equal(l.args.items.n, 3);
	assert_string_equal(l.args.items.v[0], "deploy");
	assert_string_equal(l.args.items.v[1], "--unknown");
	assert_string_equal(l.args.items.v[2], "-o");
	release(&l);
}

static void nothing_given_is_nothing_set(void **state UNUSED)
{
	struct line l;

	parse(&l, (const char *const[]){NULL}, false);
	assert_int_equal(l.result, 0);
	assert_int_equal(l.args.items.n, 0);
	assert_null(l.program.output);
	release(&l);
}

static void wrong_lines_are_refused_with_the_way_out(void **state UNUSED)
{
	static const struct {
		const char *words[4];
		const char *message;
	} cases[] = {
		{{"--forse"}, "unknown option '--forse'; did you mean '--force'? See"},
		{{"--quite"}, "unknown option '--quite'; did you mean '--quiet'? See"},
		{{"--outptu=json"}, "unknown option '--outptu'; did you mean '--output'? See"},
		{{"--zebra"}, "unknown option '--zebra'; see"},
		{{"--=x"}, "unknown option '--'; see"},
		{{"--forc"}, "unknown option '--forc'; did you mean '--force'? See"},
		{{"-z"}, "unknown option '-z'; see"},
		{{"-fz"}, "unknown option '-z'; see"},
		{{"-\xc3\xa9x"}, "unknown option '-\xc3\xa9'; see"},
		{{"-\xff"}, "unknown option '-\xef\xbf\xbd'; see"},
		{{"--a\x1b[31m"}, "unknown option '--a\\x1b[31m'; see"},
		{{"--apihost"}, "option '--apihost' needs a value; see"},
		{{"-fl"}, "option '--limit' needs a value; see"},
		{{"--force=yes"}, "option '--force' takes no value; see"},
		{{"--force="}, "option '--force' takes no value; see"},
		{{"--limit", "ten"},
		 "option '--limit' needs a whole number from 0 to 2147483647, not 'ten'; see"},
		{{"-l", "-1"},
		 "option '--limit' needs a whole number from 0 to 2147483647, not '-1'; see"},
		{{"--limit="},
		 "option '--limit' needs a whole number from 0 to 2147483647, not ''; see"},
		{{"-l2147483648"},
		 "option '--limit' needs a whole number from 0 to 2147483647, not "
		 "'2147483648'; see"},
		{{"-l", "1\n2"},
		 "option '--limit' needs a whole number from 0 to 2147483647, not '1\\x0a2'; "
		 "see"},
		{{"--since", "1e3"},
		 "option '--since' needs a whole number from 0 to 18446744073709551615, not "
		 "'1e3'; see"},
		{{"--since=18446744073709551616"},
		 "option '--since' needs a whole number from 0 to 18446744073709551615, not "
		 "'18446744073709551616'; see"},
	};
	struct strbuf want = STRBUF_INIT;
	struct line l;
	size_t i;

	for (i = 0; i < countof(cases); i++) {
		parse(&l, cases[i].words, false);
		assert_int_equal(l.result, -1);
		strbuf_reset(&want);
		strbuf_addf(&want, "%s 'dofn functions list --help'", cases[i].message);
		assert_string_equal(l.e.msg, want.buf);
		assert_int_equal(l.e.code, ERR_USAGE);
		release(&l);
	}
	strbuf_release(&want);
}

static void program_itself_is_named_without_a_gap(void **state UNUSED)
{
	const struct cli_group none[] = {{0}};
	char word[] = "-x", *argv[] = {word, NULL};
	struct cli_list args = {0};
	struct err e = ERR_INIT;

	assert_int_equal(cli_parse(none, "", argv, true, &args, &e), -1);
	assert_string_equal(e.msg, "unknown option '-x'; see 'dofn --help'");
	err_clear(&e);
}

/* Parses with the two tables in a child, as bug() aborts. */
static void assert_aborts(const struct cli_option *a, const struct cli_option *b)
{
	struct program into = {0};
	const struct cli_group groups[] = {{a, &into}, {b, &into}, {0}};
	char *argv[] = {NULL};
	struct cli_list args = {0};
	struct err e = ERR_INIT;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		_exit(cli_parse(groups, "", argv, false, &args, &e) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void option_in_two_groups_is_a_bug(void **state UNUSED)
{
	static const struct cli_option same_name[] = {
		CLI_OPT(struct program, help, "quiet", 0, CLI_FLAG, NULL, ""),
		CLI_END,
	};
	static const struct cli_option same_letter[] = {
		CLI_OPT(struct program, help, "other", 'q', CLI_FLAG, NULL, ""),
		CLI_END,
	};

	assert_aborts(program_options, same_name);
	assert_aborts(same_letter, program_options);
}

static void options_are_listed_in_columns(void **state UNUSED)
{
	static const struct cli_option options[] = {
		CLI_OPT(struct program, help, "help", 'h', CLI_FLAG, NULL, "show this help"),
		CLI_OPT(struct program, output, "output", 0, CLI_STRING, "FORMAT", "its form"),
		CLI_OPT(struct program, output, "just-fits-here", 0, CLI_STRING, "ABC", "fits"),
		CLI_OPT(struct program, output, "just-fits-here2", 0, CLI_STRING, "ABC", "not"),
		CLI_END,
	};
	struct strbuf b = STRBUF_INIT;

	cli_write_options(&b, options);
	assert_string_equal(b.buf, "  -h, --help                show this help\n"
				   "      --output FORMAT       its form\n"
				   "      --just-fits-here ABC  fits\n"
				   "      --just-fits-here2 ABC\n"
				   "                            not\n");
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_all_groups_mix_with_arguments),
		cmocka_unit_test(every_form_of_a_value_is_read),
		cmocka_unit_test(list_collects_every_occurrence),
		cmocka_unit_test(numbers_reach_their_bounds),
		cmocka_unit_test(double_dash_ends_the_options),
		cmocka_unit_test(first_argument_can_end_the_options),
		cmocka_unit_test(nothing_given_is_nothing_set),
		cmocka_unit_test(wrong_lines_are_refused_with_the_way_out),
		cmocka_unit_test(program_itself_is_named_without_a_gap),
		cmocka_unit_test(option_in_two_groups_is_a_bug),
		cmocka_unit_test(options_are_listed_in_columns),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
