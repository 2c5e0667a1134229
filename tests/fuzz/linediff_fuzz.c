/* Two texts: what is told of them makes the second one of the first. */
#include "../unit/patching.h"
#include "fuzz.h"
#include "linediff/linediff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size), before = fuzz_part(&rest), after = rest;
	struct strbuf patch = STRBUF_INIT, made = STRBUF_INIT;

	if (!after.p)
		after = (struct str){"", 0};
	linediff_unified(&patch, before, after, before.n % 4);
	FUZZ_CLAIM(patching_apply(&made, before, strbuf_str(&patch)));
	FUZZ_CLAIM(str_eq(strbuf_str(&made), after));
	FUZZ_CLAIM((patch.len == 0) == str_eq(before, after));
	strbuf_release(&patch);
	strbuf_release(&made);
	return 0;
}
