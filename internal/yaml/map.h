/* map.h - keys of a finished mapping: merged, unique, named; private to yaml/ */
#ifndef YAML_MAP_H
#define YAML_MAP_H
#include "yaml/yaml.h"

/*
 * Puts the members of merge keys ("<<") in their place (a written key wins,
 * then the earlier merge), drops repeated keys with a finding and keys whose
 * value is not known without one, and makes every key's text its name.
 */
void map_finish(struct arena *a, struct yaml_node *map, const struct diag_source *source,
		struct diags *d);
#endif
