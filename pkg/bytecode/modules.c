#include "bytecode/modules.h"

#include <string.h>

#include "bytecode/bytecode.h"
#include "fs/fs.h"
#include "runtime/runtime.h"

const char *modules_version(struct arena *a, const char *runtime)
{
	const struct runtime *known = runtime ? runtime_find(str_of(runtime)) : NULL;
	struct str kind = str_of(known ? known->kind : runtime), version;
	uint64_t minor;

	if (!str_starts(kind, "python:3."))
		return NULL;
	version = str_from(kind, strlen("python:"));
	if (!str_to_u64(str_from(version, strlen("3.")), &minor) || minor > 999)
		return NULL;
	return arena_strndup(a, version.p, version.n);
}

/* Only such a name can stand behind `import`. */
static bool is_module_name(struct str stem)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < stem.n; i++) {
		c = (unsigned char)stem.p[i];
		if (c < 0x80 && c != '_' && !(c >= '0' && c <= '9') &&
		    !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return stem.n > 0;
}

static bool is_in_site_packages(struct str name, const char *version)
{
	struct str rest = str_from(name, strlen("virtualenv/lib/python"));

	return str_starts(name, "virtualenv/lib/python") && str_starts(rest, version) &&
	       str_starts(str_from(rest, strlen(version)), "/site-packages/");
}

bool modules_has(const struct filter_list *list, size_t i, const char *version)
{
	const struct filter_file *file = &list->files.v[i];
	struct str base = path_base(file->name);

	if (!str_ends(base, ".py") || file->size > BYTECODE_MAX_SOURCE)
		return false;
	if (!is_module_name((struct str){base.p, base.n - strlen(".py")}))
		return false;
	/* The entry takes its place. */
	if (str_is(file->name, "main__.py") && filter_list_has(list, "__main__.py"))
		return false;
	return !str_starts(file->name, "virtualenv/") ||
	       is_in_site_packages(file->name, version);
}

const char *modules_bytecode_name(struct arena *a, struct str name, const char *version)
{
	struct str dir = path_dir(name), base = path_base(name);

	/* As the runtime renames it before it imports it (platform.md 3.3). */
	if (str_is(name, "__main__.py"))
		base = STR("main__.py");
	return arena_printf(a, "%.*s%s__pycache__/%.*s.cpython-3%s.pyc", STR_ARG(dir),
			    dir.n ? "/" : "", (int)(base.n - strlen(".py")), base.p,
			    version + strlen("3."));
}
