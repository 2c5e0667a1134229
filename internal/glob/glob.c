#include "glob/glob.h"

#include <stdlib.h>
#include <string.h>

#include "glob/bracket.h"

/*
 * A state is a place in a pattern: between two bytes of one of its segments, the
 * parts between slashes.  A name of a path is matched byte by byte; where a
 * segment ends together with the name, the next segment begins with the next name.
 */
enum {
	STATE_FIRST = 1, /* where a path begins */
	STATE_LOOP = 2,  /* '*': any byte stays here */
	STATE_KEEP = 4,  /* behind "**" and a slash: may also begin with a later name */
	STATE_NEXT = 8,  /* the end of a segment that is not the last */
	STATE_LAST = 16, /* the end of the pattern */
};

/* What leads to the next state: a byte, any byte, nothing, or a bracket and the rest of these.
 */
enum { TOKEN_ANY = 256, TOKEN_NONE, TOKEN_BRACKET };

/* The sets of states in `masks`: one for each byte that leads on, then these. */
enum {
	MASK_LOOP = 256,
	MASK_KEEP,
	MASK_NEXT,
	MASK_END,
	MASK_FILE_END,
	MASK_NOW,
	MASK_DEEP,
	MASKS
};

enum { MAX_LEVELS = 128 }; /* that are remembered */

struct segment {
	struct str text;
	bool last;
	bool escaped_slash; /* ends with "\/" */
};

size_t glob_literal(struct str pattern)
{
	size_t i;

	for (i = 0; i < pattern.n; i++)
		if (strchr("*?[\\", pattern.p[i]) && pattern.p[i] != '\0')
			break;
	return i;
}

void glob_set_init(struct glob_set *g)
{
	*g = (struct glob_set){.folder = STRBUF_INIT};
}

void glob_set_release(struct glob_set *g)
{
	vec_release(&g->tokens);
	vec_release(&g->flags);
	vec_release(&g->brackets);
	vec_release(&g->ends);
	vec_release(&g->level_ends);
	strbuf_release(&g->folder);
	free(g->masks);
	free(g->levels);
}

/* ---- from patterns to states ---- */

/* The segment at the start of *rest, and moves *rest behind it. False: not valid. */
static bool next_segment(struct str *rest, struct segment *s)
{
	struct byteset ignored;
	size_t i = 0;

	*s = (struct segment){.last = true};
	while (i < rest->n && rest->p[i] != '/') {
		if (rest->p[i] == '[') {
			if (!bracket_read(*rest, &i, &ignored))
				return false;
			continue;
		}
		if (rest->p[i] == '\\') {
			if (i + 1 == rest->n)
				return false;
			s->escaped_slash = rest->p[i + 1] == '/';
			if (s->escaped_slash)
				break;
			i++;
		}
		i++;
	}
	s->text = (struct str){rest->p, i};
	s->last = i == rest->n;
	*rest = str_from(*rest, s->last ? i : i + (s->escaped_slash ? 2 : 1));
	return true;
}

static bool is_double_star(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != '*')
			return false;
	return s.n >= 2;
}

static void add_state(struct glob_set *g, uint32_t token, unsigned flags)
{
	vec_push(&g->tokens, token);
	vec_push(&g->flags, (uint8_t)flags);
}

/* What stands at p[*at], which is no star; moves *at behind it. */
static uint32_t take_token(struct glob_set *g, struct str p, size_t *at)
{
	struct byteset set;

	switch (p.p[*at]) {
	case '[':
		(void)bracket_read(p, at, &set);
		vec_push(&g->brackets, set);
		return (uint32_t)(TOKEN_BRACKET + g->brackets.n - 1);
	case '?': (*at)++; return TOKEN_ANY;
	case '\\': (*at)++; /* fall through */
	default: return (unsigned char)p.p[(*at)++];
	}
}

/* flags: of the state in which it begins. */
static void add_segment(struct glob_set *g, struct str text, bool last, unsigned flags)
{
	size_t i = 0;

	while (i < text.n) {
		if (text.p[i] == '*') {
			flags |= STATE_LOOP;
			i++;
		} else {
			add_state(g, take_token(g, text, &i), flags);
			flags = 0;
		}
	}
	add_state(g, TOKEN_NONE, flags | (last ? STATE_LAST : STATE_NEXT));
}

static bool add_segments(struct glob_set *g, struct str rest, unsigned flags)
{
	struct segment s;

	do {
		if (!next_segment(&rest, &s))
			return false;
		if (!is_double_star(s.text)) {
			add_segment(g, s.text, s.last, flags);
			flags = 0;
			continue;
		}
		if (s.last || s.escaped_slash) { /* an escaped slash needs a name in front */
			add_segment(g, s.text, s.last, flags | (s.last ? STATE_KEEP : 0U));
			flags = 0;
		}
		flags |= STATE_KEEP;
	} while (!s.last);
	return true;
}

bool glob_set_add(struct glob_set *g, struct str pattern, unsigned flags, size_t number)
{
	size_t states = g->tokens.n, brackets = g->brackets.n;
	unsigned first = STATE_FIRST | (flags & GLOB_BASE ? STATE_KEEP : 0U);
	struct glob_end end = {.number = number, .folders_only = (flags & GLOB_FOLDERS) != 0};

	if (!add_segments(g, pattern.p ? pattern : STR(""), first)) {
		g->tokens.n = g->flags.n = states;
		g->brackets.n = brackets;
		return false;
	}
	end.state = g->tokens.n - 1;
	vec_push(&g->ends, end);
	return true;
}

/* ---- from states to bits ---- */

static uint64_t *mask(struct glob_set *g, size_t which)
{
	return g->masks + which * g->words;
}

