/* python.h - a Python function under check; private to verify/ */
#ifndef VERIFY_PYTHON_H
#define VERIFY_PYTHON_H
#include "verify/python_path.h"
#include "verify/python_scan.h"

struct python_check {
	const struct verify *v;
	struct diags *d;
	struct arena a; /* scratch */
	unsigned minor; /* of the runtime's Python 3 */
	bool sure;      /* the runtime names that version */
	bool single;    /* one file, which goes as text */
	struct python_path path;
	const struct filter_file *entry;
	struct str text;             /* of it */
	struct python_module module; /* what it says */
	/* what modules of the user's import from others whenever they are loaded: "lxml.etree"
	 */
	VEC(struct str) loaded;
};

/* python.c: all checks of a function whose runtime is Python. */
void python_verify(const struct verify *v, struct diags *d);
/* python_imports.c: whether the imports of the entry file, and of the modules beside it that
 * it imports, resolve. */
void python_check_imports(struct python_check *c);
/*
 * python_missing.c: the way out of a module that is missing, in d's memory;
 * `name` is the whole of it, "a.b".
 */
const char *python_missing_hint(struct python_check *c, struct str name);
/* python_native.c: compiled modules that the platform cannot load, programs that lose their
 * execute bit. */
void python_check_native(struct python_check *c);
#endif
