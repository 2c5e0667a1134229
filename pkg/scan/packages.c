#include "scan/scan_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter/filter.h"
#include "fs/fs.h"

/*
 * What is found is put in a list of its own, so that the result has the order of
 * the file system first; what only project.yml has comes behind it.
 */
struct merge {
	struct project *p;
	const char *const *kinds;
	struct diags *d;
	VEC(struct package *) packages;   /* found so far */
	VEC(struct function *) functions; /* the same in the current package */
	struct package *package;          /* the current one */
	struct function *function;        /* the current folder; NULL = none */
	bool has_file, has_folder;        /* directly in it */
};

static const char *below_packages(struct merge *m, struct str path)
{
	return path_join(&m->p->arena, STR("packages"), path);
}

static int stop_at_file(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	*(bool *)arg |= entry->type != FS_DIR;
	return *(bool *)arg ? 1 : 0;
}

/* Whether the folder has a file somewhere. What cannot be read counts: packing will say why. */
static bool has_any_file(struct merge *m, const char *folder)
{
	bool found = false;
	struct fs_walk w = {.boundary = m->p->root_fd, .visit = stop_at_file, .arg = &found};
	struct err e = ERR_INIT;
	bool result = true;

	w.root = fs_open_below(m->p->root_fd, -1, folder, &e);
	if (w.root >= 0) {
		result = fs_walk(&w, &e) < 0 || found;
		(void)close(w.root);
	}
	err_clear(&e);
	return result;
}

static void finish_function(struct merge *m)
{
	struct function *f = m->function;

	m->function = NULL;
	if (!f || m->has_file || (m->has_folder && has_any_file(m, f->source)))
		return;
	f->empty = true;
	diags_add_path(
		m->d, DIAG_ERROR, f->source,
		"the folder of the function '%s' has no files; add its code or remove it",
		f->name);
}

static void finish_package(struct merge *m)
{
	struct package *pkg = m->package;
	size_t i, n = 0;

	finish_function(m);
	for (i = 0; i < pkg->functions.n; i++)
		if (pkg->functions.v[i]->source_kind == SOURCE_NONE)
			vec_push(&m->functions, pkg->functions.v[i]);
	for (i = 0; i < m->functions.n; i++)
		pkg->functions.v[n++] = m->functions.v[i];
	vec_release(&m->functions);
	m->package = NULL;
}

static void stray(struct merge *m, const char *path, const char *why)
{
	vec_push(&m->p->strays, path);
	diags_add_path(m->d, DIAG_NOTE, path, "left out: %s", why);
}

static bool check_name(struct merge *m, const char *path, const char *kind, const char *name)
{
	if (name_is_valid(str_of(name)))
		return true;
	diags_add_path(m->d, DIAG_ERROR, path,
		       "'%s' cannot be the name of a %s: letters, digits and '_', inside also "
		       "'-', '.', '@', '&' and spaces; rename it",
		       name, kind);
	return false;
}

/* What tools leave beside functions: a ".x" or Python's cache is no package and no function. */
static bool is_tool_folder(struct str base)
{
	return str_starts(base, ".") || str_is(base, "__pycache__");
}

static int found_package(struct merge *m, const struct fs_entry *entry)
{
	const char *path = below_packages(m, entry->path);
	struct package *pkg;

	if (entry->type != FS_DIR) {
		stray(m, path,
		      scan_is_env_file(entry->path) ? scan_env_place : "a package is a folder");
		return 1;
	}
	if (is_tool_folder(entry->path)) {
		stray(m, path, "not a package");
		return 1;
	}
	if (!check_name(m, path, "package", entry->path.p))
		return 1;
	pkg = project_package(m->p, entry->path.p);
	if (!pkg)
		pkg = project_add_package(m->p, entry->path.p);
	pkg->on_disk = true;
	vec_push(&m->packages, pkg);
	m->package = pkg;
	return 0;
}

static const char *slash_if_folder(enum source_kind kind)
{
	return kind == SOURCE_FOLDER ? "/" : "";
}

/* The function that path is, or NULL with a finding. */
static struct function *add_function(struct merge *m, const char *name, const char *path,
				     enum source_kind kind)
{
	struct function *f = package_function(m->package, name);

