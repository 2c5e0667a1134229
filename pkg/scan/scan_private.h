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

void scan_file_name(struct arena *a, struct str base, struct file_name *out);

/* packages.c: walks packages/ and merges it with what config/ read into p. */
void scan_packages(struct project *p, struct diags *d);
/* Findings about functions of project.yml that have no files. */
void scan_check_sources(struct project *p, struct diags *d);
#endif
