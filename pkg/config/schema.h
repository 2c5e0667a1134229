/*
 * schema.h - the keys of project.yml as a table; private to config/ and schema/
 *
 * The table is the only place that knows which keys there are, where, and of
 * which type; reading and messages follow from it.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H
#include "project/project.h"
#include "yaml/yaml.h"

enum config_level {
	CONFIG_NOWHERE,
	CONFIG_TOP,
	CONFIG_TARGET, /* targetNamespace as a mapping */
	CONFIG_PACKAGE,
	CONFIG_BINDING,
	CONFIG_FUNCTION,
	CONFIG_LIMITS,
	CONFIG_TRIGGER,
	CONFIG_SCHEDULE, /* scheduledDetails */
	CONFIG_SOURCE,   /* sourceDetails, the old name */
};

enum config_type {
	CONFIG_LIST,    /* of mappings with the keys of `inner` */
	CONFIG_KEYS,    /* a mapping with the keys of `inner` */
	CONFIG_MAPPING, /* of anything */
	CONFIG_STRINGS, /* a mapping of strings */
	CONFIG_NAMES,   /* a list of strings, not empty */
	CONFIG_STRING,  /* not empty */
	CONFIG_TEXT,    /* a string; an empty one is like none */
	CONFIG_CHOICE,  /* a text or a mapping with the keys of `inner` */
	CONFIG_BOOLEAN,
	CONFIG_WEB,     /* true, false or "raw" */
	CONFIG_SECRET,  /* false or a string that is not empty */
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
	config_read_fn *read;
	enum config_level inner; /* see config_type */
	bool required;
	size_t offset;    /* in the struct of its level, where `read` wants one */
	size_t place;     /* where that struct keeps the key's place; 0 = nowhere */
	int64_t min, max; /* CONFIG_INTEGER */
	const char *what; /* CONFIG_INTEGER: the unit */
};

/* In the order in which a reader of the file wants to see them; name NULL at the end. */
extern const struct config_key config_keys[];

/* Annotations that only another key may set, or nobody. */
struct config_reserved {
	const char *name, *instead;
};
extern const struct config_reserved config_reserved[]; /* name NULL at the end */

/* Keys that are good, with a warning, while their value is false or empty. */
struct config_leftover {
	enum config_level level;
	const char *name, *advice;
};
extern const struct config_leftover config_leftovers[]; /* name NULL at the end */

/* Reads every key of a mapping into object; each that is wrong or missing is a finding. */
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

/* False, empty, or nothing: as good as not there. */
bool config_is_blank(const struct yaml_node *value);
/* Where the table says the value of key is kept in object. */
void *config_field(const struct config_key *key, void *object);

/* item.c: what lists hold that has a name; `kind` is "package", "function", "trigger" */

/* False with a finding when item is no mapping. */
bool config_is_item(struct config_reader *r, const struct config_key *list,
		    const struct yaml_node *item);
/* Its name, or NULL: none that can be used, which is a finding of this or of its key. */
const char *config_read_name(struct config_reader *r, const struct yaml_node *item,
			     const char *kind);
/* "a second function 'f'"; the first one is at `first`. */
void config_report_second(struct config_reader *r, const struct yaml_node *item,
			  const char *kind, struct pos first);

/* values.c */
config_read_fn config_read_mapping, config_read_strings, config_read_annotations,
	config_read_string, config_read_boolean, config_read_web, config_read_secret,
	config_read_integer, config_read_keys_of, config_read_limits, config_read_target,
	config_read_runtime, config_accept;
/* config.c */
config_read_fn config_read_packages;
/* function.c */
config_read_fn config_read_functions, config_read_sequence, config_read_file;
/* trigger.c */
config_read_fn config_read_triggers, config_read_trigger_type, config_read_source_type,
	config_read_cron;
#endif
