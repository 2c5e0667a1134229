/* access.h - who may ask: host names and credentials of a request; pure */
#ifndef PLATFORM_ACCESS_H
#define PLATFORM_ACCESS_H
#include "base/str.h"

/*
 * A loopback name or address, with or without a port.  A page of another site
 * whose name was made to point to 127.0.0.1 (DNS rebinding) has its own name
 * in the Host header.  NULL is no loopback name.
 */
bool access_host_is_loopback(const char *host);

enum access { ACCESS_NONE, ACCESS_WRONG, ACCESS_GRANTED };

/* header: the value of Authorization, or NULL; auth: "uuid:key". Takes equal time for every
 * wrong key. */
enum access access_check(const char *header, const char *auth);
/* The same for the DigitalOcean API: "Bearer <token>", the token being auth's key. */
enum access access_check_bearer(const char *header, const char *auth);
bool access_secret_is(const char *given, struct str secret);
#endif
