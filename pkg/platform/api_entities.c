#include "platform/api_call.h"
#include "platform/binding.h"
#include "platform/entity.h"
#include "platform/params.h"
#include "platform/refuse.h"
#include "platform/sequence.h"

static const char default_package[] = "default";

static struct entity_place place_of(const struct api_call *c, const char *package,
				    const char *name)
{
	return (struct entity_place){c->api->o.namespace, package, name};
}

/* Packages and the actions of the default package share their names. */
static bool exists(const struct json *j, const struct err *e)
{
	return j || e->code != ERR_OK;
}

/* What a missing entity is: 404, or 409 when its name belongs to the other kind. */
static int refuse_missing(struct api_call *c, const char *name, bool is_package, struct err *e)
{
	struct entities *s = c->api->o.entities;
	struct json *other = is_package ? entities_get_action(s, "", name, e)
					: entities_get_package(s, name, e);
	bool found = exists(other, e);

	json_free(other);
	if (e->code != ERR_OK)
		return -1;
	return found ? refuse(e, 409, REFUSE_OTHER_KIND) : refuse(e, 404, REFUSE_NO_RESOURCE);
}

/* The package or NULL, *e clear when there is none. */
static struct json *find_package(struct api_call *c, const char **name, struct err *e)
{
	const char *none;

	if (api_action_path(c, &none, name, e) < 0)
		return NULL;
	return entities_get_package(c->api->o.entities, *name, e);
}

static struct json *find_action(struct api_call *c, const char **package, const char **name,
				struct err *e)
{
	if (api_action_path(c, package, name, e) < 0)
		return NULL;
	return entities_get_action(c->api->o.entities, *package, *name, e);
}

static int check_overwrite(struct api_call *c, const struct json *old, struct err *e)
{
	bool overwrite = false;

	if (api_query_bool(c, "overwrite", &overwrite, e) < 0)
		return -1;
	return old && !overwrite ? refuse(e, 409, REFUSE_EXISTS) : 0;
}

/* A change of a package changes what its functions get. */
static void changed(struct api_call *c, const char *package, const char *name)
{
	targets_forget(&c->api->targets);
	invoker_retire(c->api->o.invoker, package, name);
}

static void changed_all(struct api_call *c, const char *package, const struct json *actions)
{
	const struct json *a;

	targets_forget(&c->api->targets);
	for (a = json_first(actions); a; a = json_next(a))
		invoker_retire(c->api->o.invoker, package, json_cstr(json_get(a, "name")));
}

static void reply_package(struct api_call *c, const char *name, const struct json *package,
			  const struct json *actions)
{
	struct entity_place place = place_of(c, NULL, name);

	api_reply(c, 200, entity_show_package(package, &place, actions));
}

static void reply_count(struct api_call *c, const char *what, int64_t n, unsigned skip)
{
	struct json *j = json_new_object();

	json_set(j, what, json_new_int(n > skip ? n - skip : 0));
	api_reply(c, 200, j);
}

static struct json *show_packages(struct api_call *c, const struct json *list)
{
	struct json *out = json_new_array();
	const struct json *p;
	struct entity_place place;

	for (p = json_first(list); p; p = json_next(p)) {
		place = place_of(c, NULL, json_cstr(json_get(p, "name")));
		json_push(out, entity_show_package(p, &place, NULL));
	}
	return out;
}

void api_list_packages(struct api_call *c)
{
	struct err e = ERR_INIT;
	struct json *list;
	unsigned limit, skip;
	bool count = false;
	int64_t n;

	if (api_query_page(c, "packages", &limit, &skip, &e) < 0 ||
	    api_query_bool(c, "count", &count, &e) < 0 ||
	    (count && entities_count_packages(c->api->o.entities, &n, &e) < 0)) {
		api_fail(c, &e);
		return;
	}
	if (count) {
		reply_count(c, "packages", n, skip);
		return;
	}
	list = entities_list_packages(c->api->o.entities, limit, skip, &e);
	if (!list) {
		api_fail(c, &e);
		return;
	}
	api_reply(c, 200, show_packages(c, list));
	json_free(list);
}

/* A binding with the parameters and the functions of the package that it stands for. */
void api_get_package(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *name;
	struct json *package = find_package(c, &name, &e), *actions = NULL;
	struct bound b = {0};

	if (!package && e.code == ERR_OK)
		refuse_missing(c, name, true, &e);
	if (package && binding_follow(c->api->o.entities, name, &b, &e) == 0)
		refuse(&e, 404, REFUSE_NO_RESOURCE);
	if (e.code == ERR_OK)
		actions = entities_list_actions(c->api->o.entities, b.package, 0, 0, &e);
	if (actions) {
		json_set(package, "parameters", json_clone(b.params));
		reply_package(c, name, package, actions);
	} else {
		api_fail(c, &e);
	}
	json_free(package);
	json_free(actions);
	bound_release(&b);
}

