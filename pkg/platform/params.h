/*
 * params.h - parameters and annotations: lists of {"key", "value"[, "init"]}
 *
 * Pure.  Rules: platform.md 1.6 and 1.7.
 */
#ifndef PLATFORM_PARAMS_H
#define PLATFORM_PARAMS_H
#include "base/strbuf.h"
#include "json/json.h"

enum { PARAMS_MAX_BYTES = 1024 * 1024, PARAMS_MAX_ENTRIES = 5000 };

/*
 * A clean copy of what a client sent: of equal keys the last counts.  NULL
 * gives an empty list.  field names it in messages: "parameters".
 */
struct json *params_read(const struct json *list, const char *field, struct err *e) NODISCARD;
/* The value of key, or NULL. */
const struct json *params_get(const struct json *list, const char *key);
/* Replaces the value in its place, else appends. Takes value. */
void params_set(struct json *list, const char *key, struct json *value);
/* under with the entries of over put over it: a new list. Either may be NULL. */
struct json *params_merge(const struct json *under, const struct json *over) NODISCARD;
/* The list without the keys in the array of strings `names`: a new list. */
struct json *params_without(const struct json *list, const struct json *names) NODISCARD;
/* What a truthy annotation is: neither missing, null, false, 0 nor "". */
bool params_is_truthy(const struct json *value);

/* Appends the JSON object that a function gets: parameters, with payload (or NULL) put over
 * them. */
void params_write_args(struct strbuf *out, const struct json *list, const struct json *payload);
/* The init parameters as an object of strings, or NULL when there are none. */
struct json *params_env(const struct json *list) NODISCARD;
/* The names a request may not set when the function is final: an object, keys only. */
struct json *params_fixed(const struct json *list) NODISCARD;
/* True when the object payload sets a name of the object fixed. */
bool params_collide(const struct json *fixed, const struct json *payload);
#endif
