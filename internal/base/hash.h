/*
 * hash.h - SHA-256 (FIPS 180-4) and random bytes, by OpenSSL
 *
 *	struct sha256 *h = sha256_new();
 *	sha256_add(h, p, n); ...
 *	sha256_end(h, digest);            frees h
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H
#include "base/base.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 65 };

struct sha256;

struct sha256 *sha256_new(void) NODISCARD;
void sha256_add(struct sha256 *h, const void *p, size_t n);
void sha256_end(struct sha256 *h, unsigned char digest[SHA256_SIZE]);
/* The digest as 64 lower-case digits and a NUL. */
void sha256_hex(const unsigned char digest[SHA256_SIZE], char hex[SHA256_HEX]);
/* All at once. */
void sha256_of(const void *p, size_t n, char hex[SHA256_HEX]);

/* Unpredictable bytes, fit for keys. */
void random_bytes(void *p, size_t n);
/* n random bytes as 2n lower-case digits and a NUL. */
void random_hex(char *hex, size_t n);
#endif
