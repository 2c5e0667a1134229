/* links.h - whether a path says whose file it is; private to watch/ */
#ifndef WATCH_LINKS_H
#define WATCH_LINKS_H
#include <stdbool.h>

/*
 * Whether a link is somewhere in packages/: then a file of one function may be
 * part of others too.  True as well when that cannot be told.
 */
bool links_exist(int root);
#endif
