/* python.h - what a Python function that is no single text needs to start (platform.md 3.3) */
#ifndef PACK_PYTHON_H
#define PACK_PYTHON_H
#include "pack/pack.h"

#include "filter/filter.h"

/*
 * ERR_PROJECT when no file is the one that the runtime starts.  Notes in *a:
 * a virtual environment that the runtime cannot use or that is of another
 * Python, requirements that nothing installed.
 */
int python_check(struct project *p, const struct function *f, const struct filter_list *list,
		 struct artifact *a, struct err *e) NODISCARD;
/*
 * The same for the bytes of an archive that the user made: ERR_PROJECT
 * when it is none, or has no file to start; a note when it cannot be read whole.
 */
int python_check_archive(struct project *p, const struct filter_file *file, struct str archive,
			 struct artifact *a, struct err *e) NODISCARD;
#endif
