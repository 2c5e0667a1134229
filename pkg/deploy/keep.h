/* keep.h - what a deploy keeps of functions that are live, to put them back; for deploy/ only
 */
#ifndef DEPLOY_KEEP_H
#define DEPLOY_KEEP_H
#include "deploy/jobs.h"

/* Its request once more, and its code. answer: the server's. */
void keep_deployed(const struct job *job, const struct json *answer);
/* Tells when something could not be kept. */
void keep_end(const struct deploy *d);
#endif
