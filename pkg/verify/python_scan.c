#include "verify/python_scan.h"

#include "base/strbuf.h"
#include "verify/python_lex.h"

enum block_kind {
	BLOCK_PLAIN,
	BLOCK_CLASS,
	BLOCK_FUNCTION,
	BLOCK_IF,
	BLOCK_CAUGHT,
	BLOCK_SPARE
};

/* What the lines that are further in belong to. */
struct block {
	enum block_kind kind;
	uint32_t indent;
	unsigned attempt;
	bool is_if; /* an else of the same indent follows its kind */
};

enum { BLOCKS_MAX = 100 }; /* as Python: more levels are an error there */

struct scan {
	struct arena *a;
	struct str wanted;
	const struct python_token *t;
	size_t n;
	struct python_module *out;
	struct block blocks[BLOCKS_MAX];
	size_t depth;
	struct block closed; /* the last one that ended */
	unsigned attempts;
	bool decorated;
};

static bool is(const struct python_token *t, const char *text)
{
	return t->kind != PYTHON_STRING && t->kind != PYTHON_NEWLINE && str_is(t->text, text);
}

static bool is_any(const struct python_token *t, const char *const *words)
{
	for (; *words; words++)
		if (is(t, *words))
			return true;
	return false;
}

/* The end of the logical line that token i is in. */
static size_t line_end(const struct scan *s, size_t i)
{
	while (i < s->n && s->t[i].kind != PYTHON_NEWLINE)
		i++;
	return i;
}

/* The first token of [i, end) outside of brackets that is this; end when there is none. */
static size_t find_op(const struct scan *s, size_t i, size_t end, const char *op)
{
	unsigned depth = 0;

	for (; i < end; i++) {
		if (s->t[i].kind != PYTHON_OP)
			continue;
		if (depth == 0 && is(&s->t[i], op))
			return i;
		if (is(&s->t[i], "(") || is(&s->t[i], "[") || is(&s->t[i], "{"))
			depth++;
		else if (depth > 0 &&
			 (is(&s->t[i], ")") || is(&s->t[i], "]") || is(&s->t[i], "}")))
			depth--;
	}
	return end;
}

static enum python_when when_now(const struct scan *s, unsigned *attempt)
{
	enum python_when when = PYTHON_LOADED, one;
	size_t i;

	*attempt = 0;
	for (i = 0; i < s->depth; i++) {
		const struct block *b = &s->blocks[i];

		one = b->kind == BLOCK_CAUGHT                            ? PYTHON_CAUGHT
		      : b->kind == BLOCK_SPARE                           ? PYTHON_SPARE
		      : b->kind == BLOCK_IF || b->kind == BLOCK_FUNCTION ? PYTHON_MAYBE
									 : PYTHON_LOADED;
		if (one > when)
			when = one;
		if (b->attempt)
			*attempt = b->attempt;
	}
	return when;
}

/* Names that are bound now are the module's. */
static bool in_module(const struct scan *s)
{
	size_t i;

	for (i = 0; i < s->depth; i++)
		if (s->blocks[i].kind == BLOCK_FUNCTION || s->blocks[i].kind == BLOCK_CLASS)
			return false;
	return true;
}

static void bind(struct scan *s, struct str name)
{
	if (s->wanted.n && str_eq(name, s->wanted) && in_module(s))
		s->out->defines = true;
}

/* "a.b" from token *i on; leaves *i behind it. */
static struct str take_dotted(struct scan *s, size_t *i, size_t end)
{
	struct strbuf b = STRBUF_INIT;
	struct str name;

	while (*i < end && s->t[*i].kind == PYTHON_NAME) {
		strbuf_addstr(&b, s->t[(*i)++].text);
		if (*i + 1 >= end || !is(&s->t[*i], ".") || s->t[*i + 1].kind != PYTHON_NAME)
			break;
		strbuf_addc(&b, '.');
		(*i)++;
	}
	name = arena_str(s->a, strbuf_str(&b));
	strbuf_release(&b);
	return name;
}

