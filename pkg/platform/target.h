/*
 * target.h - a function ready to be called: its entity, merged with its
 * package, in the form that invoking needs
 *
 * Kept between calls, since reading and parsing the entities costs more than
 * a warm call; forgotten whenever an entity changes.
 */
#ifndef PLATFORM_TARGET_H
#define PLATFORM_TARGET_H
#include "platform/entities.h"

struct target {
	unsigned refs;
	char *package, *name; /* where its code is; package "" = default */
	char *asked;          /* the package by whose name it was asked for */
	const char *binding;  /* the same when that is a binding, else NULL */
	char *version, *kind, *main, *revision;
	bool binary, wants_api_key;
	int64_t timeout_ms, memory_mb, logs_kb;
	struct json *annotations;
	struct json *components; /* of a sequence: "/namespace/package/name"; else NULL */
	struct json
		*params; /* of the package, the binding, then the action; a sequence has none */
	struct json *env;   /* init parameters, or NULL */
	struct json *fixed; /* names a request may not set, or NULL: not final */
};

enum { TARGETS_KEPT = 64 };

struct targets {
	struct entities *entities;
	struct target *kept[TARGETS_KEPT];
	unsigned next; /* the one to replace */
};

/* A reference of the caller's; NULL when there is none (*e stays clear) or on failure. */
struct target *target_get(struct targets *t, const char *package, const char *name,
			  struct err *e) NODISCARD;
struct target *target_ref(struct target *t) NODISCARD;
void target_unref(struct target *t); /* NULL is allowed */
void targets_forget(struct targets *t);
#endif
