#include <string.h>

#include "scan/scan_private.h"

/* Every name that --include and --exclude may hold, NULL at the end. */
struct known {
	VEC(const char *) names;
};

static bool is_in(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* The slash and what is behind it, of an item that names a function of pkg. */
static bool names_function(const char *item, const struct package *pkg,
			   const struct function *f)
{
	size_t n = strlen(pkg->name);

	return strncmp(item, pkg->name, n) == 0 && item[n] == '/' &&
	       strcmp(item + n + 1, f->name) == 0;
}

static bool has_function(const char *const *list, const struct package *pkg,
			 const struct function *f)
{
	for (; list && *list; list++)
		if (names_function(*list, pkg, f))
			return true;
	return false;
}

/* functions.md 2.2: a function that is named goes before its package that is left out. */
static bool is_selected(void *arg, const struct package *pkg, const struct function *f)
{
	const struct scan_options *o = arg;
	bool package_in = !o->include || is_in(o->include, pkg->name);

	if (f && has_function(o->include, pkg, f))
		return true;
	if (is_in(o->exclude, pkg->name))
		return !f && pkg->functions.n > 0;
	if (f)
		return package_in && !has_function(o->exclude, pkg, f);
	return package_in || pkg->functions.n > 0;
}

static void list_names(struct project *p, struct known *known)
{
	size_t i, j;

	for (i = 0; i < p->packages.n; i++) {
		const struct package *pkg = p->packages.v[i];

		vec_push(&known->names, pkg->name);
		for (j = 0; j < pkg->functions.n; j++)
			vec_push(&known->names, arena_printf(&p->arena, "%s/%s", pkg->name,
							     pkg->functions.v[j]->name));
	}
	vec_push(&known->names, NULL);
}

static bool exists(struct project *p, const char *item)
{
	const char *slash = strchr(item, '/');
	const struct package *pkg;

	if (!slash)
		return project_package(p, item) != NULL;
	pkg = project_package(p, arena_strndup(&p->arena, item, (size_t)(slash - item)));
	return pkg && package_function(pkg, slash + 1);
}

static void report_unknown(struct project *p, struct known *known, const char *flag,
			   const char *item, struct diags *d)
{
	const char *kind = strchr(item, '/') ? "function" : "package", *near;

	if (known->names.n == 0)
		list_names(p, known);
	near = str_nearest(str_of(item), known->names.v);
	diags_add_path(d, DIAG_ERROR, flag, "there is no %s '%s'%s%s%s", kind, item,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void check_list(struct project *p, struct known *known, const char *flag,
		       const char *const *list, struct diags *d)
{
	for (; list && *list; list++)
		if (!exists(p, *list))
			report_unknown(p, known, flag, *list, d);
}

void scan_select(struct project *p, const struct scan_options *o, struct diags *d)
{
	struct known known = {0};
	struct scan_options lists = *o;
	size_t before = project_function_count(p);

	check_list(p, &known, "--include", o->include, d);
	check_list(p, &known, "--exclude", o->exclude, d);
	vec_release(&known.names);
	if (o->include || o->exclude)
		project_filter(p, is_selected, &lists);
	if (o->no_triggers)
		project_drop_triggers(p);
	if (d->errors == 0 && project_function_count(p) == 0)
		diags_add_path(d, DIAG_WARNING, "packages", "%s",
			       before ? "--include and --exclude leave no function"
				      : "no functions are in it");
}
