/*
 * entity.h - what a PUT makes of an entity, and the forms in which it is shown
 *
 * Pure.  Rules: platform.md 1.4 to 1.8.  Stored entities are those of
 * entities.h; errors carry the HTTP status (refuse.h).
 */
#ifndef PLATFORM_ENTITY_H
#define PLATFORM_ENTITY_H
#include "json/json.h"

enum {
	ENTITY_CODE_MAX = 48 * 1024 * 1024, /* characters of code and main */
	TIMEOUT_MIN_MS = 100,
	TIMEOUT_MAX_MS = 900000,
	TIMEOUT_MS = 3000,
	MEMORY_MIN_MB = 128,
	MEMORY_MAX_MB = 1024,
	MEMORY_MB = 256,
	LOGS_MIN_KB = 0,
	LOGS_MAX_KB = 256,
	LOGS_KB = 16,
	CONCURRENCY = 1,
};

/* old NULL: a new one. now_ms is the new "updated". */
struct json *entity_update_package(const struct json *old, const struct json *body,
				   int64_t now_ms, struct err *e) NODISCARD;
/* *code points into body; its p is NULL when the body has none (the old code stays). */
struct json *entity_update_action(const struct json *old, const struct json *body,
				  int64_t now_ms, struct str *code, struct err *e) NODISCARD;
/* The code is base64 by its looks; platform.md 1.6. */
bool entity_code_is_binary(struct str code);

/* Where an entity is. package NULL or "": directly in the namespace. */
struct entity_place {
	const char *namespace, *package, *name;
};

/* Whole: namespace and name in front. code NULL: none; params NULL: the action's own. */
struct json *entity_show_action(const struct json *action, const struct entity_place *place,
				const struct str *code, const struct json *params) NODISCARD;
/* As a list has it. */
struct json *entity_list_action(const struct json *action,
				const struct entity_place *place) NODISCARD;
/* actions: of the package, each with "name"; NULL: the list form without them. */
struct json *entity_show_package(const struct json *package, const struct entity_place *place,
				 const struct json *actions) NODISCARD;
#endif
