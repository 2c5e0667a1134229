#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/fs.h"
#include "runtime/runtime.h"
#include "verify/binary.h"
#include "verify/python.h"

enum { GROUPS_MAX = 500 };
enum {
	LOOKED_INTO_MAX = 2000
}; /* files of packages, for how they import their parts, and questions about that */

enum trouble {
	TROUBLE_NONE,
	TROUBLE_MACOS,
	TROUBLE_WINDOWS,
	TROUBLE_MACHINE, /* a file for another kind of computer */
	TROUBLE_MUSL,
	TROUBLE_GLIBC,
	TROUBLE_PYTHON, /* another version of it */
	TROUBLE_BROKEN,
	TROUBLE_MODE, /* a program */
};

/* The files of one package that have the same trouble. */
struct group {
	struct str folder, name; /* "virtualenv/.../site-packages/", "numpy" */
	enum trouble trouble;
	const struct filter_file *first;
	size_t files;
	unsigned glibc; /* highest that one needs */
	bool needed;    /* without it the function does not start */
};

struct native {
	struct python_check *c;
	VEC(struct group) groups;
	struct group asked; /* what has_linux_files() was asked the last time */
	bool has_linux;     /* and its answer */
	struct str stem;    /* what has_stand_in() was asked the last time */
	bool stands_in;     /* and its answer */
	size_t looked_into;
	unsigned glibc; /* of the runtime; 0 = not known */
};

static bool read_at(void *arg, uint64_t offset, void *to, size_t n)
{
	const int *fd = arg;

	return offset < INT64_MAX && pread(*fd, to, n, (off_t)offset) == (ssize_t)n;
}

static bool judge(const struct verify *v, const struct filter_file *file, struct binary *out)
{
	struct err e = ERR_INIT;
	struct stat st;
	int fd = fs_open_file(v->root, -1, file->path.p, &st, &e);

	err_clear(&e);
	if (fd < 0)
		return false;
	binary_judge(read_at, &fd, out);
	(void)close(fd);
	return true;
}

