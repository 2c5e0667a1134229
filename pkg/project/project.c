#include "project/project.h"

#include <string.h>
#include <unistd.h>

#include "json/json.h"

enum { NAME_MAX_LENGTH = 256 };

void project_init(struct project *p)
{
	*p = (struct project){.root_fd = -1};
}

static void release_triggers(struct function *f)
{
	size_t i;

	for (i = 0; i < f->triggers.n; i++)
		json_free(f->triggers.v[i]->body);
	vec_release(&f->triggers);
}

static void release_function(struct function *f)
{
	release_triggers(f);
	vec_release(&f->sequence);
	json_free(f->parameters);
	json_free(f->environment);
	json_free(f->annotations);
}

static void release_package(struct package *pkg)
{
	size_t i;

	for (i = 0; i < pkg->functions.n; i++)
		release_function(pkg->functions.v[i]);
	vec_release(&pkg->functions);
	names_release(&pkg->function_names);
	json_free(pkg->parameters);
	json_free(pkg->environment);
	json_free(pkg->annotations);
}

void project_release(struct project *p)
{
	size_t i;

	for (i = 0; i < p->packages.n; i++)
		release_package(p->packages.v[i]);
	vec_release(&p->packages);
	names_release(&p->package_names);
	names_release(&p->trigger_names);
	vec_release(&p->strays);
	vec_release(&p->read_files);
	vec_release(&p->unresolved);
	json_free(p->parameters);
	json_free(p->environment);
	json_free(p->build_environment);
	if (p->root_fd >= 0)
		(void)close(p->root_fd);
	arena_release(&p->arena);
	project_init(p);
}

struct package *project_package(const struct project *p, const char *name)
{
	return names_find(&p->package_names, name);
}

struct function *package_function(const struct package *pkg, const char *name)
{
	return names_find(&pkg->function_names, name);
}

struct package *project_add_package(struct project *p, const char *name)
{
	struct package *pkg = arena_new(&p->arena, struct package);

	pkg->name = arena_strdup(&p->arena, name);
	vec_push(&p->packages, pkg);
	(void)names_add(&p->package_names, pkg);
	return pkg;
}

struct function *package_add_function(struct project *p, struct package *pkg, const char *name)
{
	struct function *f = arena_new(&p->arena, struct function);

	f->name = arena_strdup(&p->arena, name);
	f->package = pkg;
	vec_push(&pkg->functions, f);
	(void)names_add(&pkg->function_names, f);
	return f;
}

struct trigger *function_add_trigger(struct project *p, struct function *f, const char *name)
{
	struct trigger *t = arena_new(&p->arena, struct trigger);

	t->name = arena_strdup(&p->arena, name);
	t->function = f;
	t->enabled = true;
	if (names_add(&p->trigger_names, t))
		return NULL;
	vec_push(&f->triggers, t);
	return t;
}

static void drop_function(struct project *p, struct package *pkg, struct function *f)
{
	size_t i;

	for (i = 0; i < f->triggers.n; i++)
		names_remove(&p->trigger_names, f->triggers.v[i]->name);
	names_remove(&pkg->function_names, f->name);
	release_function(f);
}

static void filter_functions(struct project *p, struct package *pkg, project_keep_fn *keep,
			     void *arg)
{
	size_t i, kept = 0;

	for (i = 0; i < pkg->functions.n; i++) {
		struct function *f = pkg->functions.v[i];

		if (keep(arg, pkg, f))
			pkg->functions.v[kept++] = f;
		else
			drop_function(p, pkg, f);
	}
	pkg->functions.n = kept;
}

static bool drop_all(void *arg UNUSED, const struct package *pkg UNUSED,
		     const struct function *f UNUSED)
{
	return false;
}

void project_filter(struct project *p, project_keep_fn *keep, void *arg)
{
	size_t i, kept = 0;

	for (i = 0; i < p->packages.n; i++) {
		struct package *pkg = p->packages.v[i];

		filter_functions(p, pkg, keep, arg);
		if (keep(arg, pkg, NULL)) {
			p->packages.v[kept++] = pkg;
			continue;
		}
		filter_functions(p, pkg, drop_all, NULL);
		names_remove(&p->package_names, pkg->name);
		release_package(pkg);
	}
	p->packages.n = kept;
}

void project_drop_triggers(struct project *p)
{
	size_t i, j;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			release_triggers(p->packages.v[i]->functions.v[j]);
	names_release(&p->trigger_names);
}

bool package_is_default(const struct package *pkg)
{
	return strcmp(pkg->name, "default") == 0;
}

const char *function_full_name(struct project *p, const struct function *f)
{
	if (package_is_default(f->package))
		return f->name;
	return arena_printf(&p->arena, "%s/%s", f->package->name, f->name);
}

enum web_mode function_web(const struct function *f)
{
	if (f->web != WEB_UNSET)
		return f->web;
	return f->package->web != WEB_UNSET ? f->package->web : WEB_YES;
}

size_t project_function_count(const struct project *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->packages.n; i++)
		n += p->packages.v[i]->functions.n;
	return n;
}

size_t project_trigger_count(const struct project *p)
{
	size_t i, j, n = 0;

	for (i = 0; i < p->packages.n; i++)
		for (j = 0; j < p->packages.v[i]->functions.n; j++)
			n += p->packages.v[i]->functions.v[j]->triggers.n;
	return n;
}

bool function_is_sequence(const struct function *f)
{
	return f->sequence.n > 0;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_inner(char c)
{
	return is_word(c) || (c && strchr("@.&- ", c));
}

bool name_is_valid(struct str name)
{
	size_t i;

	if (name.n == 0 || name.n > NAME_MAX_LENGTH || !is_word(name.p[0]))
		return false;
	for (i = 1; i < name.n; i++)
		if (!is_inner(name.p[i]))
			return false;
	return name.p[name.n - 1] != ' ';
}
