/*
 * entities.h - what the local platform stores: packages, actions, activations
 *
 * Entities are JSON trees in the form of the API's answers (platform.md 1.6),
 * without namespace and name, which are their keys; actions also without
 * exec.code, which is kept apart, once for all actions that share it.
 * Committed when the function returns.
 */
#ifndef PLATFORM_ENTITIES_H
#define PLATFORM_ENTITIES_H
#include "base/strbuf.h"
#include "json/json.h"

struct entities;

struct entities *entities_open(const char *path, struct err *e) NODISCARD;
void entities_close(struct entities *s); /* NULL is allowed */

/* NULL when there is none (*e stays clear) or on failure. package "" = default. */
struct json *entities_get_package(struct entities *s, const char *name,
				  struct err *e) NODISCARD;
struct json *entities_get_action(struct entities *s, const char *package, const char *name,
				 struct err *e) NODISCARD;
/* The entity's "updated" (milliseconds) is what lists are sorted by. */
int entities_put_package(struct entities *s, const char *name, const struct json *entity,
			 struct err *e) NODISCARD;
/* code NULL: as before; a new action needs it. */
int entities_put_action(struct entities *s, const char *package, const char *name,
			const struct json *entity, const struct str *code,
			struct err *e) NODISCARD;
/* 1 deleted, 0 there was none, -1 failure. A package takes its actions along. */
int entities_delete_package(struct entities *s, const char *name, struct err *e) NODISCARD;
int entities_delete_action(struct entities *s, const char *package, const char *name,
			   struct err *e) NODISCARD;
/* Appends the code text (source, or base64); 0, or -1, also when there is no such action. */
int entities_get_code(struct entities *s, const char *package, const char *name,
		      struct strbuf *out, struct err *e) NODISCARD;

/*
 * Arrays, newest update first, of entities with a member "name" (actions also
 * "package") in front.  package NULL = all, "" = default.  limit 0 = no limit.
 */
struct json *entities_list_packages(struct entities *s, unsigned limit, unsigned skip,
				    struct err *e) NODISCARD;
struct json *entities_list_actions(struct entities *s, const char *package, unsigned limit,
				   unsigned skip, struct err *e) NODISCARD;
int entities_count_packages(struct entities *s, int64_t *n, struct err *e) NODISCARD;
int entities_count_actions(struct entities *s, const char *package, int64_t *n,
			   struct err *e) NODISCARD;

/* Activations are kept for 72 hours, and at most 10000 of them. */
enum { ACTIVATIONS_MAX = 10000, ACTIVATIONS_HOURS = 72 };

struct activation_row {
	const char *id;       /* 32 lower-case hex digits */
	const char *function; /* "fn" or "pkg/fn" */
	int64_t start_ms;
	struct str summary; /* list form (platform.md 1.8), JSON text */
	struct str record;  /* whole record (1.10), JSON text */
};

int entities_add_activation(struct entities *s, const struct activation_row *row,
			    struct err *e) NODISCARD;
/* 1 found (the record's text appended), 0 none, -1 failure. */
int entities_get_activation(struct entities *s, const char *id, struct strbuf *out,
			    struct err *e) NODISCARD;

struct activation_filter {
	const char *function;      /* "fn" or "pkg/fn", or NULL: all */
	int64_t since_ms, upto_ms; /* on start, inclusive; 0 = none */
	unsigned limit, skip;      /* limit > 0; both not for counting */
	bool docs;                 /* whole records */
};

/* Appends a JSON array text, newest start first. */
int entities_list_activations(struct entities *s, const struct activation_filter *f,
			      struct strbuf *out, struct err *e) NODISCARD;
/* Reads only an index: clients that follow ask this several times a second. */
int entities_count_activations(struct entities *s, const struct activation_filter *f,
			       int64_t *n, struct err *e) NODISCARD;
#endif
