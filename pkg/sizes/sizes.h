/*
 * sizes.h - what takes the room in a function: its packages, largest first, with what to do
 *
 * Files belong to the Python distribution whose RECORD names them, else to the
 * folder below site-packages, to the package in node_modules, or to the function itself: its
 * top-level files and folders, and inside one that holds nearly everything those there.
 * Advice is what certainly saves room; whether the function can do without it is for its
 * author to say.  Sources: python-runtime-page.md (what the runtime brings), functions.md 2.4.
 */
#ifndef SIZES_SIZES_H
#define SIZES_SIZES_H
#include "filter/filter.h"
#include "project/project.h"

enum sizes_kind { SIZES_PYTHON, SIZES_NODE, SIZES_OWN };

/* What may be left out of a package; a file counts for the first that it is. */
enum sizes_part {
	SIZES_TESTS,
	SIZES_DOCS,
	SIZES_BYTECODE, /* compiled Python */
	SIZES_STUBS,    /* types: .pyi, .d.ts */
	SIZES_MAPS,     /* of sources */
	SIZES_DEBUG,    /* symbols inside of compiled files */
	SIZES_PARTS,
};

/* A part below this many bytes gives no advice. */
enum { SIZES_WORTH = 100 * 1000 };

struct sizes_sum {
	size_t files;
	uint64_t size, packed;   /* bytes; packed is 0 where it is not known */
	VEC(const char *) lines; /* of .ignore, that leave it out; not of SIZES_DEBUG */
};

struct sizes_package {
	enum sizes_kind kind;
	struct str name;    /* "numpy", "@aws-sdk/client-s3", "data/", "index.js" */
	struct str version; /* empty when it is not known */
	struct str unit;    /* the first of its folders, which ends with '/', or files */
	struct sizes_sum all, parts[SIZES_PARTS];
	bool provided;       /* by the runtime */
	unsigned major;      /* the version that the runtime has */
	bool development;    /* npm's devDependencies name it, and dependencies do not */
	bool docs_have_code; /* so they are none */
};

struct sizes {
	struct arena arena;
	VEC(struct sizes_package) packages; /* by packed size, else by size; largest first */
	size_t files;
	uint64_t size;
	bool measured; /* packed is known */
	bool included; /* the function has .include, which knows no exceptions */
};

struct sizes_question {
	int root; /* the project's folder */
	const struct function *function;
	const struct filter_list *list;
	const char *runtime;    /* kind, or NULL when it is not known */
	const uint64_t *packed; /* of each file, from pack_measure(); or NULL */
};

/* Fills *s, to be released.  What cannot be read tells nothing. */
void sizes_find(struct sizes *s, const struct sizes_question *q);
void sizes_release(struct sizes *s);

struct sizes_advice {
	const char *text;          /* "tests: 12.3 MB in 400 files" */
	uint64_t size, packed;     /* what it is about; packed as above */
	const char *const *ignore; /* lines for .ignore that do it */
	size_t lines;
};

enum { SIZES_ADVICE_MAX = SIZES_PARTS + 3 };

/* At most SIZES_ADVICE_MAX; how many.  Memory is that of *s. */
size_t sizes_advise(struct sizes *s, const struct sizes_package *p,
		    struct sizes_advice to[SIZES_ADVICE_MAX]);

/* "12.3 MB", in millions of bytes. */
void sizes_add_bytes(struct strbuf *out, uint64_t bytes);
/* "'numpy' 70.1 MB (the runtime brings it), 'data.bin' 3.0 MB": the five largest. */
void sizes_describe(struct strbuf *out, struct sizes *s);
#endif
