/*
 * entities.h - what the local platform stores: namespace, packages, actions,
 * activations
 *
 * The rules of update and projection are platform.md 1.6 to 1.10.  Entities are
 * JSON trees in the form of the API's answers; code is kept apart, by digest.
 * Committed when the function returns.
 */
#ifndef PLATFORM_ENTITIES_H
#define PLATFORM_ENTITIES_H
#include "base/hash.h"
#include "json/json.h"

struct entities;

struct entities *entities_open(const char *path, struct err *e) NODISCARD;
void entities_close(struct entities *s);

const char *entities_namespace(const struct entities *s); /* "fn-<uuid>" */

/* Whole entity without code, NULL when there is none (*e stays clear) or on failure. */
struct json *entities_get_package(struct entities *s, const char *name,
				  struct err *e) NODISCARD;
struct json *entities_get_action(struct entities *s, const char *package, const char *name,
				 struct err *e) NODISCARD; /* package "" = default */
int entities_put_package(struct entities *s, const char *name, const struct json *entity,
			 struct err *e) NODISCARD;
/* code NULL: as before. digest: of the code text. */
int entities_put_action(struct entities *s, const char *package, const char *name,
			const struct json *entity, const struct str *code,
			struct err *e) NODISCARD;
/* 1 deleted, 0 there was none, -1 failure. */
int entities_delete_package(struct entities *s, const char *name, struct err *e) NODISCARD;
int entities_delete_action(struct entities *s, const char *package, const char *name,
			   struct err *e) NODISCARD;
/* The code text (source, or base64); 0 or -1. */
int entities_get_code(struct entities *s, const char *package, const char *name,
		      struct strbuf *out, struct err *e) NODISCARD;
/* Newest update first; package NULL = all, "" = default. limit > 0. */
struct json *entities_list_packages(struct entities *s, unsigned limit, unsigned skip,
				    struct err *e) NODISCARD;
struct json *entities_list_actions(struct entities *s, const char *package, unsigned limit,
				   unsigned skip, struct err *e) NODISCARD;
int entities_count(struct entities *s, const char *what, int64_t *n, struct err *e) NODISCARD;

/*
 * An activation record: `head` is the record's JSON text without its logs and
 * result; `result` raw JSON text as the function gave it; `logs` a JSON array
 * text.  Kept for 72 hours and at most 10000 of them.
 */
struct activation_row {
	const char *id;   /* 32 lower-case hex digits */
	const char *name; /* function */
	const char *path; /* "ns/pkg/fn" or "ns/fn" */
	int64_t start_ms, end_ms;
	struct str summary; /* list form (platform.md 1.8), JSON text */
	struct str record;  /* whole record, JSON text */
	struct str result; /* {"result":...,"size":...,"success":...,"status":...}, JSON text */
	struct str logs;   /* JSON array text */
};

int entities_add_activation(struct entities *s, const struct activation_row *row,
			    struct err *e) NODISCARD;

enum activation_part { ACTIVATION_RECORD, ACTIVATION_RESULT, ACTIVATION_LOGS };
/* 1 found (text appended), 0 none, -1 failure. */
int entities_get_activation(struct entities *s, const char *id, enum activation_part part,
			    struct strbuf *out, struct err *e) NODISCARD;

struct activation_filter {
	const char *name;          /* "fn" or "pkg/fn", or NULL */
	int64_t since_ms, upto_ms; /* on start, inclusive; 0 = none */
	unsigned limit, skip;
	bool docs;
};

/* A JSON array text, newest start first. */
int entities_list_activations(struct entities *s, const struct activation_filter *f,
			      struct strbuf *out, struct err *e) NODISCARD;
int entities_count_activations(struct entities *s, const struct activation_filter *f,
			       int64_t *n, struct err *e) NODISCARD;
#endif
