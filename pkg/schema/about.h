/* about.h - what keys of project.yml are for, in a line; private to schema/ */
#ifndef SCHEMA_ABOUT_H
#define SCHEMA_ABOUT_H
#include "config/schema.h"

/* Every key has one; a missing one is a bug. */
const char *schema_about(const struct config_key *key);
#endif
