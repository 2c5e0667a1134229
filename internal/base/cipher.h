/*
 * cipher.h - AES-256-CBC with PKCS#7 padding, by OpenSSL
 *
 * Without a check of integrity, and the caller's initial value is zero: for a
 * format that others made so and for keys that are used once.
 */
#ifndef BASE_CIPHER_H
#define BASE_CIPHER_H
#include "base/str.h"
#include "base/strbuf.h"

enum { AES_KEY_SIZE = 32, AES_BLOCK_SIZE = 16 };

/* Appends what text becomes: its length rounded up to a whole block, or one block more. */
void aes_encrypt(struct strbuf *out, const unsigned char key[AES_KEY_SIZE], struct str text);
/* False, with *out as it was, when the padding shows another key or other data. */
bool aes_decrypt(struct strbuf *out, const unsigned char key[AES_KEY_SIZE],
		 struct str encrypted) NODISCARD;

/* Lower-case digits, two a byte. */
void hex_encode(struct strbuf *out, struct str bytes);
/* Digits in either case; false, with *out as it was, when it is something else. */
bool hex_decode(struct strbuf *out, struct str hex) NODISCARD;
#endif
