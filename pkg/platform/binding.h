/*
 * binding.h - packages that stand for others
 *
 * A binding has no functions: it shows and calls those of the package that it
 * stands for, with the parameters of both, its own over the other's
 * (platform.md 1.6).  That one is of this namespace, and no binding itself.
 */
#ifndef PLATFORM_BINDING_H
#define PLATFORM_BINDING_H
#include "platform/entities.h"

struct bound {
	const char *package; /* whose functions they are; "" = default; valid as long as this */
	bool is_binding;     /* it is another one than was asked for */
	struct json *entity; /* of the package asked for; NULL for the default one */
	struct json *other;  /* of the one it stands for, or NULL */
	struct json *params; /* of both */
};

/*
 * 1 found, 0 when there is no such package, or none that it stands for, -1
 * failure.  *b is to be released in any case.
 */
int binding_follow(struct entities *s, const char *package, struct bound *b,
		   struct err *e) NODISCARD;
void bound_release(struct bound *b);
/* The name of what a stored package stands for, or NULL. */
const char *binding_name(const struct json *package);

/*
 * Puts the namespace in the place of "_" in a package's body and checks that it
 * may stand for what it names: 0, or -1 with 400 or 409.  old: what is there, or
 * NULL.  Nothing to do for a body without a binding.
 */
int binding_check(struct entities *s, const char *namespace, const struct json *old,
		  struct json *body, struct err *e) NODISCARD;
#endif
