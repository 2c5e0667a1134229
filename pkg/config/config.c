#include "config/config.h"

#include <search.h>

#include "config/schema.h"
#include "config/substitute.h"

/*
 * The name of a package or function, or NULL: none that can be used.  `kind`
 * is the word for messages.
 */
static const char *read_name(struct config_reader *r, const struct yaml_node *item,
			     const char *kind)
{
	const struct yaml_node *name = yaml_get(item, "name");

	if (!name) {
		config_report(r, item, "a %s needs a 'name'", kind);
		return NULL;
	}
	/* These findings are made where the key is read. */
	if (name->filled == YAML_FILL_FAILED || !config_is_string(name) || name->text.n == 0)
		return NULL;
	if (!name_is_valid(name->text)) {
		config_report(r, name,
			      "%s cannot be the name of a %s; use letters, digits and '_', "
			      "behind the first one also '-', '.', '@', '&' and spaces",
			      config_quote(r, name), kind);
		return NULL;
	}
	return name->text.p;
}

struct named {
	const char *name;
	struct pos pos;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static void keep(void *named UNUSED)
{
}

/* Names of one list, in a tree: a list may be long. */
static void release_names(void *names)
{
	tdestroy(names, keep); /* the names are the arena's */
}

/* False with a finding when the list has an item of that name already. */
static bool take_name(struct config_reader *r, void **names, const struct yaml_node *item,
		      const char *kind)
{
	const struct yaml_node *name = yaml_get(item, "name");
	struct named *entry = arena_new(&r->scratch.arena, struct named);
	struct named *const *kept;

	*entry = (struct named){name->text.p, item->pos};
	kept = tsearch(entry, names, by_name);
	if (!kept)
		bug("out of memory");
	if (*kept == entry)
		return true;
	if (name->filled == YAML_AS_WRITTEN)
		config_report(r, name, "a second %s '%s'; the first one is in line %u", kind,
			      name->text.p, (*kept)->pos.line);
	else
		config_report(r, name, "a second %s of one name; the first one is in line %u",
			      kind, (*kept)->pos.line);
	return false;
}

static bool is_item(struct config_reader *r, const struct config_key *list,
		    const struct yaml_node *item)
{
	if (item->type == YAML_MAP)
		return true;
	if (item->filled != YAML_FILL_FAILED)
		config_report(r, item,
			      "an item of '%s' must be a mapping with a 'name', not %s",
			      list->name, yaml_type_name(item));
	return false;
}

static void read_function(struct config_reader *r, struct package *pkg, void **names,
			  const struct yaml_node *item)
{
	const char *name = read_name(r, item, "function");
	struct function *f;

	if (!name || !take_name(r, names, item, "function"))
		pkg = project_add_package(&r->scratch, "");
	f = package_add_function(r->project, pkg, name ? name : "");
	f->pos = item->pos;
	config_read_keys(r, CONFIG_FUNCTION, item, f);
}

void config_read_functions(struct config_reader *r, const struct config_key *key,
			   const struct yaml_node *value, void *object)
{
	const struct yaml_node *item;
	void *names = NULL;

	for (item = value->child; item; item = item->next)
		if (is_item(r, key, item))
			read_function(r, object, &names, item);
	release_names(names);
}

/* The default package is no entity on the platform that could hold anything (functions.md 1.4).
 */
static void check_default_package(struct config_reader *r, const struct yaml_node *item)
{
	static const char *const nowhere[] = {"parameters", "environment", "annotations",
					      "shared"};
	const struct yaml_node *value;
	size_t i;

	for (i = 0; i < countof(nowhere); i++) {
		value = yaml_get(item, nowhere[i]);
		if (value && (value->count || value->boolean))
			config_report(r, value->key,
				      "the package 'default' cannot have '%s'; give it to the "
				      "functions, or name the package",
				      nowhere[i]);
	}
}

static void check_functions_once(struct config_reader *r, const struct yaml_node *item)
{
	const struct yaml_node *old = yaml_get(item, "actions");

	if (old && yaml_get(item, "functions"))
		config_report(r, old->key,
			      "'actions' is the old name of 'functions'; a package has one of "
			      "them");
}

static void read_package(struct config_reader *r, void **names, const struct yaml_node *item)
{
	const char *name = read_name(r, item, "package");
	bool usable = name && take_name(r, names, item, "package");
	struct package *pkg =
		project_add_package(usable ? r->project : &r->scratch, name ? name : "");

	pkg->pos = item->pos;
	check_functions_once(r, item);
	config_read_keys(r, CONFIG_PACKAGE, item, pkg);
	if (package_is_default(pkg))
		check_default_package(r, item);
}

void config_read_packages(struct config_reader *r, const struct config_key *key,
			  const struct yaml_node *value, void *object UNUSED)
{
	const struct yaml_node *item;
	void *names = NULL;

	for (item = value->child; item; item = item->next)
		if (is_item(r, key, item))
			read_package(r, &names, item);
	release_names(names);
}

static void read_root(struct config_reader *r, const struct yaml_node *root)
{
	if (!root || root->type == YAML_NULL) {
		diags_add(r->diags, DIAG_WARNING, &r->project->config, (struct pos){0, 0},
			  "nothing is configured here");
		return;
	}
	if (root->type != YAML_MAP) {
		if (root->filled == YAML_FILL_FAILED)
			return;
		config_report(r, root,
			      "expected a mapping with keys such as 'packages', not %s",
			      yaml_type_name(root));
		return;
	}
	project_init(&r->scratch);
	config_read_keys(r, CONFIG_TOP, root, r->project);
	project_release(&r->scratch);
}

void config_read(struct project *p, const struct config_options *o, struct diags *d)
{
	struct config_reader r = {.project = p, .diags = d, .kinds = o->kinds};
	struct arena tree = ARENA_INIT;
	struct substitute s;
	size_t errors = d->errors;
	const struct yaml_node *root;

	substitute_init(&s, &p->config, o->lookup, o->arg, d);
	root = yaml_parse(&tree, &p->config,
			  &(struct yaml_fill){strbuf_str(&s.masked), substitute_scalar, &s}, d);
	if (root || d->errors == errors)
		read_root(&r, root);
	substitute_release(&s);
	arena_release(&tree);
}
