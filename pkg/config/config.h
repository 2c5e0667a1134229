/*
 * config.h - project.yml: text to model, by a table of keys
 *
 * Every finding has its place; reading goes on after it.  Keys that belong to
 * project.yml but that this version does not carry out yet are findings too
 * ("'triggers' is not supported yet"), never ignored.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H
#include "project/project.h"

/*
 * Reads p->config (name and text set by the caller) into *p: packages and
 * functions with source_kind SOURCE_NONE.  scan/ merges them with the files.
 */
void config_read(struct project *p, struct diags *d);
#endif
