#include "config/schema.h"

bool config_is_item(struct config_reader *r, const struct config_key *list,
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

const char *config_read_name(struct config_reader *r, const struct yaml_node *item,
			     const char *kind)
{
	const struct yaml_node *name = yaml_get(item, "name");

	/* These findings are made where the keys are read. */
	if (!name || name->filled == YAML_FILL_FAILED || !config_is_string(name) ||
	    name->text.n == 0 || memchr(name->text.p, '\0', name->text.n))
		return NULL;
	if (name_is_valid(name->text))
		return name->text.p;
	config_report(r, name,
		      "%s cannot be the name of a %s; use letters, digits and '_', "
		      "behind the first one also '-', '.', '@', '&' and spaces",
		      config_quote(r, name), kind);
	return NULL;
}

void config_report_second(struct config_reader *r, const struct yaml_node *item,
			  const char *kind, struct pos first)
{
	const struct yaml_node *name = yaml_get(item, "name");

	if (name->filled == YAML_AS_WRITTEN)
		config_report(r, name, "a second %s '%s'; the first one is in line %u", kind,
			      name->text.p, first.line);
	else
		config_report(r, name, "a second %s of one name; the first one is in line %u",
			      kind, first.line);
}
