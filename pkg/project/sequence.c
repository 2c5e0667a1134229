#include "project/sequence.h"

#include <string.h>

/* A sequence on the search for circles. */
struct visit {
	const char *name; /* full */
	const struct function *f;
	size_t next; /* member to look at */
	bool open;   /* on the way from where the search started */
};

struct search {
	struct project *p;
	struct diags *d;
	struct names visited;
	VEC(struct visit *) way;
	VEC(const char *) functions; /* full names of all, NULL at the end; once needed */
};

/* "p/f" of "/_/p/f"; NULL for what is in a namespace that is not ours to know. */
static const char *name_here(const char *name)
{
	if (name[0] != '/')
		return name;
	return str_starts(str_of(name), "/_/") ? name + strlen("/_/") : NULL;
}

static const struct function *find(struct project *p, const char *name)
{
	const char *slash = strchr(name, '/');
	const struct package *pkg = project_package(
		p, slash ? arena_strndup(&p->arena, name, (size_t)(slash - name)) : "default");

	return pkg ? package_function(pkg, slash ? slash + 1 : name) : NULL;
}

/* What another package has that this one stands for cannot be known. */
static bool is_of_binding(struct project *p, const char *name)
{
	const char *slash = strchr(name, '/');
	const struct package *pkg =
		slash ? project_package(p,
					arena_strndup(&p->arena, name, (size_t)(slash - name)))
		      : NULL;

	return pkg && pkg->binding.name;
}

static void list_functions(struct search *s)
{
	size_t i, j;

	if (s->functions.n)
		return;
	for (i = 0; i < s->p->packages.n; i++)
		for (j = 0; j < s->p->packages.v[i]->functions.n; j++)
			vec_push(&s->functions,
				 function_full_name(s->p, s->p->packages.v[i]->functions.v[j]));
	vec_push(&s->functions, NULL);
}

static void report_missing(struct search *s, const struct component *c, const char *name)
{
	const char *near;

	if (c->filled_in) {
		diags_add(s->d, DIAG_WARNING, &s->p->config, c->pos,
			  "the function filled in here is not in this project; it must be in "
			  "the namespace already");
		return;
	}
	list_functions(s);
	near = str_nearest(str_of(name), s->functions.v);
	if (near)
		diags_add(s->d, DIAG_WARNING, &s->p->config, c->pos,
			  "'%s' is not in this project; did you mean '%s'?", c->name, near);
	else
		diags_add(s->d, DIAG_WARNING, &s->p->config, c->pos,
			  "'%s' is not in this project; it must be in the namespace already",
			  c->name);
}

static void enter(struct search *s, const struct function *f, const char *name)
{
	struct visit *v = arena_new(&s->p->arena, struct visit);

	*v = (struct visit){.name = name, .f = f, .open = true};
	(void)names_add(&s->visited, v);
	vec_push(&s->way, v);
}

/* One step: the next member of the sequence at the end of the way, or back. */
static void step(struct search *s)
{
	struct visit *v = s->way.v[s->way.n - 1];
	const struct function *member;
	const struct component *c;
	const struct visit *seen;
	const char *name;

	if (v->next == v->f->sequence.n) {
		v->open = false;
		s->way.n--;
		return;
	}
	c = &v->f->sequence.v[v->next++];
	name = name_here(c->name);
	if (!name || is_of_binding(s->p, name))
		return;
	member = find(s->p, name);
	if (!member) {
		report_missing(s, c, name);
		return;
	}
	seen = names_find(&s->visited, name);
	if (seen && seen->open)
		diags_add(s->d, DIAG_ERROR, &s->p->config, c->pos,
			  "the sequence '%s' contains itself through this member", name);
	else if (!seen && function_is_sequence(member))
		enter(s, member, name);
}

static void check_from(struct search *s, const struct function *f)
{
	const char *name = function_full_name(s->p, f);

	if (!function_is_sequence(f) || names_find(&s->visited, name))
		return;
	enter(s, f, name);
	while (s->way.n)
		step(s);
}

void project_check_sequences(struct project *p, struct diags *d)
{
	struct search s = {.p = p, .d = d};
	size_t i, j;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			check_from(&s, p->packages.v[i]->functions.v[j]);
	names_release(&s.visited);
	vec_release(&s.way);
	vec_release(&s.functions);
}
