#include "project_flags.h"

#include "render.h"

/* The names of all comma lists, NULL at the end; NULL when the flag was not given. */
static int split(const struct cli_list *lists, const char *flag, struct arena *a,
		 const char *const **names, struct err *e)
{
	size_t i, n = 0, most = 1;
	struct str rest, name;
	const char **v;

	*names = NULL;
	if (lists->items.n == 0)
		return 0;
	for (i = 0; i < lists->items.n; i++)
		most += strlen(lists->items.v[i]) + 1;
	v = arena_calloc(a, most, sizeof(*v));
	for (i = 0; i < lists->items.n; i++) {
		rest = str_of(lists->items.v[i]);
		while (str_next(&rest, ',', &name)) {
			name = str_trim(name);
			name.n -= str_ends(name, "/");
			if (name.n)
				v[n++] = arena_strndup(a, name.p, name.n);
		}
	}
	if (n == 0)
		return err_set(e, ERR_USAGE,
			       "'--%s' names nothing; give it packages or functions: "
			       "PKG,PKG/FN,...",
			       flag);
	*names = v;
	return 0;
}

int project_flags_fill(const struct project_flags *flags, struct arena *a,
		       struct scan_options *o, struct err *e)
{
	*o = (struct scan_options){.env_file = flags->env,
				   .build_env_file = flags->build_env,
				   .no_triggers = flags->no_triggers};
	if (split(&flags->include, "include", a, &o->include, e) < 0)
		return -1;
	return split(&flags->exclude, "exclude", a, &o->exclude, e);
}

int project_scan(const struct project_flags *flags, const char *dir, const char *const *kinds,
		 struct project *p, struct diags *d, struct err *e)
{
	struct scan_options o;

	if (project_flags_fill(flags, &p->arena, &o, e) < 0)
		return -1;
	o.kinds = kinds;
	return scan_project(dir, &o, p, d, e);
}

int project_show(struct context *c, struct diags *d, struct err *e)
{
	diags_sort(d);
	render_findings(c, d);
	return diags_check(d, e);
}

int project_read(struct context *c, const struct project_flags *flags, const char *dir,
		 struct project *p, struct err *e)
{
	struct diags d = DIAGS_INIT;
	struct err shown = ERR_INIT;
	int r = project_scan(flags, dir, NULL, p, &d, e);

	if (project_show(c, &d, &shown) < 0 && r == 0)
		r = err_move(e, &shown);
	err_clear(&shown);
	diags_release(&d);
	return r;
}
