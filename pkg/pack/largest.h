/* largest.h - where the bytes of an artifact are, for the message that it is too large */
#ifndef PACK_LARGEST_H
#define PACK_LARGEST_H
#include "filter/filter.h"

/*
 * "'virtualenv/lib/numpy/' 60.1 MB, 'data.bin' 3.0 MB": at most five files or
 * folders by the size of their contents, largest first.  Goes down into a
 * folder that holds nearly everything.
 */
void largest_describe(struct strbuf *out, const struct filter_list *list);
#endif
