/*
 * rollback.h - an earlier version of a function, put back as it was sent then
 *
 * Code, configuration, parameters, environment and the record of its deploy come from
 * history/; its triggers and its package stay as they are.
 *
 *	rollback_read(&q, &r, e)
 *	version = rollback_choose(&r, 0, false, e)
 *	rollback_put(&r, version, &answer, e)
 *	rollback_release(&r)
 */
#ifndef ROLLBACK_ROLLBACK_H
#define ROLLBACK_ROLLBACK_H
#include "history/history.h"
#include "loop/loop.h"
#include "whisk/whisk.h"

struct rollback_request {
	struct loop *loop;
	struct whisk *whisk;
	const char *namespace;
	const char *function; /* "p/f", or "f" */
};

struct rollback {
	const struct rollback_request *q;
	struct history history;
	struct json *live;                   /* with its code; NULL: it is not live */
	const struct history_entry *current; /* that is live, or NULL: none of those */
};

/* *r is to be released in any case. */
int rollback_read(const struct rollback_request *q, struct rollback *r,
		  struct err *e) NODISCARD;
/*
 * The version of that number, or with 0 the one before the live one that is not the same.
 * NULL with *e: nothing is kept, there is no such one, what was built is not known, or what
 * is live was not deployed from here (with `force` it is replaced, with 0 by the latest).
 */
const struct history_entry *rollback_choose(const struct rollback *r, uint64_t to, bool force,
					    struct err *e) NODISCARD;
/*
 * Makes it live and notes that; *version, the server's, is on the heap.  *unkept: why it could
 * not be noted, or NULL; on the heap.
 */
int rollback_put(const struct rollback *r, const struct history_entry *entry, char **version,
		 char **unkept, struct err *e) NODISCARD;
void rollback_release(struct rollback *r);

/* The value of the annotation `deployer` that it was sent with, or NULL. */
const struct json *rollback_record(const struct history_entry *entry);
#endif
