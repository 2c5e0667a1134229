/* A schedule. */
#include "cron/cron.h"
#include "fuzz.h"

/* The one form of a schedule names the same minutes, and stays as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t after = 1795444320; /* in November 2026 */
	struct str text = fuzz_input(data, size);
	struct strbuf form = STRBUF_INIT, again = STRBUF_INIT, why = STRBUF_INIT;
	struct cron c, of_form;
	bool valid = cron_normalize(text, &form, &why);
	int64_t next;

	FUZZ_CLAIM(valid == (why.len == 0));
	FUZZ_CLAIM(valid == cron_parse(text, &c));
	if (valid) {
		FUZZ_CLAIM(cron_normalize(strbuf_str(&form), &again, &why));
		FUZZ_CLAIM(str_eq(strbuf_str(&form), strbuf_str(&again)));
		FUZZ_CLAIM(cron_parse(strbuf_str(&form), &of_form));
		next = cron_next(&c, after);
		FUZZ_CLAIM(next == cron_next(&of_form, after));
		FUZZ_CLAIM(next == -1 || (next > after && next % 60 == 0));
	}
	strbuf_release(&form);
	strbuf_release(&again);
	strbuf_release(&why);
	return 0;
}
