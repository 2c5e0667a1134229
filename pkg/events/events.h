/*
 * events.h - what happens during a run, as typed events to a sink
 *
 * pkg/ never prints.  It tells a sink; cmd/ renders text or JSON lines.
 * Strings live for the call only.
 */
#ifndef EVENTS_EVENTS_H
#define EVENTS_EVENTS_H
#include "base/str.h"

#include <stddef.h>

struct diag;
struct diags;

enum event_type {
	EVENT_NOTE,          /* text */
	EVENT_WARNING,       /* text */
	EVENT_FINDING,       /* function, finding */
	EVENT_BUILD_STARTED, /* function, text = command */
	EVENT_BUILD_REUSED,  /* function, text = "folder": nothing changed since the last build
				there; "cache": from there */
	EVENT_BUILD_LINE,    /* function, text = line, stderr_line */
	EVENT_BUILD_ENDED,   /* function, ms */
	EVENT_BUILD_FAILED,  /* function, text = why; it comes as an error, too */
	EVENT_REMOTE,        /* function, text = step of a remote build: "waiting", "uploading"
				(bytes), "building" (limit_ms), text2 = activation or NULL, ms since
				the step began */
	EVENT_PACKED,        /* function, bytes, count = files, digest */
	EVENT_UPLOADING, /* function, bytes of its code that were sent of total; of large ones,
			    several times: the first with 0, again when sent anew */
	EVENT_RETRY,     /* function or NULL, text = what failed, ms = wait */
	EVENT_DEPLOYED,  /* function, text = URL or NULL, text2 = version */
	EVENT_FAILED,    /* function, text = why */
	EVENT_PACKAGE,   /* function = package name: written */
	EVENT_PLAN, /* function, text = "create", "update", "unchanged", "delete" or "extra"
		       (live, not in the project), changes, variables, remote */
	EVENT_PLAN_PACKAGE,    /* the same, function = package name */
	EVENT_PLAN_TRIGGER,    /* trigger, function; else the same */
	EVENT_PLANNED,         /* end of the plan: count = functions that stay as they are */
	EVENT_UNCHANGED,       /* function, text = URL, text2 = version */
	EVENT_DELETED,         /* function */
	EVENT_PACKAGE_DELETED, /* function = package name */
	EVENT_PACKAGE_FAILED,  /* function = package name, text = why */
	EVENT_TRIGGER, /* trigger, function or NULL, text = "created", "updated", "unchanged" or
			  "deleted", text2 = cron */
	EVENT_TRIGGER_FAILED, /* trigger, function or NULL, text = why */
};

struct event {
	enum event_type type;
	const char *function; /* "p/f"; NULL when it concerns the whole run */
	const char *trigger;
	struct str text, text2;
	bool stderr_line;
	bool remote; /* built on the platform */
	uint64_t ms, bytes, total, limit_ms;
	size_t count;
	const struct diag *finding;
	/* names, NULL at the end, or NULL: what an update changes; "+NEW", "-GONE", "~OTHER" */
	const char *const *changes, *const *variables;
};

struct sink {
	void (*emit)(struct sink *s, const struct event *ev);
};

void sink_emit(struct sink *s, const struct event *ev); /* NULL s drops it */
void sink_note(struct sink *s, const char *function, const char *fmt, ...) PRINTF(3, 4);
void sink_warning(struct sink *s, const char *function, const char *fmt, ...) PRINTF(3, 4);
/* One event for each. */
void sink_findings(struct sink *s, const char *function, const struct diags *d);
#endif
