/* sequence.h - whether the sequences of a project can run */
#ifndef PROJECT_SEQUENCE_H
#define PROJECT_SEQUENCE_H
#include "project/project.h"

/*
 * Findings: a sequence that contains itself (an error), a member that is not in
 * the project (a warning: the namespace may have it).  Of a whole project, before
 * a part of it is chosen.
 */
void project_check_sequences(struct project *p, struct diags *d);
#endif
