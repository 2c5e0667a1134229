/*
 * secrets.h - files that nobody wants to publish in an artifact: pure functions
 *
 * A private key is known by its text (PEM, OpenSSH, PGP, PuTTY), a file of
 * credentials by its name and by a value that is set in it; a placeholder like
 * ${NPM_TOKEN} is no value.  Only names that may hold one are worth reading:
 * a key inside a program's source, which tests have, is none of this business.
 */
#ifndef SECRETS_SECRETS_H
#define SECRETS_SECRETS_H
#include "base/str.h"

/* How much of a file is judged. */
enum { SECRETS_MAX_BYTES = 64 * 1024 };

/* Whether the file of this name has to be read for secrets_find(). */
bool secrets_may_be_in(struct str path);
/* "a private key", "credentials of npm", or NULL; text is the start of the file. */
const char *secrets_find(struct str path, struct str text);
/*
 * Below a folder that package managers fill (node_modules, site-packages,
 * dist-packages, vendor): libraries bring keys for their tests.
 */
bool secrets_is_dependency(struct str path);
/* ".env", ".env.local" and the like. */
bool secrets_is_env(struct str path);
#endif
