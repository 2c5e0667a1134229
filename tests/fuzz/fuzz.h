/*
 * fuzz.h - what the fuzz targets share
 *
 * A target takes any bytes and aborts where a claim does not hold.  `make fuzz
 * T=yaml SECONDS=60` feeds one from libFuzzer; `make check-unit` gives each the
 * files of testdata/fuzz/<target>/.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H
#include "base/base.h"
#include "base/str.h"

/* libFuzzer's name for a target's entry; 0 is its only answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CLAIM(claim)                       \
	do {                                    \
		if (!(claim))                   \
			bug("not: %s", #claim); \
	} while (0)

/* The next part of an input: up to a NUL byte, or all of it. */
static inline struct str fuzz_part(struct str *rest)
{
	struct str part;

	return str_next(rest, '\0', &part) ? part : (struct str){"", 0};
}

static inline struct str fuzz_input(const uint8_t *data, size_t size)
{
	return (struct str){size ? (const char *)data : "", size};
}
#endif
