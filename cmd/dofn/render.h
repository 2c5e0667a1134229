/*
 * render.h - events of a deploy as text or as JSON lines
 *
 * Text tells the story on stderr and the deployed functions with their URLs on
 * stdout.  JSON is one object a line on stdout: {"event": "...", ...}; the last
 * one is "result" (dofn-deploy(1)).
 */
#ifndef DOFN_RENDER_H
#define DOFN_RENDER_H
#include "build_output.h"
#include "command.h"
#include "deploy/deploy.h"
#include "progress.h"

struct diags;

struct renderer {
	struct sink sink;
	struct context *context;
	bool dry_run;         /* the plan is the result */
	VEC(char *) deployed; /* text: lines of the result */
	VEC(char *) triggers; /* the same, of triggers */
	struct build_output build_output;
	struct progress progress;
};

void renderer_init(struct renderer *r, struct context *c);
void renderer_release(struct renderer *r);

/* The head of the story: which project goes where. */
void render_start(struct renderer *r, const char *dir, const char *ns, const char *host);
/* The end of it; not called after a failure before the upload. */
void render_result(struct renderer *r, const struct deploy_result *result);

/* "1 trigger, 2 functions and 1 package"; triggers only when there are some. */
void describe_deletion(struct strbuf *text, size_t triggers, size_t functions, size_t packages);

/* Findings about the project: text on stderr, or events. */
void render_findings(struct context *c, const struct diags *d);

/* The two sinks behind renderer_init(). */
void render_text_event(struct sink *s, const struct event *ev);
void render_json_event(struct sink *s, const struct event *ev);
#endif