static int check_new_package(struct api_call *c, const char *name, const struct json *old,
			     struct err *e)
{
	if (strcmp(name, default_package) == 0)
		return refuse(e, 400, "Package name 'default' is reserved.");
	if (!old && refuse_missing(c, name, true, e) < 0 && e->status != 404)
		return -1;
	err_clear(e);
	return check_overwrite(c, old, e);
}

static struct json *put_package(struct api_call *c, const char **name, struct err *e)
{
	struct json *old = find_package(c, name, e), *body = NULL, *package = NULL;

	if (e->code != ERR_OK || check_new_package(c, *name, old, e) < 0)
		goto out;
	body = api_body(c, e);
	if (body && binding_check(c->api->o.entities, c->api->o.namespace, old, body, e) == 0)
		package = entity_update_package(old, body, api_update_stamp(c->api), e);
	if (package && entities_put_package(c->api->o.entities, *name, package, e) < 0) {
		json_free(package);
		package = NULL;
	}
out:
	json_free(old);
	json_free(body);
	return package;
}

void api_put_package(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *name;
	struct json *package = put_package(c, &name, &e), *actions = NULL;

	if (package)
		actions = entities_list_actions(c->api->o.entities, name, 0, 0, &e);
	if (actions) {
		changed_all(c, name, actions);
		reply_package(c, name, package, actions);
	} else {
		api_fail(c, &e);
	}
	json_free(package);
	json_free(actions);
}

static int check_empty(struct api_call *c, const struct json *actions, struct err *e)
{
	size_t n = json_count(actions);
	bool force = false;

	if (api_query_bool(c, "force", &force, e) < 0)
		return -1;
	if (n == 0 || force)
		return 0;
	return refuse(e, 409,
		      "Package not empty (contains %zu %s). Set force param or delete package "
		      "contents.",
		      n, n == 1 ? "entity" : "entities");
}

void api_delete_package(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *name;
	struct json *package = find_package(c, &name, &e), *actions = NULL;
	struct json *none = json_new_array();

	if (!package && e.code == ERR_OK)
		refuse_missing(c, name, true, &e);
	if (package)
		actions = entities_list_actions(c->api->o.entities, name, 0, 0, &e);
	if (actions && check_empty(c, actions, &e) == 0 &&
	    entities_delete_package(c->api->o.entities, name, &e) >= 0) {
		changed_all(c, name, actions);
		reply_package(c, name, package, none);
	} else {
		api_fail(c, &e);
	}
	json_free(package);
	json_free(actions);
	json_free(none);
}

static struct json *show_actions(struct api_call *c, const struct json *list)
{
	struct json *out = json_new_array();
	const struct json *a;
	struct entity_place place;

	for (a = json_first(list); a; a = json_next(a)) {
		place = place_of(c, json_cstr(json_get(a, "package")),
				 json_cstr(json_get(a, "name")));
		json_push(out, entity_list_action(a, &place));
	}
	return out;
}

/* package NULL: of the whole namespace. */
static void list_actions(struct api_call *c, const char *package)
{
	struct err e = ERR_INIT;
	struct json *list = NULL;
	unsigned limit, skip;
	bool count = false;
	int64_t n;

	if (api_query_page(c, "actions", &limit, &skip, &e) < 0 ||
	    api_query_bool(c, "count", &count, &e) < 0 ||
	    (count && entities_count_actions(c->api->o.entities, package, &n, &e) < 0)) {
		api_fail(c, &e);
		return;
	}
	if (count) {
		reply_count(c, "actions", n, skip);
		return;
	}
	list = entities_list_actions(c->api->o.entities, package, limit, skip, &e);
	if (!list) {
		api_fail(c, &e);
		return;
	}
	api_reply(c, 200, show_actions(c, list));
	json_free(list);
}

void api_list_actions(struct api_call *c)
{
	list_actions(c, NULL);
}

/* "actions/pkg/", with the slash. */
static void list_package_actions(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *name, *none;
	struct bound b = {0};

	if (api_action_path(c, &none, &name, &e) == 0 &&
	    binding_follow(c->api->o.entities, name, &b, &e) == 0)
		refuse(&e, 404, REFUSE_NO_RESOURCE);
	if (e.code == ERR_OK)
		list_actions(c, b.package);
	else
		api_fail(c, &e);
	bound_release(&b);
}

