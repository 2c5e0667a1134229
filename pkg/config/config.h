/*
 * config.h - project.yml: text to model, by a table of keys
 *
 * Every finding has its place; reading goes on after it.  What a command cannot
 * carry out yet is that command's finding; here every key of project.yml is read.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H
#include "project/project.h"

/* The value of a variable for ${NAME}, or NULL (an empty one counts as missing). */
typedef const char *config_lookup_fn(void *arg, const char *name);

/* What reading needs from outside; all zero is allowed. */
struct config_options {
	config_lookup_fn *lookup; /* NULL: no variable has a value */
	void *arg;
	/* for findings: "not in the environment, no .env"; may be NULL */
	const char *looked_in;
	const char *const
		*kinds; /* runtimes there are, NULL at the end; NULL: those of runtime/ */
};

/*
 * Reads p->config (name and text set by the caller) into *p: packages and
 * functions with source_kind SOURCE_NONE.  scan/ merges them with the files.
 * Values from lookup never appear in a finding.
 *
 * Readings that are ours:
 *  - A list or mapping key without a value ("functions:") is empty; any other
 *    key without a value is a finding.
 *  - `binary` is checked and otherwise left alone: the function's file decides.
 *  - `main`, `runtime` or `targetNamespace`, empty or without a value, is like
 *    none: project templates have them.  So are, with a warning, the keys that
 *    old templates write with a false or empty value (`clean: false`).
 *  - A trigger without a good `cron` is in the model with cron NULL, next to its
 *    finding; so is whatever else has one: what is missing is NULL, 0 or absent.
 *  - ${NAME} alone and unquoted takes the type its place wants; in parameters
 *    and annotations it is a number or boolean where it reads as one in YAML,
 *    else a string.  In quotes, or with text around it, it is a string.
 *  - $(A B), ${A B} and ${<path} stand for a mapping (a JSON list in the file:
 *    for that) and must be the whole value.
 */
void config_read(struct project *p, const struct config_options *o, struct diags *d);
#endif
