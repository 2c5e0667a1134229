#include "verify/python.h"

#include "fs/fs.h"
#include "runtime/runtime.h"
#include "verify/python_names.h"

struct missing {
	struct python_check *c;
	struct str name;    /* top-level module */
	struct str package; /* what the index calls it */
	const char *hint;
};

/* Into the memory of the findings. */
static bool hint(struct missing *m, const char *text)
{
	m->hint = arena_strdup(&m->c->d->arena, text);
	return true;
}

#define HINT(m, ...) hint(m, arena_printf(&(m)->c->a, __VA_ARGS__))

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

static bool same_but_case(struct str a, struct str b)
{
	size_t i;

	if (a.n != b.n || str_eq(a, b))
		return false;
	for (i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

/* "x" of "x.py" and of the folder "x". */
static struct str module_of(struct str part, bool is_file)
{
	struct str stem = part;

	if (!is_file)
		return part;
	if (str_ends(part, ".py"))
		stem.n -= 3;
	else
		stem = python_path_compiled(part);
	return stem;
}

/* Whether file is module m or in it, and in which folder ("a/b/", or empty) that lies. */
static bool holds(struct str file, struct str name, bool (*same)(struct str, struct str),
		  struct str *folder)
{
	struct str rest = file, part;

	while (str_next(&rest, '/', &part)) {
		if (!same(module_of(part, rest.p == NULL), name))
			continue;
		*folder = (struct str){file.p, (size_t)(part.p - file.p)};
		return true;
	}
	return false;
}

static bool is_searched(const struct missing *m, struct str folder)
{
	size_t i;

	for (i = 0; i < m->c->path.sites.n; i++)
		if (str_eq(folder, m->c->path.sites.v[i]))
			return true;
	return folder.n == 0;
}

static bool other_case(struct missing *m)
{
	const struct filter_list *list = m->c->v->list;
	struct str folder, name;
	size_t i;

	for (i = 0; i < list->files.n; i++) {
		name = list->files.v[i].name;
		if (holds(name, m->name, same_but_case, &folder) && is_searched(m, folder))
			return HINT(m,
				    "'%.*s' is written with other letters: the platform tells "
				    "upper from lower case",
				    STR_ARG(name));
	}
	return false;
}

static const char *source_of(const struct missing *m)
{
	return m->c->v->function->source;
}

/* "3.9" of "virtualenv/lib/python3.9/site-packages/". */
static struct str version_of(struct str folder)
{
	static const char mark[] = "/lib/python";
	const char *at = memmem(folder.p, folder.n, mark, sizeof(mark) - 1);
	struct str rest, version = {0};

	if (!at || !str_ends(folder, "/site-packages/"))
		return version;
	rest = str_from(folder, (size_t)(at - folder.p) + sizeof(mark) - 1);
	(void)str_next(&rest, '/', &version);
	return version;
}

/* ", or set 'runtime: python:3.9' in project.yml", where there is one. */
static const char *or_runtime(const struct missing *m, struct str version)
{
	const char *kind = arena_printf(&m->c->a, "python:%.*s", STR_ARG(version));

	return runtime_find(str_of(kind))
		       ? arena_printf(&m->c->a, ", or set 'runtime: %s' in project.yml", kind)
		       : "";
}

static bool in_other_folder(struct missing *m, struct str folder)
{
	struct str version = version_of(folder);

	if (version.n == 0)
		return HINT(m,
			    "it is in '%.*s', where Python does not look; move it beside the "
			    "entry file, or import it with its folder's name",
			    STR_ARG(folder));
	if (str_starts(folder, "virtualenv/"))
		return HINT(m,
			    "it is in '%.*s', and the runtime's Python 3.%u does not look "
			    "there; have build.sh install into "
			    "'virtualenv/lib/python3.%u/site-packages' with a virtualenv of "
			    "Python 3.%u%s",
			    STR_ARG(folder), m->c->minor, m->c->minor, m->c->minor,
			    or_runtime(m, version));
	return HINT(m,
		    "it is in '%.*s', which the runtime does not activate; the folder must be "
		    "'virtualenv', made with 'virtualenv virtualenv'",
		    STR_ARG(folder));
}

static bool elsewhere(struct missing *m)
{
	const struct filter_list *list = m->c->v->list;
	struct str folder, other = {0};
	size_t i;

	for (i = 0; i < list->files.n; i++) {
		if (!holds(list->files.v[i].name, m->name, str_eq, &folder) ||
		    is_searched(m, folder))
			continue;
		if (version_of(folder).n > 0)
			return in_other_folder(m, folder);
		if (!other.p && !memmem(folder.p, folder.n, "site-packages/", 14))
			other = folder;
	}
	return other.p && in_other_folder(m, other);
}

/* dir/name.py or dir/name/, below the project's root. */
static const char *on_disk(const struct missing *m, const char *dir)
{
	struct fs_entry entry;
	struct err e = ERR_INIT;
	const char *path = arena_printf(&m->c->a, "%s/%.*s.py", dir, STR_ARG(m->name));

	if (fs_lookup(m->c->v->root, m->c->v->root, path, &entry, &e) == FS_FOUND)
		return path;
	err_clear(&e);
	path = arena_printf(&m->c->a, "%s/%.*s", dir, STR_ARG(m->name));
	if (fs_lookup(m->c->v->root, m->c->v->root, path, &entry, &e) == FS_FOUND &&
	    entry.type == FS_DIR)
		return arena_printf(&m->c->a, "%s/", path);
	err_clear(&e);
	return NULL;
}

static bool is_there(const struct missing *m, const char *path)
{
	struct fs_entry entry;
	struct err e = ERR_INIT;
	bool there = fs_lookup(m->c->v->root, m->c->v->root, path, &entry, &e) == FS_FOUND;

	err_clear(&e);
	return there;
}

static bool left_out(struct missing *m)
{
	const char *source = source_of(m), *path, *rule;

	if (m->c->v->function->source_kind != SOURCE_FOLDER)
		return false;
	path = on_disk(m, source);
	if (!path)
		path = on_disk(m, arena_printf(&m->c->a,
					       "%s/virtualenv/lib/python3.%u/site-packages",
					       source, m->c->minor));
	if (!path)
		return false;
	rule = is_there(m, arena_printf(&m->c->a, "%s/.include", source)) ? ".include"
									  : ".ignore";
	return HINT(m,
		    "'%s' is there, but '%s/%s' keeps it out of the function; 'dofn files' "
		    "shows why",
		    path, source, rule);
}

static bool in_lib(struct missing *m)
{
	const char *path = on_disk(m, "lib");

	if (!path)
		return false;
	if (m->c->v->function->source_kind == SOURCE_FOLDER)
		return HINT(m,
			    "'%s' is not part of the function; name it in '%s/.include': "
			    "'../../../%s'",
			    path, source_of(m), path);
	return HINT(m,
		    "'%s' is not part of the function; give the function a folder, with "
		    "'../../../%s' and its own file in .include",
		    path, path);
}

/* The name that a line of requirements.txt begins with. */
static struct str required_name(struct str line)
{
	size_t n = 0;

	line = str_trim(line);
	while (n < line.n && ((line.p[n] >= '0' && line.p[n] <= '9') ||
			      (lower(line.p[n]) >= 'a' && lower(line.p[n]) <= 'z') ||
			      strchr("-_.", line.p[n])))
		n++;
	return (struct str){line.p, n};
}

/* The file that asks for it; NULL when none does.  *there: there is one at all. */
static const char *requirement(struct missing *m, const char *dir, bool *there)
{
	const char *path = arena_printf(&m->c->a, "%s%srequirements.txt", dir, *dir ? "/" : "");
	struct filter_file file = {.path = str_of(path)};
	struct arena a = ARENA_INIT; /* it is read for each missing module */
	struct str text = {0}, line, name;
	bool named = false;

	*there |= sources_read(m->c->v, &file, &a, &text);
	while (!named && str_next(&text, '\n', &line)) {
		name = required_name(line);
		named = name.n && (python_same_distribution(name, m->package) ||
				   python_same_distribution(name, m->name));
	}
	arena_release(&a);
	return named ? path : NULL;
}

static bool not_installed(struct missing *m, const char *path)
{
	const char *source = source_of(m);

	if (is_there(m, arena_printf(&m->c->a, "%s/build.sh", source)))
		return HINT(m,
			    "'%s' names it, but '%s/build.sh' does not install it into "
			    "'virtualenv/lib/python3.%u/site-packages'; without a build.sh, "
			    "dofn installs what requirements.txt names",
			    path, source, m->c->minor);
	if (m->c->path.has_virtualenv)
		return HINT(m,
			    "'%s' names it, but it is not in '%s/virtualenv'; remove that "
			    "folder, and the next build makes it anew",
			    path, source);
	return HINT(m,
		    "'%s' names it, but nothing installed it: no 'virtualenv' is among the "
		    "files; see what the build, .ignore or .include do",
		    path);
}

static const char *parent_of(const struct missing *m)
{
	struct str dir = path_dir(str_of(source_of(m)));

	return arena_strndup(&m->c->a, dir.p, dir.n);
}

static bool require(struct missing *m)
{
	const char *source = source_of(m), *path = NULL, *folder;
	bool there = false;

	if (m->c->v->function->source_kind == SOURCE_FOLDER) {
		path = requirement(m, source, &there);
		if (path)
			return not_installed(m, path);
		return HINT(m, "%s '%.*s' %s '%s/requirements.txt'",
			    there ? "add" : "if it is a package of the index, name",
			    STR_ARG(m->package), there ? "to" : "in", source);
	}
	path = requirement(m, parent_of(m), &there);
	if (!path)
		path = requirement(m, "", &there);
	folder = arena_printf(&m->c->a, "%.*s/", (int)strlen(source) - 3, source);
	if (path)
		return HINT(
			m,
			"'%s' names it, but packages are installed for functions with a "
			"folder: move '%s' to '%s__main__.py', with requirements.txt beside "
			"it",
			path, source, folder);
	return HINT(m,
		    "if it is a package of the index, move '%s' to '%s__main__.py' and name "
		    "'%.*s' in '%srequirements.txt'",
		    source, folder, STR_ARG(m->package), folder);
}

/* The rest of "a.b" is missing, where a is a folder of the user's. */
static bool own_part(struct missing *m)
{
	struct str folder = str_of(arena_printf(&m->c->a, "%.*s/", STR_ARG(m->name)));

	if (!sources_has_folder(m->c->v->list, folder))
		return false;
	return HINT(m, "'%s/%.*s' has no such file or folder", source_of(m), STR_ARG(m->name));
}

const char *python_missing_hint(struct python_check *c, struct str name)
{
	struct missing m = {.c = c};
	struct str rest = name;

	(void)str_next(&rest, '.', &m.name);
	m.package = python_distribution(m.name);
	if (rest.p && own_part(&m))
		return m.hint;
	if (!other_case(&m) && !elsewhere(&m) && !left_out(&m) && !in_lib(&m))
		(void)require(&m);
	return m.hint;
}
