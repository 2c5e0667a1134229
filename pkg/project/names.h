/*
 * names.h - things found by their name, many of them too
 *
 * A set of structs whose first member is `const char *name`; it neither owns nor
 * copies them.  A balanced tree: no list of names makes it slow.
 */
#ifndef PROJECT_NAMES_H
#define PROJECT_NAMES_H

struct names {
	void *root;
};

/* NULL when there is none of that name. */
void *names_find(const struct names *set, const char *name);
/* NULL when it was taken in; else the one of that name that is there, and stays. */
void *names_add(struct names *set, void *named);
void names_remove(struct names *set, const char *name);
void names_release(struct names *set);
#endif
