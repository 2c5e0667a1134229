/* A pattern, NUL, a path. */
#include "fuzz.h"
#include "glob/glob.h"

/* What was remembered of one path must not change what is said about the next. */
static bool glob_match(struct str pattern, struct str path)
{
	struct glob_set g;
	bool valid, first, again;

	glob_set_init(&g);
	valid = glob_set_add(&g, pattern, 0, 1);
	(void)glob_set_add(&g, STR("**"), GLOB_FOLDERS, 2);
	glob_set_ready(&g);
	first = glob_set_last(&g, path, false) == 1;
	FUZZ_CLAIM(glob_set_last(&g, path, true) == 2);
	(void)glob_set_last(&g, str_from(path, path.n / 2), false);
	again = glob_set_last(&g, path, false) == 1;
	FUZZ_CLAIM(first == again && (valid || !first));
	glob_set_release(&g);
	return first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size);
	struct str pattern = fuzz_part(&rest), path = fuzz_part(&rest);
	size_t literal = glob_literal(pattern);
	bool matches = glob_match(pattern, path);

	FUZZ_CLAIM(literal <= pattern.n);
	if (literal == pattern.n)
		FUZZ_CLAIM(matches == str_eq(pattern, path));
	if (matches)
		FUZZ_CLAIM(path.n >= literal && memcmp(path.p, pattern.p, literal) == 0);
	return 0;
}
