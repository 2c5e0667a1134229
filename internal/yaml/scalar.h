/* scalar.h - the types of YAML scalars; private to yaml/ */
#ifndef YAML_SCALAR_H
#define YAML_SCALAR_H
#include "yaml/yaml.h"

/* Type, boolean and number of a plain scalar from its text, by the rules of js-yaml 3. */
void scalar_resolve(struct arena *a, struct yaml_node *n);
/*
 * The same for an explicit tag ("int" of !!int).  False when the text is
 * none of that type; the node is a string then.
 */
bool scalar_resolve_as(struct arena *a, struct yaml_node *n, enum yaml_type type);
/* What a scalar is called as a map key: JavaScript's String() of its value. */
struct str scalar_as_key(struct arena *a, const struct yaml_node *n);
#endif
