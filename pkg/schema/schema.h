/*
 * schema.h - a JSON Schema of project.yml, for editors
 *
 * Draft 2020-12, made from the table that config/ reads by, so that the two
 * cannot differ.  It knows the shape: keys, types, ranges, words.  What takes
 * more than one value to judge (names that repeat, a sequence with a runtime)
 * is left to `dofn check`.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

struct json;

/* The caller frees. */
struct json *schema_of_config(void);
#endif
