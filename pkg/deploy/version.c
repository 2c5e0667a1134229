#include "deploy/version.h"

#include <inttypes.h>

#include "whisk/whisk.h"

/* Three decimal numbers with points; the first two as they stand, and the last. */
static bool read_version(struct str text, struct str *head, uint64_t *patch)
{
	struct str rest = text, field;
	uint64_t number = 0;
	size_t n;

	for (n = 0; text.p && str_next(&rest, '.', &field); n++)
		if (n == 3 || !str_to_u64(field, &number))
			return false;
	if (n != 3 || number > INT64_MAX)
		return false;
	*head = (struct str){text.p, text.n - field.n};
	*patch = number;
	return true;
}

struct json *version_after(const struct json *version, unsigned writes)
{
	struct str head = STR("0.0.");
	struct strbuf text = STRBUF_INIT;
	uint64_t patch = 0;
	struct json *after;

	if (version && !read_version(json_str(version), &head, &patch))
		return NULL;
	strbuf_addf(&text, "%.*s%" PRIu64, STR_ARG(head), patch + writes);
	after = json_new_str(strbuf_str(&text));
	strbuf_release(&text);
	return after;
}

bool version_is_foreign(const struct json *item)
{
	const struct json *noted = json_get(whisk_annotation(item, "deployer"), "version");
	const struct json *live = json_get(item, "version");

	return json_is(noted, JSON_STRING) && json_is(live, JSON_STRING) &&
	       !json_equal(noted, live);
}
