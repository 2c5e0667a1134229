/* A compiled file. */
#include "elves.h"
#include "fuzz.h"
#include "verify/binary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = fuzz_input(data, size);
	struct binary b;

	binary_judge(read_memory, &bytes, &b);
	FUZZ_CLAIM(b.kind == BINARY_ELF || (!b.is_x86_64 && !b.musl && b.glibc == 0));
	FUZZ_CLAIM(b.glibc < 1000);
	return 0;
}
