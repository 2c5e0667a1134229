#include "verify/python_lex.h"

struct lexer {
	struct str text;
	size_t at;
	uint32_t line;
	size_t counted; /* what `column` is the column of: a line may be the whole file */
	uint32_t column;
	uint32_t depth, indent;
	bool at_start; /* of a logical line */
	bool broken;
	struct python_tokens *out;
};

static char peek(const struct lexer *l, size_t ahead)
{
	if (l->at + ahead >= l->text.n)
		return '\0';
	return l->text.p[l->at + ahead];
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* A line begins at `at`. */
static void begin_line(struct lexer *l, size_t at)
{
	l->line++;
	l->counted = at;
	l->column = 1;
}

/* The places asked for only go forward. */
static uint32_t column_at(struct lexer *l, size_t at)
{
	for (; l->counted < at; l->counted++)
		l->column += ((unsigned char)l->text.p[l->counted] & 0xc0) != 0x80;
	return l->column;
}

static void add(struct lexer *l, enum python_kind kind, size_t start)
{
	struct python_token token = {
		.kind = kind,
		.text = {l->text.p + start, l->at - start},
		.line = l->line,
		.column = column_at(l, start),
		.indent = l->indent,
	};

	l->at_start = false;
	vec_push(&l->out->list, token);
}

static void end_line(struct lexer *l)
{
	struct python_token token = {.kind = PYTHON_NEWLINE, .line = l->line};

	if (!l->at_start && l->depth == 0) {
		vec_push(&l->out->list, token);
		l->at_start = true;
		l->indent = 0;
	}
}

/* At '\n', or '\r' with or without it. */
static void take_newline(struct lexer *l)
{
	end_line(l);
	l->at += peek(l, 0) == '\r' && peek(l, 1) == '\n' ? 2 : 1;
	begin_line(l, l->at);
}

/* Inside of a string: a line's end counts. */
static void skip_in_string(struct lexer *l)
{
	if (peek(l, 0) == '\n' || (peek(l, 0) == '\r' && peek(l, 1) != '\n'))
		begin_line(l, l->at + 1);
	l->at++;
}

static void take_string(struct lexer *l, size_t start)
{
	char quote = peek(l, 0);
	size_t n = peek(l, 1) == quote && peek(l, 2) == quote ? 3 : 1;
	struct lexer first;

	(void)column_at(l, start);
	first = *l;
	l->at += n;
	while (l->at < l->text.n) {
		char c = peek(l, 0);

		if (c == quote && (n == 1 || (peek(l, 1) == quote && peek(l, 2) == quote))) {
			l->at += n;
			first.at = l->at;
			add(&first, PYTHON_STRING, start); /* its place is where it began */
			l->at_start = false;
			return;
		}
		if (n == 1 && (c == '\n' || c == '\r'))
			break;
		if (c == '\\' && peek(l, 1) == '\r' && peek(l, 2) == '\n')
			l->at++;
		if (c == '\\')
			l->at++;
		if (l->at < l->text.n)
			skip_in_string(l);
	}
	l->broken = true;
}

/* A name may turn out to be the prefix of a string: rb'...'. */
static void take_name(struct lexer *l)
{
	size_t start = l->at;

	while (is_name(peek(l, 0)) && l->at < l->text.n)
		l->at++;
	if ((peek(l, 0) == '"' || peek(l, 0) == '\'') && l->at - start <= 2)
		take_string(l, start);
	else
		add(l, PYTHON_NAME, start);
}

static void count_brackets(struct lexer *l, char c)
{
	if (c == '(' || c == '[' || c == '{')
		l->depth++;
	if (c == ')' || c == ']' || c == '}') {
		if (l->depth == 0)
			l->broken = true;
		else
			l->depth--;
	}
}

static void take_op(struct lexer *l)
{
	size_t start = l->at;
	char c = peek(l, 0);

	l->at++;
	if (strchr("*/<>", c) && peek(l, 0) == c)
		l->at++;
	if ((strchr("+-*/%@&|^<>=!:", c) && peek(l, 0) == '=') ||
	    (c == '-' && peek(l, 0) == '>'))
		l->at++;
	add(l, PYTHON_OP, start);
	count_brackets(l, c);
}

/* A backslash at a line's end joins it with the next one. */
static void take_backslash(struct lexer *l)
{
	l->at++;
	if (peek(l, 0) == '\r' && peek(l, 1) == '\n')
		l->at++;
	if (peek(l, 0) != '\n' && peek(l, 0) != '\r') {
		l->broken = true;
		return;
	}
	l->at++;
	begin_line(l, l->at);
}

static void take_blank(struct lexer *l)
{
	if (l->at_start)
		l->indent = peek(l, 0) == '\t' ? (l->indent / 8 + 1) * 8 : l->indent + 1;
	l->at++;
}

static void skip_comment(struct lexer *l)
{
	while (l->at < l->text.n && peek(l, 0) != '\n' && peek(l, 0) != '\r')
		l->at++;
}

static void take(struct lexer *l)
{
	char c = peek(l, 0);

	if (c == '\n' || c == '\r') {
		take_newline(l);
		if (l->at_start)
			l->indent = 0;
	} else if (c == ' ' || c == '\t' || c == '\f')
		take_blank(l);
	else if (c == '#')
		skip_comment(l);
	else if (c == '"' || c == '\'')
		take_string(l, l->at);
	else if (is_name(c))
		take_name(l);
	else if (c == '\\')
		take_backslash(l);
	else if (c == '\0')
		l->broken = true;
	else
		take_op(l);
}

bool python_lex(struct str text, struct python_tokens *out)
{
	struct lexer l = {.text = text, .line = 1, .column = 1, .at_start = true, .out = out};

	*out = (struct python_tokens){0};
	if (str_starts(text, "\xef\xbb\xbf"))
		l.at = l.counted = 3;
	while (l.at < l.text.n && !l.broken)
		take(&l);
	end_line(&l);
	return !l.broken && l.depth == 0;
}

void python_tokens_release(struct python_tokens *t)
{
	vec_release(&t->list);
}
