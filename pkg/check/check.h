/*
 * check.h - what is wrong with the files of a project's functions, without
 * building or sending anything
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H
#include "project/project.h"

/*
 * Adds to d what the packer would refuse or warn about, for every function of
 * a scanned project; one function's mistake does not hide another's.  In a
 * folder that is built, files may still be made or change: what is
 * wrong with them now is a warning.
 */
void check_functions(struct project *p, struct diags *d);
#endif
