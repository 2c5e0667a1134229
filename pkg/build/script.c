#include "build/script.h"

#include "fs/fs.h"

/* What one pass over the words has seen. */
struct scan {
	struct script *script;
	struct arena *arena;
	bool installs_virtualenv; /* the script brings it itself */
	bool activates;           /* pip is the virtual environment's */
	/* Of the command under way. */
	bool runs_module; /* the word before was -m */
	bool pip, install, target;
};

/* Words behind which the next one is a command again. */
static const char *const openers[] = {"then", "do",   "else", "if",   "elif", "while", "until",
				      "!",    "time", "sudo", "exec", "env",  "nohup"};

static const char *const shells[] = {"bash", "sh", "dash", "ksh", "zsh"};

static const char blanks[] = " \t\r";
static const char separators[] = ";&|(){}`";

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_listed(struct str word, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_is(word, list[i]))
			return true;
	return false;
}

/* The next blank-separated word of *rest, or one without bytes at its end. */
static struct str next_field(struct str *rest)
{
	struct str word = {rest->p, 0};

	while (rest->n > 0 && is_one_of(*rest->p, blanks))
		*rest = str_from(*rest, 1);
	word.p = rest->p;
	while (word.n < rest->n && !is_one_of(rest->p[word.n], blanks))
		word.n++;
	*rest = str_from(*rest, word.n);
	return word;
}

/*
 * "#!/usr/bin/env python3", "#!/bin/bash -e", "#! /bin/sh".  `env` is looked
 * through, so that what is missing can be named.
 */
static void read_first_line(struct script *s, struct arena *a)
{
	struct str rest = {s->text, strcspn(s->text, "\n")};
	struct str word;

	s->program = "bash";
	if (!str_starts(rest, "#!"))
		return;
	rest = str_from(rest, 2);
	word = next_field(&rest);
	if (str_is(path_base(word), "env")) {
		word = next_field(&rest);
		if (str_is(word, "-S"))
			word = next_field(&rest);
	}
	if (word.n == 0)
		return;
	s->program = arena_strndup(a, word.p, word.n);
	while (s->args_n < countof(s->args) && (word = next_field(&rest)).n > 0)
		s->args[s->args_n++] = arena_strndup(a, word.p, word.n);
}

bool script_is_shell(const struct script *s)
{
	return is_listed(path_base(str_of(s->program)), shells, countof(shells));
}

static void add_python(struct scan *scan, struct str version, bool is_command)
{
	struct script *s = scan->script;
	const char *name = arena_strndup(scan->arena, version.p, version.n);
	size_t i;

	if (is_command)
		vec_push(&s->runs, name);
	for (i = 0; i < s->pythons.n; i++)
		if (strcmp(s->pythons.v[i], name) == 0)
			return;
	vec_push(&s->pythons, name);
}

/* Every "python3.N" in the word, also inside a path. */
static void find_pythons(struct scan *scan, struct str word, bool is_command)
{
	static const char name[] = "python3.";
	const char *p;

	while ((p = memmem(word.p, word.n, name, sizeof(name) - 1))) {
		struct str version = {p + 6, 2};

		word = str_from(word, (size_t)(p - word.p) + sizeof(name) - 1);
		while (word.n > 0 && *word.p >= '0' && *word.p <= '9') {
			word = str_from(word, 1);
			version.n++;
		}
		if (version.n > 2)
			add_python(scan, version, is_command && word.n == 0);
	}
}

/* "pip", "virtualenv/bin/pip3.9", also in quotes. */
static bool is_pip(struct str word)
{
	struct str name = path_base(word);

	while (name.n > 0 && is_one_of(name.p[name.n - 1], "\"'.0123456789"))
		name.n--;
	return str_is(name, "pip") || str_is(name, "\"pip") || str_is(name, "'pip");
}

static bool is_target(struct str word)
{
	return str_is(word, "--target") || str_starts(word, "--target=") ||
	       (str_starts(word, "-t") && !str_starts(word, "--"));
}

