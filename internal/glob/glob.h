/*
 * glob.h - many patterns of gitignore's wildmatch against one path
 *
 * '*' and '?' do not match '/', '[...]' with ranges, '!' or '^' negation and
 * POSIX classes, '\' escapes, "**" between slashes any number of directories
 * (gitignore(5), "PATTERN FORMAT").  Case-sensitive, byte by byte.  A bracket
 * without its end, an unknown class name or a '\' at the end matches nothing.
 *
 * All patterns are one automaton of about as many states as they have bytes,
 * kept as bits: a byte of a path costs a pass over states / 64 words, whatever
 * the patterns are.  What the folders of a path make of it is remembered for
 * the next path, so that a walk in order looks at each name about once.
 *
 *	glob_set_init(&g);
 *	glob_set_add(&g, pattern, 0) ...    numbers are the caller's, rising
 *	glob_set_ready(&g);
 *	glob_set_last(&g, path, false) ...
 *	glob_set_release(&g);
 */
#ifndef GLOB_GLOB_H
#define GLOB_GLOB_H
#include "base/str.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct byteset;

enum glob_flags {
	GLOB_BASE = 1,    /* the pattern is for the last name of a path, and has no slash */
	GLOB_FOLDERS = 2, /* matches folders only */
};

struct glob_end {
	size_t state, number;
	bool folders_only;
};

/* All members are private but `steps`. */
struct glob_set {
	VEC(uint32_t) tokens; /* by state: what leads to the next one */
	VEC(uint8_t) flags;   /* by state */
	VEC(struct byteset) brackets;
	VEC(struct glob_end) ends;
	size_t words;    /* of a set of states */
	uint64_t *masks; /* sets of states, one behind the other */
	uint64_t *
		levels; /* what may begin at a component: at the root, in a folder of it, ... */
	struct strbuf folder;   /* the one of the deepest level */
	VEC(size_t) level_ends; /* what part of it is a level's folder, for all but the root */
	uint64_t steps;         /* words looked at so far: what matching costs */
};

void glob_set_init(struct glob_set *g);
/* False: not valid, matches nothing.  number is not below that of the one before, from 1. */
bool glob_set_add(struct glob_set *g, struct str pattern, unsigned flags, size_t number);
void glob_set_ready(struct glob_set *g);
/* The highest number of the patterns that match path; 0: none. */
size_t glob_set_last(struct glob_set *g, struct str path, bool is_folder);
void glob_set_release(struct glob_set *g);

/* The length of the part before the first of * ? [ \, which matches only itself. */
size_t glob_literal(struct str pattern);
#endif
