/* A zip archive. */
#include "fuzz.h"
#include "zip/zip.h"

enum { MAX_BYTES = 1024 * 1024, MAX_ENTRIES = 1000 };

struct seen {
	uint64_t bytes, entries;
};

static int take(void *arg, const struct zip_entry *entry, struct str data, struct err *e UNUSED)
{
	struct seen *seen = arg;

	FUZZ_CLAIM(entry->name[0] != '\0' && entry->name[0] != '/');
	FUZZ_CLAIM(data.n == entry->size);
	FUZZ_CLAIM(!entry->directory || data.n == 0);
	seen->bytes += data.n;
	seen->entries++;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct zip_limits limits = {MAX_BYTES, MAX_ENTRIES};
	struct seen seen = {0};
	struct err e = ERR_INIT;
	int r = zip_read(fuzz_input(data, size), &limits, take, &seen, &e);

	FUZZ_CLAIM((r == 0) == (e.code == ERR_OK));
	FUZZ_CLAIM(seen.bytes <= MAX_BYTES && seen.entries <= MAX_ENTRIES);
	err_clear(&e);
	return 0;
}
