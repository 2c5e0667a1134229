/*
 * instance.h - a function that is loaded, or being loaded: one worker with its
 * folder, and the call it is busy with
 *
 * An instance takes one call when it is made and further ones while it is
 * idle.  It ends every call it was given exactly once, by call->in.done.
 */
#ifndef PLATFORM_INSTANCE_H
#define PLATFORM_INSTANCE_H
#include "platform/call.h"
#include "platform/worker.h"

enum instance_state {
	INSTANCE_STARTING, /* the interpreter starts while the code is unpacked */
	INSTANCE_INIT,
	INSTANCE_RUN,
	INSTANCE_IDLE,
	INSTANCE_ENDING,
};

struct instance;

/* What all instances have in common. The strings live as long as they do. */
struct instance_host {
	struct loop *loop;
	const char *run_dir; /* absolute */
	const char *launcher;
	const char *api_host;
	const char *ns;
	/* The instance is idle, or began to end: there may be room for a waiting call. */
	void (*changed)(void *arg);
	/* Its last word; free it. */
	void (*gone)(void *arg, struct instance *i);
	/* A call that was not begun: another instance must take it. */
	void (*give_back)(void *arg, struct call *c);
	void *arg;
	unsigned calling; /* > 0 while a call's done runs */
};

struct instance {
	struct instance_host *host;
	enum instance_state state;
	struct call *call;    /* or NULL */
	struct worker *w;     /* NULL once it has ended */
	char *revision;       /* of ... */
	char *package, *name; /* ... this function */
	char *notice;         /* or NULL */
	char *folder;         /* absolute */
	int dir;
	bool ready, unpacked; /* while starting */
	bool jobs;            /* the code is being unpacked, or the folder removed */
	bool retired;         /* to end after its call */
	uint64_t idle_since;
	struct strbuf scratch;
};

/* Loads and runs c->in, which it owns from now on. NULL when it cannot begin: c is not taken.
 */
struct instance *instance_start(struct instance_host *h, struct call *c, const char *program,
				const char *notice, struct err *e) NODISCARD;
void instance_run(struct instance *i, struct call *c); /* only when usable */
/* Idle, and not about to end by itself. */
bool instance_is_usable(const struct instance *i);
bool instance_is_of(const struct instance *i, const char *package, const char *name);
void instance_check_memory(struct instance *i);
/* Kills it; a call under way must have been ended. */
void instance_end(struct instance *i);
/* Ends a call under way with this text, if there is one, and kills the instance. */
void instance_abort(struct instance *i, const char *text);
void instance_free(struct instance *i);

/* Ends a call that no instance took. */
void instance_refuse(struct instance_host *h, struct call *c, enum outcome outcome,
		     const char *text);
#endif
