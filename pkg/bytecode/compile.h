/* compile.h - runs a Python to compile sources into the cache; private to bytecode/ */
#ifndef BYTECODE_COMPILE_H
#define BYTECODE_COMPILE_H
#include "bytecode/interpreter.h"

/* A source whose bytecode the cache does not have. */
struct missing {
	struct str path; /* below the project's root */
	unsigned char hash[SHA256_SIZE];
	char id[SHA256_HEX]; /* of its bytecode */
};

struct compile {
	struct loop *loop;
	const struct cache *cache;
	const struct interpreter *python;
	int root; /* of the project */
	unsigned jobs;
	const struct missing *sources;
	size_t n;
};

extern const struct cache_kind compile_entries;

/*
 * Fills entries of the cache; an empty one is of a source that cannot be compiled.  Whatever
 * goes wrong leaves out the rest.
 */
void compile_run(const struct compile *c);
#endif
