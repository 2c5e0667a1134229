#include "rollback/same.h"

#include <string.h>

#include "base/base64.h"
#include "whisk/whisk.h"

void same_plan(struct plan_item *item, const struct history_entry *entry,
	       const struct json *live, struct arena *a)
{
	const struct plan_wanted wanted = {
		.digest = whisk_annotation(entry->body, "deployer"),
		.annotations = json_get(entry->body, "annotations"),
		.limits = json_get(entry->body, "limits"),
		.runtime = json_cstr(json_get(json_get(entry->body, "exec"), "kind")),
	};

	plan_decide(item, &wanted, live, a);
}

bool same_code_digest(const struct json *live, char hex[SHA256_HEX])
{
	const struct json *exec = json_get(live, "exec");
	struct str code = json_str(json_get(exec, "code"));
	struct strbuf bytes = STRBUF_INIT;
	bool known = code.p != NULL;

	if (known && json_is_true(json_get(exec, "binary"))) {
		known = base64_decode(&bytes, code) == 0;
		code = strbuf_str(&bytes);
	}
	if (known)
		sha256_of(code.p, code.n, hex);
	strbuf_release(&bytes);
	return known;
}

static bool has_parameter(const struct json *list, const struct json *wanted)
{
	const struct json *p;

	for (p = json_first(list); p; p = json_next(p))
		if (json_equal(json_get(p, "key"), json_get(wanted, "key")) &&
		    json_equal(json_get(p, "value"), json_get(wanted, "value")) &&
		    json_is_true(json_get(p, "init")) == json_is_true(json_get(wanted, "init")))
			return true;
	return false;
}

/* Servers show what a sequence is made of among its parameters, too. */
static size_t count_own(const struct json *list)
{
	const struct json *p;
	size_t n = 0;

	for (p = json_first(list); p; p = json_next(p))
		n += !str_is(json_str(json_get(p, "key")), "_actions");
	return n;
}

/* In any order: a server keeps them by their names. */
static bool same_parameters(const struct json *sent, const struct json *live)
{
	const struct json *p;

	if (json_count(sent) != count_own(live))
		return false;
	for (p = json_first(sent); p; p = json_next(p))
		if (!has_parameter(live, p))
			return false;
	return true;
}

static bool same_components(const struct json *sent, const struct json *live)
{
	const struct json *wanted = json_get(json_get(sent, "exec"), "components");

	return !wanted || json_equal(wanted, json_get(json_get(live, "exec"), "components"));
}

bool same_is(const struct history_entry *entry, const struct json *live, const char *digest,
	     struct arena *a)
{
	struct plan_item item;
	bool same;

	if (entry->has_code && (!digest || strcmp(entry->sha256, digest) != 0))
		return false;
	same_plan(&item, entry, live, a);
	same = item.action == PLAN_UNCHANGED && same_components(entry->body, live) &&
	       same_parameters(json_get(entry->body, "parameters"),
			       json_get(live, "parameters"));
	plan_item_release(&item);
	return same;
}
