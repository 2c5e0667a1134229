/*
 * json_node.h - what the files of json/ share: the node behind struct json
 *
 * A node is a cJSON item with three additions:
 * - a number's text is its valuestring, valuedouble is only cJSON's reading of it;
 * - a string's length in bytes is its valuedouble (exact up to 2^53), since the
 *   bytes may hold NULs;
 * - the names of an object's members differ.
 */
#ifndef JSON_JSON_NODE_H
#define JSON_JSON_NODE_H
#include <cjson/cJSON.h>

#include "base/vec.h"
#include "json/json.h"

static inline struct json *json_of(cJSON *node)
{
	return (struct json *)node;
}

static inline cJSON *json_node(struct json *j)
{
	return (cJSON *)j;
}

static inline const cJSON *json_cnode(const struct json *j)
{
	return (const cJSON *)j;
}

struct json_member {
	struct str name;
	size_t position; /* in the object, from 0 */
	cJSON *value;
};

struct json_members {
	VEC(struct json_member) list;
};

/* The members of an object, sorted by name, then by position; release the list. */
void json_sort_members(const cJSON *object, struct json_members *members);

/* The length of the JSON number at the start of s, 0 when there is none. */
size_t json_scan_number(struct str s);
#endif