static struct str first_part(struct str dotted)
{
	struct str part = {0};

	(void)str_next(&dotted, '.', &part);
	return part;
}

/* "as x" at *i: x; else empty. */
static struct str take_alias(struct scan *s, size_t *i, size_t end)
{
	struct str alias = {0};

	if (*i + 1 < end && is(&s->t[*i], "as")) {
		alias = s->t[*i + 1].text;
		*i += 2;
	}
	return alias;
}

static void add_import(struct scan *s, struct python_import import,
		       const struct python_token *at)
{
	import.line = at->line;
	import.column = at->column;
	import.when = when_now(s, &import.attempt);
	vec_push(&s->out->imports, import);
}

/* import a.b as c, d */
static void take_import(struct scan *s, size_t i, size_t end)
{
	while (i < end) {
		const struct python_token *at = &s->t[i];
		struct python_import import = {.module = take_dotted(s, &i, end)};
		struct str alias = take_alias(s, &i, end);

		if (import.module.n == 0)
			return;
		add_import(s, import, at);
		bind(s, alias.n ? alias : first_part(import.module));
		if (i >= end || !is(&s->t[i], ","))
			return;
		i++;
	}
}

static void take_names(struct scan *s, struct python_import *import, size_t i, size_t end)
{
	struct str alias, name;

	for (; i < end; i++) {
		if (is(&s->t[i], "*"))
			s->out->opaque |= in_module(s);
		else if (s->t[i].kind != PYTHON_NAME)
			continue;
		name = s->t[i].text;
		vec_push(&s->out->names, name);
		import->names++;
		i++;
		alias = take_alias(s, &i, end);
		bind(s, alias.n ? alias : name);
	}
}

/* from ..a.b import (c as d, e) */
static void take_from(struct scan *s, size_t i, size_t end)
{
	const struct python_token *at = i < end ? &s->t[i] : NULL;
	struct python_import import = {.first_name = s->out->names.n};

	for (; i < end && s->t[i].kind == PYTHON_OP && s->t[i].text.p[0] == '.'; i++)
		import.dots++;
	if (i < end && !is(&s->t[i], "import"))
		import.module = take_dotted(s, &i, end);
	if (!at || i >= end || !is(&s->t[i], "import") || (!import.dots && !import.module.n))
		return;
	take_names(s, &import, i + 1, end);
	if (import.module.n || import.names)
		add_import(s, import, at);
}

/* The name asked for, somewhere on the left of "=" or after "for" or "as". */
static void look_for_targets(struct scan *s, size_t i, size_t end)
{
	static const char *const binding[] = {"for",    "with",  "match", "case",
					      "except", "async", "type",  NULL};
	size_t first = i, last = first, at = first;

	if (s->wanted.n == 0 || first >= end)
		return;
	while ((at = find_op(s, at, end, "=")) < end)
		last = at++;
	for (; i < end; i++) {
		if (s->t[i].kind != PYTHON_NAME || !str_eq(s->t[i].text, s->wanted) ||
		    (i > first && is(&s->t[i - 1], ".")))
			continue;
		if (i < last || is_any(&s->t[first], binding) ||
		    (i + 1 < end && is(&s->t[i + 1], ":=")) ||
		    (i == first && i + 1 < end && is(&s->t[i + 1], ":")))
			bind(s, s->wanted);
	}
}

/* One simple statement. */
static void take_statement(struct scan *s, size_t i, size_t end)
{
	if (i >= end)
		return;
	if (is(&s->t[i], "import"))
		take_import(s, i + 1, end);
	else if (is(&s->t[i], "from"))
		take_from(s, i + 1, end);
	else if (is(&s->t[i], "global"))
		s->out->opaque = true;
	else
		look_for_targets(s, i, end);
}

static void take_statements(struct scan *s, size_t i, size_t end)
{
	while (i < end) {
		size_t stop = find_op(s, i, end, ";");

		take_statement(s, i, stop);
		i = stop + 1;
	}
}

