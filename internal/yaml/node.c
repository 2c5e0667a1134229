#include "yaml/yaml.h"
#include "json/json.h"

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *value;

	if (!map || map->type != YAML_MAP)
		return NULL;
	for (value = map->child; value; value = value->next)
		if (str_is(value->key->text, key))
			return value;
	return NULL;
}

const char *yaml_type_name(const struct yaml_node *n)
{
	switch (n->type) {
	case YAML_NULL: return "nothing";
	case YAML_BOOL: return "a boolean";
	case YAML_INT:
	case YAML_FLOAT: return "a number";
	case YAML_STRING: return "a string";
	case YAML_LIST: return "a list";
	case YAML_MAP: return "a mapping";
	}
	bug("no such YAML type %d", (int)n->type);
}

static struct json *container_to_json(const struct yaml_node *n)
{
	struct json *j = n->type == YAML_MAP ? json_new_object() : json_new_array();
	const struct yaml_node *child;

	for (child = n->child; child; child = child->next) {
		if (n->type == YAML_MAP)
			json_setn(j, child->key->text, yaml_to_json(child));
		else
			json_push(j, yaml_to_json(child));
	}
	return j;
}

/* As deep as the parser let the tree become. */
struct json *yaml_to_json(const struct yaml_node *n)
{
	switch (n->type) {
	case YAML_NULL: return json_new_null();
	case YAML_BOOL: return json_new_bool(n->boolean);
	case YAML_INT:
	case YAML_FLOAT:
		if (str_is(n->number, "null"))
			return json_new_null();
		return json_new_number(n->number);
	case YAML_STRING: return json_new_str(n->text);
	case YAML_LIST:
	case YAML_MAP: return container_to_json(n);
	}
	bug("no such YAML type %d", (int)n->type);
}
