#include "project/project.h"

#include <unistd.h>

#include "json/json.h"

enum { NAME_MAX_LENGTH = 256 };

void project_init(struct project *p)
{
	*p = (struct project){.root_fd = -1};
}

static void release_function(struct function *f)
{
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
	vec_release(&p->strays);
	json_free(p->parameters);
	json_free(p->environment);
	if (p->root_fd >= 0)
		(void)close(p->root_fd);
	arena_release(&p->arena);
	project_init(p);
}

struct package *project_package(const struct project *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->packages.n; i++)
		if (strcmp(p->packages.v[i]->name, name) == 0)
			return p->packages.v[i];
	return NULL;
}

struct function *package_function(const struct package *pkg, const char *name)
{
	size_t i;

	for (i = 0; i < pkg->functions.n; i++)
		if (strcmp(pkg->functions.v[i]->name, name) == 0)
			return pkg->functions.v[i];
	return NULL;
}

struct package *project_add_package(struct project *p, const char *name)
{
	struct package *pkg = arena_new(&p->arena, struct package);

	pkg->name = arena_strdup(&p->arena, name);
	vec_push(&p->packages, pkg);
	return pkg;
}

struct function *package_add_function(struct project *p, struct package *pkg, const char *name)
{
	struct function *f = arena_new(&p->arena, struct function);

	f->name = arena_strdup(&p->arena, name);
	f->package = pkg;
	vec_push(&pkg->functions, f);
	return f;
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
