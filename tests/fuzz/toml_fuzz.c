/* A pyproject.toml. */
#include "build/toml.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct toml_dependencies all = toml_dependencies(text), half;

	/* What stands behind can add, not take away: reading is from the front. */
	while (text.n > 0 && text.p[text.n - 1] != '\n')
		text.n--;
	half = toml_dependencies(text);
	FUZZ_CLAIM(!half.listed || all.listed);
	FUZZ_CLAIM(!half.dynamic || all.dynamic);
	FUZZ_CLAIM(!half.poetry || all.poetry);
	return 0;
}
