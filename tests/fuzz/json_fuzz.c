/* A JSON text. */
#include "base/err.h"
#include "fuzz.h"
#include "json/json.h"

static void check_writers(const struct json *j)
{
	static void (*const writers[])(struct strbuf *, const struct json *) = {
		json_write, json_write_pretty, json_write_spaced};
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < countof(writers); i++) {
		struct strbuf text = STRBUF_INIT;
		struct json *again;

		writers[i](&text, j);
		again = json_parse(strbuf_str(&text), &e);
		FUZZ_CLAIM(again && json_equal(j, again));
		json_free(again);
		strbuf_release(&text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct json *j = json_parse(fuzz_input(data, size), &e), *clone;

	FUZZ_CLAIM((j == NULL) == (e.code != ERR_OK));
	if (j) {
		clone = json_clone(j);
		FUZZ_CLAIM(json_equal(j, clone));
		json_free(clone);
		check_writers(j);
	}
	json_free(j);
	err_clear(&e);
	return 0;
}
