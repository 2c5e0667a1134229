/* scan_private.h - what the files of scan/ share */
#ifndef SCAN_SCAN_PRIVATE_H
#define SCAN_SCAN_PRIVATE_H
#include "scan/scan.h"

/* What the name of a file in a package folder says (functions.md 2.2). */
struct file_name {
	const char *function; /* "a" of "a.py", "a.b" of "a.b.js" */
	const char *runtime;  /* from "name.python-3.11.zip" only; else NULL */
	bool binary;          /* .zip, .jar, or no extension at all */
	bool known;           /* the extension says what it is */
};

/* `kinds` as in struct scan_options. */
void scan_file_name(struct arena *a, struct str base, const char *const *kinds,
		    struct file_name *out);

/* ".env", ".env.local": someone may expect it to be read, and only one place is. */
bool scan_is_env_file(struct str base);
/* For messages about the others: "values come from ..." */
extern const char scan_env_place[];

/* packages.c: walks packages/ and merges it with what config/ read into p. */
void scan_packages(struct project *p, const struct scan_options *o, struct diags *d);
/* select.c: leaves in p what the options ask for; a name in them that is none is a finding. */
void scan_select(struct project *p, const struct scan_options *o, struct diags *d);
/*
 * sources.c: takes the files that project.yml names, and finds functions that have
 * none or two sources.
 */
void scan_sources(struct project *p, const struct scan_options *o, struct diags *d);
#endif
