/*
 * yaml.h - one YAML document as a tree of nodes with positions
 *
 * libyaml delivers events; this module builds the tree in an arena, resolves
 * aliases and merge keys, and gives plain scalars the types js-yaml 3 gives
 * them (functions.md 1.2), except that timestamps stay strings.  Duplicate
 * keys are findings.  Limits keep a hostile file small: see YAML_MAX_*.
 */
#ifndef YAML_YAML_H
#define YAML_YAML_H
#include "base/arena.h"
#include "base/err.h"
#include "diag/diag.h"

enum {
	YAML_MAX_BYTES = 4 * 1024 * 1024,
	YAML_MAX_DEPTH = 64,
	YAML_MAX_NODES = 500000, /* counted after aliases are expanded */
};

enum yaml_type { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STRING, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_type type;
	struct pos pos;
	bool quoted;     /* a scalar in quotes or block style */
	struct str text; /* scalars: as written (quoted ones: their value), NUL-terminated */
	bool boolean;    /* YAML_BOOL */
	struct str
		number; /* YAML_INT, YAML_FLOAT: as a JSON number; "null" for .inf and .nan */
	struct yaml_node *child; /* first item, or first value of a map */
	struct yaml_node *next;  /* next item or value */
	struct yaml_node *key;   /* of a value in a map: its key, a scalar node */
	size_t count;
};

/*
 * Parses source->text.  Every problem is a finding in d (a syntax error ends
 * the reading).  Returns the root, NULL for an empty document or after errors;
 * tell them apart by d->errors.  All memory is from a.
 */
const struct yaml_node *yaml_parse(struct arena *a, const struct diag_source *source,
				   struct diags *d);

/* The value of a key in a map, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* "a list", "a mapping", "a number", ... for messages. */
const char *yaml_type_name(const struct yaml_node *n);

struct json;
/* The node as JSON; map keys become strings as in JavaScript. */
struct json *yaml_to_json(const struct yaml_node *n) NODISCARD;
#endif
