#include "yaml/map.h"

#include <stdlib.h>

#include "yaml/scalar.h"

struct entry {
	struct yaml_node *value;
	size_t order;
	bool merged, dropped;
};

struct entries {
	VEC(struct entry) all;
};

static void add_entry(struct entries *e, struct yaml_node *value, bool merged)
{
	struct entry entry = {.value = value, .order = e->all.n, .merged = merged};

	vec_push(&e->all, entry);
}

/* Members are copied: their links belong to the mapping they come from. */
static void add_merged_map(struct arena *a, struct entries *e, const struct yaml_node *map)
{
	const struct yaml_node *member;

	for (member = map->child; member; member = member->next) {
		struct yaml_node *copy = arena_new(a, struct yaml_node);

		*copy = *member;
		add_entry(e, copy, true);
	}
}

/* False when there is something in it that cannot be merged. */
static bool add_merged(struct arena *a, struct entries *e, const struct yaml_node *value)
{
	const struct yaml_node *item;

	if (value->type == YAML_MAP) {
		add_merged_map(a, e, value);
		return true;
	}
	if (value->type != YAML_LIST)
		return false;
	for (item = value->child; item; item = item->next) {
		if (item->type != YAML_MAP)
			return false;
		add_merged_map(a, e, item);
	}
	return true;
}

static bool is_merge_key(const struct yaml_node *key)
{
	return !key->quoted && key->filled == YAML_AS_WRITTEN && str_is(key->text, "<<");
}

static int by_name(const void *pa, const void *pb)
{
	const struct entry *a = *(struct entry *const *)pa, *b = *(struct entry *const *)pb;
	int c = str_cmp(a->value->key->text, b->value->key->text);

	if (c != 0)
		return c;
	if (a->merged != b->merged)
		return a->merged ? 1 : -1;
	return a->order < b->order ? -1 : 1;
}

static void report_repeated(const struct yaml_node *key, const struct yaml_node *first,
			    const struct diag_source *source, struct diags *d)
{
	/* What was filled in may be a secret. */
	if (key->filled == YAML_AS_WRITTEN)
		diags_add(d, DIAG_ERROR, source, key->pos,
			  "repeated key '%.*s'; the first one is in line %u",
			  STR_ARG(key->text), first->pos.line);
	else
		diags_add(d, DIAG_ERROR, source, key->pos,
			  "repeated key; the first one is in line %u", first->pos.line);
}

static void drop_repeated(struct entries *e, const struct diag_source *source, struct diags *d)
{
	struct entry **sorted = xcalloc(e->all.n + 1, sizeof(struct entry *));
	struct entry *first;
	size_t i;

	for (i = 0; i < e->all.n; i++)
		sorted[i] = &e->all.v[i];
	qsort(sorted, e->all.n, sizeof(struct entry *), by_name);
	first = sorted[0];
	for (i = 1; i < e->all.n; i++) {
		if (!str_eq(sorted[i]->value->key->text, first->value->key->text)) {
			first = sorted[i];
			continue;
		}
		sorted[i]->dropped = true;
		if (!sorted[i]->merged)
			report_repeated(sorted[i]->value->key, first->value->key, source, d);
	}
	free(sorted);
}

static void relink(struct yaml_node *map, const struct entries *e)
{
	struct yaml_node **tail = &map->child;
	size_t i;

	map->count = 0;
	for (i = 0; i < e->all.n; i++) {
		if (e->all.v[i].dropped)
			continue;
		*tail = e->all.v[i].value;
		tail = &(*tail)->next;
		map->count++;
	}
	*tail = NULL;
}

void map_finish(struct arena *a, struct yaml_node *map, const struct diag_source *source,
		struct diags *d)
{
	struct entries e = {0};
	struct yaml_node *value;

	for (value = map->child; value; value = value->next) {
		if (value->key->filled == YAML_FILL_FAILED)
			continue;
		if (!is_merge_key(value->key)) {
			value->key->text = scalar_as_key(a, value->key);
			add_entry(&e, value, false);
		} else if (!add_merged(a, &e, value)) {
			diags_add(d, DIAG_ERROR, source, value->pos,
				  "'<<' takes a mapping or a list of mappings, not %s",
				  value->type == YAML_LIST ? "a list of other things"
							   : yaml_type_name(value));
		}
	}
	if (e.all.n > 1)
		drop_repeated(&e, source, d);
	relink(map, &e);
	if (map->count > YAML_MAX_KEYS)
		diags_add(d, DIAG_ERROR, source, map->pos, "more than %d keys in one mapping",
			  YAML_MAX_KEYS);
	vec_release(&e.all);
}
