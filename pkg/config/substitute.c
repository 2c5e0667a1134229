#include "config/substitute.h"

#include "base/utf8.h"
#include "json/json.h"

/* A stand-in: FIRST + index / DIGITS, SECOND + index % DIGITS, then fillers. */
enum { FIRST = 0xf0000, SECOND = 0x100000, DIGITS = 0xfffe, CODE_BYTES = 4 };

static size_t count_chars(struct str s)
{
	size_t n, chars = 0;

	for (; s.n; s = str_from(s, n)) {
		n = utf8_sequence(s);
		n = n ? n : 1;
		chars++;
	}
	return chars;
}

/*
 * The placeholder at the start of s.  Its end must come before a quote and the
 * end of the line: what is not closed must not swallow the rest of the file.
 * Up to *open no end was found before: a line is not searched twice.
 */
static struct str placeholder_text(struct str s, const char **open)
{
	char close = s.p[1] == '{' ? '}' : ')';
	size_t n;

	if (*open && s.p < *open)
		return (struct str){s.p, 2};
	for (n = 2; n < s.n && s.p[n] != '\n' && s.p[n] != '"' && s.p[n] != '\''; n++)
		if (s.p[n] == close)
			return (struct str){s.p, n + 1};
	*open = s.p + n;
	return (struct str){s.p, 2};
}

static void add_stand_in(struct strbuf *b, size_t index, size_t chars)
{
	utf8_add_codepoint(b, FIRST + (uint32_t)(index / DIGITS));
	utf8_add_codepoint(b, SECOND + (uint32_t)(index % DIGITS));
	for (; chars > 2; chars--)
		strbuf_addc(b, 'x');
}

static bool starts_placeholder(struct str s)
{
	return str_starts(s, "${") || str_starts(s, "$(");
}

/* Moves *pos behind s.  Where s is not UTF-8, nobody will ask: YAML ends there. */
static void move_pos(struct pos *pos, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			*pos = (struct pos){pos->line + 1, 1};
		else if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			pos->col++;
	}
}

static struct str before_dollar(struct str s)
{
	const char *dollar = memchr(s.p, '$', s.n);

	return (struct str){s.p, dollar ? (size_t)(dollar - s.p) : s.n};
}

static void mask_placeholder(struct substitute *s, struct str text, struct pos pos)
{
	struct placeholder p = {pos, text, count_chars(text)};

	add_stand_in(&s->masked, s->found.n, p.chars);
	vec_push(&s->found, p);
}

static void mask(struct substitute *s, struct str rest)
{
	const char *open[2] = {NULL, NULL}; /* of "${" and "$(" */
	struct pos pos = {1, 1};
	struct str taken;

	while (rest.n) {
		if (starts_placeholder(rest)) {
			taken = placeholder_text(rest, &open[rest.p[1] == '(']);
			mask_placeholder(s, taken, pos);
		} else {
			taken = before_dollar(rest);
			taken.n = taken.n ? taken.n : 1;
			strbuf_addstr(&s->masked, taken);
		}
		move_pos(&pos, taken);
		rest = str_from(rest, taken.n);
	}
}

void substitute_init(struct substitute *s, struct project *p, const struct config_options *o,
		     struct diags *d)
{
	struct str text = p->config.text;

	*s = (struct substitute){.project = p, .options = o, .diags = d};
	s->masked = STRBUF_INIT;
	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_from(text, 3);
	mask(s, text);
}

void substitute_release(struct substitute *s)
{
	vec_release(&s->found);
	strbuf_release(&s->masked);
}

/* The code point of a four-byte sequence at p, less `base`; false when it is below or not one.
 */
static bool take_digit(const char *p, uint32_t base, size_t *digit)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t cp;

	if ((u[0] & 0xf8) != 0xf0)
		return false;
	cp = (u[0] & 0x07U) << 18 | (u[1] & 0x3fU) << 12 | (u[2] & 0x3fU) << 6 | (u[3] & 0x3fU);
	if (cp < base || cp >= base + DIGITS)
		return false;
	*digit = cp - base;
	return true;
}

/* The placeholder whose stand-in s starts with, or NULL; its bytes into *len. */
static const struct placeholder *stand_in_at(const struct substitute *s, struct str text,
					     size_t *len)
{
	const struct placeholder *p;
	size_t high, low, i;

	if (text.n < 2 * (size_t)CODE_BYTES || !take_digit(text.p, FIRST, &high) ||
	    !take_digit(text.p + CODE_BYTES, SECOND, &low) || high * DIGITS + low >= s->found.n)
		return NULL;
	p = &s->found.v[high * DIGITS + low];
	*len = 2 * (size_t)CODE_BYTES + p->chars - 2;
	if (*len > text.n)
		return NULL;
	for (i = 2 * (size_t)CODE_BYTES; i < *len; i++)
		if (text.p[i] != 'x')
			return NULL;
	return p;
}

/* 0xf3 starts the first half of every one. */
static bool may_hold_stand_in(struct str text)
{
	return text.n && memchr(text.p, 0xf3, text.n);
}

/* A mapping or list takes the place of the scalar that its placeholder is. */
static void fill_structure(struct substitute *s, const struct placeholder *p, struct arena *a,
			   struct yaml_node *n)
{
	struct meaning m = placeholder_resolve(s, p, a);

	if (m.kind == MEANS_JSON) {
		yaml_fill_json(a, n, m.json);
	} else {
		n->filled = YAML_FILL_FAILED;
		n->text = STR("");
	}
	json_free(m.json);
}

/* Appends what stands for p in a longer text or in quotes; false with a finding. */
static bool add_text(struct substitute *s, const struct placeholder *p, struct arena *a,
		     struct strbuf *out)
{
	struct meaning m;

	if (placeholder_is_structure(p)) {
		diags_add(s->diags, DIAG_ERROR, &s->project->config, p->pos,
			  "'%.*s' stands for a mapping; it must be the whole value, without "
			  "quotes",
			  STR_ARG(p->text));
		return false;
	}
	m = placeholder_resolve(s, p, a);
	strbuf_adds(out, m.kind == MEANS_TEXT ? m.text : "");
	return m.kind == MEANS_TEXT;
}

static void fill_text(struct substitute *s, struct arena *a, struct yaml_node *n)
{
	struct strbuf out = STRBUF_INIT;
	const struct placeholder *p;
	struct str rest = n->text;
	size_t len;

	for (; rest.n; rest = str_from(rest, len)) {
		p = stand_in_at(s, rest, &len);
		if (!p) {
			len = 1;
			strbuf_addc(&out, rest.p[0]);
			continue;
		}
		if (!add_text(s, p, a, &out))
			n->filled = YAML_FILL_FAILED;
		else if (n->filled != YAML_FILL_FAILED)
			n->filled = len == n->text.n && !n->quoted ? YAML_FILLED_WHOLE
								   : YAML_FILLED_PART;
	}
	n->text = arena_str(a, strbuf_str(&out));
	strbuf_release(&out);
}

void substitute_scalar(void *arg, struct arena *a, struct yaml_node *n)
{
	struct substitute *s = arg;
	const struct placeholder *p;
	size_t len;

	if (!may_hold_stand_in(n->text))
		return;
	p = stand_in_at(s, n->text, &len);
	if (p && len == n->text.n && !n->quoted && placeholder_is_structure(p))
		fill_structure(s, p, a, n);
	else
		fill_text(s, a, n);
}
