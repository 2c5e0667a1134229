#include "scan/scan_private.h"

#include "runtime/runtime.h"

/* "python-3.11" -> "python:3.11", "python" -> "python:default"; NULL when there is no such. */
static const char *runtime_of_middle(struct arena *a, struct str middle,
				     const char *const *kinds)
{
	const char *dash = middle.n ? memrchr(middle.p, '-', middle.n) : NULL;
	struct str language = {middle.p, dash ? (size_t)(dash - middle.p) : middle.n};
	struct str version = dash ? str_from(middle, language.n + 1) : STR("default");
	const char *kind = arena_printf(a, "%.*s:%.*s", STR_ARG(language), STR_ARG(version));

	return runtime_is_known(str_of(kind), kinds) ? kind : NULL;
}

void scan_file_name(struct arena *a, struct str base, const char *const *kinds,
		    struct file_name *out)
{
	const char *first = memchr(base.p, '.', base.n), *last = memrchr(base.p, '.', base.n);
	size_t stem = last && first > base.p ? (size_t)(last - base.p) : base.n;

	*out = (struct file_name){
		.binary = stem == base.n || runtime_is_archive(base),
		.known = runtime_of_file(base) || runtime_is_archive(base),
	};
	if (str_ends(base, ".zip") && first > base.p && first < last) {
		struct str middle = {first + 1, (size_t)(last - first) - 1};

		stem = (size_t)(first - base.p);
		out->runtime = runtime_of_middle(a, middle, kinds);
	}
	out->function = arena_strndup(a, base.p, stem);
}

const char scan_env_place[] =
	"values come from the '.env' beside project.yml, or from the file of --env";

bool scan_is_env_file(struct str base)
{
	return str_is(base, ".env") || str_starts(base, ".env.");
}
