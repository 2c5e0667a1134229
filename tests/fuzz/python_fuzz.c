/* A name to look for, NUL, a Python source. */
#include "fuzz.h"
#include "verify/python_scan.h"

static bool is_in(struct str part, struct str text)
{
	return part.n == 0 || (part.p >= text.p && part.p + part.n <= text.p + text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size), wanted = fuzz_part(&rest);
	struct str text = rest.p ? rest : (struct str){"", 0};
	struct arena a = ARENA_INIT;
	struct python_module m;
	size_t i;

	python_scan(&a, text, wanted, &m);
	for (i = 0; i < m.imports.n; i++) {
		const struct python_import *import = &m.imports.v[i];

		FUZZ_CLAIM(import->line > 0 && import->column > 0);
		FUZZ_CLAIM(import->module.n || import->dots);
		FUZZ_CLAIM(import->first_name + import->names <= m.names.n);
	}
	for (i = 0; i < m.names.n; i++)
		FUZZ_CLAIM(is_in(m.names.v[i], text));
	for (i = 0; i < m.functions.n; i++)
		FUZZ_CLAIM(is_in(m.functions.v[i], text));
	python_module_release(&m);
	arena_release(&a);
	return 0;
}
