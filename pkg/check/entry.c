#include "check/entry.h"

#include "runtime/runtime.h"

const char *entry_missing(const struct filter_list *list, const char *kind)
{
	struct str language = runtime_language(str_of(kind));

	if (list->files.n == 1) /* whatever its name, it is the code */
		return NULL;
	if (str_is(language, "php") && !filter_list_has(list, "index.php"))
		return "index.php";
	if (str_is(language, "nodejs") && !filter_list_has(list, "package.json") &&
	    !filter_list_has(list, "index.js") && !filter_list_has(list, "index.mjs"))
		return "index.js, index.mjs or package.json";
	return NULL;
}
