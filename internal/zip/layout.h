/*
 * layout.h - where things are in a zip archive (PKWARE APPNOTE 6.3)
 *
 * Private to zip/.  libarchive writes and inflates; what it leaves to the
 * machine (writer) or hides from its caller (reader) is handled on these
 * records directly.
 */
#ifndef ZIP_LAYOUT_H
#define ZIP_LAYOUT_H
#include "base/base.h"

/* Sizes of the fixed parts, and offsets of the fields that are used. */
enum {
	LOCAL_SIZE = 30,
	LOCAL_FLAGS = 6,
	LOCAL_TIME = 10,
	LOCAL_NAME_N = 26,
	LOCAL_EXTRA_N = 28,

	CENTRAL_SIZE = 46,
	CENTRAL_HOST = 5,
	CENTRAL_FLAGS = 8,
	CENTRAL_METHOD = 10,
	CENTRAL_TIME = 12,
	CENTRAL_PACKED = 20,
	CENTRAL_CONTENT = 24,
	CENTRAL_NAME_N = 28,
	CENTRAL_EXTRA_N = 30,
	CENTRAL_COMMENT_N = 32,
	CENTRAL_ATTRIBUTES = 38,
	CENTRAL_LOCAL = 42,

	END_SIZE = 22,
	END_ENTRIES = 10,
	END_DIRECTORY_N = 12,
	END_DIRECTORY = 16,

	LOCATOR_SIZE = 20,
	LOCATOR_END64 = 8,
	LOCATOR_DISKS = 16,
	END64_SIZE = 56,
	END64_REST = 4,
	END64_MADE_BY = 12,
	END64_NEEDED = 14,
	END64_ENTRIES = 32,
	END64_DIRECTORY_N = 40,
	END64_DIRECTORY = 48,
};

enum {
	SIGNATURE_LOCAL = 0x04034b50,
	SIGNATURE_CENTRAL = 0x02014b50,
	SIGNATURE_END = 0x06054b50,
	SIGNATURE_LOCATOR = 0x07064b50,
	SIGNATURE_END64 = 0x06064b50,
};

enum {
	FLAG_ENCRYPTED = 1 << 0,
	FLAG_STRONG_ENCRYPTION = 1 << 6,
	FLAG_UTF8 = 1 << 11,
	FLAG_MASKED = 1 << 13,
};

enum { METHOD_STORED = 0, METHOD_DEFLATED = 8 };
enum { HOST_UNIX = 3, HOST_MACOS = 19 };

static inline uint16_t get16(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint16_t)(u[0] | u[1] << 8);
}

static inline uint32_t get32(const char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static inline void put16(char *p, uint16_t v)
{
	p[0] = (char)(v & 0xff);
	p[1] = (char)(v >> 8);
}

static inline void put32(char *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static inline void put64(char *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}
#endif
