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
 * ${NAME} is filled in; every other form is a finding.  A value goes in as it
 * is: no escape in it means anything.  Placeholders in comments do nothing.
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
	const struct diag_source *source;
	config_lookup_fn *lookup;
	void *arg;
	struct diags *diags;
	VEC(struct placeholder) found;
	struct strbuf masked; /* source->text with stand-ins */
	size_t filled;        /* bytes of values so far */
};

void substitute_init(struct substitute *s, const struct diag_source *source,
		     config_lookup_fn *lookup, void *arg, struct diags *d);
/* For struct yaml_fill: arg is a struct substitute. */
void substitute_scalar(void *arg, struct arena *a, struct yaml_node *n);
void substitute_release(struct substitute *s);
#endif
