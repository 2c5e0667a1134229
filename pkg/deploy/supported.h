/* supported.h - what of project.yml a deploy carries out */
#ifndef DEPLOY_SUPPORTED_H
#define DEPLOY_SUPPORTED_H
#include "project/project.h"

/*
 * Adds a finding for every key that would be left undone, at its place.  0, or
 * -1 when there was one: then nothing may be built or uploaded.
 */
int project_check_deployable(const struct project *p, struct diags *d);
#endif
