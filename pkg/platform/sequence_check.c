#include <inttypes.h>

#include "platform/binding.h"
#include "platform/refuse.h"
#include "platform/sequence.h"
#include "project/project.h"

/* What is still to be looked at: components of a sequence, and of those in it. */
struct walk {
	struct api *api;
	struct str self;          /* "package/name", package "" = default */
	VEC(struct json *) found; /* actions that are sequences, kept while walking */
	size_t functions;
};

static int refuse_component(struct err *e)
{
	return refuse(e, 400,
		      "The request content was malformed:\na component of a sequence must be "
		      "the name of a function: '/namespace/package/name'");
}

/* "/_/f", "/ns/p/f", both also without the first slash, as "/ns/p/f" with the namespace. */
static int resolve(const struct api *a, const struct json *component, struct json *list,
		   struct err *e)
{
	struct str rest = json_str(component), ns, part;
	struct strbuf name = STRBUF_INIT;
	size_t parts = 0;
	bool good = true;

	if (str_starts(rest, "/"))
		rest = str_from(rest, 1);
	if (!str_next(&rest, '/', &ns))
		return refuse_component(e);
	strbuf_addf(&name, "/%s", a->o.namespace);
	for (; str_next(&rest, '/', &part); parts++) {
		good &= name_is_valid(part);
		strbuf_addf(&name, "/%.*s", STR_ARG(part));
	}
	if (good && parts >= 1 && parts <= 2) {
		json_push(list, json_new_str(strbuf_str(&name)));
		strbuf_release(&name);
		if (str_is(ns, "_") || str_is(ns, a->o.namespace))
			return 0;
		return refuse(e, 400, "Sequence component does not exist.");
	}
	strbuf_release(&name);
	return refuse_component(e);
}

/* The action of "/ns/p/f" in *action, and whether it is the sequence itself. */
static int find(struct walk *w, struct str component, struct json **action, bool *self,
		struct err *e)
{
	struct entities *s = w->api->o.entities;
	struct strbuf package = STRBUF_INIT, full = STRBUF_INIT;
	struct bound b;
	const char *name = sequence_split(w->api, component, &package);
	int rc = binding_follow(s, package.buf, &b, e);

	*action = NULL;
	if (rc == 1) {
		strbuf_addf(&full, "%s/%s", b.package, name);
		*self = str_eq(strbuf_str(&full), w->self);
		*action = *self ? NULL : entities_get_action(s, b.package, name, e);
	}
	if (rc == 0 || (rc == 1 && !*self && !*action && e->code == ERR_OK))
		refuse(e, 400, "Sequence component does not exist.");
	bound_release(&b);
	strbuf_release(&package);
	strbuf_release(&full);
	return e->code == ERR_OK ? 0 : -1;
}

static int visit(struct walk *w, struct str component, struct err *e)
{
	struct json *action;
	bool self = false;

	if (find(w, component, &action, &self, e) < 0)
		return -1;
	if (self)
		return refuse(e, 400, "Sequence may not refer to itself.");
	if (json_get(json_get(action, "exec"), "components")) {
		vec_push(&w->found, action);
		return 0;
	}
	json_free(action);
	return ++w->functions <= SEQUENCE_MAX
		       ? 0
		       : refuse(e, 400, "Too many actions in the sequence.");
}

static int visit_all(struct walk *w, const struct json *components, struct err *e)
{
	const struct json *c;

	for (c = json_first(components); c; c = json_next(c)) {
		if (w->found.n > SEQUENCE_MAX)
			return refuse(e, 400, "Too many actions in the sequence.");
		if (visit(w, json_str(c), e) < 0)
			return -1;
	}
	return 0;
}

/* Every sequence that is found is gone through too; those that are stored have no circles. */
static int walk_over(struct walk *w, const struct json *components, struct err *e)
{
	int rc = visit_all(w, components, e);
	size_t i;

	for (i = 0; rc == 0 && i < w->found.n; i++)
		rc = visit_all(w, json_get(json_get(w->found.v[i], "exec"), "components"), e);
	for (i = 0; i < w->found.n; i++)
		json_free(w->found.v[i]);
	vec_release(&w->found);
	return rc;
}

static int check_components(struct api *a, const char *package, const char *name,
			    const struct json *components, struct err *e)
{
	struct strbuf self = STRBUF_INIT;
	struct walk w = {.api = a};
	int rc;

	strbuf_addf(&self, "%s/%s", package, name);
	w.self = strbuf_str(&self);
	rc = walk_over(&w, components, e);
	strbuf_release(&self);
	return rc;
}

int sequence_check(struct api *a, const char *package, const char *name, struct json *body,
		   struct err *e)
{
	struct json *exec = json_get(body, "exec"), *list;
	const struct json *given = json_get(exec, "components"), *c;

	if (!str_is(json_str(json_get(exec, "kind")), "sequence"))
		return 0;
	if (!json_is(given, JSON_ARRAY) || json_count(given) == 0)
		return refuse(e, 400, "No component specified for the sequence.");
	if (json_count(given) > SEQUENCE_MAX)
		return refuse(e, 400, "Too many actions in the sequence.");
	list = json_new_array();
	for (c = json_first(given); c; c = json_next(c))
		if (resolve(a, c, list, e) < 0) {
			json_free(list);
			return -1;
		}
	json_set(exec, "components", list);
	return check_components(a, package, name, list, e);
}