static bool catches_import(const struct scan *s, size_t i, size_t end)
{
	static const char *const caught[] = {"ImportError", "ModuleNotFoundError", "Exception",
					     "BaseException", NULL};
	size_t colon = find_op(s, i, end, ":");

	if (i == colon)
		return true;
	for (; i < colon; i++)
		if (is_any(&s->t[i], caught))
			return true;
	return false;
}

static bool gives_up(const struct scan *s, size_t i, size_t end)
{
	static const char *const words[] = {"raise", "exit", "_exit", "SystemExit", NULL};

	for (; i < end; i++)
		if (is_any(&s->t[i], words))
			return true;
	return false;
}

/*
 * Of the try whose line ends at token i: whether one of its handlers lets the
 * module go on behind a failed import.
 */
static enum block_kind judge_try(const struct scan *s, size_t i, uint32_t indent)
{
	bool caught = false, in_handler = false, fails = false;
	size_t end;

	for (i++; i < s->n; i = end + 1) {
		end = line_end(s, i);
		if (s->t[i].indent < indent)
			break;
		if (s->t[i].indent == indent) {
			if (!is(&s->t[i], "except") && !is(&s->t[i], "else") &&
			    !is(&s->t[i], "finally"))
				break;
			in_handler = is(&s->t[i], "except") && catches_import(s, i + 1, end);
			caught |= in_handler;
		}
		fails |= in_handler && gives_up(s, i, end);
	}
	return !caught ? BLOCK_PLAIN : fails ? BLOCK_IF : BLOCK_CAUGHT;
}

/* Conditions about what is there, that tests on this machine cannot judge. */
static bool asks_about_surroundings(const struct scan *s, size_t i, size_t end)
{
	static const char *const words[] = {"TYPE_CHECKING", "__name__", "version_info",
					    "hexversion",    "platform", "find_spec",
					    "PY2",           "PY3",      "python_version",
					    "suppress",      NULL};

	for (; i < end; i++)
		if (is_any(&s->t[i], words) ||
		    (i > 0 && is(&s->t[i - 1], ".") && is(&s->t[i], "name")))
			return true;
	return false;
}

static void push(struct scan *s, struct block b)
{
	if (s->depth < BLOCKS_MAX)
		s->blocks[s->depth++] = b;
	else
		s->out->unreadable = true;
}

static void take_def(struct scan *s, size_t i, size_t colon, bool async, struct block *b)
{
	b->kind = BLOCK_FUNCTION;
	if (i + 1 >= colon)
		return;
	bind(s, s->t[i + 1].text);
	if (!in_module(s))
		return;
	if (s->depth == 0)
		vec_push(&s->out->functions, s->t[i + 1].text);
	if (str_eq(s->t[i + 1].text, s->wanted))
		s->out->is_async = async && !s->decorated;
	if (str_is(s->t[i + 1].text, "__getattr__"))
		s->out->opaque = true;
}

/* else, elif, except, finally: what they are of has just ended. */
static void follow_on(struct scan *s, size_t i, struct block *b)
{
	bool mine = s->closed.indent == b->indent;

	if (is(&s->t[i], "finally"))
		b->kind = BLOCK_PLAIN;
	else if (is(&s->t[i], "except")) {
		b->kind = BLOCK_SPARE;
		b->attempt = mine ? s->closed.attempt : 0;
	} else {
		b->kind = mine && s->closed.is_if ? s->closed.kind : BLOCK_IF;
	}
	b->is_if = mine && s->closed.is_if;
	if (mine && !b->attempt)
		b->attempt = s->closed.attempt;
	/* behind "else" of a try no import of the try's own has failed */
	if (is(&s->t[i], "else") && !b->is_if)
		b->attempt = 0;
}

/* The block that begins with the words [i, colon). */
static struct block judge_block(struct scan *s, size_t i, size_t colon)
{
	static const char *const following[] = {"elif", "else", "except", "finally", NULL};
	static const char *const conditional[] = {"if", "while", "for", "with", "case", NULL};
	struct block b = {.indent = s->t[i].indent};
	bool async = is(&s->t[i], "async");