static void see_pip(struct scan *scan, struct str word, bool is_command)
{
	if ((is_command || scan->runs_module) && is_pip(word))
		scan->pip = true;
	else if (scan->pip && str_is(word, "install"))
		scan->install = true;
	else if (scan->install && is_target(word))
		scan->target = true;
	scan->runs_module = str_is(word, "-m");
}

static void end_command(struct scan *scan)
{
	if (scan->pip && scan->install && scan->target)
		scan->script->pip_targets++;
	else if (scan->pip && scan->install)
		scan->script->pip_others++;
	scan->pip = scan->install = scan->target = scan->runs_module = false;
}

/* True when the word is a command's name, not an argument. */
static void see_word(struct scan *scan, struct str word, bool is_command, bool behind_install)
{
	struct script *s = scan->script;

	find_pythons(scan, word, is_command);
	if (is_command)
		end_command(scan);
	see_pip(scan, word, is_command);
	if (is_command && str_is(word, "virtualenv"))
		s->calls_virtualenv = true;
	if (is_command && (str_is(word, "pip") || str_is(word, "pip3")))
		s->calls_pip = true;
	if (behind_install && str_starts(word, "virtualenv") && !memchr(word.p, '/', word.n))
		scan->installs_virtualenv = true;
	if (str_ends(word, "bin/activate"))
		scan->activates = true;
}

static bool is_assignment(struct str word)
{
	const char *equals = memchr(word.p, '=', word.n);

	return equals && equals > word.p && *word.p != '-' && *word.p != '"';
}

/* The next word; *opens when separators stood before it. Empty at the end or a comment. */
static struct str next_word(struct str *rest, bool *opens)
{
	struct str word;

	while (rest->n > 0 &&
	       (is_one_of(*rest->p, blanks) || is_one_of(*rest->p, separators))) {
		*opens |= is_one_of(*rest->p, separators);
		*rest = str_from(*rest, 1);
	}
	word = (struct str){rest->p, 0};
	if (rest->n > 0 && *rest->p == '#')
		return word;
	while (word.n < rest->n && !is_one_of(rest->p[word.n], blanks) &&
	       !is_one_of(rest->p[word.n], separators))
		word.n++;
	*rest = str_from(*rest, word.n);
	return word;
}

static void scan_line(struct scan *scan, struct str line)
{
	bool is_command = true, behind_install = false;
	struct str word;

	while ((word = next_word(&line, &is_command)).n > 0) {
		see_word(scan, word, is_command, behind_install);
		behind_install |= str_is(word, "install");
		is_command = is_command && (is_assignment(word) ||
					    is_listed(word, openers, countof(openers)));
	}
	end_command(scan);
}

/* A backslash at its end joins a line with the next one. */
static struct str join_lines(struct arena *a, struct str text)
{
	char *p = arena_strndup(a, text.p, text.n), *end = p;

	while ((end = strstr(end, "\\\n")))
		memset(end, ' ', 2);
	return (struct str){p, text.n};
}

static void scan_words(struct script *s, struct arena *a)
{
	struct scan scan = {.script = s, .arena = a};
	struct str rest = join_lines(a, (struct str){s->text, s->n}), line;

	while (str_next(&rest, '\n', &line))
		scan_line(&scan, line);
	s->calls_virtualenv = s->calls_virtualenv && !scan.installs_virtualenv;
	s->calls_pip = s->calls_pip && !scan.activates;
}

/* A copy without the CR of CR LF. */
static void copy_text(struct script *s, struct arena *a, struct str text)
{
	char *to = arena_alloc(a, text.n + 1);
	size_t i;

	s->text = to;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] == '\n'))
			s->crlf = true;
		else
			to[s->n++] = text.p[i];
	}
	to[s->n] = '\0';
}

int script_parse(struct script *s, struct arena *a, struct str text, struct err *e)
{
	*s = (struct script){0};
	if (text.n > 0 && memchr(text.p, '\0', text.n))
		return err_set(e, ERR_PROJECT, "it is no script: it holds NUL bytes");
	copy_text(s, a, text);
	read_first_line(s, a);
	scan_words(s, a);
	return 0;
}

void script_release(struct script *s)
{
	vec_release(&s->pythons);
	vec_release(&s->runs);
}
