#include "watch/affected.h"

#include "filter/filter.h"
#include "fs/fs.h"
#include "runtime/runtime.h"

static bool is_below(struct str path, struct str folder)
{
	return path.n >= folder.n && memcmp(path.p, folder.p, folder.n) == 0 &&
	       (path.n == folder.n || path.p[folder.n] == '/');
}

static bool is_of_files(struct str path, const char *const *files)
{
	for (; files && *files; files++)
		if (is_below(path, str_of(*files)))
			return true;
	return false;
}

static bool leads_to_files(struct str folder, const char *const *files)
{
	for (; files && *files; files++)
		if (is_below(str_of(*files), folder))
			return true;
	return false;
}

static bool is_project_file(struct str path)
{
	return str_is(path, "project.yml") || str_is(path, ".env");
}

bool affected_is_product(struct str name)
{
	return str_is(name, "virtualenv") || str_is(name, "node_modules") ||
	       str_is(name, "__pycache__") || str_is(name, ".venv");
}

static bool has_product(struct str path)
{
	struct str name;

	while (str_next(&path, '/', &name))
		if (affected_is_product(name))
			return true;
	return false;
}

/*
 * "p/f" of what stands behind "packages/": "p/f/..." or "p/f.py".  What else is
 * there (a package, a folder, an archive with the runtime in its name) makes or
 * removes functions, which only the whole project tells.
 */
static enum affected judge_package_path(struct str path, struct str *function)
{
	const char *slash = memchr(path.p, '/', path.n), *end;
	struct str base;

	if (!slash)
		return AFFECTED_ALL;
	base = str_from(path, (size_t)(slash - path.p) + 1);
	end = memchr(base.p, '/', base.n);
	if (!end) {
		if (!runtime_of_file(base))
			return AFFECTED_ALL;
		end = memrchr(base.p, '.', base.n);
	}
	*function = (struct str){path.p, (size_t)(end - path.p)};
	return AFFECTED_FUNCTION;
}

enum affected affected_by(struct str path, const char *const *files, struct str *function)
{
	if (path.n == 0 || is_project_file(path) || is_of_files(path, files))
		return AFFECTED_ALL;
	if (filter_never(path, false) || has_product(path))
		return AFFECTED_NOTHING;
	if (str_starts(path, "packages/"))
		return judge_package_path(str_from(path, strlen("packages/")), function);
	if (str_is(path, "packages") || is_below(path, STR("lib")))
		return AFFECTED_ALL;
	return leads_to_files(path, files) ? AFFECTED_ALL : AFFECTED_NOTHING;
}

bool affected_enters(struct str folder, const char *const *files)
{
	if (folder.n == 0 || is_of_files(folder, files) || leads_to_files(folder, files))
		return true;
	if (filter_never(folder, true) || has_product(folder))
		return false;
	return is_below(folder, STR("packages")) || is_below(folder, STR("lib"));
}
