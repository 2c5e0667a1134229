#include "platform/binding.h"

#include "platform/params.h"
#include "platform/refuse.h"

const char *binding_name(const struct json *package)
{
	return json_cstr(json_get(json_get(package, "binding"), "name"));
}

int binding_follow(struct entities *s, const char *package, struct bound *b, struct err *e)
{
	struct err failure = ERR_INIT;
	const char *name;

	*b = (struct bound){.package = package};
	if (!*package) {
		b->params = json_new_array();
		return 1;
	}
	b->entity = entities_get_package(s, package, &failure);
	name = binding_name(b->entity);
	if (name) {
		b->package = name;
		b->is_binding = true;
		b->other = entities_get_package(s, name, &failure);
	}
	if (failure.code != ERR_OK)
		return err_move(e, &failure);
	if (!b->entity || (b->is_binding && !b->other))
		return 0;
	b->params = params_merge(json_get(b->other, "parameters"),
				 json_get(b->entity, "parameters"));
	return 1;
}

void bound_release(struct bound *b)
{
	json_free(b->entity);
	json_free(b->other);
	json_free(b->params);
}

static int check_other(struct entities *s, const char *name, struct err *e)
{
	struct err failure = ERR_INIT;
	struct json *other = entities_get_package(s, name, &failure);
	bool found = other != NULL, bound = binding_name(other) != NULL;

	json_free(other);
	if (failure.code != ERR_OK)
		return err_move(e, &failure);
	if (!found)
		return refuse(e, 400, "Binding references a package that does not exist.");
	return bound ? refuse(e, 400, "Cannot bind to another package binding.") : 0;
}

int binding_check(struct entities *s, const char *namespace, const struct json *old,
		  struct json *body, struct err *e)
{
	struct json *binding = json_get(body, "binding");
	struct str ns = json_str(json_get(binding, "namespace"));
	const char *name = json_cstr(json_get(binding, "name"));

	if (json_count(binding) == 0 && json_str(binding).n == 0)
		return 0;
	if (!json_is(binding, JSON_OBJECT) || ns.n == 0 || !name)
		return refuse(e, 400,
			      "The request content was malformed:\n'binding' needs the strings "
			      "'namespace' and 'name'");
	if (old && !binding_name(old))
		return refuse(e, 409,
			      "Resource is a package and cannot be converted into a binding.");
	if (str_is(ns, "_"))
		json_set(binding, "namespace", json_new_cstr(namespace));
	else if (!str_is(ns, namespace))
		return refuse(e, 400,
			      "the local platform has the namespace '%s' only; a package of "
			      "another one can be bound on its own platform",
			      namespace);
	return check_other(s, name, e);
}
