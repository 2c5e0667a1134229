/* What is known of the last build in a folder, as it lies in the cache. */
#include "build/ledger.h"
#include "fs/fs.h"
#include "fuzz.h"

/* What leads out of a folder would be written there when it is restored. */
static void check_files(const struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->files.n; i++) {
		FUZZ_CLAIM(path_is_below(str_of(s->files.v[i].path)));
		FUZZ_CLAIM(snapshot_find(s, s->files.v[i].path) == &s->files.v[i]);
	}
}

/* What was read is written as it was, but for numbers that can be spelled in several ways. */
static void check_again(const struct ledger *r)
{
	struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct ledger again;

	ledger_encode(&once, r);
	FUZZ_CLAIM(ledger_decode(&again, strbuf_str(&once)));
	ledger_encode(&twice, &again);
	FUZZ_CLAIM(str_eq(strbuf_str(&once), strbuf_str(&twice)));
	ledger_release(&again);
	strbuf_release(&once);
	strbuf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ledger r;

	if (ledger_decode(&r, fuzz_input(data, size))) {
		check_files(&r.files);
		check_files(&r.lib);
		check_again(&r);
	}
	ledger_release(&r);
	return 0;
}
