#include "verify/verify.h"

#include "runtime/runtime.h"
#include "verify/python.h"
#include "verify/scripts.h"

void verify_function(const struct verify *v, struct diags *d)
{
	static const struct {
		const char *language;
		void (*check)(const struct verify *v, struct diags *d);
	} languages[] = {
		{"python", python_verify},
		{"nodejs", node_verify},
		{"php", php_verify},
		{"go", go_verify},
	};
	struct str language = runtime_language(str_of(v->runtime));
	size_t i;

	for (i = 0; i < countof(languages); i++)
		if (str_is(language, languages[i].language))
			languages[i].check(v, d);
}
