/* A file of a history that somebody else wrote. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "history/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("history", MFD_CLOEXEC);
	struct run_entry entry;
	uint64_t at = 0, before = 0;
	struct json *meta;

	FUZZ_CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	while (run_next(fd, &at, &entry)) {
		FUZZ_CLAIM(at > before && at <= size);
		FUZZ_CLAIM(entry.meta_at + entry.meta_n == entry.code_at);
		FUZZ_CLAIM(entry.code_at + entry.code_n == at);
		before = at;
		meta = run_read_meta(fd, &entry);
		json_free(meta);
	}
	(void)close(fd);
	return 0;
}