	i += async;
	if (i >= colon)
		return b;
	if (is(&s->t[i], "def"))
		take_def(s, i, colon, async, &b);
	else if (is(&s->t[i], "class")) {
		if (i + 1 < colon)
			bind(s, s->t[i + 1].text);
		b.kind = BLOCK_CLASS;
	} else if (is(&s->t[i], "try")) {
		b.attempt = ++s->attempts;
		b.kind = judge_try(s, line_end(s, i), b.indent);
	} else if (is_any(&s->t[i], following)) {
		follow_on(s, i, &b);
	} else if (is_any(&s->t[i], conditional)) {
		b.is_if = is(&s->t[i], "if");
		b.kind = asks_about_surroundings(s, i, colon) ? BLOCK_CAUGHT : BLOCK_IF;
		look_for_targets(s, i, colon);
	}
	return b;
}

/* Whether a line that starts so is a header with a suite behind its colon. */
static bool is_header(const struct scan *s, size_t i, size_t end)
{
	static const char *const words[] = {"def",   "class",   "if",   "elif", "else",
					    "for",   "while",   "with", "try",  "except",
					    "async", "finally", NULL};

	if (is_any(&s->t[i], words))
		return true;
	return (is(&s->t[i], "match") || is(&s->t[i], "case")) && i + 2 < end &&
	       is(&s->t[end - 1], ":") && s->t[i + 1].kind != PYTHON_NEWLINE &&
	       !is(&s->t[i + 1], "=") && !is(&s->t[i + 1], ":") && !is(&s->t[i + 1], ".");
}

static void take_line(struct scan *s, size_t i, size_t end)
{
	size_t colon;

	s->closed = (struct block){.indent = UINT32_MAX};
	while (s->depth > 0 && s->blocks[s->depth - 1].indent >= s->t[i].indent)
		s->closed = s->blocks[--s->depth];
	if (is(&s->t[i], "@")) {
		s->decorated = true;
		return;
	}
	if (is_header(s, i, end)) {
		colon = find_op(s, i, end, ":");
		push(s, judge_block(s, i, colon));
		i = colon + 1;
	}
	s->decorated = false;
	take_statements(s, i, end);
}

/* Ways to define names or find modules that a look at the statements does not show. */
static void look_for_tricks(struct scan *s)
{
	static const char *const definers[] = {"exec",     "globals", "setattr", "eval",
					       "__dict__", "vars",    "locals",  NULL};
	static const char *const movers[] = {"path", "modules", "meta_path", "path_hooks",
					     NULL};
	static const char *const finders[] = {"addsitedir", "__path__",  "path_hooks",
					      "meta_path",  "zipimport", NULL};
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->t[i].kind != PYTHON_NAME)
			continue;
		s->out->opaque |= is_any(&s->t[i], definers);
		s->out->moves_path |= is_any(&s->t[i], finders);
		if (i >= 2 && is(&s->t[i - 2], "sys") &&
		    (is(&s->t[i - 1], ".") || is(&s->t[i - 1], "import")))
			s->out->moves_path |= is_any(&s->t[i], movers);
	}
}

void python_scan(struct arena *a, struct str text, struct str wanted, struct python_module *out)
{
	struct scan s = {.a = a, .wanted = wanted, .out = out};
	struct python_tokens tokens;
	size_t i, end;

	*out = (struct python_module){0};
	out->unreadable = !python_lex(text, &tokens);
	s.t = tokens.list.v;
	s.n = tokens.list.n;
	if (!out->unreadable)
		look_for_tricks(&s);
	for (i = 0; i < s.n && !out->unreadable; i = end + 1) {
		end = line_end(&s, i);
		take_line(&s, i, end);
	}
	python_tokens_release(&tokens);
}

void python_module_release(struct python_module *m)
{
	vec_release(&m->imports);
	vec_release(&m->names);
	vec_release(&m->functions);
}
