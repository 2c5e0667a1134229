/*
 * json.h - strict JSON (RFC 8259) in, exact JSON out
 *
 * cJSON holds the tree; around it this module refuses what cJSON lets pass
 * (text behind the value, invalid UTF-8, control characters, lone surrogates,
 * lax numbers) and keeps what cJSON loses: the text of every number, NUL bytes
 * in strings, and case in member names.  Of equal member names the last value
 * counts and stands in the place of the first, as in JavaScript and Python: no
 * object holds a name twice.  A name with \u0000 is refused.
 *
 * `struct json` is a node.  The root is freed with json_free(); nodes inside
 * belong to it.  Adding a node to an array or object gives it away.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H
#include "base/err.h"
#include "base/str.h"
#include "base/strbuf.h"

struct json;

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

enum { JSON_MAX_DEPTH = 256 };

/*
 * The whole text is one value.  The message gives line and column and what is
 * wrong ("line 1, column 8: expected ',' or '}'"); the code is ERR_REMOTE,
 * callers wrap it with where the text came from.  Size limits are the reader's.
 */
struct json *json_parse(struct str text, struct err *e) NODISCARD;
struct json *json_clone(const struct json *j) NODISCARD; /* NULL for NULL */
void json_free(struct json *j);                          /* NULL is allowed */

/* Reading.  A NULL node is allowed everywhere and is like a missing one. */
enum json_type json_type(const struct json *j);          /* JSON_NULL for NULL */
bool json_is(const struct json *j, enum json_type type); /* false for NULL */
bool json_is_true(const struct json *j);
/* The string's bytes (may hold NULs), NUL-terminated; {NULL, 0} when it is none. */
struct str json_str(const struct json *j);
/* The same as a C string; NULL when it is no string or holds a NUL. */
const char *json_cstr(const struct json *j);
/* A number's text as it was written; {NULL, 0} when it is none. */
struct str json_number(const struct json *j);
/* True when it is a number whose value is a whole one in int64_t ("1e3" and "5.0" count). */
bool json_int(const struct json *j, int64_t *out);
size_t json_count(const struct json *j); /* members or items */
/* Member by exact name; NULL when there is none or j is no object. */
struct json *json_get(const struct json *j, const char *name);
struct json *json_getn(const struct json *j, struct str name);
/*
 * For many look-ups in an object from outside, where json_get() would walk it
 * each time: made in n log n, asked in log n.  Valid while the object is
 * unchanged; one of NULL, or of what is no object, is empty.
 */
struct json_index;
struct json_index *json_index_new(const struct json *object) NODISCARD;
struct json *json_index_get(const struct json_index *x, struct str name);
void json_index_free(struct json_index *x);
struct json *json_at(const struct json *j, size_t index); /* O(index) */
/* First child and next sibling, of arrays and objects: for (c = json_first(j); c; c =
 * json_next(c)) */
struct json *json_first(const struct json *j);
struct json *json_next(const struct json *child);
struct str json_name(const struct json *member); /* of an object's member */
/* Value equality: members in any order, numbers by their text. */
bool json_equal(const struct json *a, const struct json *b);

/* Building. */
struct json *json_new_null(void) NODISCARD;
struct json *json_new_bool(bool v) NODISCARD;
struct json *json_new_int(int64_t v) NODISCARD;
/* text must be a JSON number. */
struct json *json_new_number(struct str text) NODISCARD;
/* Bytes that are not UTF-8 become U+FFFD. */
struct json *json_new_str(struct str s) NODISCARD;
struct json *json_new_cstr(const char *s) NODISCARD;
struct json *json_new_array(void) NODISCARD;
struct json *json_new_object(void) NODISCARD;
/*
 * Replaces a member of that name in its place, else appends.  Takes value; with NULL (a
 * missing one, see above) the object has no such member after.  What is no UTF-8 in the
 * name, and NUL, becomes U+FFFD.
 */
void json_set(struct json *object, const char *name, struct json *value);
void json_setn(struct json *object, struct str name, struct json *value);
/*
 * The same in constant time for a name that is known to be new: one of a member of another
 * object that this one lacks.
 */
void json_add_new(struct json *object, struct str name, struct json *value);
/* In constant time.  Takes value. */
void json_push(struct json *array, struct json *value);
/* Takes the member out of the object and returns it (NULL when there is none); the caller
 * frees. */
struct json *json_take(struct json *object, const char *name) NODISCARD;
void json_del(struct json *object, const char *name);

/* Writing.  Numbers come out as they were written; "/" and non-ASCII unescaped. */
void json_write(struct strbuf *out, const struct json *j);
/* Two spaces a level, "name": value; empty containers as {} and []. No newline at the end. */
void json_write_pretty(struct strbuf *out, const struct json *j);
/* Python's json.dumps separators: ", " and ": ". */
void json_write_spaced(struct strbuf *out, const struct json *j);
/* s as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void json_write_str(struct strbuf *out, struct str s);
#endif
