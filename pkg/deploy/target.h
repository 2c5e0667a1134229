/* target.h - the namespace that a project says it is for */
#ifndef DEPLOY_TARGET_H
#define DEPLOY_TARGET_H
#include "project/project.h"

/*
 * A finding at the key targetNamespace when it names other namespaces than this
 * one; of a mapping either name will do.  0, or -1 with one.
 */
int target_check(const struct project *p, const char *namespace, struct diags *d);
#endif
