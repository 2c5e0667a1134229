/*
 * bytecode.h - Python modules compiled into artifacts
 *
 * A cold start compiles every module that it imports, as what is unpacked carries other times
 * than the bytecode says (users.md 2b, platform.md 3.3).  Bytecode of the kind "unchecked hash"
 * (PEP 552) is taken as it is, without a look at the source; so it is made anew from the very
 * bytes that go into the archive, and never lies in the user's tree, where it would hide edits.
 *
 * It is kept in the cache, by the SHA-256 of the source and the Python that made it, for all
 * functions of all projects: unchanged sources are compiled once.  The name of the source
 * is no part of it: tracebacks name the place that Python imports from.  What is missing for
 *all functions of a run is compiled by one process for each version of Python:
 *
 *	b = bytecode_new(loop, project, 0);
 *	bytecode_want(b, &files);           of each function
 *	bytecode_compile(b, e);
 *	n = bytecode_add(b, &files);        of each function: what there is
 *	fd = bytecode_open(b, file);        of each entry that was added
 *
 * Without the runtime's Python in PATH, or without a cache, nothing is added, and nothing is
 * said: the function runs as well without.
 */
#ifndef BYTECODE_BYTECODE_H
#define BYTECODE_BYTECODE_H
#include "base/hash.h"
#include "filter/filter.h"
#include "loop/loop.h"
#include "project/project.h"

/* Bytes of a source; a larger one is not compiled. */
enum { BYTECODE_MAX_SOURCE = 5 << 20 };

struct bytecode;

/* What a function is made of. */
struct bytecode_files {
	const char *runtime; /* "python:3.11"; of another language nothing happens */
	struct filter_list *list;
	const unsigned char (*hashes)[SHA256_SIZE]; /* of the files, in the list's order */
};

/* jobs: processors to compile on, 0 = all. */
struct bytecode *bytecode_new(struct loop *l, struct project *p, unsigned jobs) NODISCARD;
void bytecode_free(struct bytecode *b); /* NULL is allowed */
/*
 * Notes what the cache does not have of the function's own modules and those in
 * virtualenv/lib/pythonX.Y/site-packages.  May run the loop: the Python is asked what it is
 * when it is not known from an earlier run.
 */
void bytecode_want(struct bytecode *b, const struct bytecode_files *f);
/* -1 only for ERR_CANCELLED; what cannot be compiled is left out.  Runs the loop. */
int bytecode_compile(struct bytecode *b, struct err *e) NODISCARD;
/*
 * Adds to the list, which stays sorted, for each of those sources
 * "__pycache__/<module>.cpython-XY.pyc" beside it, unless a file of that name is there; the
 * runtime imports __main__.py as "main__".  hashes are not those of the list any more.
 * Returns how many.
 */
size_t bytecode_add(struct bytecode *b, const struct bytecode_files *f);
/* From any thread. -1 when it is not in the cache any more. */
int bytecode_open(const struct bytecode *b, const struct filter_file *file) NODISCARD;
#endif
