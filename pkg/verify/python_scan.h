/*
 * python_scan.h - what a Python module imports and defines; private to verify/
 *
 * Told from the text.  What it does under which condition is only as certain as
 * enum python_when says.
 */
#ifndef VERIFY_PYTHON_SCAN_H
#define VERIFY_PYTHON_SCAN_H
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

enum python_when {
	PYTHON_LOADED, /* whenever the module is loaded */
	PYTHON_MAYBE,  /* in a function's body, under an if */
	PYTHON_SPARE,  /* where another import failed: try `attempt` */
	PYTHON_CAUGHT, /* a failure is provided for, or it is for another system or version */
};

struct python_import {
	struct str module;        /* "a.b"; empty for "from . import x" */
	unsigned dots;            /* in front of it */
	size_t first_name, names; /* of "from", in the module's names; "*" is one */
	enum python_when when;
	unsigned attempt;      /* number of the innermost try that it is in or a handler of; 0 =
				  none */
	uint32_t line, column; /* of its first word or dot */
};

struct python_module {
	VEC(struct python_import) imports;
	VEC(struct str) names;
	VEC(struct str) functions; /* defined at the top level */
	bool unreadable;           /* the text is no Python: nothing else holds */
	bool defines;              /* the name asked for */
	bool is_async;             /* that name is an async def without a decorator */
	bool opaque;               /* may define more than can be seen: "import *", exec() */
	bool moves_path; /* changes where modules are looked for: sys.path, sys.modules */
};

/* `wanted` is a name to look for, or empty; strings are in a, or slices of text. */
void python_scan(struct arena *a, struct str text, struct str wanted,
		 struct python_module *out);
void python_module_release(struct python_module *m);
#endif
