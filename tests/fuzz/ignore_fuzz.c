/* The text of an .ignore file, NUL, a path. */
#include "base/strbuf.h"
#include "filter/filter.h"
#include "fuzz.h"

/* A rule that comes last decides: path itself with '!' in front is that rule. */
static void check_last_rule(struct str rules, struct str path)
{
	struct strbuf more = STRBUF_INIT;
	struct ignore ig;
	const struct filter_rule *rule;
	size_t i;

	strbuf_addstr(&more, rules);
	strbuf_adds(&more, "\n!/");
	for (i = 0; i < path.n; i++)
		strbuf_addf(&more, "\\%c", path.p[i]);
	ignore_init(&ig);
	ignore_parse(&ig, strbuf_str(&more));
	rule = ignore_match(&ig, path, false);
	FUZZ_CLAIM(rule && rule->negated);
	ignore_release(&ig);
	strbuf_release(&more);
}

static bool is_plain_path(struct str path)
{
	size_t i;

	for (i = 0; i < path.n; i++)
		if (path.p[i] == '\n' || path.p[i] == '\r' || path.p[i] == '/')
			return false;
	return path.n > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size);
	struct str rules = fuzz_part(&rest), path = fuzz_part(&rest);
	struct ignore ig;
	const struct filter_rule *file, *folder;

	if (path.n == 0)
		return 0;
	ignore_init(&ig);
	ignore_parse(&ig, rules);
	file = ignore_match(&ig, path, false);
	folder = ignore_match(&ig, path, true);
	/* What matches a file matches a folder, by this rule or a later one. */
	if (file)
		FUZZ_CLAIM(folder && folder >= file);
	(void)filter_never(path, false);
	if (is_plain_path(path))
		check_last_rule(rules, path);
	ignore_release(&ig);
	return 0;
}
