/*
 * substitute.h - placeholders in project.yml; private to config/
 *
 * Recognised before YAML sees the text and filled in after (design decision
 * 2), so that a value can neither change the structure nor break the parser.
 * Each placeholder is replaced by a stand-in of as many characters, so that
 * places stay true: two private-use characters that tell which one it is, and
 * filling.  Someone who writes exactly such a stand-in into the file gets the
 * placeholder's value in its place; nothing worse.
 *
 * A value goes in as it is: no escape in it means anything.  Placeholders in
 * comments do nothing.
 */
#ifndef CONFIG_SUBSTITUTE_H
#define CONFIG_SUBSTITUTE_H
#include "config/config.h"
#include "yaml/yaml.h"

/* All values of one file together, in bytes. */
enum { SUBSTITUTE_MAX = 8 * 1024 * 1024 };

struct placeholder {
	struct pos pos;
	struct str text; /* as written; "${" or "$(" alone when its end is missing */
	size_t chars;
};

struct substitute {
	struct project *project;
	const struct config_options *options;
	struct diags *diags;
	VEC(struct placeholder) found;
	struct strbuf masked; /* the text of project.yml with stand-ins */
	size_t filled;        /* bytes of values so far */
};

void substitute_init(struct substitute *s, struct project *p, const struct config_options *o,
		     struct diags *d);
/* For struct yaml_fill: arg is a struct substitute. */
void substitute_scalar(void *arg, struct arena *a, struct yaml_node *n);
void substitute_release(struct substitute *s);

/*
 * placeholder.c: what a placeholder stands for (functions.md 1.8).
 *
 *	${NAME} ${|NAME}      the value of a variable
 *	$(A B C) ${A B C}     an object of the variables' values; the second spelling is old
 *	${<path}              an object from a file below the root, as in envfile/; or a JSON
 *list
 */
struct meaning {
	enum { MEANS_NOTHING, MEANS_TEXT, MEANS_JSON } kind;
	const char *text;  /* from the arena */
	struct json *json; /* to be freed */
};

/* True for the forms that stand for a mapping or list. */
bool placeholder_is_structure(const struct placeholder *p);
/* MEANS_NOTHING after findings. */
struct meaning placeholder_resolve(struct substitute *s, const struct placeholder *p,
				   struct arena *a);
#endif
