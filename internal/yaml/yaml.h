/*
 * yaml.h - one YAML document as a tree of nodes with positions
 *
 * libyaml delivers events; this module builds the tree in an arena, resolves
 * aliases and merge keys, and gives plain scalars the types js-yaml 3 gives
 * them (functions.md 1.2), except that timestamps stay strings.  Duplicate
 * keys are findings.  Limits keep a hostile file small: see YAML_MAX_*.
 *
 * Lines end with "\n" alone, as diag/ shows them.  A byte order mark is skipped.
 * Of explicit tags the core ones are known (!!str !!int !!float !!bool !!null
 * !!map !!seq).  Numbers keep their digits: nothing passes through a double but
 * what is written in base 60 or does not fit 64 bits in another base than ten.
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
	YAML_MAX_KEYS = 2000,    /* of one mapping: readers search them one by one */
};

enum yaml_type { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STRING, YAML_LIST, YAML_MAP };

/* What a struct yaml_fill did to a scalar. */
enum yaml_filled {
	YAML_AS_WRITTEN,
	YAML_FILLED_PART,  /* a string with something filled in */
	YAML_FILLED_WHOLE, /* plain, and all of it is what was filled in: see below */
	YAML_FILL_FAILED,  /* a finding was made; the value is not known */
};

struct yaml_node {
	enum yaml_type type;
	struct pos pos; /* of the alias, where one stands for the node */
	bool quoted;    /* a scalar in quotes or block style */
	enum yaml_filled filled;
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
 * For a caller that puts stand-ins into the text before it is parsed and their
 * values into the scalars after, so that a value cannot change the structure.
 *
 * `scalar` is called once for every scalar of the document (keys too, before
 * they are compared) with type, quoted, pos and text set.  It may change text
 * (memory from the arena, NUL-terminated) and says so in `filled`.  The scalar
 * then is a string, but YAML_FILLED_WHOLE without a tag: that one is a number
 * or a boolean where it reads as one in plain style, and a reader that wants a
 * string takes its text in any case.  Or it makes the scalar a mapping or list
 * with yaml_fill_json().
 */
struct yaml_fill {
	struct str text; /* parsed in place of source->text: the same lines and characters */
	void (*scalar)(void *arg, struct arena *a, struct yaml_node *n);
	void *arg;
};

/*
 * Parses source->text (or what fill says; fill may be NULL).  Every problem is
 * a finding in d that quotes source.  A syntax error ends the reading; after
 * others (a repeated key, an unknown alias) it goes on, and the tree is returned
 * so that the caller's findings come in the same run.  NULL for an empty
 * document and where the reading ended; d->errors has grown in the second case.
 * All memory is from a.
 */
const struct yaml_node *yaml_parse(struct arena *a, const struct diag_source *source,
				   const struct yaml_fill *fill, struct diags *d);

/* The value of a key in a map, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* "a list", "a mapping", "a number", ... for messages. */
const char *yaml_type_name(const struct yaml_node *n);
/*
 * What the text would be in plain style: of a scalar its type; YAML_LIST and YAML_MAP
 * for what is in brackets or braces, whether they fit inside or not.
 */
enum yaml_type yaml_plain_type(struct str text);

struct json;
/*
 * For a struct yaml_fill: *n takes type and value of j, at its own place, and
 * so do the nodes below it; each is YAML_FILLED_PART.  Memory from the arena.
 */
void yaml_fill_json(struct arena *a, struct yaml_node *n, const struct json *j);
/* The node as JSON; map keys become strings as in JavaScript. */
struct json *yaml_to_json(const struct yaml_node *n) NODISCARD;
#endif
