#include "check/entry.h"

#include "runtime/runtime.h"

static bool has(const struct filter_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->files.n; i++)
		if (str_is(list->files.v[i].name, name))
			return true;
	return false;
}

const char *entry_missing(const struct filter_list *list, const char *kind)
{
	struct str language = runtime_language(str_of(kind));

	if (list->files.n == 1) /* whatever its name, it is the code */
		return NULL;
	if (str_is(language, "php") && !has(list, "index.php"))
		return "index.php";
	if (str_is(language, "nodejs") && !has(list, "package.json") &&
	    !has(list, "index.js") && !has(list, "index.mjs"))
		return "index.js, index.mjs or package.json";
	return NULL;
}
