/* scripts.h - functions in Node.js, PHP and Go; private to verify/ */
#ifndef VERIFY_SCRIPTS_H
#define VERIFY_SCRIPTS_H
#include "verify/verify.h"

/* platform.md 3.4: package.json's main, index.mjs or index.js; something called as the entry.
 */
void node_verify(const struct verify *v, struct diags *d);
/* platform.md 3.5: index.php with the function. */
void php_verify(const struct verify *v, struct diags *d);
/* platform.md 3.6: package main with the function. */
void go_verify(const struct verify *v, struct diags *d);
#endif
