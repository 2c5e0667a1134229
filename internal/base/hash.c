#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *h = xmalloc(sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		bug("OpenSSL has no SHA-256");
	return h;
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
	if (n && EVP_DigestUpdate(h->ctx, p, n) != 1)
		bug("EVP_DigestUpdate failed");
}

void sha256_end(struct sha256 *h, unsigned char digest[SHA256_SIZE])
{
	if (EVP_DigestFinal_ex(h->ctx, digest, NULL) != 1)
		bug("EVP_DigestFinal_ex failed");
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

static void to_hex(const unsigned char *p, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	hex[2 * n] = '\0';
}

void sha256_hex(const unsigned char digest[SHA256_SIZE], char hex[SHA256_HEX])
{
	to_hex(digest, SHA256_SIZE, hex);
}

void sha256_of(const void *p, size_t n, char hex[SHA256_HEX])
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *h = sha256_new();

	sha256_add(h, p, n);
	sha256_end(h, digest);
	sha256_hex(digest, hex);
}

void random_bytes(void *p, size_t n)
{
	if (n > INT32_MAX || RAND_bytes(p, (int)n) != 1)
		bug("no random bytes to be had");
}

void random_hex(char *hex, size_t n)
{
	unsigned char raw[64];

	if (n > sizeof(raw))
		bug("random_hex of %zu bytes", n);
	random_bytes(raw, n);
	to_hex(raw, n, hex);
}
