/* values.h - where placeholders of project.yml and builds get their values; private to scan/ */
#ifndef SCAN_VALUES_H
#define SCAN_VALUES_H
#include "envfile/envfile.h"
#include "scan/scan.h"

struct scan_values {
	struct envfile env;
	const char *looked_in; /* for struct config_options */
};

/* Reads the file of --env, else the project's .env if there is one. */
void scan_values_read(struct scan_values *v, struct project *p, const struct scan_options *o,
		      struct diags *d);
void scan_values_release(struct scan_values *v);
/* A config_lookup_fn; arg is a struct scan_values.  The process's own variables go first. */
const char *scan_values_get(void *arg, const char *name);

/* Reads the file of --build-env, if one is asked for, into p->build_environment. */
void scan_build_environment(struct project *p, const struct scan_options *o, struct diags *d);
#endif