/* With the packages' parameters below its own, as OpenWhisk shows it. */
static struct json *show_action(struct api_call *c, const struct bound *b, const char *name,
				const struct json *action, struct err *e)
{
	struct entity_place place = place_of(c, b->package, name);
	struct strbuf code = STRBUF_INIT;
	struct json *params, *shown = NULL;
	struct str text;
	bool with_code = true;

	if (api_query_bool(c, "code", &with_code, e) < 0)
		return NULL;
	with_code &= !json_get(json_get(action, "exec"), "components");
	params = params_merge(b->params, json_get(action, "parameters"));
	if (!with_code ||
	    entities_get_code(c->api->o.entities, b->package, name, &code, e) == 0) {
		text = strbuf_str(&code);
		shown = entity_show_action(action, &place, with_code ? &text : NULL, params);
	}
	json_free(params);
	strbuf_release(&code);
	return shown;
}

void api_get_action(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *package = "", *name = "";
	struct json *action = NULL, *shown = NULL;
	struct bound b = {0};

	if (c->path_n == 2 && c->slash) {
		list_package_actions(c);
		return;
	}
	if (api_action_path(c, &package, &name, &e) == 0 &&
	    binding_follow(c->api->o.entities, package, &b, &e) == 1)
		action = entities_get_action(c->api->o.entities, b.package, name, &e);
	if (action)
		shown = show_action(c, &b, name, action, &e);
	else if (e.code == ERR_OK && *package)
		refuse(&e, 404, REFUSE_NO_RESOURCE);
	else if (e.code == ERR_OK)
		refuse_missing(c, name, false, &e);
	if (shown)
		api_reply(c, 200, shown);
	else
		api_fail(c, &e);
	json_free(action);
	bound_release(&b);
}

/* A package for functions of its own; -1 with 404, or with 400 for a binding. */
static int check_package(struct api_call *c, const char *package, struct err *e)
{
	struct json *p = entities_get_package(c->api->o.entities, package, e);

	if (!p && e->code == ERR_OK)
		refuse(e, 404, REFUSE_NO_RESOURCE);
	else if (binding_name(p))
		refuse(e, 400, REFUSE_ON_BINDING);
	json_free(p);
	return e->code == ERR_OK ? 0 : -1;
}

static int check_new_action(struct api_call *c, const char *package, const char *name,
			    const struct json *old, struct err *e)
{
	if (*package) {
		if (check_package(c, package, e) < 0)
			return -1;
	} else if (!old && refuse_missing(c, name, false, e) < 0 && e->status != 404) {
		return -1;
	}
	err_clear(e);
	return check_overwrite(c, old, e);
}

static struct json *put_action(struct api_call *c, const char **package, const char **name,
			       struct err *e)
{
	struct json *old = find_action(c, package, name, e), *body = NULL, *action = NULL;
	struct str code;

	if (e->code != ERR_OK || check_new_action(c, *package, *name, old, e) < 0)
		goto out;
	body = api_body(c, e);
	if (body && sequence_check(c->api, *package, *name, body, e) == 0)
		action = entity_update_action(old, body, api_update_stamp(c->api), &code, e);
	if (action && entities_put_action(c->api->o.entities, *package, *name, action,
					  code.p ? &code : NULL, e) < 0) {
		json_free(action);
		action = NULL;
	}
out:
	json_free(old);
	json_free(body);
	return action;
}

/* Without the code: nobody wants 48 MB back that it has just sent. */
static void reply_action(struct api_call *c, const char *package, const char *name,
			 const struct json *action)
{
	struct entity_place place = place_of(c, package, name);

	api_reply(c, 200, entity_show_action(action, &place, NULL, NULL));
}

void api_put_action(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *package, *name;
	struct json *action = put_action(c, &package, &name, &e);

	if (action) {
		changed(c, package, name);
		reply_action(c, package, name, action);
	} else {
		api_fail(c, &e);
	}
	json_free(action);
}

void api_delete_action(struct api_call *c)
{
	struct err e = ERR_INIT;
	const char *package, *name;
	struct json *action = find_action(c, &package, &name, &e);

	if (!action && e.code == ERR_OK)
		(void)(*package ? check_package(c, package, &e)
				: refuse_missing(c, name, false, &e));
	if (!action && e.code == ERR_OK)
		refuse(&e, 404, REFUSE_NO_RESOURCE);
	if (action && entities_delete_action(c->api->o.entities, package, name, &e) >= 0) {
		changed(c, package, name);
		reply_action(c, package, name, action);
	} else {
		api_fail(c, &e);
	}
	json_free(action);
}