	if (f && f->source_kind != SOURCE_NONE) {
		diags_add_path(
			m->d, DIAG_ERROR, path,
			"'%s%s' and '%s%s' are both the function '%s'; rename one of them",
			f->source, slash_if_folder(f->source_kind), path, slash_if_folder(kind),
			name);
		return NULL;
	}
	if (!check_name(m, path, "function", name))
		return NULL;
	if (!f)
		f = package_add_function(m->p, m->package, name);
	f->source = path;
	f->source_kind = kind;
	vec_push(&m->functions, f);
	return f;
}

static int found_folder(struct merge *m, const struct fs_entry *entry)
{
	const char *path = below_packages(m, entry->path);
	struct str base = path_base(entry->path);

	if (filter_never(entry->path, true) || is_tool_folder(base)) {
		stray(m, path, "not a function");
		return 1;
	}
	m->function = add_function(m, arena_strndup(&m->p->arena, base.p, base.n), path,
				   SOURCE_FOLDER);
	m->has_file = m->has_folder = false;
	return m->function ? 0 : 1;
}

/* Whether project.yml says how to run what the extension does not tell. */
static bool has_runtime(const struct merge *m, const char *name)
{
	const struct function *f = package_function(m->package, name);

	return f && f->source_kind == SOURCE_NONE && f->runtime;
}

static void found_file(struct merge *m, const struct fs_entry *entry)
{
	const char *path = below_packages(m, entry->path);
	struct str base = path_base(entry->path);
	struct file_name name;
	struct function *f;

	if (entry->type != FS_FILE) {
		stray(m, path, "a FIFO, socket or device");
		return;
	}
	if (scan_is_env_file(base)) {
		stray(m, path, scan_env_place);
		return;
	}
	scan_file_name(&m->p->arena, base, m->kinds, &name);
	if (filter_never(entry->path, false) || str_starts(base, ".") ||
	    (!name.known && !has_runtime(m, name.function))) {
		stray(m, path, "not a function; its extension names no runtime");
		return;
	}
	f = add_function(m, name.function, path, SOURCE_FILE);
	if (!f)
		return;
	f->binary = name.binary;
	if (!f->runtime)
		f->runtime = name.runtime;
}

static int visit(void *arg, const struct fs_entry *entry, struct err *e UNUSED)
{
	struct merge *m = arg;
	const char *slash = strchr(entry->path.p, '/');
	int depth = !slash ? 0 : (strchr(slash + 1, '/') ? 2 : 1);

	if (depth == 2) {
		if (entry->type == FS_DIR)
			m->has_folder = true;
		else
			m->has_file = true;
		return 1;
	}
	if (depth == 1)
		finish_function(m);
	else if (m->package)
		finish_package(m);
	if (entry->type == FS_LINK) {
		diags_add_path(m->d, DIAG_ERROR, below_packages(m, entry->path), "%s",
			       entry->broken);
		return 1;
	}
	if (depth == 0)
		return found_package(m, entry);
	if (entry->type == FS_DIR)
		return found_folder(m, entry);
	found_file(m, entry);
	return 1;
}

/* One finding, and the rest is still read. */
static int unreadable(void *arg, struct str path, struct err *e)
{
	struct merge *m = arg;

	diags_add_path(m->d, DIAG_ERROR, path.n ? below_packages(m, path) : "packages", "%s",
		       e->msg);
	err_clear(e);
	m->has_file = true;
	return 0;
}

static void walk_packages(struct merge *m)
{
	struct fs_walk w = {.boundary = m->p->root_fd,
			    .shown = "packages",
			    .visit = visit,
			    .unreadable = unreadable,
			    .arg = m};
	struct err e = ERR_INIT;

	w.root = fs_open_below(m->p->root_fd, -1, "packages", &e);
	if (w.root < 0 || fs_walk(&w, &e) < 0)
		diags_add_path(m->d, DIAG_ERROR, "packages", "%s", e.msg);
	err_clear(&e);
	if (w.root >= 0)
		(void)close(w.root);
	if (m->package)
		finish_package(m);
}

void scan_packages(struct project *p, const struct scan_options *o, struct diags *d)
{
	struct merge m = {.p = p, .kinds = o->kinds, .d = d};
	size_t i, n = 0;

	walk_packages(&m);
	for (i = 0; i < p->packages.n; i++)
		if (!p->packages.v[i]->on_disk)
			vec_push(&m.packages, p->packages.v[i]);
	for (i = 0; i < m.packages.n; i++)
		p->packages.v[n++] = m.packages.v[i];
	vec_release(&m.packages);
}
