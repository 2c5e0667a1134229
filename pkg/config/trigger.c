#include <strings.h>

#include "config/schema.h"
#include "cron/cron.h"
#include "json/json.h"

/* The two ways to write what calls a function, and when. */
struct spelling {
	const char *type, *kind, *details;
};

static const struct spelling now = {"type", "SCHEDULED", "scheduledDetails"};
static const struct spelling old = {"sourceType", "scheduler", "sourceDetails"};

static void read_type(struct config_reader *r, const struct yaml_node *value,
		      const struct spelling *s)
{
	if (strcasecmp(value->text.p, s->kind) != 0)
		config_report(r, value, "'%s' must be %s, not %s", s->type, s->kind,
			      config_quote(r, value));
}

void config_read_trigger_type(struct config_reader *r, const struct config_key *key UNUSED,
			      const struct yaml_node *value, void *object UNUSED)
{
	read_type(r, value, &now);
}

void config_read_source_type(struct config_reader *r, const struct config_key *key UNUSED,
			     const struct yaml_node *value, void *object UNUSED)
{
	read_type(r, value, &old);
}

void config_read_cron(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value, void *object)
{
	const char **kept = config_field(key, object);
	struct strbuf cron = STRBUF_INIT, why = STRBUF_INIT;

	if (cron_normalize(value->text, &cron, &why))
		*kept = arena_strdup(&r->project->arena, cron.buf);
	else if (value->filled == YAML_AS_WRITTEN)
		config_report(r, value, "'cron': %s", why.buf);
	else
		config_report(r, value,
			      "the value filled in here is no schedule of five fields");
	strbuf_release(&cron);
	strbuf_release(&why);
}

static bool is_spelled(const struct yaml_node *item, const struct spelling *s)
{
	return yaml_get(item, s->type) || yaml_get(item, s->details);
}

static void check_spelling(struct config_reader *r, const struct yaml_node *item,
			   const struct spelling *s)
{
	const struct yaml_node *details = yaml_get(item, s->details);

	if (!yaml_get(item, s->type))
		config_report(r, item, "a trigger needs '%s: %s'", s->type, s->kind);
	if (!details || details->type == YAML_NULL)
		config_report(r, item, "a trigger needs '%s' with a 'cron'", s->details);
}

static void check_spellings(struct config_reader *r, const struct yaml_node *item)
{
	const struct yaml_node *left;

	if (!is_spelled(item, &old)) {
		check_spelling(r, item, &now);
		return;
	}
	if (!is_spelled(item, &now)) {
		check_spelling(r, item, &old);
		return;
	}
	left = yaml_get(item, old.type);
	left = left ? left : yaml_get(item, old.details);
	config_report(r, left->key,
		      "'%.*s' is of the old way to write a trigger; use only '%s' and '%s'",
		      STR_ARG(left->key->text), now.type, now.details);
}

/* A function that is put aside takes its triggers along. */
static bool is_kept(const struct config_reader *r, const struct function *f)
{
	return project_package(r->project, f->package->name) == f->package;
}

static struct trigger *add_trigger(struct config_reader *r, struct function *f,
				   const struct yaml_node *item)
{
	const char *name = config_read_name(r, item, "trigger");
	const struct trigger *first;

	if (!name || !is_kept(r, f))
		return NULL;
	first = names_find(&r->project->trigger_names, name);
	if (!first)
		return function_add_trigger(r->project, f, name);
	config_report_second(r, item, "trigger", first->pos);
	return NULL;
}

static void read_trigger(struct config_reader *r, struct function *f,
			 const struct yaml_node *item)
{
	struct trigger aside = {0}, *t = add_trigger(r, f, item);

	if (!t)
		t = &aside;
	t->pos = item->pos;
	config_read_keys(r, CONFIG_TRIGGER, item, t);
	check_spellings(r, item);
	json_free(aside.body);
}

void config_read_triggers(struct config_reader *r, const struct config_key *key,
			  const struct yaml_node *value, void *object)
{
	const struct yaml_node *item;

	for (item = value->child; item; item = item->next)
		if (config_is_item(r, key, item))
			read_trigger(r, object, item);
}