/* ".so.1" of shared libraries. */
static bool is_library(struct str name)
{
	struct str base = path_base(name);

	return str_ends(base, ".so") || str_ends(base, ".dylib") || str_ends(base, ".pyd") ||
	       (base.n && memmem(base.p, base.n, ".so.", 4) != NULL);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The module's name says another version: "x.cpython-312-x86_64-linux-gnu.so". */
static bool names_other_python(struct str name, unsigned minor)
{
	static const char mark[] = ".cpython-3";
	struct str base = path_base(name), rest;
	const char *at = memmem(base.p, base.n, mark, sizeof(mark) - 1);
	char wanted[16];

	if (!at || minor == 0)
		return false;
	(void)snprintf(wanted, sizeof(wanted), "%u-", minor);
	rest = str_from(base, (size_t)(at - base.p) + sizeof(mark) - 1);
	return rest.n > 0 && is_digit(rest.p[0]) && !str_starts(rest, wanted);
}

static enum trouble trouble_of(const struct native *n, const struct filter_file *file,
			       const struct binary *b)
{
	if (b->kind == BINARY_MACOS)
		return TROUBLE_MACOS;
	if (b->kind == BINARY_WINDOWS)
		return TROUBLE_WINDOWS;
	if (b->kind != BINARY_ELF)
		return TROUBLE_NONE; /* a linker script, or what only has such a name */
	if (b->is_broken)
		return TROUBLE_BROKEN;
	if (!b->is_x86_64)
		return TROUBLE_MACHINE;
	if (b->musl || memmem(file->name.p, file->name.n, "-linux-musl.so", 14))
		return TROUBLE_MUSL;
	if (names_other_python(file->name, n->c->minor))
		return TROUBLE_PYTHON;
	if (n->glibc && b->glibc > n->glibc)
		return TROUBLE_GLIBC;
	return TROUBLE_NONE;
}

static void split(const struct native *n, struct str file, struct group *g)
{
	struct str rest = file;
	size_t i;

	g->folder = (struct str){file.p, 0};
	for (i = 0; i < n->c->path.sites.n; i++) {
		struct str site = n->c->path.sites.v[i];

		if (site.n > g->folder.n && file.n > site.n &&
		    memcmp(file.p, site.p, site.n) == 0)
			g->folder.n = site.n;
	}
	rest = str_from(file, g->folder.n);
	(void)str_next(&rest, '/', &g->name);
	if (!rest.p) { /* a module by itself: "x.cpython-311-darwin.so" */
		rest = g->name;
		(void)str_next(&rest, '.', &g->name);
	}
	if (str_ends(g->name, ".libs"))
		g->name.n -= 5;
}

/* NULL when there are too many. */
static struct group *group_of(struct native *n, const struct filter_file *file, enum trouble t)
{
	struct group new = {.trouble = t, .first = file};
	size_t i;

	split(n, file->name, &new);
	for (i = 0; i < n->groups.n; i++) {
		struct group *g = &n->groups.v[i];

		if (g->trouble == t && str_eq(g->folder, new.folder) &&
		    str_eq(g->name, new.name))
			return g;
	}
	if (n->groups.n == GROUPS_MAX)
		return NULL;
	vec_push(&n->groups, new);
	return &n->groups.v[n->groups.n - 1];
}

/* The last part of "a.b". */
static struct str last_part(struct str dotted)
{
	struct str part = {0};

	while (str_next(&dotted, '.', &part))
		;
	return part;
}

static struct str first_part(struct str dotted)
{
	struct str part = {0};

	(void)str_next(&dotted, '.', &part);
	return part;
}

/* Whether what the user's modules import makes Python load the module. */
static bool user_loads(const struct native *n, const struct group *g, struct str module)
{
	size_t i;

	for (i = 0; i < n->c->loaded.n; i++) {
		struct str loaded = n->c->loaded.v[i];

		if (str_eq(first_part(loaded), g->name) && str_eq(last_part(loaded), module))
			return true;
	}
	return false;
}

static bool user_imports(const struct native *n, const struct group *g)
{
	size_t i;

	for (i = 0; i < n->c->loaded.n; i++)
		if (str_eq(first_part(n->c->loaded.v[i]), g->name))
			return true;
	return false;
}

static bool imports(const struct python_module *m, struct str module)
{
	size_t i, j;

	for (i = 0; i < m->imports.n; i++) {
		const struct python_import *import = &m->imports.v[i];

		if (import->when != PYTHON_LOADED)
			continue;
		if (str_eq(last_part(import->module), module))
			return true;
		for (j = 0; j < import->names; j++)
			if (str_eq(m->names.v[import->first_name + j], module))
				return true;
	}
	return false;
}

/* One file of a package: whether it imports the module, come what may. */
static bool file_loads(struct native *n, const struct filter_file *file, struct str module)
{
	struct arena a = ARENA_INIT;
	struct python_module m = {0};
	struct str text;
	bool loads = false;

	n->looked_into++;
	if (sources_read(n->c->v, file, &a, &text) &&
	    memmem(text.p, text.n, module.p, module.n)) {
		python_scan(&a, text, (struct str){0}, &m);
		loads = !m.unreadable && imports(&m, module);
		python_module_release(&m);
	}
	arena_release(&a);
	return loads;
}

/* Packages often have parts in C that they do without: imported in a try, or with a .py beside.
 */
static bool package_loads(struct native *n, const struct group *g, struct str module)
{
	const struct filter_list *list = n->c->v->list;
	struct str below = str_of(
		arena_printf(&n->c->a, "%.*s%.*s/", STR_ARG(g->folder), STR_ARG(g->name)));
	size_t i;

	for (i = sources_lower_bound(list, below); i < list->files.n; i++) {
		const struct filter_file *file = &list->files.v[i];

		if (file->name.n < below.n || memcmp(file->name.p, below.p, below.n) != 0 ||
		    n->looked_into >= LOOKED_INTO_MAX)
			return false;
		if (str_ends(file->name, ".py") &&
		    !memmem(file->name.p, file->name.n, "/test", 5) &&
		    file_loads(n, file, module))
			return true;
	}
	return false;
}

/*
 * Another file of that module which Python loads in its place: x.py, or the
 * platform's x.so.  Not where the name says that this one is for the platform.
 */
static bool has_stand_in(struct native *n, const struct filter_file *file)
{
	struct str module = python_path_compiled(file->name);
	struct str folder = path_dir(file->name), stem;

	folder.n += folder.n > 0;
	stem = (struct str){file->name.p, folder.n + module.n};
	if (module.n == 0 || python_path_loads(file->name, n->c->minor))
		return false;
	if (!str_eq(stem, n->stem))
		n->stands_in =
			python_path_look(&n->c->path, folder, module).found > PYTHON_NAMESPACE;
	n->stem = stem;
	return n->stands_in;
}

static bool is_needed(struct native *n, const struct group *g, const struct filter_file *file)
{
	struct str module = python_path_compiled(file->name);

	if (module.n == 0 || n->looked_into++ >= LOOKED_INTO_MAX || !user_imports(n, g))
		return false;
	return user_loads(n, g, module) || package_loads(n, g, module);
}

static bool is_of_group(struct str name, struct str start)
{
	return name.n > start.n && memcmp(name.p, start.p, start.n) == 0 &&
	       (name.p[start.n] == '/' || name.p[start.n] == '.');
}

static bool look_for_linux_files(const struct native *n, const struct group *g)
{
	const struct filter_list *list = n->c->v->list;
	struct str start = {g->folder.p, g->folder.n + g->name.n};
	struct binary b;
	size_t i;

	for (i = sources_lower_bound(list, start); i < list->files.n; i++) {
		struct str name = list->files.v[i].name;

		if (name.n < start.n || memcmp(name.p, start.p, start.n) != 0)
			return false;
		if (is_of_group(name, start) && is_library(name) && !str_ends(name, ".dylib") &&
		    !str_ends(name, ".pyd") && judge(n->c->v, &list->files.v[i], &b) &&
		    b.kind == BINARY_ELF && b.is_x86_64 && !b.musl)
			return true;
	}
	return false;
}

/*
 * The package brings files for several systems, the platform's among them.  Its
 * files come one after the other, and all get the same answer.
 */
static bool has_linux_files(struct native *n, const struct group *g)
{
	if (!n->asked.name.p || !str_eq(n->asked.folder, g->folder) ||
	    !str_eq(n->asked.name, g->name)) {
		n->asked = *g;
		n->has_linux = look_for_linux_files(n, g);
	}
	return n->has_linux;
}

/* A module of Python by its name and place, not a library that something else loads. */
static bool is_module(const struct filter_file *file)
{
	struct str base = path_base(file->name);

	return python_path_compiled(file->name).n > 0 && !str_starts(base, "lib");
}

/* What is no trouble: nobody loads it on the platform. */
static bool is_passed_over(struct native *n, const struct filter_file *file, enum trouble t)
{
	struct group g = {0};

	if (t == TROUBLE_GLIBC || t == TROUBLE_BROKEN)
		return false;
	split(n, file->name, &g);
	if (t == TROUBLE_PYTHON)
		return !is_module(file) || has_stand_in(n, file);
	return has_linux_files(n, &g);
}

/* One finding for each package and trouble. */
static void add_file(struct native *n, const struct filter_file *file, enum trouble t,
		     unsigned glibc)
{
	struct group *g = group_of(n, file, t);

	if (!g)
		return;
	g->files++;
	if (glibc > g->glibc)
		g->glibc = glibc;
	if (!g->needed && t != TROUBLE_MODE && n->looked_into < LOOKED_INTO_MAX &&
	    !has_stand_in(n, file))
		g->needed = is_needed(n, g, file);
}

static void check_library(struct native *n, const struct filter_file *file)
{
	enum trouble trouble;
	struct binary b;

	if (!judge(n->c->v, file, &b))
		return;
	trouble = trouble_of(n, file, &b);
	if (trouble != TROUBLE_NONE && !is_passed_over(n, file, trouble))
		add_file(n, file, trouble, b.glibc);
}

static const char *reason(const struct native *n, const struct group *g)
{
	struct arena *a = &n->c->a;

	switch (g->trouble) {
	case TROUBLE_MACOS: return "is built for macOS, and the platform is Linux on x86-64";
	case TROUBLE_WINDOWS:
		return "is built for Windows, and the platform is Linux on x86-64";
	case TROUBLE_MACHINE: return "is built for another kind of processor than x86-64";
	case TROUBLE_MUSL:
		return "is built for musl (Alpine Linux), and the platform has glibc";
	case TROUBLE_GLIBC:
		return arena_printf(a, "needs glibc 2.%u, and the runtime '%s' has 2.%u",
				    g->glibc, n->c->v->runtime, n->glibc);
	case TROUBLE_PYTHON:
		return arena_printf(a, "is built for another Python than the runtime's 3.%u",
				    n->c->minor);
	default: return "is damaged";
	}
}

static const char *way_out(const struct native *n)
{
	const char *source = n->c->v->function->source;
	const char *script = arena_printf(&n->c->a, "%s/build.sh", source);
	struct fs_entry entry;
	struct err e = ERR_INIT;
	bool there = fs_lookup(n->c->v->root, n->c->v->root, script, &entry, &e) == FS_FOUND;

	err_clear(&e);
	if (there)
		return "without a build.sh, dofn installs what requirements.txt names for the "
		       "platform, whatever this machine is";
	return "remove 'virtualenv' and name the package in requirements.txt: dofn installs "
	       "for the platform, whatever this machine is";
}

static void report_mode(const struct native *n, const struct group *g)
{
	diags_add_path(
		n->c->d, DIAG_WARNING, g->first->path.p,
		"the runtime unpacks programs without their execute bit; whoever calls it "
		"has to set it first: os.chmod(path, 0o755)");
}

static void report(const struct native *n, const struct group *g)
{
	const char *more =
		g->files > 1 ? arena_printf(&n->c->a, ", with %zu more files,", g->files - 1)
			     : "";

	if (g->trouble == TROUBLE_MODE) {
		report_mode(n, g);
		return;
	}
	diags_add_path(
		n->c->d, g->needed && n->c->sure ? DIAG_ERROR : DIAG_WARNING, g->first->path.p,
		"'%.*s'%s %s%s; %s", STR_ARG(g->name), more, reason(n, g),
		g->needed ? ": the function would end before it starts" : "", way_out(n));
}

/* Python's zipfile, with which the runtime unpacks, sets no modes (platform.md 3.3). */
static void check_program(struct native *n, const struct filter_file *file)
{
	struct binary b;

	if (judge(n->c->v, file, &b) && b.kind == BINARY_ELF && b.is_x86_64)
		add_file(n, file, TROUBLE_MODE, 0);
}

void python_check_native(struct python_check *c)
{
	struct native n = {.c = c, .glibc = runtime_glibc(str_of(c->v->runtime))};
	const struct filter_list *list = c->v->list;
	size_t i;

	for (i = 0; i < list->files.n; i++) {
		const struct filter_file *file = &list->files.v[i];

		if (is_library(file->name))
			check_library(&n, file);
		else if (file->executable && !str_ends(file->name, ".py") &&
			 !str_ends(file->name, ".sh"))
			check_program(&n, file);
	}
	for (i = 0; i < n.groups.n; i++)
		report(&n, &n.groups.v[i]);
	vec_release(&n.groups);
}
