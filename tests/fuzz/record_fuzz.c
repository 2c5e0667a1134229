/* A RECORD file of an installed Python package. */
#include "fuzz.h"
#include "sizes/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = fuzz_input(data, size);
	struct strbuf path = STRBUF_INIT;
	size_t left = rest.n, read = 0;

	while (record_next(&rest, &path)) {
		FUZZ_CLAIM(rest.n < left);
		FUZZ_CLAIM(path.len <= RECORD_PATH_MAX);
		FUZZ_CLAIM(strlen(path.buf) == path.len);
		read += path.len;
		left = rest.n;
	}
	FUZZ_CLAIM(rest.n == 0 && read <= size);
	strbuf_release(&path);
	return 0;
}
