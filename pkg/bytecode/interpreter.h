/* interpreter.h - the Python of this machine that is like a runtime's; private to bytecode/ */
#ifndef BYTECODE_INTERPRETER_H
#define BYTECODE_INTERPRETER_H
#include "base/arena.h"
#include "cache/cache.h"
#include "loop/loop.h"

struct interpreter {
	const char *version;  /* "3.11" */
	const char *identity; /* what its bytecode depends on; NULL: there is none */
	const char *program;  /* its path, which is no stand-in's */
};

struct interpreter_search {
	struct loop *loop;
	struct arena *arena; /* of the answer */
	const struct cache *cache;
	const char *const *env; /* to look in, and to ask with */
};

/*
 * Fills *in, whose version is set: python3.11, python3 or python of any folder in PATH that
 * says it is a released CPython of that version.  The answer is remembered in the cache for as
 * long as that program and PATH stay as they are.
 */
void interpreter_find(struct interpreter *in, const struct interpreter_search *s);
/* The program that tells this, and that compiles: compile.py. */
const char *interpreter_script(void);
#endif
