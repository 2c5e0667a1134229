/*
 * schema.h - the keys of project.yml as a table; private to config/
 *
 * The table is the only place that knows which keys there are, where, and of
 * which type; reading and messages follow from it.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H
#include "project/project.h"
#include "yaml/yaml.h"

enum config_level { CONFIG_TOP, CONFIG_PACKAGE, CONFIG_FUNCTION, CONFIG_LIMITS };

enum config_type {
	CONFIG_ANY,     /* checked by its reader */
	CONFIG_LIST,    /* of mappings */
	CONFIG_MAPPING, /* of anything */
	CONFIG_STRINGS, /* a mapping of strings */
	CONFIG_STRING,  /* not empty */
	CONFIG_BOOLEAN,
	CONFIG_WEB,     /* true, false or "raw" */
	CONFIG_SECRET,  /* false or a string */
	CONFIG_INTEGER, /* from min to max */
};

struct config_reader {
	struct project *project;
	struct project scratch; /* takes what has no name or one already taken */
	struct diags *diags;
	const char *const *kinds; /* see struct config_options */
};

struct config_key;
/* value has the key's type; object is the struct of the key's level. */
typedef void config_read_fn(struct config_reader *r, const struct config_key *key,
			    const struct yaml_node *value, void *object);

struct config_key {
	enum config_level level;
	enum config_type type;
	const char *name;
	config_read_fn *read; /* NULL: not supported yet */
	size_t offset;        /* in the struct of its level, where `read` wants one */
	int64_t min, max;     /* CONFIG_INTEGER */
	const char *unit;     /* CONFIG_INTEGER */
};

extern const struct config_key config_keys[]; /* name NULL at the end */

/* Reads every key of a mapping into object; each that is wrong is a finding. */
void config_read_keys(struct config_reader *r, enum config_level level,
		      const struct yaml_node *map, void *object);
void config_report(struct config_reader *r, const struct yaml_node *at, const char *fmt, ...)
	PRINTF(3, 4);
/*
 * A scalar's text in quotes for a message, or other words where it was filled
 * in: that may be a secret.  In the project's arena.
 */
const char *config_quote(struct config_reader *r, const struct yaml_node *n);
/* True for a string, and for what was filled in where a string is wanted. */
bool config_is_string(const struct yaml_node *n);
/* "; put it in quotes" where quotes make a string of it, else "". */
const char *config_quote_hint(const struct yaml_node *n);

/* values.c */
config_read_fn config_read_mapping, config_read_strings, config_read_annotations,
	config_read_string, config_read_runtime, config_read_boolean, config_read_web,
	config_read_secret, config_read_integer, config_read_limits, config_accept,
	config_accept_false;
/* config.c */
config_read_fn config_read_packages, config_read_functions;
#endif
