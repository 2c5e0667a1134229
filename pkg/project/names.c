#include "project/names.h"

#include <search.h>
#include <string.h>

#include "base/base.h"

/* A pointer to a struct is one to its first member. */
static const char *name_of(const void *named)
{
	return *(const char *const *)named;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(name_of(a), name_of(b));
}

void *names_find(const struct names *set, const char *name)
{
	void *root = set->root;
	void *const *found = tfind(&name, &root, by_name);

	return found ? *found : NULL;
}

void *names_add(struct names *set, void *named)
{
	void *const *kept = tsearch(named, &set->root, by_name);

	if (!kept)
		bug("out of memory");
	return *kept == named ? NULL : *kept;
}

void names_remove(struct names *set, const char *name)
{
	(void)tdelete(&name, &set->root, by_name);
}

static void keep(void *named UNUSED)
{
}

void names_release(struct names *set)
{
	tdestroy(set->root, keep);
	set->root = NULL;
}
