#include "platform/target.h"

#include <inttypes.h>
#include <stdlib.h>

#include "platform/binding.h"
#include "platform/params.h"

static char *text_of(const struct json *j, const char *name)
{
	const char *s = json_cstr(json_get(j, name));

	return s ? xstrdup(s) : NULL;
}

static int64_t int_of(const struct json *j, const char *name)
{
	int64_t v = 0;

	return json_int(json_get(j, name), &v) ? v : 0;
}

static char *text_or_empty(const struct json *j, const char *name)
{
	char *s = text_of(j, name);

	return s ? s : xstrdup("");
}

/* The package counts too: its parameters are in the environment of a worker. */
static char *make_revision(const struct json *action, const struct bound *b)
{
	const struct json *const of[] = {action, b->entity, b->other};
	struct strbuf revision = STRBUF_INIT;
	size_t i;

	for (i = 0; i < countof(of); i++) {
		char *version = text_or_empty(of[i], "version");

		strbuf_addf(&revision, "%s%s-%" PRId64, i ? "-" : "", version,
			    int_of(of[i], "updated"));
		free(version);
	}
	return strbuf_detach(&revision, NULL);
}

/* Of a function with code. */
static void set_params(struct target *t, const struct json *action, const struct bound *b)
{
	t->params = params_merge(b->params, json_get(action, "parameters"));
	t->env = params_env(t->params);
	if (json_is_true(params_get(t->annotations, "final")))
		t->fixed = params_fixed(t->params);
}

static struct target *make(const char *asked, const char *name, const struct json *action,
			   const struct bound *b)
{
	struct target *t = xcalloc(1, sizeof(*t));
	const struct json *exec = json_get(action, "exec"), *limits;
	const struct json *annotations = json_get(action, "annotations");
	const struct json *api_key = params_get(annotations, "provide-api-key");

	t->refs = 1;
	t->package = xstrdup(b->package);
	t->asked = xstrdup(asked);
	t->binding = b->is_binding ? t->asked : NULL;
	t->name = xstrdup(name);
	t->version = text_or_empty(action, "version");
	t->kind = text_or_empty(exec, "kind");
	t->main = text_of(exec, "main");
	t->revision = make_revision(action, b);
	t->binary = json_is_true(json_get(exec, "binary"));
	t->wants_api_key = params_is_truthy(api_key);
	limits = json_get(action, "limits");
	t->timeout_ms = int_of(limits, "timeout");
	t->memory_mb = int_of(limits, "memory");
	t->logs_kb = int_of(limits, "logs");
	t->annotations = json_clone(annotations);
	if (json_get(exec, "components"))
		t->components = json_clone(json_get(exec, "components"));
	else
		set_params(t, action, b);
	return t;
}

static struct target *load(struct entities *s, const char *package_name, const char *name,
			   struct err *e)
{
	struct err failure = ERR_INIT;
	struct json *action = NULL;
	struct target *t = NULL;
	struct bound b;

	if (binding_follow(s, package_name, &b, &failure) == 1)
		action = entities_get_action(s, b.package, name, &failure);
	if (failure.code != ERR_OK)
		err_move(e, &failure);
	else if (action)
		t = make(package_name, name, action, &b);
	json_free(action);
	bound_release(&b);
	return t;
}

static void keep(struct targets *t, struct target *target)
{
	struct target **slot = &t->kept[t->next];

	target_unref(*slot);
	*slot = target_ref(target);
	t->next = (t->next + 1) % TARGETS_KEPT;
}

struct target *target_get(struct targets *t, const char *package, const char *name,
			  struct err *e)
{
	struct target *target;
	size_t i;

	for (i = 0; i < TARGETS_KEPT && t->kept[i]; i++)
		if (strcmp(t->kept[i]->name, name) == 0 &&
		    strcmp(t->kept[i]->asked, package) == 0)
			return target_ref(t->kept[i]);
	target = load(t->entities, package, name, e);
	if (target)
		keep(t, target);
	return target;
}

struct target *target_ref(struct target *t)
{
	t->refs++;
	return t;
}

void target_unref(struct target *t)
{
	if (!t || --t->refs > 0)
		return;
	free(t->package);
	free(t->asked);
	json_free(t->components);
	free(t->name);
	free(t->version);
	free(t->kind);
	free(t->main);
	free(t->revision);
	json_free(t->annotations);
	json_free(t->params);
	json_free(t->env);
	json_free(t->fixed);
	free(t);
}

void targets_forget(struct targets *t)
{
	size_t i;

	for (i = 0; i < TARGETS_KEPT; i++) {
		target_unref(t->kept[i]);
		t->kept[i] = NULL;
	}
	t->next = 0;
}
