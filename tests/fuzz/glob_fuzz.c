/* A pattern, NUL, a path. */
#include "fuzz.h"
#include "glob/glob.h"

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
