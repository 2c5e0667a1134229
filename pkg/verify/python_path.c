#include "verify/python_path.h"

#include <stdio.h>
#include <stdlib.h>

#include "fs/fs.h"

static struct str joined(struct arena *a, struct str folder, struct str name, const char *end)
{
	return str_of(arena_printf(a, "%.*s%.*s%s", STR_ARG(folder), STR_ARG(name), end));
}

struct str python_path_compiled(struct str file)
{
	struct str base = path_base(file), stem = {0};
	struct str rest = base;

	if (!str_ends(base, ".so") && !str_ends(base, ".pyd"))
		return stem;
	(void)str_next(&rest, '.', &stem);
	return stem;
}

bool python_path_loads(struct str file, unsigned minor)
{
	struct str base = path_base(file), middle;
	char wanted[64];

	if (!str_ends(base, ".so"))
		return false;
	middle = str_from(base, python_path_compiled(file).n);
	(void)snprintf(wanted, sizeof(wanted), ".cpython-3%u-x86_64-linux-gnu.so", minor);
	return str_is(middle, ".so") || str_is(middle, ".abi3.so") || str_is(middle, wanted);
}

static bool starts_with(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* x.py, x.pyc and x.<tag>.so; the best of them. */
static struct python_place look_for_files(const struct python_path *path, struct str prefix)
{
	const struct filter_list *list = path->v->list;
	struct python_place place = {PYTHON_NOWHERE, NULL, NULL};
	size_t i;

	for (i = sources_lower_bound(list, prefix); i < list->files.n; i++) {
		const struct filter_file *file = &list->files.v[i];
		struct str rest;

		if (!starts_with(file->name, prefix))
			break;
		rest = str_from(file->name, prefix.n);
		if (rest.n && memchr(rest.p, '/', rest.n))
			continue;
		if (str_is(rest, "py")) {
			place.found = PYTHON_FILE;
			place.source = file;
		} else if (str_is(rest, "pyc") || python_path_loads(file->name, path->minor)) {
			place.found = PYTHON_FILE;
		} else if (python_path_compiled(file->name).n) {
			place.foreign = file;
			if (place.found == PYTHON_NOWHERE)
				place.found = PYTHON_FOREIGN;
		}
	}
	return place;
}

struct python_place python_path_look(const struct python_path *path, struct str folder,
				     struct str name)
{
	struct arena *a = path->a;
	struct str below = joined(a, folder, name, "/");
	struct python_place place;

	place = look_for_files(path, joined(a, folder, name, "/__init__."));
	if (place.found == PYTHON_FILE) {
		place.found = PYTHON_PACKAGE;
		return place;
	}
	place = look_for_files(path, joined(a, folder, name, "."));
	if (place.found != PYTHON_FILE && sources_has_folder(path->v->list, below))
		place.found = PYTHON_NAMESPACE;
	return place;
}

/* Every import is looked for in all of them. */
enum { SITES_MAX = 100 };

static void add_site(struct python_path *path, struct str folder)
{
	size_t i;

	for (i = 0; i < path->sites.n; i++)
		if (str_eq(path->sites.v[i], folder))
			return;
	if (path->sites.n < SITES_MAX)
		vec_push(&path->sites, folder);
	else
		path->hooked = true; /* what is not found may be there */
}

/* Lines of .pth files that only set up what is found without them. */
static bool is_harmless(struct str file)
{
	struct str base = path_base(file);

	return str_is(base, "_virtualenv.pth") || str_is(base, "distutils-precedence.pth") ||
	       str_ends(base, "-nspkg.pth") || str_ends(base, "_nspkg.pth");
}

/* A line of a .pth file is a folder, or code after "import" (the module `site`). */
static void take_pth_line(struct python_path *path, struct str folder,
			  const struct filter_file *file, struct str line)
{
	const char *place;

	line = str_trim(line);
	if (line.n == 0 || str_starts(line, "#"))
		return;
	if (str_starts(line, "import ") || str_starts(line, "import\t") || line.p[0] == '/') {
		path->hooked |= !is_harmless(file->name);
		return;
	}
	folder.n--;
	place = path_resolve(path->a, folder, line);
	if (place)
		add_site(path, str_of(arena_printf(path->a, "%s%s", place, *place ? "/" : "")));
}

static void read_pth(struct python_path *path, struct str folder)
{
	const struct filter_list *list = path->v->list;
	struct str text, line, rest;
	size_t i;

	for (i = sources_lower_bound(list, folder); i < list->files.n; i++) {
		const struct filter_file *file = &list->files.v[i];

		if (!starts_with(file->name, folder))
			break;
		rest = str_from(file->name, folder.n);
		if (!str_ends(rest, ".pth") || memchr(rest.p, '/', rest.n) ||
		    !sources_read(path->v, file, path->a, &text))
			continue;
		while (str_next(&text, '\n', &line))
			take_pth_line(path, folder, file, line);
	}
}

static bool has_site(const struct python_path *path, struct str version)
{
	return sources_has_folder(path->v->list, joined(path->a, STR("virtualenv/lib/python"),
							version, "/site-packages/"));
}

/* "3.11" behind "lib/python" at p. */
static struct str version_at(struct str text)
{
	size_t n = 0;

	while (n < text.n && ((text.p[n] >= '0' && text.p[n] <= '9') || text.p[n] == '.'))
		n++;
	return (struct str){text.p, n};
}

/*
 * activate_this.py as virtualenv makes it names its folder, whatever Python runs
 * it; other ways of writing it ask the Python that runs.  Empty then.
 */
static struct str activated_version(struct python_path *path, const char *script)
{
	static const char mark[] = "\"../lib/python";
	const struct filter_file *file = sources_find(path->v->list, str_of(script));
	struct str text = {0};
	const char *at;

	if (!file || !sources_read(path->v, file, path->a, &text))
		return (struct str){0};
	path->hooked |= !memmem(text.p, text.n, "site-packages", 13);
	at = memmem(text.p, text.n, mark, sizeof(mark) - 1);
	if (!at)
		return (struct str){0};
	at += sizeof(mark) - 1;
	return version_at((struct str){at, (size_t)(text.p + text.n - at)});
}

/* The version of a site-packages folder that is not `but`; empty when there is none. */
static struct str other_version(const struct python_path *path, struct str but)
{
	static const char prefix[] = "virtualenv/lib/python";
	const struct filter_list *list = path->v->list;
	size_t i;

	for (i = sources_lower_bound(list, str_of(prefix)); i < list->files.n; i++) {
		struct str name = list->files.v[i].name, version;

		if (!str_starts(name, prefix))
			break;
		version = version_at(str_from(name, sizeof(prefix) - 1));
		if (version.n && !str_eq(version, but))
			return version;
	}
	return (struct str){0};
}

static void find_virtualenv(struct python_path *path)
{
	struct str version = activated_version(path, "virtualenv/bin/activate_this.py");

	if (version.n == 0)
		version = activated_version(path, "virtualenv/Scripts/activate_this.py");
	if (version.n == 0)
		version = str_of(arena_printf(path->a, "3.%u", path->minor));
	if (has_site(path, version))
		add_site(path, joined(path->a, STR("virtualenv/lib/python"), version,
				      "/site-packages/"));
	path->other = other_version(path, version);
}

void python_path_init(struct python_path *path, const struct verify *v, struct arena *a,
		      unsigned minor)
{
	size_t i;

	*path = (struct python_path){.v = v, .a = a, .minor = minor};
	path->has_virtualenv = sources_has_folder(v->list, STR("virtualenv/"));
	if (path->has_virtualenv)
		find_virtualenv(path);
	for (i = 0; i < path->sites.n; i++)
		read_pth(path, path->sites.v[i]);
}

void python_path_release(struct python_path *path)
{
	vec_release(&path->sites);
}
