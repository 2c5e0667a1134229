#include "cli/cli.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

struct parser {
	const struct cli_group *groups;
	const char *command;
	char *const *next; /* the word to be read */
	struct err *e;
};

/* An option and the struct it fills. */
struct match {
	const struct cli_option *option; /* NULL: there is none */
	void *into;
};

static bool is_called(const struct cli_option *o, struct str name, char letter)
{
	return (name.n && str_is(name, o->name)) || (letter && o->letter == letter);
}

/* By name, or by letter; the other one is empty. */
static struct match find(const struct cli_group *groups, struct str name, char letter)
{
	const struct cli_option *o;

	for (; groups->options; groups++)
		for (o = groups->options; o->name; o++)
			if (is_called(o, name, letter))
				return (struct match){o, groups->into};
	return (struct match){0};
}

static void check_groups(const struct cli_group *groups)
{
	const struct cli_group *g;
	const struct cli_option *o;

	for (g = groups; g->options; g++)
		for (o = g->options; o->name; o++)
			if (find(groups, str_of(o->name), 0).option != o ||
			    (o->letter && find(groups, (struct str){0}, o->letter).option != o))
				bug("option '--%s' or its letter is defined twice", o->name);
}

/* Ends a message about the command line: where to read how it is meant. */
static int fail(const struct parser *p, const char *what, const char *join)
{
	return err_set(p->e, ERR_USAGE, "%s%s'dofn%s%s --help'", what, join,
		       *p->command ? " " : "", p->command);
}

static const char *nearest_name(const struct parser *p, struct str name)
{
	VEC(const char *) names = {0};
	const struct cli_group *g;
	const struct cli_option *o;
	const char *near;

	for (g = p->groups; g->options; g++)
		for (o = g->options; o->name; o++)
			vec_push(&names, o->name);
	vec_push(&names, NULL);
	near = str_nearest(name, names.v);
	vec_release(&names);
	return near;
}

static int fail_unknown(const struct parser *p, const char *dashes, struct str name)
{
	const char *near = dashes[1] ? nearest_name(p, name) : NULL;
	struct strbuf what = STRBUF_INIT;

	strbuf_addf(&what, "unknown option '%s", dashes);
	utf8_add_printable(&what, name);
	strbuf_addc(&what, '\'');
	if (near)
		strbuf_addf(&what, "; did you mean '--%s'", near);
	fail(p, what.buf, near ? "? See " : "; see ");
	strbuf_release(&what);
	return -1;
}

static int fail_value(const struct parser *p, const struct cli_option *o, const char *needs,
		      const char *value)
{
	struct strbuf what = STRBUF_INIT;

	strbuf_addf(&what, "option '--%s' %s", o->name, needs);
	if (value) {
		strbuf_adds(&what, ", not '");
		utf8_add_printable(&what, str_of(value));
		strbuf_addc(&what, '\'');
	}
	fail(p, what.buf, "; see ");
	strbuf_release(&what);
	return -1;
}

static int store_count(const struct parser *p, const struct cli_option *o, unsigned *field,
		       const char *value)
{
	uint64_t v;

	if (!str_to_u64(str_of(value), &v) || v > INT32_MAX)
		return fail_value(p, o, "needs a whole number from 0 to 2147483647", value);
	*field = (unsigned)v;
	return 0;
}

/* value is NULL exactly for flags. */
static int store(const struct parser *p, struct match m, const char *value)
{
	void *field = (char *)m.into + m.option->offset;

	switch (m.option->type) {
	case CLI_FLAG: *(bool *)field = true; return 0;
	case CLI_STRING: *(const char **)field = value; return 0;
	case CLI_LIST: vec_push(&((struct cli_list *)field)->items, value); return 0;
	case CLI_COUNT: return store_count(p, m.option, field, value);
	case CLI_U64:
		if (!str_to_u64(str_of(value), field))
			return fail_value(p, m.option,
					  "needs a whole number from 0 to 18446744073709551615",
					  value);
		return 0;
	}
	bug("option '--%s' has no type", m.option->name);
}

static int take_value(struct parser *p, struct match m, const char **value)
{
	if (!*p->next)
		return fail_value(p, m.option, "needs a value", NULL);
	*value = *p->next++;
	return 0;
}

/* "--name", "--name VALUE" or "--name=VALUE", behind the dashes. */
static int read_name(struct parser *p, const char *word)
{
	size_t n = strcspn(word, "=");
	struct match m = find(p->groups, (struct str){word, n}, 0);
	const char *value = word[n] ? word + n + 1 : NULL;

	if (!m.option)
		return fail_unknown(p, "--", (struct str){word, n});
	if (m.option->type == CLI_FLAG && value)
		return fail_value(p, m.option, "takes no value", NULL);
	if (m.option->type != CLI_FLAG && !value && take_value(p, m, &value) < 0)
		return -1;
	return store(p, m, value);
}

/* "-a", "-abc", "-n VALUE" or "-nVALUE", behind the dash. */
static int read_letters(struct parser *p, const char *word)
{
	for (; *word; word++) {
		struct match m = find(p->groups, (struct str){0}, *word);
		const char *value = word[1] ? word + 1 : NULL;
		size_t n;

		if (!m.option) {
			n = utf8_sequence(str_of(word));
			return fail_unknown(p, "-", (struct str){word, n ? n : 1});
		}
		if (m.option->type != CLI_FLAG) {
			if (!value && take_value(p, m, &value) < 0)
				return -1;
			return store(p, m, value);
		}
		if (store(p, m, NULL) < 0)
			return -1;
	}
	return 0;
}

static void take_rest(struct parser *p, struct cli_list *args)
{
	while (*p->next)
		vec_push(&args->items, *p->next++);
}

int cli_parse(const struct cli_group *groups, const char *command, char *const *argv,
	      bool stop_at_argument, struct cli_list *args, struct err *e)
{
	struct parser p = {groups, command, argv, e};
	const char *word;
	int r = 0;

	check_groups(groups);
	while (r == 0 && *p.next) {
		word = *p.next++;
		if (word[0] != '-' || word[1] == '\0') {
			vec_push(&args->items, word);
			if (stop_at_argument)
				take_rest(&p, args);
		} else if (word[1] != '-') {
			r = read_letters(&p, word + 1);
		} else if (word[2] != '\0') {
			r = read_name(&p, word + 2);
		} else {
			take_rest(&p, args);
		}
	}
	return r;
}

enum { HELP_COLUMN = 28 };

void cli_write_options(struct strbuf *out, const struct cli_option *options)
{
	const struct cli_option *o;
	size_t start;

	for (o = options; o->name; o++) {
		start = out->len;
		if (o->letter)
			strbuf_addf(out, "  -%c, ", o->letter);
		else
			strbuf_adds(out, "      ");
		strbuf_addf(out, "--%s%s%s", o->name, o->value ? " " : "",
			    o->value ? o->value : "");
		if (out->len - start > HELP_COLUMN - 2) {
			strbuf_addc(out, '\n');
			start = out->len;
		}
		strbuf_addf(out, "%*s%s\n", (int)(HELP_COLUMN - (out->len - start)), "",
			    o->help);
	}
}
