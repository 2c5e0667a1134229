/* python_names.h - tables: modules that come with Python or the runtime, and packages' names;
 * for verify/ and sizes/ */
#ifndef VERIFY_PYTHON_NAMES_H
#define VERIFY_PYTHON_NAMES_H
#include "base/str.h"

enum python_stdlib {
	STDLIB_NOT, /* no module of any version */
	STDLIB_THERE,
	STDLIB_LATER,   /* came with a later version */
	STDLIB_REMOVED, /* *last is the last version that has it */
	STDLIB_WINDOWS, /* or macOS; on no Linux */
};

/* Whether Python 3.minor has the module (a top-level name). */
enum python_stdlib python_stdlib_find(struct str name, unsigned minor, unsigned *last);
/*
 * Whether the runtime brings the module: one of a package that the page lists
 * for 3.11, or that such a package requires.  python-runtime-page.md: from 3.11
 * on; what later versions bring is taken to be the same.
 */
bool python_runtime_has(struct str name, unsigned minor);
/*
 * Whether the page lists the distribution (names as in PyPI, any case, "-" or "_"), and
 * with which major version, which it says stays.
 */
bool python_runtime_brings(struct str distribution, unsigned minor, unsigned *major);
/* What to ask the index for: "PyYAML" for "yaml"; the name itself when none is known. */
struct str python_distribution(struct str module);
/* Names of distributions as PEP 503 compares them: case, and runs of "-", "_", "." are the
 * same. */
bool python_same_distribution(struct str a, struct str b);
#endif
