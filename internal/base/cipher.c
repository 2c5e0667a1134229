#include "base/cipher.h"

#include <openssl/evp.h>

static const unsigned char zero[AES_BLOCK_SIZE];

/* Of all of it at once; the length, or -1 for a padding that cannot be. */
static int crypt(const unsigned char *key, struct str in, unsigned char *out, int encrypt)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0, rest = 0;
	bool ok;

	if (!c || EVP_CipherInit_ex(c, EVP_aes_256_cbc(), NULL, key, zero, encrypt) != 1)
		bug("OpenSSL has no AES");
	ok = EVP_CipherUpdate(c, out, &n, (const unsigned char *)in.p, (int)in.n) == 1 &&
	     EVP_CipherFinal_ex(c, out + n, &rest) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok ? n + rest : -1;
}

void aes_encrypt(struct strbuf *out, const unsigned char key[AES_KEY_SIZE], struct str text)
{
	char *to;
	int n;

	if (text.n > INT32_MAX / 2)
		bug("aes_encrypt of %zu bytes", text.n);
	to = strbuf_reserve(out, text.n + AES_BLOCK_SIZE);
	if (!to)
		return;
	n = crypt(key, text.n ? text : STR(""), (unsigned char *)to, 1);
	if (n < 0)
		bug("encryption failed");
	out->len += (size_t)n;
	out->buf[out->len] = '\0';
}

bool aes_decrypt(struct strbuf *out, const unsigned char key[AES_KEY_SIZE],
		 struct str encrypted)
{
	char *to;
	int n;

	if (encrypted.n == 0 || encrypted.n % AES_BLOCK_SIZE || encrypted.n > INT32_MAX / 2)
		return false;
	to = strbuf_reserve(out, encrypted.n + AES_BLOCK_SIZE);
	n = to ? crypt(key, encrypted, (unsigned char *)to, 0) : -1;
	if (n > 0)
		out->len += (size_t)n;
	out->buf[out->len] = '\0';
	return n >= 0;
}

void hex_encode(struct strbuf *out, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < bytes.n; i++) {
		strbuf_addc(out, digits[(unsigned char)bytes.p[i] >> 4]);
		strbuf_addc(out, digits[(unsigned char)bytes.p[i] & 15]);
	}
}

static int value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct strbuf *out, struct str hex)
{
	size_t i, before = out->len;
	int high, low;

	for (i = 0; i + 1 < hex.n; i += 2) {
		high = value_of(hex.p[i]);
		low = value_of(hex.p[i + 1]);
		if (high < 0 || low < 0)
			break;
		strbuf_addc(out, (char)(high << 4 | low));
	}
	if (i == hex.n && !out->full)
		return true;
	out->len = before;
	out->buf[out->len] = '\0';
	return false;
}
