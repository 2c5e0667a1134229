#include "deploy/live_triggers.h"

#include <string.h>

const struct json *live_trigger_marks(const struct live_function *f)
{
	const struct json *marks = NULL;

	if (f)
		marks = json_get(whisk_annotation(f->item, "deployer"), "triggers");
	return json_is(marks, JSON_ARRAY) && json_count(marks) > 0 ? marks : NULL;
}

bool live_triggers_matter(struct project *p, const struct live *live)
{
	const struct package *pkg;
	const char *slash, *name;
	size_t i;

	if (project_trigger_count(p) > 0)
		return true;
	for (i = 0; i < live->functions.n; i++) {
		name = live->functions.v[i]->name;
		slash = strrchr(name, '/');
		pkg = project_package(p, live->functions.v[i]->package);
		if (pkg && package_function(pkg, slash ? slash + 1 : name) &&
		    live_trigger_marks(live->functions.v[i]))
			return true;
	}
	return false;
}

static void take(struct live_triggers *t, const struct json *item)
{
	static const char default_prefix[] = "default/";
	const char *name = json_cstr(json_get(item, "name"));
	const char *function = json_cstr(json_get(item, "function"));
	struct live_trigger *one;

	if (!name || !function)
		return;
	if (str_starts(str_of(function), default_prefix))
		function += strlen(default_prefix);
	one = arena_new(&t->arena, struct live_trigger);
	*one = (struct live_trigger){name, function, item};
	if (!names_add(&t->names, one))
		vec_push(&t->all, one);
}

int live_triggers_read(struct doapi *d, struct live_triggers *t, struct err *e)
{
	const struct json *item;

	*t = (struct live_triggers){.arena = ARENA_INIT};
	t->list = doapi_list_triggers(d, e);
	if (!t->list)
		return -1;
	for (item = json_first(t->list); item; item = json_next(item))
		take(t, item);
	return 0;
}

const struct live_trigger *live_trigger(const struct live_triggers *t, const char *name)
{
	return names_find(&t->names, name);
}

void live_triggers_release(struct live_triggers *t)
{
	json_free(t->list);
	vec_release(&t->all);
	names_release(&t->names);
	arena_release(&t->arena);
}