static void put(struct glob_set *g, size_t which, size_t state)
{
	mask(g, which)[state / 64] |= UINT64_C(1) << state % 64;
}

static void put_token(struct glob_set *g, size_t state)
{
	uint32_t token = g->tokens.v[state];
	unsigned c;

	if (token < TOKEN_ANY) {
		put(g, token, state);
		return;
	}
	for (c = 0; token != TOKEN_NONE && c < 256; c++)
		if (token == TOKEN_ANY || byteset_has(&g->brackets.v[token - TOKEN_BRACKET], c))
			put(g, c, state);
}

static void put_flags(struct glob_set *g, size_t state)
{
	unsigned flags = g->flags.v[state];

	if (flags & STATE_FIRST)
		g->levels[state / 64] |= UINT64_C(1) << state % 64;
	if (flags & STATE_LOOP)
		put(g, MASK_LOOP, state);
	if (flags & STATE_KEEP)
		put(g, MASK_KEEP, state);
	if (flags & STATE_NEXT)
		put(g, MASK_NEXT, state);
}

void glob_set_ready(struct glob_set *g)
{
	size_t i;

	g->words = (g->tokens.n + 63) / 64;
	g->masks = xcalloc(MASKS * g->words + 1, sizeof(*g->masks));
	g->levels = xcalloc((MAX_LEVELS + 1) * g->words + 1, sizeof(*g->levels));
	for (i = 0; i < g->tokens.n; i++) {
		put_token(g, i);
		put_flags(g, i);
	}
	for (i = 0; i < g->ends.n; i++) {
		put(g, MASK_END, g->ends.v[i].state);
		if (!g->ends.v[i].folders_only)
			put(g, MASK_FILE_END, g->ends.v[i].state);
	}
	vec_release(&g->tokens);
	vec_release(&g->flags);
	vec_release(&g->brackets);
}

/* ---- from a path to states ---- */

/* now becomes what one byte makes of it; false when nothing is left. */
static bool step(uint64_t *now, const uint64_t *on, const uint64_t *stay, size_t n)
{
	uint64_t carry = 0, any = 0, moved;
	size_t i;

	for (i = 0; i < n; i++) {
		moved = now[i] & on[i];
		now[i] = moved << 1 | carry | (now[i] & stay[i]);
		carry = moved >> 63;
		any |= now[i];
	}
	return any != 0;
}

/* The states behind a name that begins in those of `from`. */
static uint64_t *run(struct glob_set *g, const uint64_t *from, struct str name)
{
	uint64_t *now = mask(g, MASK_NOW), *stay = mask(g, MASK_LOOP);
	size_t i;

	if (g->words)
		memcpy(now, from, g->words * sizeof(*now));
	for (i = 0; i < name.n; i++) {
		g->steps += g->words;
		if (!step(now, mask(g, (unsigned char)name.p[i]), stay, g->words))
			break;
	}
	return now;
}

/* What may begin in the folder `name`, which began in `from`; to may be from. */
static void enter(struct glob_set *g, const uint64_t *from, struct str name, uint64_t *to)
{
	const uint64_t *now = run(g, from, name), *keep = mask(g, MASK_KEEP);
	const uint64_t *next = mask(g, MASK_NEXT);
	uint64_t carry = 0, ended;
	size_t i;

	for (i = 0; i < g->words; i++) {
		ended = now[i] & next[i];
		to[i] = ended << 1 | carry | (from[i] & keep[i]);
		carry = ended >> 63;
	}
}

/* Forgets the levels of folders that path is not in; how much of it the others are. */
static size_t leave(struct glob_set *g, struct str path)
{
	size_t same = 0, *end;

	while (same < path.n && same < g->folder.len && path.p[same] == g->folder.buf[same])
		same++;
	while (g->level_ends.n > 0) {
		end = &g->level_ends.v[g->level_ends.n - 1];
		if (*end <= same && *end < path.n && path.p[*end] == '/')
			return *end + 1;
		g->level_ends.n--;
	}
	return 0;
}

/* What may begin in the folder of path; *name gets its last name. */
static const uint64_t *start_of(struct glob_set *g, struct str path, struct str *name)
{
	size_t done = leave(g, path);
	uint64_t *start = g->levels + g->level_ends.n * g->words, *deeper;
	struct str rest = str_from(path, done);

	while (str_next(&rest, '/', name) && rest.p) {
		deeper = mask(g, MASK_DEEP);
		if (g->level_ends.n < MAX_LEVELS) {
			vec_push(&g->level_ends, (size_t)(rest.p - 1 - path.p));
			deeper = g->levels + g->level_ends.n * g->words;
		}
		enter(g, start, *name, deeper);
		start = deeper;
	}
	strbuf_reset(&g->folder);
	if (g->level_ends.n)
		strbuf_add(&g->folder, path.p, g->level_ends.v[g->level_ends.n - 1]);
	return start;
}

static size_t number_of(const struct glob_set *g, size_t state)
{
	size_t from = 0, to = g->ends.n, middle;

	while (to - from > 1) {
		middle = from + (to - from) / 2;
		if (g->ends.v[middle].state <= state)
			from = middle;
		else
			to = middle;
	}
	return g->ends.v[from].number;
}

size_t glob_set_last(struct glob_set *g, struct str path, bool is_folder)
{
	struct str name = {"", 0};
	const uint64_t *now, *end, *start;
	size_t i;

	if (g->words == 0)
		return 0;
	start = start_of(g, path.p ? path : STR(""), &name);
	now = run(g, start, name);
	end = mask(g, is_folder ? MASK_END : MASK_FILE_END);
	for (i = g->words; i-- > 0;)
		if (now[i] & end[i])
			return number_of(g, i * 64 + 63 -
						    (size_t)__builtin_clzll(now[i] & end[i]));
	return 0;
}
