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

/* A number's text may be a whole one or not; nothing else is said of it. */
static enum yaml_type number_type(struct str number)
{
	size_t i;

	for (i = 0; i < number.n; i++)
		if (number.p[i] == '.' || number.p[i] == 'e' || number.p[i] == 'E')
			return YAML_FLOAT;
	return YAML_INT;
}

static struct yaml_node *filled_node(struct arena *a, struct pos pos)
{
	struct yaml_node *n = arena_new(a, struct yaml_node);

	n->type = YAML_STRING;
	n->pos = pos;
	n->quoted = true;
	n->filled = YAML_FILLED_PART;
	return n;
}

static void fill_children(struct arena *a, struct yaml_node *n, const struct json *j)
{
	struct yaml_node *child, **tail = &n->child;
	const struct json *c;

	n->type = json_is(j, JSON_OBJECT) ? YAML_MAP : YAML_LIST;
	for (c = json_first(j); c; c = json_next(c)) {
		child = filled_node(a, n->pos);
		yaml_fill_json(a, child, c);
		if (n->type == YAML_MAP) {
			child->key = filled_node(a, n->pos);
			child->key->text = arena_str(a, json_name(c));
		}
		*tail = child;
		tail = &child->next;
		n->count++;
	}
}

/* As deep as a JSON text can be. */
void yaml_fill_json(struct arena *a, struct yaml_node *n, const struct json *j)
{
	n->filled = YAML_FILLED_PART;
	n->text = (struct str){NULL, 0};
	switch (json_type(j)) {
	case JSON_NULL: n->type = YAML_NULL; break;
	case JSON_BOOL:
		n->type = YAML_BOOL;
		n->boolean = json_is_true(j);
		break;
	case JSON_NUMBER:
		n->number = n->text = arena_str(a, json_number(j));
		n->type = number_type(n->number);
		break;
	case JSON_STRING:
		n->type = YAML_STRING;
		n->text = arena_str(a, json_str(j));
		break;
	case JSON_ARRAY:
	case JSON_OBJECT: fill_children(a, n, j); break;
	}
	if (!n->text.p)
		n->text = STR("");
}
