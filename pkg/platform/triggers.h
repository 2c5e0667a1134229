/*
 * triggers.h - the stored triggers: which function is called when, with what
 *
 * They lie beside the entities and go with the function that they call.  Times
 * are milliseconds since 1970; what `due` means is the scheduler's.
 */
#ifndef PLATFORM_TRIGGERS_H
#define PLATFORM_TRIGGERS_H
#include "base/arena.h"
#include "base/vec.h"
#include "platform/entities.h"

struct trigger_row {
	const char *name;
	const char *function; /* "fn" or "pkg/fn" */
	const char *cron;     /* in cron.h's one form */
	const char *body;     /* JSON object text, or NULL */
	bool enabled;
	int64_t created_ms, updated_ms;
	int64_t last_ms; /* the last run; 0 = none */
	int64_t due_ms;  /* the next one; 0 = none */
};

struct trigger_rows {
	VEC(struct trigger_row) list;
};

/* 1 found, its strings in the arena; 0 none; -1 failure. */
int triggers_get(struct entities *s, const char *name, struct arena *a, struct trigger_row *row,
		 struct err *e) NODISCARD;
/* A new one, or all of the one of that name. */
int triggers_put(struct entities *s, const struct trigger_row *row, struct err *e) NODISCARD;
/* 1 deleted, 0 there was none, -1 failure. */
int triggers_delete(struct entities *s, const char *name, struct err *e) NODISCARD;

/* By name. limit 0 = no limit. */
int triggers_list(struct entities *s, unsigned limit, unsigned skip, struct arena *a,
		  struct trigger_rows *rows, struct err *e) NODISCARD;
int triggers_count(struct entities *s, int64_t *n, struct err *e) NODISCARD;

/* Those with a run until now, the longest due first. */
int triggers_due(struct entities *s, int64_t now_ms, unsigned limit, struct arena *a,
		 struct trigger_rows *rows, struct err *e) NODISCARD;
/* The earliest run of all; 0 when there is none. */
int triggers_next_due(struct entities *s, int64_t *due_ms, struct err *e) NODISCARD;
/* last_ms and due_ms of the one of that name. */
int triggers_set_times(struct entities *s, const struct trigger_row *row,
		       struct err *e) NODISCARD;
#endif
