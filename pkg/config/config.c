#include "config/config.h"

#include "config/schema.h"
#include "config/substitute.h"

/* The default package is no entity on the platform that could hold anything (functions.md 1.4).
 */
static void check_default_package(struct config_reader *r, const struct yaml_node *item)
{
	static const char *const nowhere[] = {"parameters", "environment", "annotations",
					      "shared", "binding"};
	const struct yaml_node *value;
	size_t i;

	for (i = 0; i < countof(nowhere); i++) {
		value = yaml_get(item, nowhere[i]);
		if (value && !config_is_blank(value))
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

static void check_binding(struct config_reader *r, const struct package *pkg,
			  const struct yaml_node *item)
{
	const struct yaml_node *binding = yaml_get(item, "binding");

	if (binding && !config_is_blank(binding) && pkg->functions.n)
		config_report(r, binding->key,
			      "'binding' does not go with functions: the package has those of "
			      "the one it stands for");
}

static struct package *add_package(struct config_reader *r, const struct yaml_node *item)
{
	const char *name = config_read_name(r, item, "package");
	const struct package *first = name ? project_package(r->project, name) : NULL;

	if (first)
		config_report_second(r, item, "package", first->pos);
	if (first || !name)
		return project_add_package(&r->scratch, "");
	return project_add_package(r->project, name);
}

static void read_package(struct config_reader *r, const struct yaml_node *item)
{
	struct package *pkg = add_package(r, item);

	pkg->pos = item->pos;
	check_functions_once(r, item);
	config_read_keys(r, CONFIG_PACKAGE, item, pkg);
	check_binding(r, pkg, item);
	if (package_is_default(pkg))
		check_default_package(r, item);
}

void config_read_packages(struct config_reader *r, const struct config_key *key,
			  const struct yaml_node *value, void *object UNUSED)
{
	const struct yaml_node *item;

	for (item = value->child; item; item = item->next)
		if (config_is_item(r, key, item))
			read_package(r, item);
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

	substitute_init(&s, p, o, d);
	root = yaml_parse(&tree, &p->config,
			  &(struct yaml_fill){strbuf_str(&s.masked), substitute_scalar, &s}, d);
	if (root || d->errors == errors)
		read_root(&r, root);
	substitute_release(&s);
	arena_release(&tree);
}
