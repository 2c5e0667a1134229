/* origin.h - where a project comes from, as git knows it */
#ifndef DEPLOY_ORIGIN_H
#define DEPLOY_ORIGIN_H
#include "loop/loop.h"
#include "json/json.h"

/*
 * {"repository": URL of the remote "origin", "commit": "0a1b2c3d" (with "++"
 * when files below root differ from it), "projectPath": root below the work
 * tree's, "." for that itself}; what git does not tell is missing.  {} outside
 * of a work tree, without git, and when it takes too long.  Nothing in it says
 * who or where this machine is: no credentials of the URL, no URL of a local
 * folder.
 */
struct json *origin_of(struct loop *l, int root_fd) NODISCARD;
/* The URL as it may be told, in *out: false when not at all. */
bool origin_add_repository(struct strbuf *out, struct str url);
#endif
