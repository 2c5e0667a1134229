#include "deploy/trigger_changes.h"

#include <stdlib.h>

#include "cron/cron.h"

static bool same_value(const struct json *a, const struct json *b);

static bool same_list(const struct json *a, const struct json *b)
{
	const struct json *x = json_first(a), *y = json_first(b);

	while (x && y && same_value(x, y)) {
		x = json_next(x);
		y = json_next(y);
	}
	return !x && !y;
}

static bool same_object(const struct json *a, const struct json *b)
{
	struct json_index *members = json_index_new(b);
	const struct json *m = json_first(a), *other;
	bool same = json_count(a) == json_count(b);

	for (; m && same; m = json_next(m)) {
		other = json_index_get(members, json_name(m));
		same = other && same_value(m, other);
	}
	json_index_free(members);
	return same;
}

/* At most JSON_MAX_DEPTH deep. */
static bool same_value(const struct json *a,
		       const struct json *b) /* NOLINT(misc-no-recursion) */
{
	if (json_type(a) != json_type(b))
		return false;
	switch (json_type(a)) {
	case JSON_ARRAY: return same_list(a, b);
	case JSON_OBJECT: return same_object(a, b);
	case JSON_NUMBER:
		return json_equal(a, b) ||
		       strtod(json_number(a).p, NULL) == strtod(json_number(b).p, NULL);
	default: return json_equal(a, b);
	}
}

static bool same_cron(const char *wanted, const struct json *live)
{
	struct strbuf cron = STRBUF_INIT, why = STRBUF_INIT;
	bool same = cron_normalize(json_str(live), &cron, &why) &&
		    str_is(strbuf_str(&cron), wanted);

	strbuf_release(&cron);
	strbuf_release(&why);
	return same;
}

static const struct json *some_body(const struct json *body)
{
	return json_count(body) > 0 ? body : NULL;
}

static bool same_body(const struct json *wanted, const struct json *live)
{
	wanted = some_body(wanted);
	live = some_body(live);
	return wanted && live ? same_value(wanted, live) : wanted == live;
}

void trigger_changes(struct plan_item *item, const struct trigger *wanted,
		     const struct live_trigger *live)
{
	const struct json *details = json_get(live->item, "scheduled_details");

	if (!same_cron(wanted->cron, json_get(details, "cron")))
		vec_push(&item->changes, "cron");
	if (!same_body(wanted->body, json_get(details, "body")))
		vec_push(&item->changes, "body");
	if (json_is_true(json_get(live->item, "is_enabled")) != wanted->enabled)
		vec_push(&item->changes, "enabled");
}
