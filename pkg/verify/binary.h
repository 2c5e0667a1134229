/*
 * binary.h - what system a compiled file is for; for verify/ and sizes/
 *
 * Reads the few parts of an ELF file that tell (System V ABI, gABI chapters 4
 * and 5; symbol versions: Linux Standard Base Core, 10.7), by offsets that the
 * file gives: each is checked, each part has a ceiling.  A hostile file gives
 * BINARY_OTHER or wrong answers about itself, never more.
 */
#ifndef VERIFY_BINARY_H
#define VERIFY_BINARY_H
#include "base/base.h"

enum binary_kind {
	BINARY_OTHER, /* a script, data, nothing that is known */
	BINARY_ELF,
	BINARY_MACOS,   /* Mach-O */
	BINARY_WINDOWS, /* PE */
};

struct binary {
	enum binary_kind kind;
	/* of BINARY_ELF: */
	bool is_x86_64; /* 64 bits, for that machine */
	bool is_broken; /* a part that has to be there is not: the loader will refuse it */
	bool musl;      /* needs musl's C library */
	unsigned glibc; /* highest minor version of glibc 2 that a symbol needs; 0 = none */
};

/* Bytes of a file; false when they are not all there. */
typedef bool binary_read_fn(void *arg, uint64_t offset, void *to, size_t n);

void binary_judge(binary_read_fn *read, void *arg, struct binary *out);
/*
 * Of a file of `size` bytes what no program needs that loads it: sections that are not loaded
 * with the names and places of symbols and with what debuggers read.  0 for what is no 64-bit
 * ELF file; at most size.
 */
uint64_t binary_debug_bytes(binary_read_fn *read, void *arg, uint64_t size);
#endif
