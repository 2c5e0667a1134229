/* python_path.h - where the runtime's Python looks for modules among a function's files;
 * private to verify/ */
#ifndef VERIFY_PYTHON_PATH_H
#define VERIFY_PYTHON_PATH_H
#include "verify/sources.h"

enum python_found {
	PYTHON_NOWHERE,
	PYTHON_FOREIGN,   /* only compiled for another Python or system */
	PYTHON_NAMESPACE, /* a folder without __init__.py */
	PYTHON_FILE,      /* x.py, x.so, x.pyc */
	PYTHON_PACKAGE,   /* x/__init__.py */
};

struct python_place {
	enum python_found found;
	const struct filter_file *source; /* x.py or x/__init__.py, where it is text */
	const struct filter_file *foreign;
};

struct python_path {
	const struct verify *v;
	struct arena *a;
	unsigned minor;        /* of the runtime's Python 3 */
	bool has_virtualenv;   /* a file below virtualenv/ */
	VEC(struct str) sites; /* folders with packages, each ending with "/" */
	struct str other;      /* "3.9": the virtualenv has packages for it, which are not
				  looked for; else empty */
	bool hooked;           /* code of a .pth file or of activate_this.py may find more */
};

/* v's list is what is looked at; strings are in a. */
void python_path_init(struct python_path *path, const struct verify *v, struct arena *a,
		      unsigned minor);
void python_path_release(struct python_path *path);
/* The module `name` (no dots) in the folder, which is empty or ends with "/". */
struct python_place python_path_look(const struct python_path *path, struct str folder,
				     struct str name);
/* Whether Python 3.minor on the platform loads a file of this name as a compiled module. */
bool python_path_loads(struct str file, unsigned minor);
/* "x" of "a/x.cpython-311-darwin.so": what is imported by it; empty for other files. */
struct str python_path_compiled(struct str file);
#endif
