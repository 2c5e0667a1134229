/* node.h - building a folder with a package.json; private to build/ */
#ifndef BUILD_NODE_H
#define BUILD_NODE_H
#include "build/job.h"

/*
 * What npm would have to do there: a function without dependencies and without
 * scripts for npm to run needs no npm.  ERR_PROJECT when it cannot be read as JSON.
 */
enum node_work {
	NODE_NOTHING,
	NODE_INSTALL,     /* packages */
	NODE_INSTALL_RUN, /* the same, and it runs scripts of the function's */
	NODE_BUILD,       /* the same, and its script "build" */
};
int node_work(int root, const char *folder, enum node_work *work, struct err *e) NODISCARD;
/* `npm install --omit=dev`; with a script "build": `npm install`, then `npm run build`. */
void node_build(struct job *job);
#endif
