/* entry.h - the file with which a function of several files starts; private to check/ */
#ifndef CHECK_ENTRY_H
#define CHECK_ENTRY_H
#include "filter/filter.h"

/*
 * What is missing ("index.php"), or NULL: nothing, or it cannot be told from
 * the files.  Python's own is the packer's business.  Source: functions.md 2.6
 * and 6.5.
 */
const char *entry_missing(const struct filter_list *list, const char *kind);
#endif
